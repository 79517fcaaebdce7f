// Server-sent events as a transport of the engine, read by fetch so that status, headers and visibility stay in our
// hands. Where no stream can be had its polling transport does what it always does, and the stream is tried later.
import type { Outcome, Transport, Undo } from '../core/index';
import { clock, now } from './clock';
import { listen } from './dom';
import { createEventStream } from './event-stream';
import { isOurs, type Reply } from './http';
import { tell } from './listen';
import { seeBuild } from './notice';
import { isPaused } from './polls';
import { type Endpoint, judge, mostHeld } from './transport';
import { windows } from './windows';

/** A proxy that buffers shows itself by bringing nothing for this long. */
const FIRST_BYTES_MS = 5000;
/** Servers send a heartbeat at least every 15 s, so that one may be late and one be lost. */
const SILENCE_MS = 40_000;
const BARRED_MS = 600_000;
/** Somebody who comes back is worth another try, though not one per tab flip. */
const BARRED_SHOWN_MS = 30_000;
/** Pages that a server cut off together ask again within this. */
const SPREAD_MS = 2000;

const encoder = new TextEncoder();

/** What a connection tells its transport. */
interface Follower {
  /** Whether the response is the stream that was asked for. */
  _accept(response: Response): boolean;
  /** May throw: then the stream is of no use. */
  _event(name: string, data: string): void;
  /** More bytes came, with or without events; `id` is where the stream stands. Whether it has answered by now. */
  _alive(id: string): boolean;
  /** It is over, unless it was undone. `retryMs`: when to come back, of a server that ended it and said so. */
  _ended(retryMs?: number): void;
}

/** Reads one stream until it ends, fails, falls silent or is undone. */
function connect(url: string, id: string, { _accept, _event, _alive, _ended }: Follower): Undo {
  const abort = new AbortController();
  const undo = () => {
    undoTimer();
    abort.abort();
  };
  const end = (retryMs?: number) => {
    if (abort.signal.aborted) return;
    undo();
    _ended(retryMs);
  };
  const wait = (ms: number) => clock.after(ms, () => end());
  let undoTimer = wait(FIRST_BYTES_MS);
  const stream = createEventStream(id, (name, data) => {
    if (name === 'close') end(stream._retry);
    if (!abort.signal.aborted) _event(name, data);
  });

  async function run(): Promise<void> {
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    const isOwn = isOurs(url);
    // A header carries bytes: those of UTF-8. Across origins it would cost a preflight.
    if (isOwn && id) headers['Last-Event-ID'] = String.fromCharCode(...encoder.encode(id));
    const response = await fetch(url, {
      credentials: 'same-origin',
      cache: isOwn ? 'no-store' : 'no-cache',
      headers,
      signal: abort.signal,
    });
    if (!_accept(response)) throw new Error();
    for (const reader = response.body!.getReader(); ; ) {
      const { value } = await reader.read();
      if (!value) return end(stream._retry);
      stream._push(value);
      if (abort.signal.aborted) return;
      const ms = _alive(stream._id) ? SILENCE_MS : FIRST_BYTES_MS;
      if (abort.signal.aborted) return;
      undoTimer();
      undoTimer = wait(ms);
    }
  }

  run().catch(() => end());
  return undo;
}

/** Keeps us from trying a stream that is of no use: for a time, or until somebody comes back to the page. */
function createBar(signal: AbortSignal): { _stands(): boolean; _raise(ms: number): void } {
  let since = -Infinity;
  let length = 0;
  listen(document, 'visibilitychange', signal, () => {
    length = Math.min(length, BARRED_SHOWN_MS);
  });
  return {
    _stands: () => now() - since < length,
    _raise(ms) {
      since = now();
      length = ms;
    },
  };
}

/**
 * `address`: where the events are; without a query of its own it takes that of the polled URL. `key` names the poll to
 * the other windows: the one that leads follows the stream and tells them. A read that somebody asked for is polled:
 * only the answer to a request is sure to be younger than it.
 */
export function streamTransport(
  endpoint: Endpoint,
  polling: Transport,
  address: URL,
  key: () => string,
  signal: AbortSignal,
): Transport {
  const bar = createBar(signal);
  /** The stream whose last answer is shown, and where it stood; '' once a poll may have brought another one. */
  let shown = '';
  let lastId = '';

  const poll: Transport['open'] = (request, events) => {
    shown = '';
    return polling.open(request, events);
  };

  const follow: Transport['open'] = (request, events) => {
    const target = new URL(address);
    target.search ||= new URL(endpoint._url()).search;
    const url = target.href;
    if (shown !== url) lastId = '';
    // A server that is told what we have may have nothing to add.
    let isAnswered = !!lastId;
    let isTold = false;
    let reply: Reply | undefined;
    let retryAfter: number | null = null;
    const finish = (outcome: Outcome) => {
      undo();
      events.closed(outcome);
    };
    const share = () => {
      isTold = true;
      if (reply) tell(key(), [endpoint._url(), undefined], null, reply);
    };
    const close = connect(url, lastId, {
      _accept(response) {
        const { status, headers } = response;
        seeBuild(headers.get('VPO-Build'));
        const head = Object.assign(response, { _bytes: new Uint8Array() });
        retryAfter = judge(url, head, endpoint._kind)[1];
        return status === 200 && /^text\/event-stream\b/i.test(headers.get('Content-Type') ?? '');
      },
      _event(name, data) {
        if (!/^(message|jobs_update)?$/.test(name)) return;
        reply = { status: 200, redirected: false, headers: new Headers(), _bytes: encoder.encode(data) };
        const answer = endpoint._read(reply)!;
        // What is shown now is not what the last polled answer said.
        endpoint._etag = null;
        shown = answer.terminal ? '' : url;
        isAnswered = true;
        share();
        events.received(answer);
        if (answer.terminal) finish({ result: 'ok' });
      },
      _alive(id) {
        if (isAnswered) {
          lastId = id;
          // Every byte says that what is shown is still so, here and in windows that have come meanwhile.
          if (!isTold) {
            share();
            events.received(endpoint._unchanged());
          }
          isTold = false;
          // One that was opened before the page was hidden and answered after it: the engine leaves it open.
          if (isPaused()) finish({ result: 'over' });
        }
        return isAnswered;
      },
      _ended(retryMs = BARRED_MS) {
        undo();
        bar._raise(retryMs);
        // Nothing undercuts a Retry-After, not even the poll in the stream's place.
        if (retryAfter) events.closed({ result: 'failed', retryAfter });
        else
          undo = clock.after(isAnswered ? Math.random() * SPREAD_MS : 0, () => {
            if (isPaused()) events.closed({ result: 'over' });
            else undo = poll(request, events);
          });
      },
    });
    // An older window has come back and follows it for all.
    const stopWatching = windows._watch(key(), () => finish({ result: 'over' }));
    let undo: Undo = () => {
      stopWatching();
      close();
    };
    return () => undo();
  };

  return {
    open(request, events) {
      const name = key();
      const mayFollow =
        !bar._stands() && windows._leads(name) && windows._rank(name) < mostHeld(endpoint._url());
      if (!mayFollow) return poll(request, events);
      if (!request.urgent) return follow(request, events);
      // The stream goes on as soon as what was asked for has come.
      const closed = (outcome: Outcome) => events.closed({ ...outcome, held: true });
      return poll(request, { ...events, closed });
    },
  };
}
