// One line as DOM, without any markup in strings: its number (which is not text, so it is never selected or copied), a
// button when it is the heading of a group, and its text.
import { make } from '../browser/dom';
import { classes, type Run, render, type Style } from './ansi';
import { type Group, STAMP, stampOf } from './marks';

/** What a row is made from; one that changes is filled anew. */
export interface RowSource {
  readonly _line: number;
  /** Undefined while it is not at hand. */
  readonly _text: string | undefined;
  readonly _style: Style;
  readonly _group: Group | undefined;
  readonly _isFolded: boolean | undefined;
  /** When the log began, in milliseconds; 0 when that is not known. */
  readonly _began: number;
}

const MARKER = /##\[(end)?group\]/;

/** The text that a reader sees of a line. */
export function runsOf(text: string, style: Style): Run[] {
  const runs = render(text, style)._runs;
  for (const run of runs) run._text = run._text.replace(MARKER, '');
  return runs;
}

function show({ _text, _style }: Run): Node | string {
  const [names, href] = [classes(_style), _style._href];
  if (href) return make('a', { class: names, href, rel: 'noopener', target: '_blank' }, _text);
  return names ? make('span', { class: names }, _text) : _text;
}

/** `0:01:12.345` */
const clock = (ms: number): string =>
  `${Math.floor(ms / 3_600_000)}${new Date(ms).toISOString().slice(13, 23)}`;

function content(runs: Run[], began: number): (Node | string)[] {
  const [first] = runs;
  const stamp = STAMP.exec(first?._text ?? '')?.[0];
  const nodes = [];
  if (stamp) {
    first!._text = first!._text.slice(stamp.length);
    // Where several write, a line may be a little older than the first one.
    const since = clock(Math.max(0, stampOf(stamp) - began));
    // The text stays what it is: a style sheet may show the attribute in its place.
    nodes.push(
      make('span', began ? { class: 'log-time', 'data-since': since } : { class: 'log-time' }, stamp),
    );
  }
  return [...nodes, ...runs.map(show)];
}

/** An empty row: cloning costs less than making. */
let pattern: HTMLElement | undefined;

function fill(
  { _line, _text, _style, _group, _isFolded, _began }: RowSource,
  old?: HTMLElement,
): HTMLElement {
  pattern ??= make(
    'div',
    {},
    make('a', { tabindex: '-1', 'aria-hidden': 'true' }),
    make('span', { class: 'log-text' }),
  );
  const row = old ?? (pattern.cloneNode(true) as HTMLElement);
  const number = row.firstElementChild!;
  const text = row.lastElementChild!;
  number.setAttribute('href', `#L${_line}`);
  number.setAttribute('data-line', `${_line}`);
  text.replaceChildren(...content(runsOf(_text ?? '', _style), _began));
  row.className = 'log-line';
  if (_text === undefined) row.classList.add('log-wait');
  else if (_text.includes('##[error]')) row.classList.add('log-error');
  row.querySelector('button')?.remove();
  if (_group) {
    text.before(
      make('button', {
        type: 'button',
        'data-fold': `${_line}`,
        'aria-expanded': `${!_isFolded}`,
        'aria-label': text.textContent!,
      }),
    );
    if (_group._tookMs >= 0) text.append(make('small', {}, clock(_group._tookMs).slice(0, -4)));
  }
  return row;
}

const made = new WeakMap<HTMLElement, RowSource>();

/** The row for `source`, made of `old`, which stays as it is as long as nothing of it has changed. */
export function rowOf(source: RowSource, old: HTMLElement | undefined): HTMLElement {
  const known = old && made.get(old);
  if (known && (Object.keys(source) as (keyof RowSource)[]).every((key) => source[key] === known[key]))
    return old;
  const row = fill(source, old);
  made.set(row, source);
  return row;
}
