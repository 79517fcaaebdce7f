// HTTP as a transport of the engine: conditional requests with our own ETag, so that an unchanged answer is a real
// 304; held where the server does that, and only what changed where it can say so; every answer judged in one place;
// Retry-After told to the whole origin. Of several windows with the same poll one asks, the others listen to it.
import {
  type Answer,
  classify,
  type Kind,
  type Outcome,
  RESULTS,
  retryAfterMs,
  type Transport,
  type TransportEvents,
  type Verdict,
} from '../core/index';
import { learnServerTime, now } from './clock';
import { ask, isOurs, type Reply } from './http';
import { listen, type Question, tell } from './listen';
import { seeBuild } from './notice';
import { setFloor } from './polls';
import { clamped } from './settings';
import { windows } from './windows';

/** Requests that one browser holds open at a time: plain HTTP/1.1 has six connections for all windows together. */
const HOLDS = 2;
const HOLDS_H2 = 6;
/** Whoever heard something this long ago has missed nothing, and may go on by listening. */
const STEADY_MS = 1500;

/** What differs between a region and a log. */
export interface Endpoint {
  readonly _kind: Kind;
  /** ETag of what is shown. */
  _etag: string | null;
  /** Whether a delta can be applied to what it keeps. */
  readonly _base?: unknown;
  /** The absolute URL to ask next. */
  _url(): string;
  /** First byte wanted of a plain text; the answer may start there or be whole. */
  _from?(): number;
  /**
   * An answer with a body; undefined for a delta of something else. Throws when it is not what it should be: that is a
   * failure, and nothing is shown.
   */
  _read(reply: Reply): Answer | undefined;
  /** 304, 204, or the ETag that was shown already. */
  _unchanged(): Answer;
}

/** Judges a reply and learns from its headers; shared with form actions. */
export function judge(url: string, reply: Reply, kind: Kind): [Verdict, number | null] {
  const { headers } = reply;
  const date = headers.get('Date');
  learnServerTime(date);
  const wait = retryAfterMs(headers.get('Retry-After'), date, Date.now());
  if (wait) setFloor(new URL(url).origin, wait);
  return [classify(reply, kind), wait];
}

export const mostHeld = (url: string): number => {
  const [entry] = performance.getEntriesByType?.('navigation') ?? [];
  return isOurs(url) &&
    /^h[23]/.test((entry as PerformanceNavigationTiming | undefined)?.nextHopProtocol ?? '')
    ? HOLDS_H2
    : HOLDS;
};

/** Of a request: `wait` in seconds is preferred where it is not null. `may`: whether the server's CORS rules let us. */
function headersFor(
  end: Endpoint,
  [url, from]: Question,
  wait: number | null,
  may: (what: string) => boolean,
): Record<string, string> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (isOurs(url)) headers['Cache-Control'] = 'max-age=0';
  if (end._etag && may('etag')) {
    headers['If-None-Match'] = end._etag;
    if (wait !== null && may('wait')) headers.Prefer = `wait=${wait}`;
    if (end._base && may('delta')) headers['A-IM'] = 'vpo-rows';
  }
  if (from) headers.Range = `bytes=${from}-`;
  return headers;
}

/**
 * `allowed`: what another origin's CORS rules let us send; each such header costs a preflight. `mayWait`: whether a server
 * may be asked to hold. `key`: names the poll to the other windows.
 */
export function httpTransport(
  end: Endpoint,
  allowed: string,
  mayWait: boolean,
  key: () => string,
): Transport {
  let holds = false;
  let heardAt = -Infinity;

  const question = (): Question => [end._url(), end._from?.()];

  /** Gives an answer to whoever shows it, and says how the request ended. */
  function take(reply: Reply, [url, from]: Question, events: TransportEvents): Outcome {
    const { status, headers } = reply;
    const asked = end._etag;
    const etag = headers.get('ETag');
    const build = headers.get('VPO-Build');
    seeBuild(build);
    let [verdict, retryAfter] = judge(url, reply, end._kind);
    // A range that lies past the end is an answer too: the file has shrunk.
    if (from && status === 416) verdict = 'body';
    try {
      if (RESULTS[verdict] === 'ok') {
        const isKnown = verdict === 'unchanged' || (etag && etag === asked);
        const answer = isKnown ? end._unchanged() : end._read(reply);
        // The next question of a log that went on is another one. A delta of something else: all of it is wanted, at once.
        if (verdict === 'body') end._etag = answer && !(from != null && answer.news) ? etag : null;
        if (!answer) return { result: 'over' };
        heardAt = now();
        events.received(answer);
      }
    } catch {
      verdict = 'failed';
    }
    // A server that holds says so to whoever sent a tag; the first answer of a log's next part can't, but ours does.
    holds = asked ? /\bwait\b/.test(headers.get('Preference-Applied') ?? '') : holds || !!build;
    return {
      result: RESULTS[verdict],
      retryAfter,
      status,
      message: verdict,
      held: holds && !!(asked || etag),
      interval: clamped(Number(headers.get('Polling-Interval'))),
    };
  }

  return {
    open({ urgent, wait }, events) {
      const name = key();
      const leads = windows._leads(name);
      // Whatever ends the listening, this window may have missed something.
      const closed = (outcome: Outcome) => {
        heardAt = -Infinity;
        events.closed(outcome);
      };
      if (!leads && !urgent && now() - heardAt < STEADY_MS)
        return listen(name, end, question, take, { ...events, closed });
      const asked = question();
      const [url] = asked;
      const tag = end._etag;
      const mayHold = leads && windows._rank(name) < mostHeld(url);
      const headers = headersFor(
        end,
        asked,
        mayWait ? +mayHold && wait : null,
        (what) => isOurs(url) || allowed.includes(what),
      );
      const hold = headers.Prefer && mayHold ? wait : 0;
      const stopAsking = ask(end, url, headers, hold, urgent, (reply) => {
        stopWatching();
        if (leads) tell(name, asked, tag, reply);
        const outcome = take(reply, asked, events);
        // Whoever doesn't lead goes on by listening.
        events.closed(leads ? outcome : { ...outcome, held: true });
      });
      const stopWatching = windows._watch(name, () => {
        if (!leads) return;
        // An older window has taken it over.
        stopAsking();
        events.closed({ result: 'over' });
      });
      return () => {
        stopWatching();
        stopAsking();
      };
    },
  };
}
