// The part of a log that is in the document: the rows around the reader, inside a space as tall as all of them would be.
//
// Where the reader is, is a line (the "anchor") and how many pixels of it are above the edge; the scroll bar only shows
// it. While the reader scrolls by small steps the anchor is found among the rows that are there, so a step is exact,
// also where rows wrap and where a pixel of the bar stands for several of the log. A leap is looked up on the bar. When
// the scrolling rests, bar and rows are moved together to where the bar should be; the reader sees nothing of it.
import { listen, make } from '../browser/dom';
import { fromBar, MOST_PX, toBar } from './rows';

/** Rows beyond those in view: many for a reader who scrolls, few where all are replaced with every answer. */
const OVER = 25;
const OVER_FOLLOWING = 4;
/** So many rows are all in the document, without any trick. */
const FEW = 150;
/** Rows of a selection that has left the view stay within this distance. */
const KEPT = 150;
const REST_MS = 150;
/** Rows above a line that is gone to. */
const CONTEXT = 3;

export interface Source {
  /** How many rows there are. */
  _rows(): number;
  _rowOf(line: number): number;
  _lineAt(row: number): number;
  /** The row of a line: made of `old`, when there is one, which is not touched as long as nothing of it changes. */
  _build(line: number, old: HTMLElement | undefined): HTMLElement;
  /** These lines are in the document now. */
  _drawn(from: number, to: number, rows: ReadonlyMap<number, HTMLElement>): void;
  /** The reader went to the end, or away from it. */
  _moved(): void;
}

export class View {
  /** At the end, and to stay there. */
  _follows = true;
  /** The line at the upper edge, and how many pixels of it are above. */
  _top = 1;
  private _above = 0;
  /** Where the scroll bar stood when we last saw or set it, and the pixels of the log that it stands for. */
  private _bar = 0;
  private _total = 0;
  /** Of a row; 0 until it has been measured. */
  private _height = 0;
  private _frame = 0;
  private _rest: ReturnType<typeof setTimeout> | undefined;
  private readonly _rows = make('div', { class: 'log-rows' });
  private readonly _space = make('div', { class: 'log-space' }, this._rows);
  private readonly _shown = new Map<number, HTMLElement>();

  constructor(
    private readonly _element: HTMLElement,
    private readonly _source: Source,
    signal: AbortSignal,
  ) {
    _element.replaceChildren(this._space);
    // For the style sheet: asking by :has() would cost with every row.
    _element.toggleAttribute('data-log-rows', true);
    listen(_element, 'scroll', signal, () => this._scrolled());
    listen(window, 'resize', signal, () => this._resized());
    signal.addEventListener('abort', () => {
      clearTimeout(this._rest);
      cancelAnimationFrame(this._frame);
    });
  }

  /** Shows a line near the upper edge. */
  _goTo(line: number): void {
    const { _source } = this;
    this._follows = false;
    this._above = 0;
    // Some lines above it, so that one sees where it stands.
    this._top = _source._lineAt(Math.max(0, _source._rowOf(line) - CONTEXT));
    _source._moved();
    this._draw();
  }

  _follow(follows: boolean): void {
    if (follows === this._follows) return;
    if (!follows) this._findAnchor();
    this._follows = follows;
    this._source._moved();
    this._later();
  }

  /** The size of the pane or of its letters may be another. */
  _resized(): void {
    this._height = 0;
    this._draw();
  }

  /** Draws with the next frame. */
  _later(): void {
    this._frame ||= requestAnimationFrame(() => this._draw());
  }

