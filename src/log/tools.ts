// The toolbar, as the page has painted it, and the keys of the pane. `data-vpo-log-tools="ID"` is the toolbar of a log;
// in it `data-vpo-log-do="NAME"` on buttons, one form with a search field and an <output>. All of it may be missing.
import { listen } from '../browser/dom';

const STORED = 'vpo.log';
/** What stays as it was chosen; each is an attribute `data-log-NAME` around the log. Without `times` and `since` times are as written. */
const CHOICES = ['wrap', 'since', 'times', 'full'];
const KEYS: Record<string, string> = { f: 'follow', w: 'wrap', t: 'times', m: 'full', '/': 'search' };

export interface Tools {
  readonly _bar: HTMLElement | null;
  readonly _input: HTMLInputElement | null;
  readonly _count: HTMLElement | null;
  /** Shows a button as pressed or not. */
  _press(name: string, isPressed: boolean): void;
  /** Tells a screen reader something. */
  _tell(text: string): void;
}

/** `run` does what a button or a key is for, unless it is a choice; `changed` follows a choice. */
export function createTools(
  element: HTMLElement,
  run: (name: string) => void,
  changed: () => void,
  signal: AbortSignal,
): Tools {
  const box = document.querySelector<HTMLElement>(`[data-vpo-log-tools="${element.id}"]`);
  const home = box?.parentElement ?? element;
  const find = <E extends HTMLElement>(selector: string): E | null => box?.querySelector<E>(selector) ?? null;
  const has = (name: string) => home.hasAttribute(`data-log-${name}`);
  const press = (name: string, isPressed: boolean) =>
    find(`[data-vpo-log-do=${name}][aria-pressed]`)?.setAttribute('aria-pressed', `${isPressed}`);
  const choose = (name: string, isOn: boolean) => {
    home.toggleAttribute(`data-log-${name}`, isOn);
    press(name, isOn);
  };
  const act = (name: string) => {
    if (!CHOICES.includes(name)) return run(name);
    // As written, since the log began, not at all.
    const isSince = has('since');
    if (name === 'times') choose('since', !isSince && !has(name));
    choose(name, name === 'times' ? isSince : !has(name));
    try {
      localStorage.setItem(STORED, CHOICES.filter(has).join());
    } catch {
      // No storage: the choice holds for this page.
    }
    changed();
  };
  try {
    for (const name of localStorage.getItem(STORED)?.split(',') ?? [])
      if (CHOICES.includes(name)) choose(name, true);
  } catch {
    // As above.
  }
  listen<MouseEvent>(box ?? element, 'click', signal, ({ target }) => {
    const name = (target as Element).closest('[data-vpo-log-do]')?.getAttribute('data-vpo-log-do');
    if (name) act(name);
  });
  const bar = find('form');
  const input = find<HTMLInputElement>('[type=search]');
  listen<KeyboardEvent>(home, 'keydown', signal, (event) => {
    const { key, target } = event;
    const isModified = event.ctrlKey || event.metaKey;
    let name: string | undefined;
    if (event.altKey) return;
    if (isModified) {
      // A second time it is the browser's own.
      if (key === 'f' && bar && target !== input) name = 'search';
    } else if (key === 'Escape') name = bar?.hidden === false ? 'close' : has('full') ? 'full' : '';
    else if (target === input) {
      if (key === 'Enter') name = event.shiftKey ? 'previous' : 'next';
    } else if (target === element) name = key === 'Home' ? 'start' : key === 'End' ? 'end' : KEYS[key];
    if (!name) return;
    event.preventDefault();
    act(name);
  });
  listen(bar ?? element, 'submit', signal, (event) => event.preventDefault());
  if (box) box.hidden = false;
  signal.addEventListener('abort', () => {
    if (box) box.hidden = true;
  });
  return {
    _bar: bar,
    _input: input,
    _count: find('output'),
    _press: press,
    _tell(text) {
      const told = find('[role=status]');
      if (told) told.textContent = text;
    },
  };
}
