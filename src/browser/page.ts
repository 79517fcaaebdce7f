// One page: it watches the browser while it has polls, and leaves nothing behind with the last of them.
import type { Undo } from '../core/index';
import { serverNow } from './clock';
import { watchIdle } from './idle';
import { renderIndicator } from './indicator';
import { watchLifecycle } from './lifecycle';
import { silence } from './notice';
import { createTicker } from './patch/index';
import { introduce, isPaused, type Poll, polls } from './polls';
import { windows } from './windows';

const TICK_MS = 5000;

export const ticker = createTicker(serverNow);
let scope: AbortController | undefined;
let idleScope: AbortController | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let plannedAt = Infinity;

/**
 * Finds out about sleep. Late timers prove nothing (they may stand still in sleep); the wall clock does. Only
 * armed while something could be under way.
 */
function watchSleep(): void {
  clearTimeout(timer);
  const late = Date.now() - plannedAt;
  plannedAt = Infinity;
  if (!isPaused() && [...polls].some(isLive)) {
    plannedAt = Date.now() + TICK_MS;
    timer = setTimeout(watchSleep, TICK_MS);
  }
  for (const { _policy, _loop } of polls) if (late > 2 * _policy.interval) _loop.dispatch({ type: 'wake' });
}

const isLive = ({ _loop }: Poll): boolean => /waiting|open/.test(_loop.state.word);

/** Tells the other windows what this one polls. One that is hidden hands over at once. */
function tellWindows(): void {
  const keys = document.hidden || isPaused() ? [] : [...polls].filter(isLive).map(({ _key }) => _key());
  windows._setKeys(keys.filter(Boolean));
}

/** A poll moved, or the page did: shows it. */
export function changed(): void {
  if (renderIndicator()) ticker.wake();
  watchSleep();
  tellWindows();
}

/** Adds a poll, started unless it is only to be asked; the undo stops it and takes it away. */
export function join(poll: Poll, isStarted: boolean): Undo {
  if (!scope) {
    scope = new AbortController();
    watchLifecycle(scope.signal, changed);
    scope.signal.onabort = ticker.add(renderIndicator);
  }
  if (poll._policy.idlePauses && idleScope !== scope) {
    idleScope = scope;
    watchIdle(scope.signal);
  }
  introduce(poll);
  if (isStarted) poll._loop.dispatch({ type: 'start' });
  changed();
  return () => {
    poll._loop.dispatch({ type: 'stop' });
    polls.delete(poll);
    if (!polls.size) {
      scope?.abort();
      scope = undefined;
      silence();
    }
    changed();
  };
}
