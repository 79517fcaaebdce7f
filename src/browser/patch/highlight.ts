// What a change of status looks and sounds like. The style sheet decides what `data-vpo-changed` looks like.

import type { ViewContext } from './context';
import type { Part } from './part';

const ATTRIBUTE = 'data-vpo-changed';
/** Ticks of about a second: long enough to be seen, gone before the next poll. */
const TICKS = 2;
const NAMED = 3;

/** A row lights up as a whole, in the region itself only what shows the status. */
export function highlight(part: Part, status: Element, { _ticker }: ViewContext): void {
  const element = part._depth ? part._root : status;
  if (element.hasAttribute(ATTRIBUTE)) return;
  element.setAttribute(ATTRIBUTE, '');
  let left = TICKS;
  const clear = () => {
    element.removeAttribute(ATTRIBUTE);
    part._undo.delete(clear);
    undo();
  };
  const undo = _ticker.add(() => {
    if (!--left) clear();
    return left > 0;
  });
  part._undo.add(clear);
}

/** "film.mkv: Completed, song.wav: Failed"; the rest is only counted, nobody listens to fifty names. */
export function describe(changes: ReadonlyMap<Part, Element>, words: ViewContext['words']): string {
  const named = [...changes].map(([{ _root }, element]) => {
    const status = element.getAttribute('data-status')!;
    const name = _root.getAttribute('aria-label') ?? _root.querySelector('th,a,h1,h2')?.textContent.trim();
    return (name ? `${name}: ` : '') + (words(status) ?? status);
  });
  const others = named.splice(NAMED).length;
  return named.join(', ') + (others ? `, +${others}` : '');
}
