// Held requests: what a server that was asked to wait has taught us. A request is held when it asked for a wait
// and the server confirms that it kept to it.
import type { Outcome } from './ports';

export interface Hold {
  /** Whether the last answer that could be held was; null before the first. */
  readonly holds: boolean | null;
  /** The server confirms holding yet answers at once: treated as not held until a request really lasts. */
  readonly hollow: boolean;
  /** When the last held answers without news came, three at most. */
  readonly quick: readonly number[];
  /** Held requests cut off in a row. */
  readonly cuts: number;
  /** No wait is asked for before this instant. */
  readonly barredUntil: number;
}

export const UNKNOWN_HOLD: Hold = { holds: null, hollow: false, quick: [], cuts: 0, barredUntil: 0 };

/** Learns from the answer to a request that asked for a wait and lasted `took` milliseconds. */
export function heldAnswer(hold: Hold, held: boolean, news: boolean, took: number, now: number): Hold {
  const quick = held && !news && took < 1000 ? [...hold.quick, now].slice(-3) : [];
  const rapid = quick.length > 2 && now - (quick[0] ?? now) <= 1000;
  const hollow = held && took < 1000 && (hold.hollow || rapid);
  return { ...hold, holds: held && !hollow, hollow, quick, cuts: 0 };
}

/**
 * A proxy between us and the server may end long requests. Such an end is no failure of the server, so it
 * says nothing about the next short request; the second in a row bars waiting for ten minutes.
 */
export const isCut = (hold: Hold, { status }: Outcome, took: number): boolean =>
  hold.holds !== false && took >= 3000 && (status === 0 || status === 502 || status === 504);

export const cutOff = (hold: Hold, now: number): Hold =>
  hold.cuts ? { ...hold, cuts: 0, barredUntil: now + 600_000 } : { ...hold, cuts: 1 };
