// The page's controls, by one listener per kind of event: they work in rows that come later too.
import { now } from './clock';
import { targetsOf } from './controls';
import { listen } from './dom';
import { sayWhen } from './indicator';
import { polls } from './polls';
import { regions } from './region';
import { refreshAll } from './tools';

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

export function watchControls(_tools: unknown, signal: AbortSignal): void {
  listen(document, 'click', signal, ({ target }) => {
    for (const name in CLICKS) {
      const control = target instanceof Element && target.closest<HTMLElement>(`[${name}]`);
      if (control) CLICKS[name]!(control, signal);
    }
  });
}
