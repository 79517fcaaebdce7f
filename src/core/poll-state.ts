// The vocabulary of `step`: what a poll remembers, what can happen to it, what it wants done.
import { type Hold, UNKNOWN_HOLD } from './hold';
import type { Policy } from './policies';
import type { Answer, OpenRequest, Outcome, Publication } from './ports';

export type Word = 'idle' | 'waiting' | 'open' | 'paused' | 'ended';
export type Why = 'finished' | 'gaveUp' | 'gone' | 'refused' | 'stopped';
export type PauseReason = 'hidden' | 'offline' | 'frozen' | 'prerender' | 'idle' | 'follower' | 'user';
export type Attempt = string | number | null;

export interface PollState {
  /**
   * idle: not started. waiting: one timer. open: one request. paused: nothing runs, for `reasons`. ended: `why`.
   * A short request is not cut off by a pause: then the word stays 'open' beside the reasons until it is over.
   */
  readonly word: Word;
  readonly why: Why | null;
  readonly reasons: readonly PauseReason[];
  /** Counts targets: a new query is a new epoch. */
  readonly epoch: number;
  /** False before `start` and after `stop`: then a refresh reads once and rests again. */
  readonly started: boolean;
  /** A read was asked for (by a person, an own write, a new target): it goes as soon as it may. */
  readonly owed: boolean;

  /** Failures in a row. */
  readonly failures: number;
  /** No request before this instant (Retry-After). */
  readonly floor: number;
  /** When the next poll is due; null unless waiting. */
  readonly dueAt: number | null;
  /** The same, kept while paused. */
  readonly nextAt: number;
  /** When it was started, or got a new target or attempt. */
  readonly startedAt: number;
  /** Last answer with news; null before the first. */
  readonly newsAt: number | null;
  /** Last answer; null before the first. */
  readonly answeredAt: number | null;
  /** When the request in flight was opened; null unless open. */
  readonly openedAt: number | null;
  /** When an owed read was last opened. */
  readonly refreshedAt: number;
  /** Start or last news, moved on by the time spent paused since. */
  readonly quietAt: number;
  /** Since when any reason stands. */
  readonly pausedAt: number;
  /** Polls without news since the ramp began to rise. */
  readonly slow: number;

  /** The request in flight: asked for by a person; seconds it may be held; answers it has brought; news in the last. */
  readonly urgent: boolean;
  readonly wait: number;
  readonly answers: number;
  readonly news: boolean;
  /** The attempt that was terminal when the request was opened, which makes it the last read of that attempt. */
  readonly lastOf: Attempt | undefined;

  /** What the last answer said. `attempt` is undefined before the first. */
  readonly attempt: Attempt | undefined;
  readonly terminal: boolean;
  readonly active: boolean;
  readonly more: boolean;
  /** The attempt that `finished` was published for. */
  readonly finished: Attempt | undefined;
  readonly hold: Hold;
}

/** What the world may tell a loop. */
export type LoopEvent =
  | { readonly type: 'start' | 'stop' | 'refresh' | 'retarget' | 'activity' | 'wake' }
  | { readonly type: 'pause' | 'resume'; readonly reason: PauseReason }
  | { readonly type: 'floor'; readonly until: number };

/** What a loop also tells itself. */
export type PollEvent<T = unknown> =
  | LoopEvent
  | { readonly type: 'due' }
  | { readonly type: 'received'; readonly epoch: number; readonly answer: Answer<T> }
  | { readonly type: 'closed'; readonly epoch: number; readonly outcome: Outcome };

export type Command<T = unknown> =
  | { readonly type: 'open'; readonly request: OpenRequest }
  | { readonly type: 'close' | 'clear' }
  | { readonly type: 'arm'; readonly ms: number }
  | { readonly type: 'publish'; readonly publication: Publication<T> };

export interface Env {
  readonly now: number;
  /** One number in [0, 1), drawn for this step. */
  readonly random: number;
  readonly policy: Policy;
}

export type Step<T = unknown> = readonly [PollState, readonly Command<T>[]];

/** Clocks of a start, a new target or a new attempt. */
export const renewed = (now: number) => ({ startedAt: now, quietAt: now, pausedAt: now, slow: 0 });

export const initialState = (now: number): PollState => ({
  ...renewed(now),
  word: 'idle',
  why: null,
  reasons: [],
  epoch: 0,
  started: false,
  owed: false,
  failures: 0,
  floor: 0,
  dueAt: null,
  nextAt: now,
  newsAt: null,
  answeredAt: null,
  openedAt: null,
  refreshedAt: -Infinity,
  urgent: false,
  wait: 0,
  answers: 0,
  news: false,
  lastOf: undefined,
  attempt: undefined,
  terminal: false,
  active: true,
  more: false,
  finished: undefined,
  hold: UNKNOWN_HOLD,
});
