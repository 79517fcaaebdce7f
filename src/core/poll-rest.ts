// Where a loop goes when nothing runs for it any more: every handler ends here or with a request in flight, so
// that a loop can't be left without a next step.
import { max, min } from './delay';
import type { Policy } from './policies';
import type { Command, Env, PollState, Step, Why } from './poll-state';

/** Hosts hold a timer's length in 32 bits; a longer wait is armed again when this much has passed. */
const LONGEST_TIMER = 2 ** 31 - 1;

export const stay = (state: PollState): Step<never> => [state, []];

/** Commands that end what runs. */
export const halt = ({ word }: PollState): Command<never>[] =>
  word === 'open' ? [{ type: 'close' }] : word === 'waiting' ? [{ type: 'clear' }] : [];

export const arm = (at: number, now: number): Command<never> => ({
  type: 'arm',
  ms: max(min(at - now, LONGEST_TIMER), 0),
});

const settled = { dueAt: null, openedAt: null, urgent: false, wait: 0, answers: 0 };

export const end = (state: PollState, why: Why): PollState => ({
  ...state,
  ...settled,
  word: 'ended',
  why,
  owed: false,
  started: why !== 'stopped',
});

/** When waiting becomes pointless under this policy. */
export const giveUpAt = (state: PollState, policy: Policy): number =>
  min(state.quietAt + policy.maxQuiet, state.startedAt + policy.maxTotal);

/** Waits for `nextAt`, or rests where a reason stands or nobody started it. The state must have nothing running. */
export function rest(state: PollState, { now, policy }: Env): Step<never> {
  const free = { ...state, ...settled, why: null };
  if (state.reasons.length) return stay({ ...free, word: state.started ? 'paused' : 'idle' });
  if (!state.started && !state.owed) return stay({ ...free, word: 'idle' });
  const wanted = max(max(state.nextAt, state.floor), now);
  const at = state.owed ? wanted : min(wanted, max(giveUpAt(state, policy), now));
  return [{ ...free, word: 'waiting', nextAt: at, dueAt: at }, [arm(at, now)]];
}

/** Ends what runs and rests with a new due time. */
export function turnTo(state: PollState, change: Partial<PollState>, env: Env): Step<never> {
  const [next, commands] = rest({ ...state, ...change }, env);
  return [next, [...halt(state), ...commands]];
}
