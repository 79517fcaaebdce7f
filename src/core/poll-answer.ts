// What a request's answer and its end mean for the poll.
import { failureDelay, floorDelay, max, normalDelay } from './delay';
import { cutOff, heldAnswer, isCut } from './hold';
import { end, rest } from './poll-rest';
import { type Command, type Env, type PollState, renewed, type Step } from './poll-state';
import type { Answer, Outcome } from './ports';

const HELD_GAP = 250;
/** Refreshes are at least this far apart. */
export const REFRESH_GAP = 500;

const publish = <T>(publication: Extract<Command<T>, { type: 'publish' }>['publication']): Command<T> => ({
  type: 'publish',
  publication,
});

/** An answer; the request may stay open and bring more. */
export function received<T>(state: PollState, answer: Answer<T>, { now }: Env): Step<T> {
  const attempt = answer.attempt ?? null;
  const isOther = state.attempt !== undefined && attempt !== state.attempt;
  const { terminal, active, more, news } = answer;
  return [
    {
      ...state,
      ...(isOther ? renewed(now) : {}),
      ...(news ? { newsAt: now, quietAt: now, pausedAt: now } : {}),
      attempt,
      terminal,
      active,
      more,
      news,
      answers: state.answers + 1,
      answeredAt: now,
      failures: 0,
    },
    [publish<T>({ type: 'data', answer })],
  ];
}

/** The request is over. */
export function closed(state: PollState, outcome: Outcome, env: Env): Step<never> {
  const { retryAfter, result } = outcome;
  const floor =
    retryAfter === null
      ? state.floor
      : max(state.floor, env.now + floorDelay(env.policy, retryAfter, env.random));
  const next = { ...state, floor };
  if (result === 'ok') return answered(next, outcome.held, env);
  if (result === 'failed') return failed(next, outcome, env);
  return [end(next, result), [publish({ type: 'trouble', outcome })]];
}

function answered(state: PollState, wasHeld: boolean, env: Env): Step<never> {
  const { now, random, policy } = env;
  const { ramp } = policy;
  // Only an answer that brought something may be followed at once: otherwise a server that always says `more`
  // would be asked without end.
  const again = state.more && state.news;
  const hold = state.wait
    ? heldAnswer(state.hold, wasHeld, state.news, now - (state.openedAt ?? now), now)
    : state.hold;
  const isHeld = state.wait > 0 && wasHeld && hold.holds === true;
  const sinceNews = now - max(state.startedAt, state.newsAt ?? state.startedAt);
  const slow = ramp && sinceNews >= ramp.after ? state.slow + 1 : 0;
  const next = { ...state, slow, hold, failures: 0, answeredAt: now };
  if (state.terminal && !again && !(policy.lastRead && state.lastOf !== state.attempt))
    return finish(next, env);
  const delay = again ? 0 : isHeld ? random * HELD_GAP : normalDelay(policy, next, random);
  return proceed({ ...next, owed: state.owed || (again && !state.started) }, delay, [], env);
}

/** After the last read. A read that was asked for meanwhile still goes: it may find the next attempt. */
function finish(state: PollState, env: Env): Step<never> {
  const commands: Command<never>[] = state.finished === state.attempt ? [] : [publish({ type: 'finished' })];
  const next = { ...state, finished: state.attempt };
  if (state.owed && !state.reasons.length) return proceed(next, 0, commands, env);
  return [{ ...end(next, 'finished'), owed: state.owed, started: state.started }, commands];
}

function failed(state: PollState, outcome: Outcome, env: Env): Step<never> {
  const { now, random, policy } = env;
  if (state.wait && isCut(state.hold, outcome, now - (state.openedAt ?? now)))
    return proceed({ ...state, hold: cutOff(state.hold, now) }, normalDelay(policy, state, random), [], env);
  const next = { ...state, failures: state.failures + 1 };
  const commands: Command<never>[] =
    policy.reportOnce && state.failures ? [] : [publish({ type: 'trouble', outcome })];
  if (next.failures >= policy.maxFailures) return [end(next, 'gaveUp'), commands];
  return proceed(next, failureDelay(policy, next, random), commands, env);
}

/** Rests for `delay`, or until the next refresh may go if one is owed. */
function proceed(state: PollState, delay: number, first: readonly Command<never>[], env: Env): Step<never> {
  const [next, commands] = rest(
    { ...state, nextAt: state.owed ? state.refreshedAt + REFRESH_GAP : env.now + delay },
    env,
  );
  return [next, [...first, ...commands]];
}
