import { useMemo, useRef, useEffect, useCallback, useSyncExternalStore } from 'react';
import { turn, documents } from './vpo-polling-turns.mjs';

const NOTHING = { data: null, isPolling: false, error: null };
const stores = /* @__PURE__ */ new Map();
function storeOf(key, begin) {
  const known = () => stores.get(key);
  function start() {
    const listeners = /* @__PURE__ */ new Map();
    let isReady = false;
    const each = (tell) => {
      for (const { latest } of [...listeners.values()]) tell(latest.current);
    };
    const changed = () => {
      if (!isReady) return;
      const { data: data2, isPolling: isPolling2, error: error2 } = record;
      const before = shared.snapshot;
      if (data2 === before.data && isPolling2 === before.isPolling && error2 === before.error) return;
      shared.snapshot = { data: data2, isPolling: isPolling2, error: error2 };
      for (const { onStoreChange } of [...listeners.values()]) onStoreChange();
    };
    const record = begin(each, changed);
    const { data, isPolling, error } = record;
    const shared = { record, listeners, snapshot: { data, isPolling, error } };
    isReady = true;
    stores.set(key, shared);
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
    snapshot: () => known()?.snapshot ?? NOTHING
  };
}

const SESSION_INTERVAL_MS = 2e3;
const DOCUMENTS_INTERVAL_MS = 3e3;
const inPath = encodeURIComponent;
function useStore(store, options) {
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const subscribe = useCallback(
    (changed) => store?.subscribe(latest, changed) ?? (() => {
    }),
    [store]
  );
  const snapshot = useCallback(() => store?.snapshot() ?? NOTHING, [store]);
  return useSyncExternalStore(subscribe, snapshot, () => NOTHING);
}
function useSessionPolling(options) {
  const { projectId, sessionId, turnId, enabled = true, interval = SESSION_INTERVAL_MS } = options;
  const isKnown = projectId && sessionId && turnId;
  const url = options.url ?? (isKnown && `/api/projects/${inPath(projectId)}/sessions/${inPath(sessionId)}/turns/${inPath(turnId)}`);
  const store = useMemo(
    () => url && enabled ? storeOf(
      `turn ${interval} ${url}`,
      (each, onChange) => turn({
        url,
        interval,
        onUpdate: (data) => each(({ onUpdate }) => onUpdate?.(data)),
        onComplete: (data) => each(({ onComplete }) => onComplete?.(data)),
        onError: (error) => each(({ onError }) => onError?.(error)),
        onChange
      })
    ) : null,
    [url, enabled, interval]
  );
  return useStore(store, options);
}
function useDocumentPolling(options) {
  const { projectId, filePaths, enabled = true, interval = DOCUMENTS_INTERVAL_MS } = options;
  const url = options.url ?? (projectId && `/api/projects/${inPath(projectId)}/files`);
  const wanted = filePaths && JSON.stringify(filePaths);
  const store = useMemo(
    () => url && enabled ? storeOf(
      `documents ${interval} ${wanted} ${url}`,
      (each, onChange) => documents({
        url,
        interval,
        paths: wanted && JSON.parse(wanted),
        onDocumentChange: (changes) => each(({ onDocumentChange }) => onDocumentChange?.(changes)),
        onError: (error) => each(({ onError }) => onError?.(error)),
        onChange
      })
    ) : null,
    [url, enabled, interval, wanted]
  );
  return useStore(store, options);
}

export { useDocumentPolling, useSessionPolling };
//# sourceMappingURL=vpo-polling-react.mjs.map
