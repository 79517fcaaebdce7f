// One record for all components that want the same: begun by the first, ended after the last.
import type { LiveRecord } from '../turns/index';

/** What one component wants to hear. */
export interface Listener<T, L> {
  readonly onStoreChange: () => void;
  /** The component's options as of its last rendering. */
  readonly latest: { readonly current: L };
  readonly tell?: T;
}

export interface Snapshot<T> {
  readonly data: T | null;
  /** Whether it is being polled; false when it is paused, has ended or has given up. */
  readonly isPolling: boolean;
  /** Why the last attempt brought no answer; null once one has. */
  readonly error: Error | null;
}

export const NOTHING: Snapshot<never> = { data: null, isPolling: false, error: null };

export interface Store<T, L> {
  subscribe(latest: { readonly current: L }, onStoreChange: () => void): () => void;
  snapshot(): Snapshot<T>;
}

interface Shared<T, L> {
  readonly record: LiveRecord<T>;
  readonly listeners: Map<
    object,
    { readonly latest: { readonly current: L }; readonly onStoreChange: () => void }
  >;
  snapshot: Snapshot<T>;
}

const stores = new Map<string, Shared<unknown, unknown>>();

/**
 * `begin` starts a record that calls `each` for whoever is to hear of something, and `changed` when anything has changed.
 * A component that leaves and comes back at once (StrictMode does that) finds its record where it was.
 */
export function storeOf<T, L>(
  key: string,
  begin: (each: (tell: (options: L) => void) => void, changed: () => void) => LiveRecord<T>,
): Store<T, L> {
  const known = () => stores.get(key) as Shared<T, L> | undefined;

  function start(): Shared<T, L> {
    const listeners: Shared<T, L>['listeners'] = new Map();
    let isReady = false;
    const each = (tell: (options: L) => void) => {
      for (const { latest } of [...listeners.values()]) tell(latest.current);
    };
    const changed = () => {
      if (!isReady) return;
      const { data, isPolling, error } = record;
      const before = shared.snapshot;
      if (data === before.data && isPolling === before.isPolling && error === before.error) return;
      shared.snapshot = { data, isPolling, error };
      for (const { onStoreChange } of [...listeners.values()]) onStoreChange();
    };
    const record = begin(each, changed);
    const { data, isPolling, error } = record;
    const shared: Shared<T, L> = { record, listeners, snapshot: { data, isPolling, error } };
    isReady = true;
    stores.set(key, shared as Shared<unknown, unknown>);
    return shared;
  }

  return {
    subscribe(latest, onStoreChange) {
      const shared = known() ?? start();
      const me = {};
      shared.listeners.set(me, { latest, onStoreChange });
      return () => {
        shared.listeners.delete(me);
        queueMicrotask(() => {
          if (shared.listeners.size || known() !== shared) return;
          stores.delete(key);
          shared.record.stop();
        });
      };
    },
    snapshot: () => known()?.snapshot ?? NOTHING,
  };
}
