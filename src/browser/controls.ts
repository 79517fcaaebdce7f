// Which region a control speaks for: the one whose element's id it names, else the one around it, else all.
import { type Poll, polls } from './polls';
import { say } from './words';

/** Every region. */
export const HOME = '[data-vpo-src],[data-vpo-log]';

/** `id`: what the control's own attribute says, '' or null when it names nobody. */
function speaksFor(control: Element, id: string | null, element: Element): boolean {
  const home = control.closest(HOME) ?? element;
  return id ? element.id === id : home === element;
}

/** The polls that attribute `name` of `owner` names; with none, those around `control`. */
export const targetsOf = (owner: Element, name: string, control = owner): Poll[] =>
  [...polls].filter(({ _element }) => _element && speaksFor(control, owner.getAttribute(name), _element));

/** The controls with attribute `name` that speak for `element`. */
export const controlsOf = (element: Element, name: string): HTMLElement[] =>
  [...document.querySelectorAll<HTMLElement>(`[${name}]`)].filter((control) =>
    speaksFor(control, control.getAttribute(name), element),
  );

/** What waits to be let in: rows held back, or lines below the reader. */
export function showNew(element: Element, count: number, key: string): void {
  for (const button of controlsOf(element, 'data-vpo-new')) {
    button.toggleAttribute('hidden', !count);
    if (count) button.textContent = say(key, count);
  }
}
