// A plain log: asks from the byte it has, appends what is new, and never touches what is there. Three kinds of
// server are understood, told apart by their answers: ours (gen/start), VPO's (lines/offset), a plain text URL (Range).
import type { Answer } from '../core/index';
import { showNew } from './controls';
import { listen, make } from './dom';
import { decode, type Reply } from './http';
import type { Endpoint } from './transport';

const NEWLINE = 10;
/** One block per this many characters, so that a style sheet can skip those out of view (content-visibility). */
const BLOCK = 1 << 16;

export interface LogPane extends Endpoint {
  /** The server painted all of it. */
  readonly _isEnded: boolean;
  /**
   * The job has ended: servers that do not say when a log is complete are believed once two reads agree. True
   * when that is new, so that the log is to be read at once.
   */
  _setJobDone(done: boolean): boolean;
  _showTail(): void;
}

type Fields = Record<string, unknown>;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

export function createLog(element: Element, url: string, signal: AbortSignal): LogPane {
  const pane = createPane(element, signal);
  // A server that painted the beginning says where it stopped.
  let gen = element.getAttribute('data-vpo-gen');
  let end = Number(element.getAttribute('data-vpo-end') ?? -1);
  let kind: 'own' | 'lines' | 'text' = 'own';
  let jobDone = false;
  let quiet = 0;
  let lastByte = NEWLINE;

  const reset = () => {
    pane.clear();
    end = 0;
  };
  const answer = (text: string, more: boolean, complete: boolean): Answer => {
    pane.append(text);
    quiet = text || more ? 0 : quiet + 1;
    const isDraining = kind !== 'own' && jobDone;
    const terminal = complete || (isDraining && quiet > 1);
    // While it drains, the second look follows at once.
    const again = more || (isDraining && !terminal);
    return { data: null, news: !!text || again, terminal, active: true, more: again, attempt: gen };
  };

  const readOwn = ({ gen: id, start, end: to, size, text, more, complete, reset: anew }: Fields): Answer => {
    if (typeof text !== 'string' || !isCount(start) || !isCount(to)) throw new Error('unexpected');
    if (end < 0 || anew || (gen !== null && id !== gen)) reset();
    else if (start !== end) throw new Error('unexpected');
    gen = `${id}`;
    end = to;
    return answer(text, (more === true || (isCount(size) && to < size)) && text !== '', complete === true);
  };

  const readLines = ({ lines, total_lines: total, offset, has_more: more }: Fields): Answer => {
    if (!Array.isArray(lines) || !isCount(total) || !isCount(offset)) throw new Error('unexpected');
    if (kind !== 'lines' || total < end) reset();
    kind = 'lines';
    if (offset !== end) return answer('', true, false);
    end += lines.length;
    return answer(lines.map((line) => `${line}\n`).join(''), more === true && lines.length > 0, false);
  };

  const readText = ({ status, _bytes }: Reply): Answer => {
    // The byte before the new ones was asked for too: when it is another one, the file was replaced.
    const from = status === 206 ? 1 : end;
    if (kind !== 'text' || (end && _bytes[from - 1] !== lastByte)) {
      const isFirst = kind !== 'text' && status === 200;
      kind = 'text';
      reset();
      if (!isFirst) return answer('', true, false);
      return readText({ status, _bytes } as Reply);
    }
    // An unfinished last line waits for its end, unless nobody writes any more.
    const to = jobDone ? _bytes.length : _bytes.lastIndexOf(NEWLINE) + 1;
    const fresh = _bytes.subarray(end && from, Math.max(to, end && from));
    end += fresh.length;
    lastByte = fresh.at(-1) ?? lastByte;
    return answer(decode(fresh), false, false);
  };

  return {
    _kind: 'log',
    _isEnded: element.hasAttribute('data-vpo-complete'),
    _etag: null,
    _url() {
      const next = new URL(url);
      const { searchParams } = next;
      if (kind === 'lines') searchParams.set('lines', '1000');
      if (kind === 'lines') searchParams.set('offset', `${end}`);
      if (kind === 'own') searchParams.set('start', `${Math.max(end, 0)}`);
      if (kind === 'own' && gen) searchParams.set('gen', gen);
      return next.href;
    },
    _from: () => (kind === 'text' ? end - 1 : 0),
    _read(reply) {
      if (reply.status === 416 || !/json/.test(reply.headers.get('content-type') ?? ''))
        return readText(reply);
      const fields = Object(JSON.parse(decode(reply._bytes))) as Fields;
      return 'lines' in fields ? readLines(fields) : readOwn(fields);
    },
    _unchanged: () => answer('', false, false),
    _setJobDone(done) {
      const isNew = done !== jobDone;
      jobDone = done;
      // The last line may still wait in what the server calls unchanged.
      if (isNew) this._etag = null;
      if (isNew) quiet = 0;
      return isNew;
    },
    _showTail: pane.showTail,
  };
}

/** Text goes in as text nodes. It follows its end only while the reader is there. */
function createPane(element: Element, signal: AbortSignal) {
  let block: Element | null = null;
  let room = 0;
  let unseen = 0;
  let top = element.scrollTop;
  const isAtEnd = () => element.scrollTop + element.clientHeight >= element.scrollHeight - 2;
  let follows = isAtEnd();
  const showTail = () => {
    element.scrollTop = element.scrollHeight;
    follows = true;
    unseen = 0;
    showNew(element, 0, 'newLines');
  };
  listen(element, 'scroll', signal, () => {
    // Only an upward scroll ends it: a late event of our own scrolling must not.
    if (element.scrollTop < top) follows = false;
    if (isAtEnd()) {
      follows = true;
      if (unseen) showTail();
    }
    top = element.scrollTop;
  });
  return {
    showTail,
    clear() {
      element.replaceChildren();
      block = null;
      unseen = 0;
    },
    append(text: string) {
      if (!text) return;
      const selection = getSelection();
      const isSelecting = selection && !selection.isCollapsed && element.contains(selection.anchorNode);
      if (!block || room < 0) {
        block = make('div', {});
        room = BLOCK;
        element.append(block);
      }
      room -= text.length;
      block.append(text);
      if (follows && !isSelecting) element.scrollTop = element.scrollHeight;
      else {
        unseen += text.split('\n').length - 1;
        showNew(element, unseen, 'newLines');
      }
    },
  };
}
