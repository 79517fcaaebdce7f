// One poll as a pure function: what is known and what happens give what is known next and what to do.
//
//   idle ──start──▶ waiting ──due──▶ open ──closed──▶ waiting …        any ──pause──▶ paused ──resume──▶ waiting
//                                         └─terminal twice, gone, refused─▶ ended    any ──stop──▶ ended
//
// Only `due` opens a request, and only from 'waiting', which no pause reason, floor or end lets stand early: that
// one door is what keeps requests from appearing when they must not. "At once" is a wait of nothing.
import { intervalOf, max, min } from './delay';
import { closed, REFRESH_GAP, received } from './poll-answer';
import { arm, end, giveUpAt, halt, rest, stay, turnTo } from './poll-rest';
import { type Env, type PauseReason, type PollEvent, type PollState, renewed, type Step } from './poll-state';

export function step<T>(state: PollState, event: PollEvent<T>, env: Env): Step<T> {
  switch (event.type) {
    case 'start':
      return start(state, env);
    case 'stop':
      return state.why === 'stopped' ? stay(state) : [end(state, 'stopped'), halt(state)];
    case 'due':
      return state.word === 'waiting' ? due(state, env) : stay(state);
    case 'received':
      return isCurrent(state, event.epoch) ? received(state, event.answer, env) : stay(state);
    case 'closed':
      return isCurrent(state, event.epoch) ? closed(state, event.outcome, env) : stay(state);
    case 'pause':
      return pause(state, event.reason, env);
    case 'resume':
      return resume(state, event.reason, env);
    case 'activity':
      return resume(state, 'idle', env);
    case 'refresh':
      return refresh(state, env);
    case 'retarget':
      return retarget(state, env);
    case 'wake':
      return wake(state, env);
    case 'floor':
      return raise(state, event.until, env);
  }
}

const isCurrent = (state: PollState, epoch: number): boolean =>
  state.word === 'open' && state.epoch === epoch;

/** A request that the server keeps open: asked to wait by a server that does, or a subscription. */
const isHeld = ({ answers, wait, hold }: PollState): boolean =>
  answers > 0 || (wait > 0 && hold.holds === true);

function start(state: PollState, env: Env): Step<never> {
  if (state.started && state.word !== 'ended') return stay(state);
  const next = { ...state, ...renewed(env.now), started: true, failures: 0 };
  // A read that somebody asked for before the start is already the first poll.
  if (state.word === 'open' || state.word === 'waiting') return stay(next);
  return rest({ ...next, nextAt: env.now }, env);
}

function due(state: PollState, env: Env): Step<never> {
  const { now, policy } = env;
  const { owed, epoch, hold, answeredAt } = state;
  // Timers may fire a little early, and the longest ones are armed in parts.
  if (now < state.nextAt) return [state, [arm(state.nextAt, now)]];
  if (!owed && now >= giveUpAt(state, policy)) return stay(end(state, 'gaveUp'));
  // A first answer, a probe after trouble or a pause and a last read are wanted now, not when something changes.
  const isRecent = answeredAt !== null && now - answeredAt <= 2 * intervalOf(policy, state);
  const wait =
    !owed && isRecent && !state.failures && !state.terminal && now >= hold.barredUntil ? policy.wait : 0;
  return [
    {
      ...state,
      word: 'open',
      dueAt: null,
      openedAt: now,
      owed: false,
      urgent: owed,
      refreshedAt: owed ? now : state.refreshedAt,
      wait,
      answers: 0,
      news: false,
      lastOf: state.terminal ? state.attempt : undefined,
    },
    [{ type: 'open', request: { epoch, wait, urgent: owed } }],
  ];
}

function pause(state: PollState, reason: PauseReason, env: Env): Step<never> {
  const { reasons, word } = state;
  if (reasons.includes(reason) || (reason === 'idle' && !env.policy.idlePauses)) return stay(state);
  const next = {
    ...state,
    reasons: [...reasons, reason],
    pausedAt: reasons.length ? state.pausedAt : env.now,
  };
  if (word === 'waiting') return turnTo(state, next, env);
  // A frozen page can't receive and a held request would pin the server; a short one is nearly there.
  if (word === 'open' && (reason === 'frozen' || isHeld(state)))
    return turnTo(state, { ...next, nextAt: env.now, owed: state.owed || state.urgent }, env);
  return stay(next);
}

const isShowing = (reason: PauseReason): boolean =>
  reason === 'hidden' || reason === 'frozen' || reason === 'prerender';

function resume(state: PollState, reason: PauseReason, env: Env): Step<never> {
  const { now, policy, random } = env;
  if (!state.reasons.includes(reason)) return stay(state);
  const isOnline = reason === 'offline';
  const reasons = state.reasons.filter((other) => other !== reason);
  const next = {
    ...state,
    reasons,
    // An ended page looks once more when it is shown: a job may have been retried, a person signed in.
    owed: state.owed || (isShowing(reason) && (state.why === 'finished' || state.why === 'refused')),
    // A new connection ends the backoff but proves nothing yet, so one failure stays; pages return spread out.
    ...(isOnline ? { failures: min(state.failures, 1), nextAt: now + random * 2000 } : {}),
    ...(reasons.length ? {} : { quietAt: state.quietAt + now - state.pausedAt }),
  };
  const { word, owed, answeredAt } = next;
  if (reasons.length || word === 'open' || (word !== 'paused' && !owed)) return stay(next);
  const isFresh = answeredAt !== null && now - answeredAt < intervalOf(policy, next) / 2;
  const keeps = !owed && (isOnline || next.failures > 0 || isFresh);
  return rest({ ...next, nextAt: keeps ? next.nextAt : now }, env);
}

function refresh(state: PollState, env: Env): Step<never> {
  const { word, why, floor } = state;
  const { now } = env;
  if (why === 'stopped') return stay(state);
  const next = { ...state, owed: true, ...(why === 'gaveUp' ? { ...renewed(now), failures: 0 } : {}) };
  const nextAt = max(now, state.refreshedAt + REFRESH_GAP);
  // A request that somebody asked for is not cut off by the next one, or an impatient person would never see an
  // answer; one more read follows it. Neither is one that can't be replaced yet.
  const isKept = word === 'open' && (state.urgent || nextAt > now || floor > now);
  return state.reasons.length || isKept ? stay(next) : turnTo(state, { ...next, nextAt }, env);
}

function retarget(state: PollState, env: Env): Step<never> {
  const next = {
    ...state,
    ...renewed(env.now),
    epoch: state.epoch + 1,
    owed: true,
    attempt: undefined,
    terminal: false,
    active: true,
    more: false,
    finished: undefined,
  };
  return state.why === 'stopped'
    ? stay({ ...next, owed: false })
    : turnTo(state, { ...next, nextAt: env.now }, env);
}

/** The machine slept: nothing in flight can be trusted, and what is shown is old. */
const wake = (state: PollState, env: Env): Step<never> =>
  state.word === 'idle' || state.word === 'ended'
    ? stay(state)
    : turnTo(state, { owed: true, nextAt: env.now }, env);

function raise(state: PollState, until: number, env: Env): Step<never> {
  if (!(until > state.floor)) return stay(state);
  const next = { ...state, floor: until };
  return state.word === 'waiting' ? turnTo(state, next, env) : stay(next);
}
