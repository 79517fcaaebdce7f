type Undo = () => void;

interface Sent {
    readonly ok: boolean;
    readonly text: string;
    /** Names the sentence that says what went wrong. */
    readonly verdict: string;
}
type Tools = typeof tools;
declare const tools: {
    /** POSTs JSON, and learns from the answer's headers as a poll would. */
    send(url: string, body: string): Promise<Sent>;
    /** Reads what attribute `name` of `owner` names, else what is around `control`. */
    refresh(owner: Element, name: string, control: Element): void;
    /** Asks the regions that attribute `name` of `form` names for what the address bar says. */
    aim(form: Element, name: string): void;
    /**
     * The region of `element`. One that is not in the document is begun for a script: it shows nothing, tells by the events
     * `vpo:data` and `vpo:state`, and ends with `stop`. Throws for what may not be polled.
     */
    region(element: Element): {
        data: unknown;
        /** `isForgetting`: what is shown may be something else than was answered last. */
        refresh(isForgetting: boolean): void;
        show: (data: unknown, isPart: boolean) => void;
        stop: Undo;
    };
    say: (key: string, value?: unknown, english?: string | undefined) => string;
};

interface LiveRecord<T> {
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

interface ProjectFile {
    readonly path: string;
    readonly version: number;
    readonly last_modified: string | null;
    readonly size: number | null;
}
interface ProjectFiles {
    readonly files: readonly ProjectFile[];
}
type ChangeType = 'created' | 'modified' | 'deleted';
interface DocumentChange {
    readonly filePath: string;
    /** Of a file that was deleted: when that was seen. */
    readonly lastModified: Date;
    readonly changeType: ChangeType;
}
interface DocumentsOptions {
    /** Of the list: `/api/projects/{p}/files`. */
    readonly url: string;
    /** Only these; by default all. */
    readonly paths?: readonly string[] | undefined;
    /** Milliseconds between polls, 2,000 to 60,000; 3,000 by default. */
    readonly interval?: number | undefined;
    /** False: nothing is asked, except by `refresh`. */
    readonly enabled?: boolean | undefined;
    /** What has changed since the answer before; the first one is what changes are counted from. */
    readonly onDocumentChange?: ((changes: DocumentChange[]) => void) | undefined;
    readonly onError?: ((error: Error) => void) | undefined;
    /** Anything of the record is another one now. */
    readonly onChange?: (() => void) | undefined;
}

type TurnStatus = 'pending' | 'running' | 'completed' | 'failed' | 'interrupted' | 'cancelled';
interface Block {
    readonly id: string;
    readonly number: number;
    readonly kind: 'content' | 'thinking' | 'tool_use' | 'tool_result' | 'error';
    readonly text: string;
    readonly name: string | null;
    readonly input: Readonly<Record<string, unknown>> | null;
    readonly tool_use_id: string | null;
    readonly is_error: boolean;
    readonly version: number;
}
/** As `GET /api/projects/{p}/sessions/{s}/turns/{t}` has it; what a page uses of it. */
interface Turn {
    readonly id: string;
    readonly status: TurnStatus;
    readonly error: string | null;
    readonly blocks: readonly Block[];
    readonly version: number;
}
interface TurnOptions<T = Turn> {
    /** Of the turn; its answer has a `status`. */
    readonly url: string;
    /** Milliseconds between polls, 2,000 to 60,000. By default 1,000, growing to 5,000 while nothing happens. */
    readonly interval?: number | undefined;
    /** False: nothing is asked, except by `refresh`. */
    readonly enabled?: boolean | undefined;
    /** Each answer that brings something new. */
    readonly onUpdate?: ((turn: T) => void) | undefined;
    /** Once, when the turn has ended, whichever way: `turn.status` says. */
    readonly onComplete?: ((turn: T) => void) | undefined;
    /** It could not be read (it may be again), it is waited for no longer, or it has failed. */
    readonly onError?: ((error: Error) => void) | undefined;
    /** Anything of the record is another one now. */
    readonly onChange?: (() => void) | undefined;
}

interface Turns {
    /** Follows a turn until it ends. Throws a TypeError for a URL that may not be polled. */
    turn<T extends object = Turn>(options: TurnOptions<T>): LiveRecord<T>;
    /** Follows the files of a project. Throws a TypeError for a URL that may not be polled. */
    documents(options: DocumentsOptions): LiveRecord<ProjectFiles>;
    /** The record that a region of the page shows. */
    record<T extends object>(region: Element): LiveRecord<T>;
}
declare const createTurns: (tools: Tools) => Turns;
/** What the attributes of a page ask for. */
declare function enliven(signal: AbortSignal): void;

declare const turn: <T extends object = Turn>(options: TurnOptions<T>) => LiveRecord<T>;
declare const documents: (options: DocumentsOptions) => LiveRecord<ProjectFiles>;
declare const record: <T extends object>(region: Element) => LiveRecord<T>;

export { createTurns, documents, enliven, record, turn };
export type { Block, ChangeType, DocumentChange, DocumentsOptions, LiveRecord, ProjectFile, ProjectFiles, Turn, TurnOptions, TurnStatus, Turns };
