// What the page runtime uses of the engine. Others take what they need from the files themselves.
export * from './answer';
export { applyDelta } from './delta';
export { createLoop, type Loop, type LoopOptions } from './loop';
export { createManager, type PollFunction, type PollingManager } from './manager';
export { ON_PAGE, POLICIES, type Policy, type PolicyName, policy } from './policies';
export type { LoopEvent, PauseReason, PollState, Why, Word } from './poll-state';
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
