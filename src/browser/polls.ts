// Every poll of the page, whoever started it: regions, logs, VPO's pollers. What concerns all of them (the
// tab's state, the floor of an origin) goes through here.
import type { Loop, PauseReason } from '../core/index';
import { now } from './clock';

export interface Poll {
  readonly _loop: Loop;
  /** How the indicator names it. */
  readonly _name: string;
  /** '' when unknown (VPO's pollers fetch themselves). */
  readonly _origin: string;
  /** Made through VPO's interface: only its three connection states exist for it. */
  readonly _vpo: boolean;
  readonly _interval: number;
  /** False: polls only when asked to (`data-polling-enabled="false"`). */
  readonly _enabled: boolean;
  /** The element that owns it; none for VPO's. */
  readonly _element: Element | null;
  /** Names the sentence that says why it ended. */
  _reason: string;
  /** The server painted the end, so it was never started: a look is enough when somebody comes back. */
  _isEnded: boolean;
}

export const polls = new Set<Poll>();
const reasons = new Set<PauseReason>();
const floors = new Map<string, number>();

/** A reason for the whole page to pause begins or ends. */
export function setReason(reason: PauseReason, stands: boolean): void {
  if (stands === reasons.has(reason)) return;
  if (stands) reasons.add(reason);
  else reasons.delete(reason);
  for (const poll of polls) {
    poll._loop.dispatch({ type: stands ? 'pause' : 'resume', reason });
    if (!reasons.size && poll._isEnded) poll._loop.dispatch({ type: 'refresh' });
  }
}

export const isPaused = (): boolean => reasons.size > 0;

export const floorOf = (origin: string): number => floors.get(origin) ?? 0;

/** Retry-After speaks for the whole origin, so no other poll of it may go on asking. */
export function setFloor(origin: string, retryAfterMs: number): void {
  const until = now() + retryAfterMs;
  if (until <= floorOf(origin)) return;
  floors.set(origin, until);
  for (const poll of polls) if (poll._origin === origin) poll._loop.dispatch({ type: 'floor', until });
}

/** What stands for the page stands for a poll that joins it now. */
export function introduce(poll: Poll): void {
  polls.add(poll);
  for (const reason of reasons) poll._loop.dispatch({ type: 'pause', reason });
  const until = floorOf(poll._origin);
  if (until > now()) poll._loop.dispatch({ type: 'floor', until });
}

export const forgetReasons = (): void => reasons.clear();
