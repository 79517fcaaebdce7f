// The page's controls, by one listener per kind of event: they work in rows that come later too.
import { act, refreshAll } from './actions';
import { now } from './clock';
import { isConfirmed } from './confirm';
import { targetsOf } from './controls';
import { listen } from './dom';
import { sayWhen } from './indicator';
import { polls } from './polls';
import { follow, restore } from './query';
import { regions } from './region';

const TYPING_MS = 300;

/** What a click on an element with this attribute does. */
const CLICKS: Record<string, (control: HTMLElement, signal: AbortSignal) => void> = {
  'data-vpo-refresh': refresh,
  'data-vpo-new': (control) => {
    for (const poll of targetsOf(control, 'data-vpo-new')) regions.get(poll._element!)?._letIn();
  },
  'data-vpo-notify': async (control) => {
    const permission = await globalThis.Notification?.requestPermission();
    control.setAttribute('aria-pressed', `${permission === 'granted'}`);
  },
  'data-vpo-connection': () => {
    refreshAll([...polls].filter(({ _loop }) => _loop.state.why === 'gaveUp'));
  },
};

/** Retry-After is not undercut by a person either: the button says when instead. */
function refresh(button: HTMLElement, signal: AbortSignal): void {
  const targets = targetsOf(button, 'data-vpo-refresh');
  const wait = Math.max(...targets.map((poll) => poll._loop.state.floor)) - now();
  if (!(wait > 0)) {
    refreshAll(targets);
    return;
  }
  if (button.hasAttribute('aria-disabled')) return;
  const label = [...button.childNodes];
  const restoreLabel = () => {
    clearTimeout(timer);
    button.replaceChildren(...label);
    button.removeAttribute('aria-disabled');
  };
  const timer = setTimeout(restoreLabel, wait);
  signal.addEventListener('abort', restoreLabel);
  button.setAttribute('aria-disabled', 'true');
  button.textContent = sayWhen(wait);
}

export function watchControls(signal: AbortSignal): void {
  let typing: ReturnType<typeof setTimeout> | undefined;
  const queryOf = ({ target }: Event) =>
    target instanceof Element ? target.closest<HTMLFormElement>('form[data-vpo-query]') : null;
  const type = (event: Event) => {
    const form = queryOf(event);
    if (!form) return;
    clearTimeout(typing);
    typing = setTimeout(() => follow(form), event.type === 'input' ? TYPING_MS : 0);
  };
  const submit = (event: SubmitEvent) => {
    const form = event.target as HTMLFormElement;
    const button = event.submitter;
    if (event.defaultPrevented) return;
    if (!isConfirmed(form, button)) return event.preventDefault();
    if (form.hasAttribute('data-vpo-action')) {
      event.preventDefault();
      void act(form, button);
    } else if (form.hasAttribute('data-vpo-query')) {
      event.preventDefault();
      type(event);
    }
  };
  const click = ({ target }: Event) => {
    for (const name in CLICKS) {
      const control = target instanceof Element && target.closest<HTMLElement>(`[${name}]`);
      if (control) CLICKS[name]!(control, signal);
    }
  };
  listen(document, 'click', signal, click);
  listen(document, 'submit', signal, submit);
  listen(document, 'input change', signal, type);
  listen(window, 'popstate', signal, restore);
  signal.addEventListener('abort', () => clearTimeout(typing));
}
