// What the browser does to the page, as reasons to pause. No beforeunload and no unload: they would keep the
// page out of the back/forward cache.
import { now } from './clock';
import { forgetReasons, setReason } from './polls';

/** Quick tab flips cost nothing: hidden counts once it has lasted this long. */
const HIDDEN_AFTER_MS = 1000;
/** Requests that the browser cut while leaving or coming back say nothing about the connection. */
const QUIET_MS = 1000;

let leftAt = -Infinity;

const isHidden = (): boolean => document.visibilityState === 'hidden';

/** True while failures may come from leaving the page. */
export const isLeaving = (): boolean => now() - leftAt < QUIET_MS;

/** Keeps the page's pause reasons right until `signal` aborts; `changed` runs after each event. */
export function watchLifecycle(signal: AbortSignal, changed: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const on = (target: EventTarget, type: string, run: (event: Event) => void) =>
    target.addEventListener(
      type,
      (event) => {
        run(event);
        changed();
      },
      { signal },
    );
  const leave = () => {
    leftAt = now();
  };
  const prerender = () => setReason('prerender', 'prerendering' in document && !!document.prerendering);
  const hide = () => {
    setReason('hidden', true);
    changed();
  };
  const visibility = () => {
    clearTimeout(timer);
    if (isHidden()) timer = setTimeout(hide, HIDDEN_AFTER_MS);
    else setReason('hidden', false);
  };
  const connection = () => setReason('offline', navigator.onLine === false);

  on(document, 'visibilitychange', visibility);
  on(document, 'prerenderingchange', prerender);
  on(document, 'freeze', () => setReason('frozen', true));
  on(document, 'resume', () => setReason('frozen', false));
  on(window, 'pagehide', () => {
    leave();
    setReason('frozen', true);
  });
  on(window, 'pageshow', (event) => {
    if (!(event as PageTransitionEvent).persisted) return;
    leave();
    setReason('frozen', false);
  });
  on(window, 'offline', connection);
  on(window, 'online', connection);
  // Browsers cut requests when a navigation starts, which is before pagehide.
  if ('navigation' in window)
    on(window.navigation, 'navigate', (event) => {
      if (!(event as NavigateEvent).destination.sameDocument) leave();
    });
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    forgetReasons();
  });
  setReason('hidden', isHidden());
  prerender();
  connection();
}
