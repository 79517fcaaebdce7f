// What differs between one kind of poll and the next: one row each, nothing else. Milliseconds.
import { type Backoff, doubling, growing, listed } from './delay';

export interface Policy {
  /** The wait after an answer. */
  readonly interval: number;
  /** The wait after an answer that shows nothing active; 0 = the same as any. */
  readonly idleInterval: number;
  /** After 30 s without news the interval grows by a quarter per poll, up to this; 0 = it is fixed. */
  readonly rampTo: number;
  readonly backoff: Backoff;
  /** Waits after failures never exceed this (or the interval, if that is longer). */
  readonly longest: number;
  /** Gives up at this many failures in a row. */
  readonly maxFailures: number;
  /** Gives up after this long without news, pauses not counted. */
  readonly maxQuiet: number;
  /** Gives up this long after the start. */
  readonly maxTotal: number;
  /** Whether a terminal answer is confirmed by one more read. */
  readonly lastRead: boolean;
  /** Whether a person's absence pauses it. */
  readonly idlePauses: boolean;
  /** The share of a Retry-After that is added at random. */
  readonly floorJitter: number;
  /** Failures in a row are reported as one. */
  readonly reportOnce: boolean;
  /** Seconds to ask a server to hold a request; 0 = don't ask. */
  readonly wait: number;
}

const page: Policy = {
  interval: 5000,
  idleInterval: 0,
  rampTo: 0,
  backoff: growing,
  longest: 120_000,
  maxFailures: Infinity,
  maxQuiet: Infinity,
  maxTotal: Infinity,
  lastRead: true,
  idlePauses: false,
  floorJitter: 0.1,
  reportOnce: false,
  wait: 10,
};
// Five retries; the failure of the last is the end.
const retrying: Policy = {
  ...page,
  interval: 3000,
  backoff: listed(2, 4, 8, 16, 16),
  maxFailures: 6,
  idlePauses: true,
};
const watcher: Policy = {
  ...page,
  interval: 30_000,
  backoff: doubling,
  longest: 300_000,
  floorJitter: 0,
  wait: 0,
};

export const POLICIES = {
  job: { ...page, idleInterval: 30_000 },
  // A complete log has been served to its end: there is nothing to confirm.
  log: { ...page, interval: 15_000, lastRead: false },
  turn: { ...retrying, interval: 1000, rampTo: 5000, maxQuiet: 120_000 },
  documents: retrying,
  build: {
    ...watcher,
    interval: 15_000,
    backoff: listed(30, 60, 120),
    longest: 120_000,
    maxFailures: 10,
    maxTotal: 3_600_000,
  },
  release: { ...watcher, maxTotal: 86_400_000 },
  helm: { ...watcher, reportOnce: true },
} as const satisfies Record<string, Policy>;

export type PolicyName = keyof typeof POLICIES;

/** What a page changes about a watcher's row: it looks more often, for as long as it is open. */
export const ON_PAGE: Partial<Record<PolicyName, Partial<Policy>>> = {
  release: { interval: 10_000, maxTotal: Infinity, floorJitter: 0.1, wait: 10 },
};

/** A row with changes. A given interval is kept to: it switches the ramp off. */
export const policy = (name: PolicyName, changes: Partial<Policy> = {}): Policy => ({
  ...POLICIES[name],
  ...(changes.interval && { rampTo: 0 }),
  ...changes,
});
