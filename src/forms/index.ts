// Forms that act, ask first, or drive a list, by one listener per kind of event: they work in rows that come later
// too. Without this script they are ordinary forms.
import type { Extension } from '../browser/tools';
import { act } from './act';
import { isConfirmed } from './confirm';
import { copy } from './copy';
import { follow, restore } from './query';
import { selectAll } from './select';

const TYPING_MS = 300;

export const forms: Extension = (tools, signal) => {
  let typing: ReturnType<typeof setTimeout> | undefined;
  const listen = <K extends keyof DocumentEventMap>(kind: K, handle: (event: DocumentEventMap[K]) => void) =>
    document.addEventListener(kind, handle, { signal });
  const type = (event: Event) => {
    const { target } = event;
    const form = target instanceof Element && target.closest<HTMLFormElement>('form[data-vpo-query]');
    if (!form) return;
    clearTimeout(typing);
    typing = setTimeout(() => follow(form, tools), event.type === 'input' ? TYPING_MS : 0);
  };
  listen('input', type);
  listen('change', type);
  listen('change', selectAll);
  listen('click', copy);
  listen('submit', (event) => {
    const form = event.target as HTMLFormElement;
    const { submitter } = event;
    if (event.defaultPrevented) return;
    if (!isConfirmed(form, submitter, tools)) return event.preventDefault();
    if (form.hasAttribute('data-vpo-action')) {
      event.preventDefault();
      void act(form, submitter, tools);
    } else if (form.hasAttribute('data-vpo-query')) {
      event.preventDefault();
      type(event);
    }
  });
  addEventListener('popstate', () => restore(tools), { signal });
  signal.addEventListener('abort', () => clearTimeout(typing));
};
