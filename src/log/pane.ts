// The rich pane of a log. The page's script goes on polling it and hands over what has come; everything else it asks for
// itself when it is looked at. A log of another server than ours keeps the plain pane.

import { listen } from '../browser/dom';
import type { MakePane, Pane } from '../browser/pane';
import { createContent } from './content';
import { highlight } from './highlight';
import { createLoader, PART } from './loader';
import { linkTo, parseHash, type Range } from './permalink';
import { rowOf } from './row';
import { createSearch } from './search';
import { type Answer, askFor } from './source';
import { createTools } from './tools';
import { View } from './view';

const TELL_MS = 5000;

type Say = Parameters<MakePane>[4];

/** What a rich pane needs of the page's script. */
interface Page {
  readonly _element: HTMLElement;
  readonly _signal: AbortSignal;
  readonly _showNew: (count: number) => void;
  readonly _say: Say;
}

interface Shown {
  _take(answer: Answer): number | undefined;
  _follow(): void;
}

function show({ _element: element, _signal: signal, _showNew: showNew, _say: say }: Page): Shown {
  const ask = askFor(element.getAttribute('data-vpo-log')!);
  let marked: Range = [0, 0];
  /** Where a link or a search led the reader. */
  let target = 0;
  const content = createContent((from, to) =>
    [target, view._follows ? 0 : view._top].some((line) => from < line && line <= to),
  );
  const goTo = (line: number) => {
    target = Math.min(line, content._total);
    content._reveal(target);
    view._goTo(target);
  };
  const run = (name: string) => {
    if (name === 'follow') view._follow(!view._follows);
    else if (name === 'end') view._follow(true);
    else if (name === 'start') goTo(1);
    else if (name === 'search' || name === 'close') {
      view._follow(false);
      search._open(name === 'search');
      if (name === 'close') element.focus({ preventScroll: true });
    } else search._go(name === 'previous');
  };
  const tools = createTools(element, run, () => view._resized(), signal);
  const unseen = countUnseen(showNew, (count) => tools._tell(say('newLines', count)));
  const search = createSearch(ask, tools, say, (match) => {
    if (match) goTo(match.line);
    else view._draw();
  });
  const loader = createLoader(
    ask,
    (answer, line) => content._store(answer, line),
    () => view._later(),
  );
  const view = new View(
    element,
    {
      _rows: content._rows,
      _rowOf: content._rowOf,
      _lineAt: content._lineAt,
      _build(line, old) {
        const row = rowOf(content._row(line), old);
        row.classList.toggle('log-marked', line >= marked[0] && line <= marked[1]);
        row.classList.toggle('log-match', line === search._current?.line);
        return row;
      },
      _drawn(from, to, rows) {
        content._keep(from, to);
        const missing = content._missing(from, to, !!element.closest('[data-log-since]'));
        loader._want(missing, (line) => line < 2 || (from <= line && line <= to));
        const { _query, _current } = search;
        highlight(rows, _query, (line, column) => line === _current?.line && column === _current.column);
      },
      _moved() {
        tools._press('follow', view._follows);
        if (view._follows) unseen._clear();
      },
    },
    signal,
  );
  const readHash = () => {
    const range = parseHash(location.hash);
    marked = range ?? [0, 0];
    if (range) goTo(range[0]);
    else view._later();
  };
  watch(element, signal, {
    _link(line, isRange) {
      marked = isRange && marked[0] ? [Math.min(line, marked[0]), Math.max(line, marked[0])] : [line, line];
      history.replaceState(history.state, '', linkTo(location.href, marked, content._attempt));
      view._draw();
    },
    _fold(first) {
      content._toggle(first);
      view._follow(false);
      view._draw();
      element.querySelector<HTMLElement>(`[data-fold="${first}"]`)?.focus({ preventScroll: true });
    },
    _select: () => view._follow(false),
  });
  listen(window, 'hashchange', signal, readHash);
  for (const { _stop } of [loader, search]) signal.addEventListener('abort', _stop);
  return {
    _follow: () => view._follow(true),
    _take(answer) {
      const before = content._total;
      const from = content._take(answer);
      // Another log than before: nobody is anywhere in it yet.
      if (content._total < before) view._follow(true);
      if (!before && content._total) readHash();
      else if (!view._follows) unseen._add(Math.max(0, content._total - before));
      view._later();
      return from;
    },
  };
}

/** Lines below the reader: shown at once, told now and then. */
function countUnseen(show: (count: number) => void, tell: (count: number) => void) {
  let count = 0;
  let told = -Infinity;
  return {
    _clear() {
      count = 0;
      show(0);
    },
    _add(lines: number) {
      count += lines;
      show(count);
      if (!count || performance.now() - told < TELL_MS) return;
      told = performance.now();
      tell(count);
    },
  };
}

interface Acts {
  _link(line: number, isRange: boolean): void;
  _fold(first: number): void;
  _select(): void;
}

/** What the reader does in the rows themselves. */
function watch(element: HTMLElement, signal: AbortSignal, acts: Acts): void {
  listen<MouseEvent>(element, 'click', signal, (event) => {
    const found = (name: string) =>
      Number((event.target as Element).closest(`[data-${name}]`)?.getAttribute(`data-${name}`) ?? 0);
    const [line, fold] = [found('line'), found('fold')];
    // As any link: to a new tab, to a new window.
    if (line && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      acts._link(line, event.shiftKey);
    } else if (fold) acts._fold(fold);
  });
  listen(document, 'selectionchange', signal, () => {
    const selection = getSelection();
    if (selection && !selection.isCollapsed && element.contains(selection.anchorNode)) acts._select();
  });
}

/** Until our own server has answered, the pane is what it was: another kind of server keeps the plain one. */
export const makePane: MakePane = (element, signal, plain, tell, say): Pane => {
  let other: Pane | undefined;
  let own: Shown | undefined;
  let isLive = false;
  return [
    (text, more, answer) => {
      if (!answer) {
        if (!other && text) {
          other = plain(element, signal);
          other[1](isLive);
        }
        return other?.[0](text, more);
      }
      if (!own && !text) return undefined;
      own ??= show({
        _element: element as HTMLElement,
        _signal: signal,
        _showNew: (count) => tell(element, count, 'newLines'),
        _say: say,
      });
      return own._take(answer);
    },
    (follows) => {
      isLive = follows;
      // What is ours is cleared by what the answer says.
      if (other) other[1](follows);
      else if (!own) element.replaceChildren();
    },
    () => {
      if (own) own._follow();
      else other?.[2]();
    },
    -PART,
  ];
};
