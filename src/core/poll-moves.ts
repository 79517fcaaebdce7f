// The moves that every handler of `step` is made of. A handler works on a draft of the next state and always ends
// in `rest`, `end` or an open request, so that a loop can't be left without a next step.
import { max, min } from './delay';
import type { Command, Env, PollState, Why } from './poll-state';

/** Owed reads are at least this far apart. */
export const OWED_GAP = 500;
/** Hosts hold a timer's length in 32 bits; a longer wait is armed again when this much has passed. */
const LONGEST_TIMER = 2 ** 31 - 1;
const BARRED = 600_000;

export interface Draft extends Env {
  readonly s: { -readonly [K in keyof PollState]: PollState[K] };
  readonly commands: Command<never>[];
}

/** When going on becomes pointless under this policy. */
export const giveUpAt = ({ s, now, policy }: Draft): number =>
  s.owed ? Infinity : min(now + policy.maxQuiet - s.quiet, s.startedAt + policy.maxTotal);

export function arm(d: Draft): void {
  d.commands.push({
    type: 'arm',
    ms: max(min(min(d.s.dueAt, giveUpAt(d)) - d.now, LONGEST_TIMER), 0),
  });
}

function halt({ s: { word }, commands }: Draft): void {
  if (word === 'open') commands.push({ type: 'close' });
  if (word === 'waiting') commands.push({ type: 'clear' });
}

/** Ends what runs and waits for `at`, or rests where a reason stands or nobody started it. */
export function rest(d: Draft, at: number = d.s.dueAt): void {
  const { s } = d;
  halt(d);
  if (s.why) begin(d);
  s.dueAt = max(s.owed ? s.refreshedAt + OWED_GAP : at, max(s.floor, d.now));
  const mayGo = s.started || s.owed || at <= d.now;
  s.word = s.reasons.length ? (s.started ? 'paused' : 'idle') : mayGo ? 'waiting' : 'idle';
  if (s.word === 'waiting') arm(d);
}

/** Ends what runs for good, unless a read is owed: it may find that things have changed. */
export function end(d: Draft, why: Why): void {
  const { s } = d;
  if (s.owed && !s.reasons.length) rest(d);
  else {
    halt(d);
    s.word = 'ended';
    s.why = why;
  }
}

/** A start, or going on after an end. */
export function begin({ s, now }: Draft): void {
  s.startedAt = now;
  s.quiet = s.slow = s.failures = 0;
  s.why = null;
}

/** Another target or attempt: what was known of the former says nothing about it. */
export function renew({ s, now }: Draft): void {
  s.startedAt = now;
  s.quiet = s.slow = 0;
  s.sealed = s.finished = false;
}

/** Whether the request in flight was asked for. */
export const isOwed = ({ openedAt, refreshedAt }: PollState): boolean => openedAt === refreshedAt;

/** A request that the server keeps open: asked to wait by a server that does, or a subscription. */
export const isHeld = ({ answered, wait, holds }: PollState): boolean => answered || (wait > 0 && holds);

/** Learns from the answer to a request that asked for a wait. */
export function learn({ s, now }: Draft, held: boolean): void {
  s.cuts = 0;
  s.holds = held;
  s.quick = held && !s.news ? [...s.quick.slice(-2), now] : [];
  // A server that says it held but answers at once would be asked several times a second.
  if (s.quick.length > 2 && now - (s.quick[0] ?? now) <= 1000) s.barredUntil = now + BARRED;
}

/**
 * Something between us and the server may end long requests. That is no failure of the server; the second in a
 * row bars waiting for ten minutes.
 */
export function isCut({ s, now }: Draft, status: number): boolean {
  if (!s.wait || !s.holds || now - s.openedAt < 3000 || ![0, 502, 504].includes(status)) return false;
  s.cuts = 1 - s.cuts;
  if (!s.cuts) s.barredUntil = now + BARRED;
  return true;
}
