// What core needs from the world. Every call that starts something returns its undo; nothing else ends it.
// All durations and instants are milliseconds.

export type Undo = () => void;

export interface Clock {
  /** Monotonic milliseconds. Only differences mean anything; a change of the wall clock does not move it. */
  now(): number;
  /** Calls `run` once after `ms`. Undo before then and it is never called. */
  after(ms: number, run: () => void): Undo;
}

/** What one answer means to the loop; `data` itself is opaque to core. */
export interface Answer<T = unknown> {
  readonly data: T;
  /** False when it repeats what is shown (304, 204, same ETag, equal content). */
  readonly news: boolean;
  /** A terminal status: nothing changes any more within this attempt. */
  readonly terminal: boolean;
  /** Something listed is still active; false slows a list down to its idle interval. */
  readonly active: boolean;
  /** More of it is already there (a log behind its end): ask again without waiting. */
  readonly more: boolean;
  /** Which execution this answer is about; a new value re-opens a finished loop. */
  readonly attempt?: string | number | null;
}

/** over: it brought no answer, and nothing is wrong; another one is wanted. */
export type Result = 'ok' | 'over' | 'failed' | 'gone' | 'refused';

/** How a request ended. */
export interface Outcome {
  readonly result: Result;
  /** Retry-After as a wait from now, in milliseconds; null when the answer had none. */
  readonly retryAfter?: number | null;
  /** It came from a server that holds requests (Preference-Applied: wait), so the next one may follow at once. */
  readonly held?: boolean;
  /** The interval until the next request that the server named, in milliseconds. */
  readonly interval?: number;
  /** HTTP status; 0 or absent when there was no answer. */
  readonly status?: number;
  /** One sentence for people. */
  readonly message?: string;
}

export interface OpenRequest {
  readonly epoch: number;
  /** Seconds to ask the server to hold the request; 0 = do not ask. */
  readonly wait: number;
  /** Asked for by a person or an own write: goes before others. */
  readonly urgent: boolean;
}

export interface TransportEvents<T = unknown> {
  /**
   * An answer. The request may stay open and bring more (events, another window, a host that posts messages); one
   * that does is closed by its transport after a terminal answer, so that the last read can be a fresh one.
   */
  received(answer: Answer<T>): void;
  /** The request is over. Called exactly once unless the loop closed it first; then never. */
  closed(outcome: Outcome): void;
}

export interface Transport<T = unknown> {
  /** Starts one request or subscription. The undo aborts it, silently. Deadlines are the transport's own. */
  open(request: OpenRequest, events: TransportEvents<T>): Undo;
}

/** Where a loop's news goes. */
export interface Sink<T = unknown> {
  publish(publication: Publication<T>): void;
}

export type Publication<T = unknown> =
  /** Once per answer of the current epoch. */
  | { readonly type: 'data'; readonly answer: Answer<T> }
  /** The loop moved; read its `state`. */
  | { readonly type: 'state' }
  /** Once per attempt, after the last read. */
  | { readonly type: 'finished' }
  /** A request failed, or the loop ended as gone or refused. */
  | { readonly type: 'trouble'; readonly outcome: Outcome };
