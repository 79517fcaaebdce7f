// What the browser does to the page, as reasons to pause. No beforeunload and no unload: they would keep the
// page out of the back/forward cache.
import { now } from './clock';
import { listen } from './dom';
import { forgetReasons, setReason } from './polls';

/** Quick tab flips cost nothing: hidden counts once it has lasted this long. */
const HIDDEN_AFTER_MS = 1000;
/** Requests that the browser cut while leaving or coming back say nothing about the connection. */
const QUIET_MS = 1000;

let leftAt = -Infinity;

/** True while failures may come from leaving the page. */
export const isLeaving = (): boolean => now() - leftAt < QUIET_MS;

/** Keeps the page's pause reasons right until `signal` aborts; `changed` runs after each event. */
export function watchLifecycle(signal: AbortSignal, changed: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hiddenAt = Infinity;
  const on = (target: EventTarget, types: string, run: (event: Event) => void) => {
    const handle = (event: Event) => {
      run(event);
      changed();
    };
    listen(target, types, signal, handle);
  };
  const leave = () => {
    leftAt = now();
  };
  const prerender = () =>
    setReason('prerender', !!(document as Document & { prerendering?: boolean }).prerendering);
  const connection = () => setReason('offline', !navigator.onLine);
  const freeze = ({ type }: Event) => setReason('frozen', type === 'freeze' || type === 'pagehide');

  on(document, 'visibilitychange', () => {
    clearTimeout(timer);
    if (!document.hidden) {
      // Timers of hidden tabs come late: what was hidden for long enough was hidden all the same.
      if (now() - hiddenAt >= HIDDEN_AFTER_MS) setReason('hidden', true);
      return setReason('hidden', false);
    }
    hiddenAt = now();
    timer = setTimeout(() => {
      setReason('hidden', true);
      changed();
    }, HIDDEN_AFTER_MS);
  });
  on(document, 'prerenderingchange', prerender);
  on(document, 'freeze resume', freeze);
  on(window, 'pagehide pageshow', (event) => {
    // The first pageshow belongs to the load.
    if (event.type === 'pagehide' || (event as PageTransitionEvent).persisted) leave();
    freeze(event);
  });
  on(window, 'offline online', connection);
  // Browsers cut requests when a navigation starts, which is before pagehide.
  if (window.navigation)
    on(window.navigation, 'navigate', (event) => {
      if (!(event as NavigateEvent).destination.sameDocument) leave();
    });
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    forgetReasons();
  });
  setReason('hidden', document.hidden);
  prerender();
  connection();
}
