// The interface that VPO's own pages call, on the same engine. Names, values and texts are theirs.
import { createLoop, policy, type Undo } from '../core/index';
import { clock } from './clock';
import { debug } from './debug';
import { vpoStateOf } from './indicator';
import { changed, join } from './page';
import type { Poll } from './polls';
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

export function create({ fetchFn, interval = loadConfig().interval, onStatusChange }: PollerOptions): Poller {
  let leave: Undo | undefined;
  let status: string | null = null;
  const enabled = isEnabled(null);
  const loop = createLoop<null>({
    policy: policy('job', { interval, idleInterval: 0 }),
    clock,
    random: Math.random,
    transport: {
      open(_request, events) {
        const abort = new AbortController();
        const close = (result: 'ok' | 'failed', message = '') => {
          clearTimeout(timer);
          if (result === 'ok')
            events.received({ data: null, news: true, terminal: false, active: true, more: false });
          events.closed({ result, retryAfter: null, held: false, status: 0, message });
        };
        const drop = () => {
          clearTimeout(timer);
          abort.abort();
        };
        const timer = setTimeout(() => {
          abort.abort();
          close('failed', 'deadline');
        }, DEADLINE_MS);
        // A synchronous throw is a failure like any other.
        new Promise((resolve) => resolve(fetchFn({ signal: abort.signal }))).then(
          () => close('ok'),
          (error) => close('failed', `${error}`),
        );
        return drop;
      },
    },
    sink: {
      publish({ type }) {
        const { word, failures } = loop.state;
        debug(type, word, `${failures} failures`);
        const next = vpoStateOf(poll);
        if (next && next !== status) {
          status = next;
          onStatusChange?.(next);
        }
        changed();
      },
    },
  });
  const poll: Poll = {
    _loop: loop,
    _name: 'poller',
    _origin: '',
    _vpo: true,
    _interval: interval,
    _enabled: true,
    _element: null,
    _reason: '',
    _isEnded: false,
  };
  const stop = () => {
    leave?.();
    leave = undefined;
  };
  return {
    get isActive() {
      return !!leave;
    },
    start() {
      if (enabled) leave ??= join(poll);
    },
    stop,
    pause: () => loop.dispatch({ type: 'pause', reason: 'user' }),
    resume: () => loop.dispatch({ type: 'resume', reason: 'user' }),
    cleanup: stop,
  };
}

/** Calls `run(isVisible)` whenever the page is hidden or shown. */
export function onVisibilityChange(run: (isVisible: boolean) => void): Undo {
  const handle = () => run(document.visibilityState !== 'hidden');
  document.addEventListener('visibilitychange', handle);
  return () => document.removeEventListener('visibilitychange', handle);
}

const cleanups = new Set<() => void>();

function cleanUp({ persisted }: PageTransitionEvent): void {
  // A page in the back/forward cache comes back and must find everything as it was.
  if (!persisted) for (const run of cleanups) run();
}

/** Calls `run` once when the page goes away for good. */
export function onCleanup(run: () => void): Undo {
  if (!cleanups.size) window.addEventListener('pagehide', cleanUp);
  cleanups.add(run);
  return () => {
    cleanups.delete(run);
    if (!cleanups.size) window.removeEventListener('pagehide', cleanUp);
  };
}
