// One record that a script follows: its data, whether it is being polled, what went wrong, and changes that are shown
// before the server has confirmed them.
import type { Tools } from '../browser/tools';

export interface LiveRecord<T> {
  /** The last answer, with optimistic changes on top; null before the first. */
  readonly data: T | null;
  /** False when it is paused, has ended or has given up. */
  readonly isPolling: boolean;
  /** Why the last attempt brought no answer; null once one has. */
  readonly error: Error | null;
  /** Reads at once; goes on after a give-up. */
  refresh(): void;
  /** Ends the poll and its events. Only for records of `turn` and `documents`: a region of the page ends with it. */
  stop(): void;
  /**
   * Shows `patch` over the data at once. It stays until `write` is done and the next answer has come, or until that next
   * answer alone where there is no `write`. When `write` rejects, or resolves to a response that is not ok, what was shown
   * before comes back, with a message. The undo takes it back as well.
   */
  optimistic(patch: Partial<T>, write?: PromiseLike<unknown>): () => void;
}

/** What `vpo:state` tells. */
export interface State {
  readonly type: 'data' | 'state' | 'finished' | 'trouble';
  readonly state: string;
  readonly isPolling: boolean;
  readonly why: string | null;
  readonly message: string;
}

interface Told<T> {
  /** New data, also of an optimistic change. */
  readonly _data?: ((data: T) => void) | undefined;
  readonly _state?: ((state: State) => void) | undefined;
  /** Anything of the record has changed. */
  readonly _changed?: (() => void) | undefined;
  /** Could not be read, or a change was refused. */
  readonly _error?: ((error: Error) => void) | undefined;
}

function showMessage(element: Element, text: string): void {
  const home = element.querySelector('[data-vpo-message]');
  if (!home) return;
  home.textContent = text;
  home.removeAttribute('hidden');
}

export function createRecord<T extends object>(
  { region: regionOf, say }: Tools,
  element: Element,
  { _data, _state, _changed, _error }: Told<T>,
): LiveRecord<T> {
  let answered: T | null = null;
  let data: T | null = null;
  let isPolling = false;
  let error: Error | null = null;
  let wasWhy: string | null = null;
  const patches = new Set<{ readonly _patch: Partial<T>; _isDone: boolean }>();
  const scope = new AbortController();
  const listen = (name: string, run: (detail: { data: T } & State) => void) =>
    element.addEventListener(
      name,
      (event) => {
        if (event.target === element) run((event as CustomEvent).detail);
      },
      scope,
    );

  const put = () => {
    data = answered && Object.assign({}, answered, ...[...patches].map(({ _patch }) => _patch));
  };
  const tell = () => {
    if (data) _data?.(data);
    _changed?.();
  };
  const fail = (reason: unknown) => {
    error = reason instanceof Error ? reason : new Error(`${reason}`);
    _error?.(error);
    showMessage(element, error.message);
  };

  listen('vpo:data', (detail) => {
    answered = detail.data;
    for (const patch of patches) if (patch._isDone) patches.delete(patch);
    put();
    detail.data = data!;
    tell();
  });
  listen('vpo:state', (state) => {
    const { type, why, message } = state;
    isPolling = state.isPolling;
    if (type === 'data') error = null;
    if (type === 'trouble' || (why === 'gaveUp' && why !== wasWhy))
      fail(new Error(say(why === 'gaveUp' ? why : message)));
    wasWhy = why;
    _state?.(state);
    _changed?.();
  });
  const region = regionOf(element);
  answered = (region.data as T | undefined) ?? null;
  put();
  const show = (patch: Partial<T>) => {
    put();
    region.show(data ?? patch, !data);
    tell();
  };

  return {
    get data() {
      return data;
    },
    get isPolling() {
      return isPolling;
    },
    get error() {
      return error;
    },
    refresh: () => region.refresh(false),
    stop() {
      scope.abort();
      isPolling = false;
      region.stop();
    },
    optimistic(patch, write) {
      const one = { _patch: patch, _isDone: !write };
      patches.add(one);
      show(patch);
      const undo = () => {
        if (!patches.delete(one) || scope.signal.aborted) return;
        // Where no answer has come yet, only the next one knows what was there.
        if (answered) show(patch);
        else region.refresh(true);
      };
      write
        ?.then((result) => {
          if ((result as Response | undefined)?.ok === false) throw new Error(say('rejected'));
          one._isDone = true;
          if (!scope.signal.aborted) region.refresh(true);
        })
        .then(undefined, (reason) => {
          undo();
          fail(reason);
          _changed?.();
        });
      return undo;
    },
  };
}

/** An element that nobody sees, as a region asks for one. */
export function hidden(
  url: string,
  policy: string,
  {
    interval,
    enabled = true,
  }: { readonly interval?: number | undefined; readonly enabled?: boolean | undefined },
): HTMLElement {
  const element = document.createElement('div');
  const set = (name: string, value: unknown) => element.setAttribute(`data-${name}`, `${value}`);
  set('vpo-src', url);
  set('polling-policy', policy);
  set('polling-enabled', enabled);
  if (interval) set('polling-interval', interval);
  return element;
}
