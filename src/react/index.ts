// Turns and files of projects as React hooks. Components that ask for the same share one poll.
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import {
  type DocumentsOptions,
  documents,
  type ProjectFiles,
  type Turn,
  type TurnOptions,
  turn,
} from '../turns/module';
import { NOTHING, type Snapshot, type Store, storeOf } from './store';

export type { DocumentChange, ProjectFile, ProjectFiles, Turn } from '../turns/module';
export type { Snapshot } from './store';

const SESSION_INTERVAL_MS = 2000;
const DOCUMENTS_INTERVAL_MS = 3000;

export interface SessionPollingOptions<T = Turn> extends Omit<TurnOptions<T>, 'url' | 'onChange'> {
  /** Of the turn; else it is made from the three ids. Without it, and without a `turnId`, nothing is polled. */
  readonly url?: string | undefined;
  readonly projectId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly turnId?: string | undefined;
}

export interface DocumentPollingOptions extends Omit<DocumentsOptions, 'url' | 'paths' | 'onChange'> {
  /** Of the list; else it is made from the id. */
  readonly url?: string | undefined;
  readonly projectId?: string | undefined;
  /** Only these files; by default all. */
  readonly filePaths?: readonly string[] | undefined;
}

const inPath = encodeURIComponent;

/** The server's store while `key` is one; nothing before. Callbacks may be new ones in each rendering. */
function useStore<T extends object, L>(store: Store<T, L> | null, options: L): Snapshot<T> {
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const subscribe = useCallback(
    (changed: () => void) => store?.subscribe(latest, changed) ?? (() => {}),
    [store],
  );
  const snapshot = useCallback(() => store?.snapshot() ?? NOTHING, [store]);
  return useSyncExternalStore(subscribe, snapshot, () => NOTHING);
}

/** Follows a turn until it ends: every 2 s by default. `data` is the turn as it was answered last. */
export function useSessionPolling<T extends object = Turn>(options: SessionPollingOptions<T>): Snapshot<T> {
  const { projectId, sessionId, turnId, enabled = true, interval = SESSION_INTERVAL_MS } = options;
  const isKnown = projectId && sessionId && turnId;
  const url =
    options.url ??
    (isKnown && `/api/projects/${inPath(projectId)}/sessions/${inPath(sessionId)}/turns/${inPath(turnId)}`);
  const store = useMemo(
    () =>
      url && enabled
        ? storeOf<T, SessionPollingOptions<T>>(`turn ${interval} ${url}`, (each, onChange) =>
            turn<T>({
              url,
              interval,
              onUpdate: (data) => each(({ onUpdate }) => onUpdate?.(data)),
              onComplete: (data) => each(({ onComplete }) => onComplete?.(data)),
              onError: (error) => each(({ onError }) => onError?.(error)),
              onChange,
            }),
          )
        : null,
    [url, enabled, interval],
  );
  return useStore(store, options);
}

/** Follows the files of a project: every 3 s by default. `data.files` are all of them. */
export function useDocumentPolling(options: DocumentPollingOptions): Snapshot<ProjectFiles> {
  const { projectId, filePaths, enabled = true, interval = DOCUMENTS_INTERVAL_MS } = options;
  const url = options.url ?? (projectId && `/api/projects/${inPath(projectId)}/files`);
  const wanted = filePaths && JSON.stringify(filePaths);
  const store = useMemo(
    () =>
      url && enabled
        ? storeOf<ProjectFiles, DocumentPollingOptions>(
            `documents ${interval} ${wanted} ${url}`,
            (each, onChange) =>
              documents({
                url,
                interval,
                paths: wanted && JSON.parse(wanted),
                onDocumentChange: (changes) => each(({ onDocumentChange }) => onDocumentChange?.(changes)),
                onError: (error) => each(({ onError }) => onError?.(error)),
                onChange,
              }),
          )
        : null,
    [url, enabled, interval, wanted],
  );
  return useStore(store, options);
}
