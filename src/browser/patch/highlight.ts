// What a change of status looks and sounds like. The style sheet decides what `data-vpo-changed` looks like.

import type { Change, ViewContext } from './context';

const ATTRIBUTE = 'data-vpo-changed';
/** Ticks of about a second: long enough to be seen, gone before the next poll. */
const TICKS = 2;
const NAMED = 3;

export interface Highlighter {
  /** Returns the number of writes. */
  _show(elements: Iterable<Element>): number;
  _dispose(): void;
}

export function createHighlighter({ ticker, reducedMotion }: ViewContext): Highlighter {
  const left = new Map<Element, number>();
  let undo: (() => void) | undefined;

  const tick = (): boolean => {
    for (const [element, ticks] of left) {
      if (ticks > 1) left.set(element, ticks - 1);
      else clear(element);
    }
    return left.size > 0;
  };
  const clear = (element: Element): void => {
    element.removeAttribute(ATTRIBUTE);
    left.delete(element);
    if (left.size) return;
    undo?.();
    undo = undefined;
  };

  return {
    _show(elements) {
      if (reducedMotion()) return 0;
      let writes = 0;
      for (const element of elements) {
        if (!left.has(element)) {
          element.setAttribute(ATTRIBUTE, '');
          writes++;
        }
        left.set(element, TICKS);
        undo ??= ticker.add(tick);
      }
      return writes;
    },
    _dispose() {
      for (const element of left.keys()) clear(element);
    },
  };
}

/** "film.mkv: Completed, song.wav: Failed"; the rest is only counted, nobody listens to fifty names. */
export function describe(changes: readonly Change[], words: ViewContext['words']): string {
  const named = changes.slice(0, NAMED).map(({ _root, _status }) => {
    const status = _status.getAttribute('data-status')!;
    const name =
      _root.getAttribute('aria-label') ?? _root.querySelector('th,a,h1,h2,h3')?.textContent?.trim();
    return (name ? `${name}: ` : '') + (words(status) ?? status);
  });
  const others = changes.length - named.length;
  return named.join(', ') + (others ? `, +${others}` : '');
}
