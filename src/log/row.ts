// One line as DOM, without any markup in strings: its number (which is not text, so it is never selected or copied), a
// button when it is the heading of a group, and its text.
import { make } from '../browser/dom';
import { units } from '../browser/patch/formatters';
import { classes, type Run, render, type Style } from './ansi';
import { type Group, STAMP } from './marks';

/** What a row is made from; one that changes is made anew. */
export interface RowSource {
  readonly _line: number;
  /** Undefined while it is not at hand. */
  readonly _text: string | undefined;
  readonly _style: Style;
  readonly _group: Group | undefined;
  readonly _isFolded: boolean | undefined;
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

function content(runs: Run[]): (Node | string)[] {
  const [first] = runs;
  const stamp = STAMP.exec(first?._text ?? '')?.[0];
  if (!stamp) return runs.map(show);
  return [
    make('span', { class: 'log-time' }, stamp),
    ...[{ ...first!, _text: first!._text.slice(stamp.length) }, ...runs.slice(1)].map(show),
  ];
}

/** An empty row: cloning costs less than making. */
let pattern: HTMLElement | undefined;

function buildRow({ _line, _text, _style, _group, _isFolded }: RowSource): HTMLElement {
  pattern ??= make(
    'div',
    { class: 'log-line' },
    make('a', { href: '', 'data-line': '', tabindex: '-1', 'aria-hidden': 'true' }),
  );
  const row = pattern.cloneNode(true) as HTMLElement;
  const number = row.firstElementChild as HTMLAnchorElement;
  number.href = `#L${_line}`;
  number.dataset.line = `${_line}`;
  if (_text === undefined) {
    row.classList.add('log-wait');
    return row;
  }
  const text = make('span', { class: 'log-text' }, ...content(runsOf(_text, _style)));
  if (_text.includes('##[error]')) row.classList.add('log-error');
  if (_group) {
    row.append(
      make('button', {
        type: 'button',
        'data-fold': `${_line}`,
        'aria-expanded': `${!_isFolded}`,
        'aria-label': text.textContent,
      }),
    );
    row.classList.add('log-group');
    if (_group._seconds >= 0) text.append(make('small', {}, units(_group._seconds).join(' ')));
  }
  row.append(text);
  return row;
}

const made = new WeakMap<HTMLElement, RowSource>();

/** The row for `source`: the old one as long as nothing of it has changed. */
export function rowOf(source: RowSource, old: HTMLElement | undefined): HTMLElement {
  const known = old && made.get(old);
  if (known && (Object.keys(source) as (keyof RowSource)[]).every((key) => source[key] === known[key]))
    return old;
  const row = buildRow(source);
  made.set(row, source);
  return row;
}
