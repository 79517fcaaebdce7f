// How long to wait. `random` is a number in [0, 1) that the caller drew; all durations are milliseconds.
import type { Policy } from './policies';

export const min = (a: number, b: number): number => (a < b ? a : b);
export const max = (a: number, b: number): number => (a > b ? a : b);

/** What the waits depend on; a part of a poll's state. */
export interface History {
  /** Failures in a row. */
  readonly failures: number;
  /** Polls since the ramp began to rise. */
  readonly slow: number;
  /** The interval that the server named; 0 when it named none. */
  readonly named: number;
  /** What the last answer said of the things it shows; null before the first. */
  readonly last: { readonly active: boolean } | null;
  /** Whether the server holds requests. */
  readonly holds: boolean;
}

/** Base wait after the n-th failure in a row, given the interval. */
export type Backoff = (failures: number, interval: number) => number;

/** The interval twice, then 10 s doubling up to two minutes, never less than the interval. */
export const growing: Backoff = (n, interval) =>
  n < 3 ? interval : max(interval, min(10_000 * 2 ** (n - 3), 120_000));

/** Given seconds, the last of them repeated. */
export const listed =
  (...seconds: readonly number[]): Backoff =>
  (n) =>
    (seconds[n - 1] ?? seconds[seconds.length - 1] ?? 0) * 1000;

/** The interval doubling up to five minutes. */
export const doubling: Backoff = (n, interval) => min(interval * 2 ** n, 300_000);

/** The wait after an answer, before jitter. */
export const intervalOf = (
  { interval, idleInterval, rampTo }: Policy,
  { slow, named, last }: History,
): number =>
  named ||
  (last && !last.active
    ? max(max(interval, idleInterval), rampTo)
    : rampTo
      ? min(interval * 1.25 ** slow, rampTo)
      : interval);

/** The wait after an answer: the interval and up to a tenth of it, so that pages drift apart. */
export const normalDelay = (policy: Policy, history: History, random: number): number =>
  intervalOf(policy, history) * (1 + random / 10);

/**
 * The wait after a failure, spread so that pages that failed together return apart: from the base to its double
 * (at least 5 s wide), capped; near the cap it spreads downwards instead, though never below the interval.
 * With an interval of 5 s: 5–10, 5–10, 10–20, 20–40, 40–80, 60–120, 60–120 s …
 * What was held was as fresh as can be, also where nothing is active: it is missed as soon as what is.
 */
export function failureDelay(policy: Policy, history: History, random: number): number {
  const interval = intervalOf(policy, history.holds ? { ...history, last: null } : history);
  const base = policy.backoff(history.failures, interval);
  const hi = min(base + max(base, 5000), max(policy.longest, interval));
  const lo = min(base, max(hi / 2, interval));
  return lo + random * (hi - lo);
}

/** Retry-After as a wait: never less than the server said; pages add up to a tenth, at most 5 s. */
export const floorDelay = ({ floorJitter }: Policy, retryAfter: number, random: number): number =>
  retryAfter + random * min(retryAfter * floorJitter, 5000);