  _draw(isScrolling = false): void {
    const { _source, _rows, _space, _shown, _follows } = this;
    cancelAnimationFrame(this._frame);
    this._frame = 0;
    this._height ||= this._measure();
    const { _height } = this;
    const all = _source._rows();
    const fits = Math.ceil(this._element.clientHeight / _height) + 1;
    const top = _follows ? Math.max(0, all - fits) : _source._rowOf(this._top);
    const [from, to] = all <= FEW ? [0, all] : this._around(top, Math.min(all, top + fits), all);
    const isWhole = from === 0 && to === all;
    this._total = all * _height;
    this._place(from, to);
    _space.style.height = isWhole ? '' : `${Math.min(this._total, MOST_PX)}px`;
    _rows.style.position = isWhole ? '' : 'absolute';
    _rows.style.bottom = _follows ? '0' : '';
    _rows.style.top = _follows ? 'auto' : '';
    if (_follows) this._scrollTo(MOST_PX * 2);
    else {
      const offset = (_shown.get(_source._lineAt(top))?.offsetTop ?? 0) + this._above;
      if (!isScrolling) this._bar = isWhole ? offset : toBar(top * _height + this._above, this._total);
      if (!isWhole) _rows.style.top = `${this._bar - offset}px`;
      if (!isScrolling) this._scrollTo(this._bar);
    }
    _source._drawn(_source._lineAt(from), to && _source._lineAt(to - 1), _shown);
  }

  private _measure(): number {
    const probe = make('div', { class: 'log-line' }, '0');
    this._rows.append(probe);
    const { height } = probe.getBoundingClientRect();
    probe.remove();
    return height || 20;
  }

  /** The rows to have in the document for those in view: some more, and those of a selection that is near. */
  private _around(top: number, bottom: number, all: number): [from: number, to: number] {
    const over = this._follows ? OVER_FOLLOWING : OVER;
    let from = Math.max(0, top - over);
    let to = Math.min(all, bottom + over);
    const selection = getSelection();
    if (selection && !selection.isCollapsed)
      for (const [line, row] of this._shown)
        if (row.contains(selection.anchorNode) || row.contains(selection.focusNode)) {
          const at = this._source._rowOf(line);
          if (from - at < KEPT) from = Math.min(from, at);
          if (at - to < KEPT) to = Math.max(to, at + 1);
        }
    return [from, to];
  }

  private _place(from: number, to: number): void {
    const { _rows, _shown, _source, _follows } = this;
    const lines = Array.from({ length: to - from }, (_, i) => _source._lineAt(from + i));
    const wanted = new Set(lines);
    // Where all rows are replaced with every answer they are filled anew. A reader elsewhere may have marked text in them.
    const free: HTMLElement[] = [];
    for (const [line, row] of _shown)
      if (!wanted.has(line)) {
        _shown.delete(line);
        if (_follows) free.push(row);
        else row.remove();
      }
    let next = _rows.firstElementChild;
    for (const line of lines) {
      const row = _source._build(line, _shown.get(line) ?? free.shift());
      _shown.set(line, row);
      if (row === next) next = next.nextElementSibling;
      else _rows.insertBefore(row, next);
    }
    for (const row of free) row.remove();
  }

  private _scrollTo(px: number): void {
    this._element.scrollTop = px;
    this._bar = this._element.scrollTop;
  }

  /** Finds the line at the upper edge; false when it is not in the document. */
  private _findAnchor(): boolean {
    const edge = this._element.scrollTop - this._rows.offsetTop;
    for (const [line, row] of [...this._shown].sort(([a], [b]) => a - b))
      if (row.offsetTop + row.offsetHeight > edge) {
        this._above = Math.max(0, edge - row.offsetTop);
        this._top = line;
        return edge >= row.offsetTop;
      }
    return false;
  }

  private _scrolled(): void {
    const { _element, _source, _rows, _shown } = this;
    const { scrollTop, clientHeight } = _element;
    const step = scrollTop - this._bar;
    this._bar = scrollTop;
    // Only an upward scroll ends following: a late event of our own scrolling must not.
    if (!step || (this._follows && step > 0)) return;
    const last = _shown.get(_source._lineAt(_source._rows() - 1));
    const end = last ? _rows.offsetTop + last.offsetTop + last.offsetHeight : _element.scrollHeight;
    this._follows = step > 0 && scrollTop + clientHeight >= end - 2;
    const isNear = Math.abs(step) < 2 * clientHeight && this._findAnchor();
    if (!isNear) {
      const px = fromBar(scrollTop, this._total);
      this._top = _source._lineAt(Math.floor(px / this._height));
      this._above = px % this._height;
    }
    _source._moved();
    this._draw(true);
    clearTimeout(this._rest);
    // Unless the reader has just gone on, which is told with the next frame.
    this._rest = setTimeout(() => _element.scrollTop - this._bar || this._draw(), REST_MS);
  }
}
