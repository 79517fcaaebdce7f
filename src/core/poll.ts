// One poll as a pure function: what is known and what happens give what is known next and what to do.
//
//   idle ──start──▶ waiting ──due──▶ open ──closed──▶ waiting …        any ──pause──▶ paused ──resume──▶ waiting
//                                         └─terminal twice, gone, refused─▶ ended    any ──stop──▶ ended
//
// Only `due` opens a request, and only from 'waiting', where no pause reason and no floor lets it be early: that one
// door keeps requests from appearing when they must not. "At once" is a wait of nothing.
import { failureDelay, floorDelay, max, min, normalDelay } from './delay';
import {
  arm,
  begin,
  type Draft,
  end,
  giveUpAt,
  isCut,
  isHeld,
  isOwed,
  learn,
  OWED_GAP,
  renew,
  rest,
} from './poll-moves';
import type { Env, PauseReason, PollEvent, PollState, Step } from './poll-state';
import type { Answer, Outcome } from './ports';

const HELD_GAP = 250;
const RAMP_AFTER = 30_000;
const RECENT = 60_000;
const SHOWING = /hidden|frozen|prerender/;

export function step<T>(state: PollState, event: PollEvent<T>, env: Env): Step<T> {
  const s = { ...state, now: env.now };
  const d: Draft = { ...env, s, commands: [] };
  if (!s.reasons.length) s.quiet += env.now - state.now;
  const isCurrent = s.word === 'open' && 'epoch' in event && event.epoch === s.epoch;
  switch (event.type) {
    case 'start':
      start(d);
      break;
    case 'stop':
      s.started = s.owed = false;
      end(d, 'stopped');
      break;
    case 'due':
      if (s.word === 'waiting') due(d);
      break;
    case 'received':
      if (!isCurrent) break;
      received(d, event.answer);
      return [s, [{ type: 'publish', publication: { type: 'data', answer: event.answer } }]];
    case 'closed':
      if (isCurrent) closed(d, event.outcome);
      break;
    case 'pause':
      pause(d, event.reason);
      break;
    case 'resume':
      resume(d, event.reason);
      break;
    case 'activity':
      resume(d, 'idle');
      break;
    case 'refresh':
      refresh(d);
      break;
    case 'retarget':
      retarget(d);
      break;
    case 'wake':
      wake(d);
      break;
    case 'floor':
      s.floor = max(s.floor, event.until);
      if (s.word === 'waiting') rest(d);
  }
  return [s, d.commands];
}

function start(d: Draft): void {
  const { s } = d;
  if (s.started && s.word !== 'ended') return;
  begin(d);
  s.started = true;
  // A read that somebody asked for before the start is already the first poll.
  if (s.word !== 'open') rest(d, d.now);
}

function due(d: Draft): void {
  const { s, now } = d;
  if (giveUpAt(d) - now < 1) end(d, 'gaveUp');
  // Timers may fire early, and the longest ones are armed in parts.
  else if (now < s.dueAt) arm(d);
  else open(d);
}

function open(d: Draft): void {
  const { s, now, policy } = d;
  const { owed, epoch } = s;
  // A first answer, a probe after trouble or a pause and a last read are wanted now, not when something changes.
  const isRecent = now - (s.answeredAt ?? -Infinity) < RECENT;
  s.sealed = s.last?.terminal ?? false;
  s.wait = owed || !isRecent || s.failures || s.sealed || now < s.barredUntil ? 0 : policy.wait;
  s.word = 'open';
  s.openedAt = now;
  if (owed) s.refreshedAt = now;
  s.owed = s.answered = s.news = false;
  d.commands.push({ type: 'open', request: { epoch, wait: s.wait, urgent: owed } });
}

function received(d: Draft, answer: Answer): void {
  const { s, now } = d;
  if (s.last && (s.last.attempt ?? null) !== (answer.attempt ?? null)) renew(d);
  s.sealed &&= answer.terminal;
  s.last = answer;
  s.news = answer.news;
  if (s.news) s.quiet = 0;
  s.answered = true;
  s.answeredAt = now;
  s.failures = 0;
}

