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
  hasNews,
  isCut,
  isHeld,
  isOwed,
  isStale,
  learn,
  OWED_GAP,
  publish,
  renew,
  rest,
} from './poll-moves';
import type { Command, Env, PauseReason, PollEvent, PollState, Step } from './poll-state';
import type { Answer, Outcome } from './ports';

const HELD_GAP = 250;
const RAMP_AFTER = 30_000;
const LEAVING = 1000;
const SHOWING = /hidden|frozen|prerender/;

export function step(state: PollState, event: PollEvent, env: Env): Step {
  const d: Draft = { ...state };
  const commands: Command[] = [];
  // Not part of the spread: engines copy a single source many times faster.
  Object.assign(d, env, { commands });
  if (!d.reasons.length) d.quiet += d.now - state.now;
  const isCurrent = d.word === 'open' && 'epoch' in event && event.epoch === d.epoch;
  switch (event.type) {
    case 'start':
      start(d);
      break;
    case 'stop':
      d.owed = false;
      end(d, 'stopped');
      break;
    case 'due':
      if (d.word === 'waiting') due(d);
      break;
    case 'received':
      if (isCurrent) received(d, event.answer);
      break;
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
      d.floor = max(d.floor, event.until);
      if (d.word === 'waiting') rest(d);
  }
  return [d, commands];
}

function start(d: Draft): void {
  if (d.started && d.word !== 'ended') return;
  begin(d);
  d.started = true;
  // A read that somebody asked for before the start is already the first poll.
  if (d.word !== 'open') rest(d, d.now);
}

function due(d: Draft): void {
  if (giveUpAt(d) - d.now < 1) end(d, 'gaveUp');
  // Timers may fire early, and the longest ones are armed in parts.
  else if (d.now < d.dueAt) arm(d);
  else open(d);
}

function open(d: Draft): void {
  const { owed, epoch } = d;
  // A first answer, a probe after trouble or a pause and a last read are wanted now, not when something changes.
  d.sealed = d.last?.terminal ?? false;
  d.wait = owed || isStale(d) || d.failures || d.sealed || d.now < d.barredUntil ? 0 : d.policy.wait;
  d.word = 'open';
  d.openedAt = d.now;
  if (owed) d.refreshedAt = d.now;
  d.owed = d.answered = false;
  d.commands.push({ type: 'open', request: { epoch, wait: d.wait, urgent: owed } });
}

function received(d: Draft, answer: Answer): void {
  if (d.last && (d.last.attempt ?? null) !== (answer.attempt ?? null)) renew(d);
  d.sealed &&= answer.terminal;
  d.last = answer;
  if (answer.news) d.quiet = 0;
  d.answered = true;
  d.answeredAt = d.now;
  d.failures = 0;
  publish(d, { type: 'data', answer });
}

function closed(d: Draft, outcome: Outcome): void {
  const { result, retryAfter } = outcome;
  d.word = 'idle';
  d.closedAt = d.now;
  if (retryAfter != null) d.floor = max(d.floor, d.now + floorDelay(d.policy, retryAfter, d.random));
  if (result === 'ok') answered(d, outcome);
  else if (result === 'over') rest(d, d.now + d.random * HELD_GAP);
  else if (result === 'failed' && isCut(d, outcome.status ?? 0))
    rest(d, d.now + normalDelay(d.policy, d, d.random));
  else {
    if (result === 'failed') d.failures++;
    if (!d.policy.reportOnce || d.failures < 2) publish(d, { type: 'trouble', outcome });
    if (result !== 'failed') end(d, result);
    else if (d.failures >= d.policy.maxFailures) end(d, 'gaveUp');
    else rest(d, d.now + failureDelay(d.policy, d, d.random));
  }
}

function answered(d: Draft, { held = false, interval = 0 }: Outcome): void {
  d.failures = 0;
  d.answeredAt = d.now;
  d.slow = d.quiet < RAMP_AFTER ? 0 : d.slow + 1;
  d.named = interval;
  learn(d, held);
  // Only an answer that brought something is followed at once: else a server that always says `more` would be
  // asked without end.
  if (hasNews(d) && d.last?.more) rest(d, d.now);
  else if (d.last?.terminal && (d.sealed || !d.policy.lastRead)) {
    if (!d.finished) publish(d, { type: 'finished' });
    d.finished = true;
    end(d, 'finished');
  } else {
    const isHeld = held && d.now >= d.barredUntil;
    rest(d, d.now + (isHeld ? d.random * HELD_GAP : normalDelay(d.policy, d, d.random)));
  }
}

function pause(d: Draft, reason: PauseReason): void {
  if (d.reasons.includes(reason) || (reason === 'idle' && !d.policy.idlePauses)) return;
  d.reasons = [...d.reasons, reason];
  // Some browsers cut requests on the way to another page before they tell this one: that was no failure.
  if (reason === 'frozen' && d.failures && d.now - d.closedAt < LEAVING) {
    d.failures--;
    d.dueAt = d.now;
  }
  if (d.word === 'waiting') rest(d);
  // A frozen page can't receive and a held request would pin the server; a short one is nearly there.
  if (d.word === 'open' && (reason === 'frozen' || isHeld(d))) {
    d.owed ||= isOwed(d);
    rest(d, d.now);
  }
}

function resume(d: Draft, reason: PauseReason): void {
  if (!d.reasons.includes(reason)) return;
  const isOnline = reason === 'offline';
  d.reasons = d.reasons.filter((other) => other !== reason);
  if (isOnline) {
    // A new connection ends the backoff but proves nothing yet, so one failure stays; pages return spread out.
    d.failures = min(d.failures, 1);
    d.dueAt = d.now + d.random * 2000;
  }
  // An ended page looks once more when it is shown: a job may have been retried, a person signed in.
  if (SHOWING.test(reason) && (d.why === 'finished' || d.why === 'refused')) d.owed = true;
  if (d.reasons.length || d.word === 'open' || (d.word !== 'paused' && !d.owed)) return;
  // Of the plain interval: whoever comes back to a list at rest has waited long enough.
  const isFresh = d.answeredAt !== null && d.now - d.answeredAt < d.policy.interval / 2;
  rest(d, isOnline || d.failures || isFresh ? d.dueAt : d.now);
}

function refresh(d: Draft): void {
  if (d.why === 'stopped') return;
  d.owed = true;
  // A request that somebody asked for is not cut off by the next one, or an impatient person would never see an
  // answer; one more read follows it. Neither is one that can't be replaced yet.
  const isKept = d.word === 'open' && (isOwed(d) || max(d.refreshedAt + OWED_GAP, d.floor) > d.now);
  if (!d.reasons.length && !isKept) rest(d);
}

function retarget(d: Draft): void {
  d.epoch++;
  d.last = null;
  renew(d);
  if (d.why === 'stopped') return;
  d.owed = true;
  d.refreshedAt = -Infinity;
  rest(d);
}

/** The machine slept: nothing in flight can be trusted, and what is shown is old. */
function wake(d: Draft): void {
  if (d.word === 'idle' || d.word === 'ended') return;
  d.owed = true;
  rest(d);
}
