// What the rest of the project may use of the engine.
export * from './answer';
export { failureDelay, intervalOf, normalDelay } from './delay';
export { createLoop, type Loop, type LoopOptions } from './loop';
export { ON_PAGE, POLICIES, type Policy, type PolicyName, policy } from './policies';
export { step } from './poll';
export {
  type Command,
  type Env,
  initialState,
  type LoopEvent,
  type PauseReason,
  type PollEvent,
  type PollState,
  type Why,
  type Word,
} from './poll-state';
export type {
  Answer,
  Clock,
  OpenRequest,
  Outcome,
  Publication,
  Result,
  Sink,
  Transport,
  TransportEvents,
  Undo,
} from './ports';
export {
  ACTIVE,
  CONCLUSIONS,
  type Conclusion,
  isStatus,
  isTerminal,
  STATUSES,
  type Status,
  TERMINAL,
} from './status';
