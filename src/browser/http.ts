// Short requests: at most three at a time, user actions first; one flight for the same question asked twice;
// a deadline and a size limit on each. Knows nothing of loops or pages.
import type { Undo } from '../core/index';

const SLOTS = 3;
const DEADLINE_MS = 10_000;
const REUSE_MS = 500;
const MAX_BYTES = 16 * 2 ** 20;

export interface Reply {
  /** 0: no answer at all. */
  readonly status: number;
  readonly headers: Headers;
  readonly redirected: boolean;
  readonly bytes: Uint8Array;
}

type Done = (reply: Reply) => void;

interface Flight {
  _endedAt: number;
  _reply?: Reply;
  readonly _users: Set<Done>;
  readonly _abort: Undo;
}

const NONE: Reply = { status: 0, headers: new Headers(), redirected: false, bytes: new Uint8Array() };
const queue: Undo[] = [];
const flights = new Map<string, Flight>();
let busy = 0;
let writes = 0;

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

/** The whole body, or a failure once it is larger than we are willing to hold. */
async function body(response: Response): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const part = await reader?.read();
    if (!part?.value) break;
    size += part.value.length;
    if (size > MAX_BYTES) throw new Error('too large');
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

/** One request with its deadline. Resolves always; status 0 stands for everything that is no answer. */
export async function request(url: string, init: RequestInit, abort = new AbortController()): Promise<Reply> {
  const timer = setTimeout(() => abort.abort(), DEADLINE_MS);
  try {
    const response = await fetch(url, { credentials: 'same-origin', ...init, signal: abort.signal });
    const { status, headers, redirected } = response;
    return { status, headers, redirected, bytes: await body(response) };
  } catch {
    // Which of network, deadline, size or abort it was makes no difference to what happens next.
    abort.abort();
    return NONE;
  } finally {
    clearTimeout(timer);
  }
}

/** GETs `url` and calls `done` once, later; the undo forgets it, and aborts it when nobody else waits. */
export function ask(url: string, headers: Record<string, string>, urgent: boolean, done: Done): Undo {
  const now = performance.now();
  for (const [key, flight] of flights) if (now - flight._endedAt >= REUSE_MS) flights.delete(key);
  const key = JSON.stringify([url, headers, writes]);
  const flight = flights.get(key) ?? launch(key, url, headers, urgent);
  const user: Done = (reply) => flight._users.delete(user) && done(reply);
  flight._users.add(user);
  if (flight._reply) queueMicrotask(() => user(flight._reply!));
  return () => {
    flight._users.delete(user);
    if (!flight._users.size && !flight._reply) flight._abort();
  };
}

function launch(key: string, url: string, headers: Record<string, string>, urgent: boolean): Flight {
  const abort = new AbortController();
  const flight: Flight = {
    _endedAt: Infinity,
    _users: new Set(),
    _abort() {
      flights.delete(key);
      abort.abort();
      const index = queue.indexOf(run);
      if (index >= 0) queue.splice(index, 1);
    },
  };
  // Measured: in other cache modes tabs queue behind the browser's cache, or a 304 never reaches the script.
  // Across origins a header of our own would cost a preflight.
  const init: RequestInit = { headers, cache: isOurs(url) ? 'no-store' : 'no-cache' };
  const run = async () => {
    const reply = await request(url, init, abort);
    busy--;
    next();
    // A failure answers nobody else: it is out of date at once.
    flight._endedAt = reply.status && reply.status < 400 ? performance.now() : -Infinity;
    flight._reply = reply;
    for (const user of [...flight._users]) user(reply);
  };
  flights.set(key, flight);
  if (urgent) queue.unshift(run);
  else queue.push(run);
  next();
  return flight;
}
