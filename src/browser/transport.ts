// HTTP as a transport of the engine: conditional requests with our own ETag, so that an unchanged answer is a real
// 304; every answer judged in one place; Retry-After told to the whole origin.
import {
  type Answer,
  classify,
  type Kind,
  RESULTS,
  retryAfterMs,
  type Transport,
  type Verdict,
} from '../core/index';
import { learnServerTime } from './clock';
import { ask, isOurs, type Reply } from './http';
import { seeBuild } from './notice';
import { setFloor } from './polls';

/** What differs between a region and a log. */
export interface Endpoint {
  readonly _kind: Kind;
  /** ETag of what is shown. */
  _etag: string | null;
  /** The absolute URL to ask next. */
  _url(): string;
  /** First byte wanted of a plain text; the answer may start there or be whole. */
  _from?(): number;
  /** An answer with a body. Throws when it is not what it should be: that is a failure, and nothing is shown. */
  _read(reply: Reply): Answer;
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

/** `allowed`: what another origin's CORS rules let us send; each such header costs a preflight. */
export function httpTransport(end: Endpoint, allowed: string): Transport {
  return {
    open({ urgent }, events) {
      const url = end._url();
      const isOwn = isOurs(url);
      const headers: Record<string, string> = { Accept: 'application/json' };
      if (isOwn) headers['Cache-Control'] = 'max-age=0';
      if (end._etag && (isOwn || allowed.includes('etag'))) headers['If-None-Match'] = end._etag;
      const from = end._from?.();
      if (from) headers.Range = `bytes=${from}-`;
      return ask(url, headers, urgent, (reply) => {
        const { status, headers } = reply;
        const etag = headers.get('ETag');
        seeBuild(headers.get('VPO-Build'));
        let [verdict, retryAfter] = judge(url, reply, end._kind);
        // A range that lies past the end is an answer too: the file has shrunk.
        if (from && status === 416) verdict = 'body';
        try {
          if (RESULTS[verdict] === 'ok') {
            const isKnown = verdict === 'unchanged' || (etag && etag === end._etag);
            const answer = isKnown ? end._unchanged() : end._read(reply);
            // The next question of a log that went on is another one.
            if (verdict === 'body') end._etag = from != null && answer.news ? null : etag;
            events.received(answer);
          }
        } catch {
          verdict = 'failed';
        }
        events.closed({ result: RESULTS[verdict], retryAfter, status, message: verdict });
      });
    },
  };
}
