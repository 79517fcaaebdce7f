// Which region a control speaks for: the one whose element's id it names, else the one around it, else all.
import { type Poll, polls } from './polls';
import { say } from './words';

function speaksFor(control: Element, name: string, element: Element): boolean {
  const id = control.getAttribute(name);
  if (id) return element.id === id;
  const home = control.closest('[data-vpo-src],[data-vpo-log]');
  return !home || home === element;
}

export const targetsOf = (control: Element, name: string): Poll[] =>
  [...polls].filter(({ _element }) => _element && speaksFor(control, name, _element));

/** The controls with attribute `name` that speak for `element`. */
export const controlsOf = (element: Element, name: string): HTMLElement[] =>
  [...document.querySelectorAll<HTMLElement>(`[${name}]`)].filter((control) =>
    speaksFor(control, name, element),
  );

/** What waits to be let in: rows held back, or lines below the reader. */
export function showNew(element: Element, count: number, key: string): void {
  for (const button of controlsOf(element, 'data-vpo-new')) {
    button.hidden = !count;
    if (count) button.textContent = say(key, count);
  }
}
