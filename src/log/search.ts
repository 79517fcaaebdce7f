// Search over the whole log, on the server: what is not at hand is found too, and the count is true.
import type { Ask } from './source';
import type { Tools } from './tools';

const LIMIT = 200;
const TYPING_MS = 250;

interface Match {
  readonly line: number;
  /** Byte at which its line begins. */
  readonly start: number;
  readonly column: number;
  readonly length: number;
}

interface Page {
  readonly total: number;
  /** Matches of the log before the first of these. */
  readonly before: number;
  readonly matches: readonly Match[];
  readonly size: number;
}

export interface Search {
  _open(isOpen: boolean): void;
  /** To the next match, or the one before. */
  _go(isBack: boolean): void;
  /** What is searched for and the match that the reader was led to. */
  readonly _query: string;
  readonly _current: Match | undefined;
  _stop(): void;
}

type Say = (key: string, value: unknown, english: string) => string;

/** "3 of 1,922". */
function placeOf({ before, matches, total }: Page, at: number, say: Say): string {
  if (!matches[at]) return say('logNoMatch', '', 'Not found');
  return say('logMatch', (before + at + 1).toLocaleString(), '{} of {}').replace(
    '{}',
    total.toLocaleString(),
  );
}

export function createSearch(
  ask: Ask,
  tools: Tools,
  say: Say,
  lead: (match: Match | undefined) => void,
): Search {
  const { _input: input, _count: count, _bar: bar } = tools;
  let page: Page | undefined;
  let query = '';
  let at = 0;
  let abort: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const tell = (text: string) => {
    if (count) count.textContent = text;
  };
  const show = (index: number) => {
    at = index;
    tell(placeOf(page!, at, say));
    lead(page!.matches[at]);
  };
  /** `pick`: which of the page's matches the reader is led to. */
  const turn = async (
    params: Record<string, string | number>,
    pick: (matches: readonly Match[]) => number,
  ) => {
    abort?.abort();
    const own = new AbortController();
    abort = own;
    tell('…');
    const { _answer } = await ask('/search', { q: query, limit: LIMIT, ...params }, own);
    if (abort !== own) return;
    abort = undefined;
    if (!_answer) return tell(say('logSearchFailed', '', 'The search failed'));
    page = _answer as unknown as Page;
    show(pick(page.matches));
  };
  const forward = () => {
    const { matches, before, total } = page!;
    if (at + 1 < matches.length) return show(at + 1);
    // A page holds whole lines.
    const from = before + at + 1 < total ? matches[at]!.start + 1 : 0;
    return void turn({ from }, () => 0);
  };
  const back = () => {
    if (at) return show(at - 1);
    const until = page!.before ? page!.matches[0]!.start : page!.size;
    return void turn({ until }, (matches) => matches.length - 1);
  };
  const go = (isBack: boolean) => {
    clearTimeout(timer);
    const text = input?.value ?? '';
    if (text === query && page?.matches.length) return isBack ? back() : forward();
    query = text;
    page = undefined;
    lead(undefined);
    if (query) return void turn({ from: 0 }, () => 0);
    return stop();
  };
  const stop = () => {
    clearTimeout(timer);
    abort?.abort();
    abort = undefined;
    tell('');
  };
  const open = (isOpen: boolean) => {
    if (!bar || !input || isOpen === !bar.hidden) return input?.focus();
    bar.hidden = !isOpen;
    if (isOpen) {
      input.focus({ preventScroll: true });
      input.select();
    } else {
      stop();
      query = '';
      page = undefined;
      lead(undefined);
    }
  };
  input?.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(go, TYPING_MS, false);
  });
  return {
    _open: open,
    _go: go,
    get _query() {
      return query;
    },
    get _current() {
      return page?.matches[at];
    },
    _stop: stop,
  };
}
