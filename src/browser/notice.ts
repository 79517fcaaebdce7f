// Words for people beside the data: notices on the page, and one polite live region.
import type { Undo } from '../core/index';
import { make } from './dom';
import { say } from './words';

const THROTTLE_MS = 1000;
let live: HTMLElement | undefined;
let messages: string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let isOutdated = false;

/** Puts the sentence `key` and where to go from there before `place`. The undo takes it away. */
export function notice(place: Element, key: string): Undo {
  const back = key === 'gone';
  // The page's own way back, else its parent in the path; everything else is mended by loading the page again.
  const link = back ? document.querySelector<HTMLAnchorElement>('a[data-vpo-back]') : null;
  const href = link
    ? link.href
    : back
      ? new URL('.', location.href).pathname.replace(/(.)\/$/, '$1')
      : location.href;
  const text = link?.textContent || say(back ? 'back' : 'reload');
  const box = make(
    'p',
    { role: 'status', 'data-vpo-notice': key },
    `${say(key)} `,
    make('a', { href }, text),
  );
  place.before(box);
  return () => box.remove();
}

/** A page older than the server says so, once. */
export function seeBuild(build: string | null): void {
  const own = document.querySelector<HTMLMetaElement>('meta[name=vpo-build]')?.content;
  if (isOutdated || !own || !build || own === build) return;
  isOutdated = true;
  notice(document.body.firstElementChild ?? document.body, 'build');
}

/** Says `text` politely; what comes within a second is said together, each sentence once. */
export function announce(text: string): void {
  if (!messages.includes(text)) messages.push(text);
  timer ??= setTimeout(() => {
    timer = undefined;
    if (!live?.isConnected) {
      live = make('div', { role: 'status' });
      // Set through the object model: a style attribute in markup would break a strict style-src.
      Object.assign(live.style, { position: 'fixed', clipPath: 'inset(50%)' });
      document.body.append(live);
    }
    live.textContent = messages.join('. ');
    messages = [];
  }, THROTTLE_MS);
}

export function silence(): void {
  clearTimeout(timer);
  timer = undefined;
  messages = [];
  live?.remove();
}
