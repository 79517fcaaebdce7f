// The moves that every handler of `step` is made of. A handler works on a draft of the next state and always ends
// in `rest`, `end` or an open request, so that a loop can't be left without a next step.
import { max, min } from './delay';
import type { PollState, Why } from './poll-state';
import type { Publication } from './ports';

/** Owed reads are at least this far apart. */
export const OWED_GAP = 500;
/** Hosts hold a timer's length in 32 bits; a longer wait is armed again when this much has passed. */
const LONGEST_TIMER = 2 ** 31 - 1;
const BARRED = 600_000;

/** The next state in the making. */
export type Draft = { -readonly [K in keyof PollState]: PollState[K] };

export function publish(d: Draft, publication: Publication): void {
  d.commands.push({ type: 'publish', publication });
}

/** When going on becomes pointless under this policy. Where nothing is active nobody expects news. */
export const giveUpAt = (d: Draft): number => {
  const left = d.last?.active === false ? Infinity : d.policy.maxQuiet - d.quiet;
  return d.owed ? Infinity : min(d.now + left, d.startedAt + d.policy.maxTotal);
};

export function arm(d: Draft): void {
  d.commands.push({
    type: 'arm',
    ms: max(min(min(d.dueAt, giveUpAt(d)) - d.now, LONGEST_TIMER), 0),
  });
}

function halt(d: Draft): void {
  if (d.word === 'open') d.commands.push({ type: 'close' });
  if (d.word === 'waiting') d.commands.push({ type: 'clear' });
}

/** Ends what runs and waits for `at`, or rests where a reason stands or nobody started it. */
export function rest(d: Draft, at: number = d.dueAt): void {
  halt(d);
  if (d.why) begin(d);
  d.dueAt = max(d.owed ? d.refreshedAt + OWED_GAP : at, max(d.floor, d.now));
  const mayGo = d.started || d.owed || at <= d.now;
  d.word = d.reasons.length ? (d.started ? 'paused' : 'idle') : mayGo ? 'waiting' : 'idle';
  if (d.word === 'waiting') arm(d);
}

/** Ends what runs for good, unless a read is owed: it may find that things have changed. */
export function end(d: Draft, why: Why): void {
  if (d.owed && !d.reasons.length) rest(d);
  else {
    halt(d);
    d.word = 'ended';
    d.why = why;
  }
}

/** A start, or going on after an end. */
export function begin(d: Draft): void {
  d.startedAt = d.now;
  d.quiet = d.slow = d.failures = 0;
  d.why = null;
}

/** Another target or attempt: what was known of the former says nothing about it. */
export function renew(d: Draft): void {
  d.startedAt = d.now;
  d.quiet = d.slow = 0;
  d.sealed = d.finished = false;
}

/** Whether the request in flight was asked for. */
export const isOwed = ({ openedAt, refreshedAt }: PollState): boolean => openedAt === refreshedAt;

/** A request that the server keeps open: asked to wait by a server that does, or a subscription. */
export const isHeld = ({ answered, wait, holds }: PollState): boolean => answered || (wait > 0 && holds);

/** Whether the request in flight has brought news. */
export const hasNews = ({ answered, last }: PollState): boolean => answered && !!last?.news;

/** What is shown is older than a held request lets it become. */
export const isStale = ({ now, answeredAt, policy }: PollState): boolean =>
  now - (answeredAt ?? -Infinity) > (policy.wait + 5) * 1000;

/** Learns from an answer whether requests are held, and whether that is kept to where a wait was asked for. */
export function learn(d: Draft, held: boolean): void {
  if (d.wait || held) d.holds = held;
  if (!d.wait) return;
  d.cuts = 0;
  d.quick = held && !hasNews(d) ? [...d.quick.slice(-2), d.now] : [];
  // A server that says it held but answers at once would be asked several times a second.
  if (d.quick.length > 2 && d.now - (d.quick[0] ?? d.now) <= 1000) d.barredUntil = d.now + BARRED;
}

/**
 * Something between us and the server may end long requests. That is no failure of the server; the second in a
 * row bars waiting for ten minutes.
 */
export function isCut(d: Draft, status: number): boolean {
  if (!d.wait || !d.holds || d.now - d.openedAt < 3000 || ![0, 502, 504].includes(status)) return false;
  d.cuts = 1 - d.cuts;
  if (!d.cuts) d.barredUntil = d.now + BARRED;
  return true;
}
