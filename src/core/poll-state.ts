// The vocabulary of `step`: what a poll remembers, what can happen to it, what it wants done.
import type { Policy } from './policies';
import type { Answer, OpenRequest, Outcome, Publication } from './ports';

export type Word = 'idle' | 'waiting' | 'open' | 'paused' | 'ended';
export type Why = 'finished' | 'gaveUp' | 'gone' | 'refused' | 'stopped';
export type PauseReason = 'hidden' | 'offline' | 'frozen' | 'prerender' | 'idle' | 'follower' | 'user';

export interface Env {
  readonly now: number;
  /** One number in [0, 1), drawn for this step. */
  readonly random: number;
  readonly policy: Policy;
}

/** Beside what it remembers a state keeps what its last step was told and came to. */
export interface PollState extends Env {
  readonly commands: Command[];
  /**
   * idle: not started. waiting: one timer. open: one request. paused: nothing runs, for `reasons`. ended: `why`.
   * A pause doesn't cut off a short request: then the word stays 'open' beside the reasons until it is over.
   */
  readonly word: Word;
  readonly why: Why | null;
  readonly reasons: readonly PauseReason[];
  /** Counts targets: a new query is a new epoch. */
  readonly epoch: number;
  /** False before the first `start`: then a refresh reads once and rests again. */
  readonly started: boolean;
  /** A read was asked for (by a person, an own write, a new target): it goes as soon as it may. */
  readonly owed: boolean;

  /** When it was started, or got a new target or attempt. */
  readonly startedAt: number;
  /** Time since the start or the last news, pauses not counted. */
  readonly quiet: number;
  /** When the next poll is due; of meaning while waiting or paused. */
  readonly dueAt: number;
  /** When the request in flight, else the last one, was opened. */
  readonly openedAt: number;
  /** The same of the last read that was owed. */
  readonly refreshedAt: number;
  /** When a request was over, the last time. */
  readonly closedAt: number;
  /** When the last answer came; null before the first. */
  readonly answeredAt: number | null;
  /** No request before this instant (Retry-After). */
  readonly floor: number;
  /** Failures in a row. */
  readonly failures: number;
  /** Polls since the ramp began to rise. */
  readonly slow: number;
  /** The interval that the last answer named; 0 when it named none. */
  readonly named: number;

  /** The last answer of this target; null before the first. */
  readonly last: Answer | null;
  /** Whether the request in flight has been answered. */
  readonly answered: boolean;
  /** The attempt was terminal before the request in flight was opened: it is the last read. */
  readonly sealed: boolean;
  /** `finished` has been published for this attempt. */
  readonly finished: boolean;

  /** Seconds that the request in flight may be held. */
  readonly wait: number;
  /** Whether the last answer came from a server that holds requests; assumed before the first. */
  readonly holds: boolean;
  /** When held answers without news came, the last three. */
  readonly quick: readonly number[];
  /** Held requests cut off in a row. */
  readonly cuts: number;
  /** No wait is asked for before this instant. */
  readonly barredUntil: number;
}

/** What the world may tell a loop. */
export type LoopEvent =
  | { readonly type: 'start' | 'stop' | 'refresh' | 'retarget' | 'activity' | 'wake' }
  | { readonly type: 'pause' | 'resume'; readonly reason: PauseReason }
  | { readonly type: 'floor'; readonly until: number };

/** What a loop also tells itself. */
export type PollEvent =
  | LoopEvent
  | { readonly type: 'due' }
  | { readonly type: 'received'; readonly epoch: number; readonly answer: Answer }
  | { readonly type: 'closed'; readonly epoch: number; readonly outcome: Outcome };

export type Command =
  | { readonly type: 'open'; readonly request: OpenRequest }
  | { readonly type: 'close' | 'clear' }
  | { readonly type: 'arm'; readonly ms: number }
  | { readonly type: 'publish'; readonly publication: Publication };

export type Step = readonly [PollState, readonly Command[]];

export const initialState = (env: Env): PollState => ({
  ...env,
  commands: [],
  word: 'idle',
  why: null,
  reasons: [],
  epoch: 0,
  started: false,
  owed: false,
  startedAt: env.now,
  quiet: 0,
  dueAt: env.now,
  openedAt: env.now,
  closedAt: env.now,
  refreshedAt: -Infinity,
  answeredAt: null,
  floor: 0,
  failures: 0,
  slow: 0,
  named: 0,
  last: null,
  answered: false,
  sealed: false,
  finished: false,
  wait: 0,
  holds: true,
  quick: [],
  cuts: 0,
  barredUntil: 0,
});
