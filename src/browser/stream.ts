// Server-sent events as a transport of the engine, read by fetch so that status, headers and visibility stay in our
// hands. Where no stream can be had its polling transport does what it always does, and the stream is tried later.
import type { OpenRequest, Outcome, Transport, TransportEvents, Undo } from '../core/index';
import { clock, now } from './clock';
import { listen } from './dom';
import { createEventStream } from './event-stream';
import { isOurs } from './http';
import { seeBuild } from './notice';
import { isPaused } from './polls';
import { type Endpoint, judge } from './transport';

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

/**
 * `address`: where the events are; without a query of its own it takes that of the polled URL. A read that somebody asked for is polled: only the answer to a
 * request is sure to be younger than it.
 */
export function streamTransport(
  endpoint: Endpoint,
  polling: Transport,
  address: URL,
  signal: AbortSignal,
): Transport {
  let barredAt = -Infinity;
  let barredFor = 0;
  /** The stream whose last answer is shown, and where it stood; '' once a poll may have brought another one. */
  let shown = '';
  let lastId = '';
  const isBarred = () => now() - barredAt < barredFor;
  listen(document, 'visibilitychange', signal, () => {
    barredFor = Math.min(barredFor, BARRED_SHOWN_MS);
  });

  const poll = (request: OpenRequest, events: TransportEvents) => {
    shown = '';
    return polling.open(request, {
      ...events,
      // The stream goes on at once after what was asked for in between.
      received: (answer) =>
        events.received({ ...answer, more: answer.more || !(isBarred() || answer.terminal) }),
    });
  };

  const follow = (request: OpenRequest, events: TransportEvents): Undo => {
    const target = new URL(address);
    target.search ||= new URL(endpoint._url()).search;
    const url = target.href;
    if (shown !== url) lastId = '';
    // A server that is told what we have may have nothing to add.
    let isAnswered = !!lastId;
    let retryAfter: number | null = null;
    const finish = (outcome: Outcome) => {
      undo();
      events.closed(outcome);
    };
    let undo = connect(url, lastId, {
      _accept(response) {
        const { status, headers } = response;
        seeBuild(headers.get('VPO-Build'));
        retryAfter = judge(url, Object.assign(response, { _bytes: new Uint8Array() }), endpoint._kind)[1];
        return status === 200 && /^text\/event-stream\b/i.test(headers.get('Content-Type') ?? '');
      },
      _event(name, data) {
        if (!/^(message|jobs_update)?$/.test(name)) return;
        const answer = endpoint._read({
          status: 200,
          redirected: false,
          headers: new Headers(),
          _bytes: encoder.encode(data),
        })!;
        // What is shown now is not what the last polled answer said.
        endpoint._etag = null;
        shown = answer.terminal ? '' : url;
        isAnswered = true;
        events.received(answer);
        if (answer.terminal) finish({ result: 'ok' });
      },
      _alive(id) {
        if (isAnswered) {
          lastId = id;
          // Every byte says that what is shown is still so.
          events.received(endpoint._unchanged());
          // One that was opened before the page was hidden and answered after it: the engine leaves it open.
          if (isPaused()) finish({ result: 'ok' });
        }
        return isAnswered;
      },
      _ended(retryMs = BARRED_MS) {
        barredAt = now();
        barredFor = retryMs;
        // Nothing undercuts a Retry-After, not even the poll in the stream's place.
        if (retryAfter) events.closed({ result: 'failed', retryAfter });
        else
          undo = clock.after(isAnswered ? Math.random() * SPREAD_MS : 0, () => {
            if (isPaused()) events.closed({ result: 'failed' });
            else undo = poll(request, events);
          });
      },
    });
    return () => undo();
  };

  return {
    open: (request, events) => (request.urgent || isBarred() ? poll : follow)(request, events),
  };
}
