// Short requests: at most three at a time, user actions first; one flight for the same question asked twice;
// a deadline and a size limit on each. Knows nothing of loops or pages.
import type { Undo } from '../core/index';

const SLOTS = 3;
export const DEADLINE_MS = 10_000;
/** What a request that the server holds may take beyond its wait. */
const HELD_MORE_MS = 5000;
const REUSE_MS = 500;
export const MAX_BYTES = 16 * 2 ** 20;

/** With its whole body. A status of 0 is no answer at all. */
export interface Reply extends Pick<Response, 'status' | 'redirected' | 'headers'> {
  readonly _bytes: Uint8Array;
}

interface Flight {
  _endedAt: number;
  /** How many still wait for it. */
  _users: number;
  /** Who asked: an answer that one had before is no answer to asking again. */
  readonly _askers: Set<unknown>;
  readonly _abort: AbortController;
  readonly _reply: Promise<Reply>;
}

const NONE: Reply = Object.assign(Response.error(), { _bytes: new Uint8Array() });
const queue: Undo[] = [];
const flights = new Map<string, Flight>();
let busy = 0;
let writes = 0;

const decoder = new TextDecoder();

export const decode = (bytes: Uint8Array): string => decoder.decode(bytes);

export const isOurs = (url: string): boolean => new URL(url).origin === location.origin;

/** After an own write, nothing asked before it may answer what is asked from now on. */
export const forgetAnswers = (): void => {
  writes++;
};

const next = () => {
  while (busy < SLOTS && queue.length) {
    busy++;
    queue.shift()!();
  }
};

/** Runs `task` once a slot is free, which is at once when nothing else goes on. It holds the slot until it settles. */
export function inSlot(task: () => Promise<void>, urgent: boolean): void {
  queue[urgent ? 'unshift' : 'push'](async () => {
    await task();
    busy--;
    next();
  });
  next();
}

/** The whole body, or a failure once it is larger than we are willing to hold. */
async function body(response: Response): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const part = await reader?.read();
    if (!part?.value) break;
    size += part.value.length;
    if (size > MAX_BYTES) throw new Error();
    parts.push(part.value);
  }
  const whole = new Uint8Array(size);
  size = 0;
  for (const part of parts) {
    whole.set(part, size);
    size += part.length;
  }
  return whole;
}

/** One request with its deadline in ms. Resolves always; status 0 stands for everything that is no answer. */
export async function request(
  url: string,
  init: RequestInit,
  abort = new AbortController(),
  deadline = DEADLINE_MS,
): Promise<Reply> {
  const timer = setTimeout(() => abort.abort(), deadline);
  try {
    // One that nobody wants any more may still have been queued.
    abort.signal.throwIfAborted();
    const response = await fetch(url, { credentials: 'same-origin', ...init, signal: abort.signal });
    return Object.assign(response, { _bytes: await body(response) });
  } catch {
    // Which of network, deadline, size or abort it was makes no difference to what happens next.
    abort.abort();
    return NONE;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * GETs `url` for `asker` and calls `done` once, later; the undo forgets it, and aborts it when nobody else waits. `hold`:
 * seconds that the server may hold it, which takes it out of the queue of short ones.
 */
export function ask(
  asker: unknown,
  url: string,
  headers: Record<string, string>,
  hold: number,
  urgent: boolean,
  done: (reply: Reply) => void,
): Undo {
  const now = performance.now();
  for (const [key, flight] of flights) if (now - flight._endedAt >= REUSE_MS) flights.delete(key);
  const key = JSON.stringify([url, headers, writes]);
  let flight = flights.get(key);
  if (!flight || flight._askers.has(asker)) flight = launch(url, headers, hold, urgent);
  flights.set(key, flight);
  flight._askers.add(asker);
  flight._users++;
  let isWaiting = true;
  void flight._reply.then((reply) => isWaiting && done(reply));
  return () => {
    isWaiting = false;
    if (--flight._users) return;
    flight._abort.abort();
    flight._endedAt = -Infinity;
  };
}

function launch(url: string, headers: Record<string, string>, hold: number, urgent: boolean): Flight {
  const _abort = new AbortController();
  // Measured: in other cache modes tabs queue behind the browser's cache, or a 304 never reaches the script.
  // Across origins a header of our own would cost a preflight.
  const init: RequestInit = { headers, cache: isOurs(url) ? 'no-store' : 'no-cache' };
  const _reply = new Promise<Reply>((resolve) => {
    const run = async () => {
      const reply = await request(url, init, _abort, hold ? hold * 1000 + HELD_MORE_MS : DEADLINE_MS);
      // A failure answers nobody else: it is out of date at once.
      flight._endedAt = reply.status && reply.status < 400 ? performance.now() : -Infinity;
      resolve(reply);
    };
    if (hold) void run();
    else inSlot(run, urgent);
  });
  const flight: Flight = { _endedAt: Infinity, _users: 0, _askers: new Set(), _abort, _reply };
  return flight;
}