function closed(d: Draft, outcome: Outcome): void {
  const { s, now, random, policy, commands } = d;
  const { result, retryAfter } = outcome;
  s.word = 'idle';
  if (retryAfter !== null) s.floor = max(s.floor, now + floorDelay(policy, retryAfter, random));
  if (result === 'ok') answered(d, outcome.held);
  else if (result === 'failed' && isCut(d, outcome.status)) rest(d, now + normalDelay(policy, s, random));
  else {
    if (result === 'failed') s.failures++;
    if (!policy.reportOnce || s.failures < 2)
      commands.push({ type: 'publish', publication: { type: 'trouble', outcome } });
    if (result !== 'failed') end(d, result);
    else if (s.failures >= policy.maxFailures) end(d, 'gaveUp');
    else rest(d, now + failureDelay(policy, s, random));
  }
}

function answered(d: Draft, held: boolean): void {
  const { s, now, random, policy, commands } = d;
  s.failures = 0;
  s.answeredAt = now;
  s.slow = s.quiet < RAMP_AFTER ? 0 : s.slow + 1;
  if (s.wait) learn(d, held);
  // Only an answer that brought something is followed at once: else a server that always says `more` would be
  // asked without end.
  if (s.last?.more && s.news) rest(d, now);
  else if (s.last?.terminal && (s.sealed || !policy.lastRead)) {
    if (!s.finished) commands.push({ type: 'publish', publication: { type: 'finished' } });
    s.finished = true;
    end(d, 'finished');
  } else {
    const isHeld = s.wait && held && now >= s.barredUntil;
    rest(d, now + (isHeld ? random * HELD_GAP : normalDelay(policy, s, random)));
  }
}

function pause(d: Draft, reason: PauseReason): void {
  const { s } = d;
  if (s.reasons.includes(reason) || (reason === 'idle' && !d.policy.idlePauses)) return;
  s.reasons = [...s.reasons, reason];
  if (s.word === 'waiting') rest(d);
  // A frozen page can't receive and a held request would pin the server; a short one is nearly there.
  if (s.word === 'open' && (reason === 'frozen' || isHeld(s))) {
    s.owed ||= isOwed(s);
    rest(d, d.now);
  }
}

function resume(d: Draft, reason: PauseReason): void {
  const { s, now, policy } = d;
  if (!s.reasons.includes(reason)) return;
  const isOnline = reason === 'offline';
  s.reasons = s.reasons.filter((other) => other !== reason);
  if (isOnline) {
    // A new connection ends the backoff but proves nothing yet, so one failure stays; pages return spread out.
    s.failures = min(s.failures, 1);
    s.dueAt = now + d.random * 2000;
  }
  // An ended page looks once more when it is shown: a job may have been retried, a person signed in.
  if (SHOWING.test(reason) && (s.why === 'finished' || s.why === 'refused')) s.owed = true;
  if (s.reasons.length || s.word === 'open' || (s.word !== 'paused' && !s.owed)) return;
  // Of the plain interval: whoever comes back to a list at rest has waited long enough.
  const isFresh = s.answeredAt !== null && now - s.answeredAt < policy.interval / 2;
  rest(d, isOnline || s.failures || isFresh ? s.dueAt : now);
}

function refresh(d: Draft): void {
  const { s, now } = d;
  if (s.why === 'stopped') return;
  s.owed = true;
  // A request that somebody asked for is not cut off by the next one, or an impatient person would never see an
  // answer; one more read follows it. Neither is one that can't be replaced yet.
  const isKept = s.word === 'open' && (isOwed(s) || max(s.refreshedAt + OWED_GAP, s.floor) > now);
  if (!s.reasons.length && !isKept) rest(d);
}

function retarget(d: Draft): void {
  const { s } = d;
  s.epoch++;
  s.last = null;
  renew(d);
  if (s.why === 'stopped') return;
  s.owed = true;
  s.refreshedAt = -Infinity;
  rest(d);
}

/** The machine slept: nothing in flight can be trusted, and what is shown is old. */
function wake(d: Draft): void {
  const { s } = d;
  if (s.word === 'idle' || s.word === 'ended') return;
  s.owed = true;
  rest(d);
}
