type Undo = () => void;

/** Asks once. What it returns or resolves to is the answer; a throw or a rejection is a failure. */
type PollFunction$1<C, T = unknown> = (context: C) => T | Promise<T>;
interface PollingManager$1<C> {
    /**
     * Polls at once, then `interval` milliseconds (the page's, where that is no positive number) after each answer, and
     * calls `receive` with each. Of several with one key the function of the first is called, as often as the most
     * frequent one wants; each of them receives every answer, a newcomer also one that is younger than 500 ms, else it
     * has the key polled now. The undo ends this subscription alone; with the last one the poll ends.
     */
    register<T>(key: string, poll: PollFunction$1<C, T>, interval: number, receive?: (answer: T) => void): Undo;
    /** Ends the oldest subscription of `key`; does nothing when there is none. */
    unregister(key: string): void;
    /** Nothing is asked until `resume()`, however often it is called; a request in flight is still answered. */
    pause(): void;
    /** Goes on at once, unless the page itself is paused. */
    resume(): void;
}

interface Sent {
    readonly ok: boolean;
    readonly text: string;
    /** Names the sentence that says what went wrong. */
    readonly verdict: string;
}
type Tools = typeof tools;
/** Works on the page until `signal` is aborted. */
type Extension = (lent: Tools, signal: AbortSignal) => void;
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

declare const setDebug: (value: unknown) => void;

/** VPO's own call. It is one more voice: with several, the worst is shown, not the last. */
declare function setConnectionStatus(status: string, info?: {
    attempt?: number;
    maxAttempts?: number;
}): void;

/** What a function is called with. */
interface CallContext {
    /** Aborted at the deadline of 10 s, and when the answer is not wanted any more. */
    readonly signal: AbortSignal;
}

type PollFunction<T = unknown> = PollFunction$1<CallContext, T>;
type PollingManager = PollingManager$1<CallContext>;
declare const manager: PollingManager;

/** Part of VPO's interface, hence the names. */
declare const CONFIG: {
    DEFAULT_INTERVAL: number;
    LOG_INTERVAL: number;
    MIN_INTERVAL: number;
    MAX_INTERVAL: number;
};

declare const BACKOFF: {
    INITIAL_DELAY: number;
    MAX_DELAY: number;
    FAILURES_BEFORE_BACKOFF: number;
    MULTIPLIER: number;
};
declare const CONNECTION_STATUS: {
    CONNECTED: string;
    RECONNECTING: string;
    ERROR: string;
};
interface PollerOptions {
    /** Fetches and shows; a rejection or a throw is a failure. */
    fetchFn(context: CallContext): unknown;
    /** Milliseconds; the page's by default. */
    interval?: number;
    /** Called with one of CONNECTION_STATUS when it changes. */
    onStatusChange?(status: string): void;
}
interface Poller {
    readonly isActive: boolean;
    start(): void;
    stop(): void;
    pause(): void;
    resume(): void;
    cleanup(): void;
}
declare function loadConfig(): {
    interval: number;
    enabled: boolean;
    logInterval: number;
};
declare function create({ fetchFn, interval, onStatusChange }: PollerOptions): Poller;
type Handler = (isVisible: boolean) => void;
/** Calls `run(isVisible)` whenever the page is hidden or shown. */
declare const onVisibilityChange: (run: Handler) => Undo;
/** Calls `run` when the page goes away for good; a page that may come back must find everything as it was. */
declare const onCleanup: (run: () => void) => Undo;

/** Adds what another script does on the page; it ends with stop() and begins again with start(). */
declare function use(extension: Extension): void;
/** Starts the regions of `root`, those that come later, and ends those that leave. */
declare function start(root?: Document | Element): void;
/** Stops the regions of `root`. After stop() of the document nothing is left running. */
declare function stop(root?: Document | Element): void;

export { BACKOFF, CONFIG, CONNECTION_STATUS, create, loadConfig, manager, onCleanup, onVisibilityChange, setConnectionStatus, setDebug, start, stop, tools, use };
export type { Extension, PollFunction, Poller, PollerOptions, PollingManager, Tools };
