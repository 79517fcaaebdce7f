// The interface that VPO's own pages call, on the same engine. Names, values and texts are theirs.
import { policy, type Undo } from '../core/index';
import { listen } from './dom';
import { answersOf } from './indicator';
import { changed, join } from './page';
import { createPoll } from './polls';
import { intervals, isEnabled } from './settings';

const DEADLINE_MS = 10_000;

export const BACKOFF = { INITIAL_DELAY: 10000, MAX_DELAY: 120000, FAILURES_BEFORE_BACKOFF: 3, MULTIPLIER: 2 };
export const CONNECTION_STATUS = { CONNECTED: 'connected', RECONNECTING: 'reconnecting', ERROR: 'error' };

export interface PollerOptions {
  /** Fetches and shows; a rejection or a throw is a failure. */
  fetchFn(context: { signal: AbortSignal }): unknown;
  /** Milliseconds; the page's by default. */
  interval?: number;
  /** Called with one of CONNECTION_STATUS when it changes. */
  onStatusChange?(status: string): void;
}

export interface Poller {
  readonly isActive: boolean;
  start(): void;
  stop(): void;
  pause(): void;
  resume(): void;
  cleanup(): void;
}

export function loadConfig(): { interval: number; enabled: boolean; logInterval: number } {
  const { interval, log } = intervals(null);
  return { interval, enabled: isEnabled(null), logInterval: log };
}

const ANSWER = { data: null, news: true, terminal: false, active: true, more: false };

export function create({ fetchFn, interval = loadConfig().interval, onStatusChange }: PollerOptions): Poller {
  let leave: Undo | undefined;
  let status = '';
  const poll = createPoll(
    policy('job', { interval }),
    {
      open(_request, { received, closed }) {
        const abort = new AbortController();
        const undo = () => {
          clearTimeout(timer);
          abort.abort();
        };
        const close = (result: 'ok' | 'failed') => {
          clearTimeout(timer);
          if (result === 'ok') received(ANSWER);
          closed({ result });
        };
        const timer = setTimeout(() => {
          undo();
          close('failed');
        }, DEADLINE_MS);
        // A synchronous throw is a failure like any other.
        new Promise((resolve) => resolve(fetchFn(abort))).then(
          () => close('ok'),
          () => close('failed'),
        );
        return undo;
      },
    },
    () => {
      const next = answersOf(poll);
      if (next && next !== status) {
        status = next;
        onStatusChange?.(next);
      }
      changed();
    },
    { _name: 'poller', _origin: '', _element: null, _isEnded: false },
  );
  const enabled = isEnabled(null);
  const stop = () => {
    leave?.();
    leave = undefined;
  };
  return {
    get isActive() {
      return !!leave;
    },
    start() {
      if (enabled) leave ??= join(poll, true);
    },
    stop,
    pause: () => poll._loop.dispatch({ type: 'pause', reason: 'user' }),
    resume: () => poll._loop.dispatch({ type: 'resume', reason: 'user' }),
    cleanup: stop,
  };
}

function undoable<E extends Event>(target: EventTarget, type: string, run: (event: E) => void): Undo {
  const scope = new AbortController();
  listen(target, type, scope.signal, run);
  return () => scope.abort();
}

/** Calls `run(isVisible)` whenever the page is hidden or shown. */
export const onVisibilityChange = (run: (isVisible: boolean) => void): Undo =>
  undoable(document, 'visibilitychange', () => run(document.visibilityState !== 'hidden'));

const cleanups = new Set<() => void>();

/** Calls `run` once when the page goes away for good; a page that may come back must find everything as it was. */
export function onCleanup(run: () => void): Undo {
  const isNew = !cleanups.has(run);
  cleanups.add(run);
  const undo = isNew
    ? undoable<PageTransitionEvent>(window, 'pagehide', ({ persisted }) => persisted || run())
    : () => {};
  return () => {
    cleanups.delete(run);
    undo();
  };
}
