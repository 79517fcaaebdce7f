// A plain log: asks from where it is, appends what is new, and never touches what is there. Three kinds of
// server are understood, told apart by their answers: ours (gen/start), VPO's (lines/offset), a plain text URL (Range).
import type { Answer } from '../core/index';
import { decode, type Reply } from './http';
import { paneOf } from './pane';
import type { Endpoint } from './transport';

/** An unfinished last line of a plain text waits for its end, unless nobody writes any more. */
const NEWLINE = 10;
/** So many of the shown bytes of a plain text are asked for again: when they differ, the file was replaced. */
const OVERLAP = 64;

export interface LogPane extends Endpoint {
  /** The server painted all of it. */
  readonly _isEnded: boolean;
  /**
   * Whether the job has ended; undefined when nobody knows. Until then a complete log may be followed by that of
   * another attempt; after it a server that does not say when a log is complete is believed once two reads
   * agree. True when that is new: then the log is to be read at once, as if nothing were known, since its last line may
   * wait in what the server calls unchanged.
   */
  _setJobDone(done: boolean | undefined): boolean;
  _showTail(): void;
}

const overlap = (bytes: Uint8Array, to: number): string =>
  decode(bytes.subarray(Math.max(to - OVERLAP, 0), to));

type Fields = Record<string, unknown>;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function address(url: string, query: Fields): string {
  const next = new URL(url);
  for (const name in query) next.searchParams.set(name, `${query[name]}`);
  return next.href;
}

/**
 * `gen` and `end`: where a server that painted the beginning stopped. `quiet`: reads that brought nothing since something
 * came, asked for when the job had ended (`wasDone`): an answer to an earlier question proves nothing. `tail`: what is
 * shown last and asked for again; it may have grown, since a last line is served half-written too, and when it differs
 * the log was replaced. `decoder`: a plain text is cut anywhere, inside characters too.
 */
export function createLog(element: Element, url: string, signal: AbortSignal): LogPane {
  const [append, clear, showTail, begin] = paneOf(element, signal);
  let gen = element.getAttribute('data-vpo-gen');
  let end = begin ?? Number(element.getAttribute('data-vpo-end') ?? NaN);
  let kind: 'own' | 'lines' | 'text' = 'own';
  let jobDone: boolean | undefined;
  let wasDone: boolean | undefined;
  let complete: unknown;
  let quiet = 0;
  let tail: string | undefined;
  let decoder: TextDecoder;

  const reset = (to: typeof kind) => {
    kind = to;
    clear(!jobDone);
    end = 0;
    tail = undefined;
    quiet = -1;
    decoder = new TextDecoder();
  };
  const answer = (text = '', more = false, fields?: Fields): Answer => {
    end = append(text, more, fields) ?? end;
    quiet = wasDone && !more ? (text ? 0 : quiet + 1) : -1;
    const terminal = !!((jobDone ?? complete) && (complete ?? quiet > 0));
    return { data: null, news: !!text || more, terminal, more, active: true, attempt: gen };
  };

  const readOwn = (fields: Fields): Answer => {
    const { start, end: to, text, more } = fields;
    const id = `${fields.gen}`;
    const isNew = !(end >= 0) || fields.reset || (gen && id !== gen);
    if (typeof text !== 'string' || !isCount(to) || (!isNew && start !== end)) throw new Error();
    if (isNew) reset('own');
    gen = id;
    end = to;
    complete = fields.complete;
    return answer(text, !!text && !!more, fields);
  };

  const nextLine = () => end - +(tail != null);
  const readLines = ({ lines, offset, has_more }: Fields): Answer => {
    if (!Array.isArray(lines) || !isCount(offset)) throw new Error();
    const isOther = tail != null && !lines[0]?.startsWith(tail);
    if (isOther || offset !== nextLine() || kind !== 'lines') {
      reset('lines');
      if (offset) return answer('', true);
    }
    const text = lines.join('\n').slice(tail?.length);
    end = offset + lines.length;
    tail = lines.at(-1);
    return answer(text, !!text && !!has_more);
  };

  const readText = ({ status, _bytes }: Reply): Answer => {
    let known = status === 206 ? Math.min(end, OVERLAP) : end;
    if (kind !== 'text' || status === 416 || overlap(_bytes, known) !== tail) {
      reset('text');
      if (status !== 200) return answer('', true);
      known = 0;
    }
    const to = Math.max(jobDone ? _bytes.length : _bytes.lastIndexOf(NEWLINE) + 1, known);
    if (to > known) quiet = -1;
    end += to - known;
    tail = overlap(_bytes, to);
    return answer(decoder.decode(_bytes.subarray(known, to), { stream: true }));
  };

  return {
    _kind: 'log',
    _isEnded: element.hasAttribute('data-vpo-complete'),
    _etag: null,
    _url() {
      wasDone = jobDone;
      if (kind === 'lines') return address(url, { lines: 1000, offset: nextLine() });
      return kind === 'text' ? url : address(url, { start: end || 0, ...(gen && { gen }) });
    },
    _from: () => (kind === 'text' ? Math.max(end - OVERLAP, 0) : 0),
    _read(reply) {
      if (reply.status === 416 || !/json/.test(reply.headers.get('content-type') ?? ''))
        return readText(reply);
      const fields = Object(JSON.parse(decode(reply._bytes))) as Fields;
      return 'lines' in fields ? readLines(fields) : readOwn(fields);
    },
    _unchanged: () => answer(),
    _setJobDone(done) {
      if (done === jobDone) return false;
      jobDone = done;
      this._etag = null;
      return true;
    },
    _showTail: showTail,
  };
}
