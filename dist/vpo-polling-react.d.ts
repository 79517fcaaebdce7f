import { DocumentsOptions, Turn, TurnOptions, ProjectFiles } from './vpo-polling-turns.js';
export { DocumentChange, ProjectFile, ProjectFiles, Turn } from './vpo-polling-turns.js';

interface Snapshot<T> {
    readonly data: T | null;
    /** Whether it is being polled; false when it is paused, has ended or has given up. */
    readonly isPolling: boolean;
    /** Why the last attempt brought no answer; null once one has. */
    readonly error: Error | null;
}

interface SessionPollingOptions<T = Turn> extends Omit<TurnOptions<T>, 'url' | 'onChange'> {
    /** Of the turn; else it is made from the three ids. Without it, and without a `turnId`, nothing is polled. */
    readonly url?: string | undefined;
    readonly projectId?: string | undefined;
    readonly sessionId?: string | undefined;
    readonly turnId?: string | undefined;
}
interface DocumentPollingOptions extends Omit<DocumentsOptions, 'url' | 'paths' | 'onChange'> {
    /** Of the list; else it is made from the id. */
    readonly url?: string | undefined;
    readonly projectId?: string | undefined;
    /** Only these files; by default all. */
    readonly filePaths?: readonly string[] | undefined;
}
/** Follows a turn until it ends: every 2 s by default. `data` is the turn as it was answered last. */
declare function useSessionPolling<T extends object = Turn>(options: SessionPollingOptions<T>): Snapshot<T>;
/** Follows the files of a project: every 3 s by default. `data.files` are all of them. */
declare function useDocumentPolling(options: DocumentPollingOptions): Snapshot<ProjectFiles>;

export { useDocumentPolling, useSessionPolling };
export type { DocumentPollingOptions, SessionPollingOptions, Snapshot };
