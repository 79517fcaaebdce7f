// What a page of turns does beside showing them: it follows its end while the reader is there, says whether anybody waits
// for the agent, and sends prompts by the keyboard.

/** Within so many pixels of the end the reader is at the end. */
const NEAR = 120;

const page = (): Element => document.documentElement;
const isAtEnd = (): boolean => page().scrollHeight - page().scrollTop - page().clientHeight < NEAR;
/** Twice: what comes into view may turn out higher than it was thought to be. */
const goToEnd = (times = 2): void =>
  void requestAnimationFrame(() => {
    page().scrollTop = page().scrollHeight;
    if (times > 1) goToEnd(times - 1);
  });

const isConversation = (target: EventTarget | null): target is HTMLElement =>
  target instanceof HTMLElement && target.matches('[data-polling-policy=turn]');

export function converse(signal: AbortSignal): void {
  // In the capture phase: before a form is sent by whoever else listens.
  const listen = <K extends string>(
    name: K,
    run: (event: K extends keyof DocumentEventMap ? DocumentEventMap[K] : CustomEvent) => void,
  ) => document.addEventListener(name, run as EventListener, { signal, capture: true });

  listen('vpo:state', ({ target, detail }) => {
    if (isConversation(target)) target.toggleAttribute('data-vpo-live', detail.isPolling);
  });
  listen('vpo:data', ({ target }) => {
    if (!isConversation(target)) return;
    if (isAtEnd()) goToEnd();
    // What was being sent is among the entries now.
    for (const sending of target.querySelectorAll<HTMLElement>('[data-vpo-pending][data-sent]'))
      sending.hidden = true;
  });
  listen('keydown', (event) => {
    const { key, ctrlKey, metaKey, isComposing, target } = event;
    const isSending = key === 'Enter' && (ctrlKey || metaKey) && !isComposing;
    const form = isSending && (target as Element).closest<HTMLFormElement>('form[data-vpo-composer]');
    if (!form) return;
    event.preventDefault();
    form.requestSubmit();
  });
  listen('submit', ({ target }) => {
    const form = target as HTMLFormElement;
    const name = form.getAttribute('data-vpo-composer');
    if (name === null || form.hasAttribute('aria-busy')) return;
    const field = form.querySelector('textarea')!;
    const sending = document.getElementById(name)!.querySelector<HTMLElement>('[data-vpo-pending]')!;
    const text = field.value;
    sending.firstElementChild!.textContent = text;
    sending.removeAttribute('data-sent');
    sending.hidden = false;
    // The form is read while this event is under way; here it ends. One that nobody sends is the browser's to read.
    const clear = (event: Event) => {
      if (event.defaultPrevented) field.value = '';
    };
    addEventListener('submit', clear, { once: true, signal });
    goToEnd();
    form.addEventListener(
      'vpo:sent',
      ({ detail }: CustomEventInit<{ ok: boolean }>) => {
        sending.toggleAttribute('data-sent', detail!.ok);
        if (detail!.ok) return;
        sending.hidden = true;
        field.value ||= text;
      },
      { once: true, signal },
    );
  });
  // Who opens a conversation wants its end; who comes back or follows a link has a place of their own.
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  const hasPlace = location.hash || page().scrollTop || entry?.type !== 'navigate';
  if (!hasPlace && document.querySelector('[data-vpo-composer]')) goToEnd();
}
