// The interface that VPO's own pages call, on the same engine. Names, values and texts are theirs.
import { policy, type Undo } from '../core/index';
import { type CallContext, callTransport } from './call';
import { answersOf } from './indicator';
import { changed, join } from './page';
import { createPoll, type Poll } from './polls';
import { intervals, isEnabled } from './settings';

export const BACKOFF = { INITIAL_DELAY: 10000, MAX_DELAY: 120000, FAILURES_BEFORE_BACKOFF: 3, MULTIPLIER: 2 };
export const CONNECTION_STATUS = { CONNECTED: 'connected', RECONNECTING: 'reconnecting', ERROR: 'error' };

export interface PollerOptions {
  /** Fetches and shows; a rejection or a throw is a failure. */
  fetchFn(context: CallContext): unknown;
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

export function create({ fetchFn, interval = 0, onStatusChange }: PollerOptions): Poller {
  const { enabled, interval: ofPage } = loadConfig();
  const settings = policy('job', { interval: interval > 0 ? interval : ofPage, wait: 0 });
  const about = { _name: 'poller', _origin: '', _key: () => '', _element: null, _isEnded: false };
  let poll: Poll | undefined;
  let leave: Undo | undefined;
  let status = '';
  const publish = () => {
    changed();
    const next = answersOf(poll!);
    if (!next || next === status) return;
    status = next;
    onStatusChange?.(next);
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
      if (!enabled || leave) return;
      // Anew each time: what stood for the former one may have ended while nobody told it.
      poll = createPoll(settings, callTransport(fetchFn), publish, about);
      leave = join(poll, true);
    },
    stop,
    pause: () => poll?._loop.dispatch({ type: 'pause', reason: 'user' }),
    resume: () => poll?._loop.dispatch({ type: 'resume', reason: 'user' }),
    cleanup: stop,
  };
}

type Handler = (isVisible: boolean) => void;
const listeners = new WeakMap<Handler, EventListener>();

/** One listener per handler, so that the browser ignores a handler that is added twice. */
const handle = (target: EventTarget, type: string, run: Handler): Undo => {
  const listener =
    listeners.get(run) ??
    ((event) => (event as PageTransitionEvent).persisted || run(document.visibilityState !== 'hidden'));
  listeners.set(run, listener);
  target.addEventListener(type, listener);
  return () => target.removeEventListener(type, listener);
};

/** Calls `run(isVisible)` whenever the page is hidden or shown. */
export const onVisibilityChange = (run: Handler): Undo => handle(document, 'visibilitychange', run);

/** Calls `run` when the page goes away for good; a page that may come back must find everything as it was. */
export const onCleanup = (run: () => void): Undo => handle(window, 'pagehide', run);
