// Every poll of the page, whoever started it: regions, logs, VPO's pollers. What concerns all of them (the
// tab's state, the floor of an origin) goes through here.
import {
  createLoop,
  type Loop,
  type PauseReason,
  type Policy,
  type Publication,
  type Transport,
} from '../core/index';
import { clock, now } from './clock';
import { debug } from './debug';

export interface Poll {
  readonly _loop: Loop;
  readonly _policy: Policy;
  /** How the indicator names it. */
  readonly _name: string;
  /** '' when unknown: VPO's pollers fetch themselves. */
  readonly _origin: string;
  /** Equal in all windows that poll the same in the same way; '' when it is not shared. */
  readonly _key: () => string;
  /** The element that owns it; none for VPO's, for which only its three connection states exist. */
  readonly _element: Element | null;
  /** The server painted the end, so it was never started: a look is enough when somebody comes back. */
  _isEnded: boolean | undefined;
  /** Names the sentence that says why it ended. */
  _reason: string;
}

type About = Pick<Poll, '_name' | '_origin' | '_key' | '_element' | '_isEnded'>;

export const polls = new Set<Poll>();
const reasons = new Set<PauseReason>();
const floors = new Map<string, number>();

export function createPoll(
  policy: Policy,
  transport: Transport,
  publish: (event: Publication) => void,
  about: About,
): Poll {
  const tell = (event: Publication) => {
    const { word, why, reasons, failures, dueAt } = _loop.state;
    if (event.type === 'state')
      debug(
        about._name,
        word,
        why ?? reasons,
        failures,
        'failures',
        word === 'waiting' ? `next in ${Math.round(dueAt - now())} ms` : '',
      );
    publish(event);
  };
  const _loop = createLoop({ policy, transport, clock, random: Math.random, sink: { publish: tell } });
  return { ...about, _loop, _policy: policy, _reason: '' };
}

/** A reason to pause begins or ends. Loops that do not pause for it ignore it. */
export const tellAll = (reason: PauseReason, stands: boolean): void => {
  for (const { _loop } of polls) _loop.dispatch({ type: stands ? 'pause' : 'resume', reason });
};

/** A reason for the whole page to pause begins or ends. */
export function setReason(reason: PauseReason, stands: boolean): void {
  if (stands === reasons.has(reason)) return;
  if (stands) reasons.add(reason);
  else reasons.delete(reason);
  tellAll(reason, stands);
  for (const { _loop, _isEnded } of polls) {
    if (!reasons.size && _isEnded) _loop.dispatch({ type: 'refresh' });
  }
}

export const isPaused = (): boolean => reasons.size > 0;

/** Retry-After speaks for the whole origin, so no other poll of it may go on asking. */
export function setFloor(origin: string, retryAfterMs: number): void {
  const until = now() + retryAfterMs;
  floors.set(origin, Math.max(until, floors.get(origin) ?? 0));
  for (const { _loop, _origin } of polls) if (_origin === origin) _loop.dispatch({ type: 'floor', until });
}

/** What stands for the page stands for a poll that joins it now. */
export function introduce(poll: Poll): void {
  polls.add(poll);
  for (const reason of reasons) poll._loop.dispatch({ type: 'pause', reason });
  poll._loop.dispatch({ type: 'floor', until: floors.get(poll._origin) ?? 0 });
}

export const forgetReasons = (): void => reasons.clear();
