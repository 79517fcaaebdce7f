// What is known of one log: its lines at hand, its groups, how long it is. Pure; the pane shows it.
import { createLines } from './lines';
import { PART } from './loader';
import { findGroups, type Group, hiddenBy, stampOf } from './marks';
import type { RowSource } from './row';
import { countRows, type Hidden, lineAt, rowOf } from './rows';
import type { Answer } from './source';

export interface Content {
  /** How many lines the log has. */
  readonly _total: number;
  /** Which attempt wrote it; 0 when that can't be said. */
  readonly _attempt: number;
  /** An answer of the poll. What to ask for next when that is not what follows: a part before the end. */
  _take(answer: Answer): number | undefined;
  /** An answer to a question of our own; whether `line` was in it. */
  _store(answer: Answer, line: number): boolean;
  /** Unfolds what hides a line. */
  _reveal(line: number): void;
  _toggle(first: number): void;
  /** Keeps what is around these lines, drops what is far away. */
  _keep(from: number, to: number): void;
  /** The first of these lines that is not at hand, or 0. `isSince`: times since the log began need its first line too. */
  _missing(from: number, to: number, isSince: boolean): number;
  _row(line: number): RowSource;
  _rows(): number;
  _rowOf(line: number): number;
  _lineAt(row: number): number;
}

/** `isRead`: whether the reader is among these lines, so that they must not fold away. */
export function createContent(isRead: (from: number, to: number) => boolean): Content {
  const groups = new Map<number, Group>();
  let lines = createLines();
  let hidden: Hidden = [];
  let gen: unknown;
  let total = 0;
  let cursor: unknown;
  /** When its first line was written, in milliseconds; 0 when it does not say so, undefined until it was at hand. */
  let began: number | undefined;

  const fold = () => {
    hidden = hiddenBy(groups);
  };
  /** What the lines at hand say of the log. */
  const learn = () => {
    const known = groups.size;
    const first = lines._line(1);
    if (first !== undefined) began ??= stampOf(first) || 0;
    findGroups(lines._marks(), groups, isRead);
    if (groups.size !== known) fold();
  };

  return {
    get _total() {
      return total;
    },
    get _attempt() {
      return Number.parseInt(`${gen}`, 10) || 0;
    },
    _take(answer) {
      const { first_line: first, total_lines: all, complete, more, size, end } = answer;
      const text = answer.text as string;
      if (answer.gen !== gen || answer.reset) {
        lines = createLines();
        groups.clear();
        hidden = [];
        total = 0;
        began = undefined;
      }
      gen = answer.gen;
      const isOpen = !!text && !complete && !text.endsWith('\n');
      const isNext = answer.start === cursor;
      const count = text || !isNext ? lines._add(first as number, text, isNext, isOpen) : 0;
      cursor = end;
      total = Math.max(total, Number(first) - 1 + count, Number(all ?? 0));
      learn();
      return more && Number(size) - Number(end) > 2 * PART ? -PART : undefined;
    },
    _store(answer, line) {
      const { first_line: first, text, end, size } = answer;
      if (answer.gen !== gen || typeof text !== 'string') return false;
      // A line longer than an answer: what is left out is said by "…".
      const isCut = !text.endsWith('\n') && Number(end) < Number(size);
      if (text) lines._add(first as number, isCut ? `${text}…` : text);
      learn();
      return lines._line(line) !== undefined;
    },
    _reveal(line) {
      for (const group of groups.values())
        if (group._first < line && line <= group._last) group._isFolded = false;
      fold();
    },
    _toggle(first) {
      const group = groups.get(first);
      if (group) group._isFolded = !group._isFolded;
      fold();
    },
    _keep: (from, to) => lines._evict(from, to),
    _missing(from, to, isSince) {
      let line = from;
      while (line <= to && lines._line(line) !== undefined) line = lineAt(rowOf(line, hidden) + 1, hidden);
      return line <= to ? line : isSince && total && began === undefined ? 1 : 0;
    },
    _row(line) {
      const group = groups.get(line);
      return {
        _line: line,
        _text: lines._line(line),
        _style: lines._style(line),
        _group: group,
        _isFolded: group?._isFolded,
        _began: began ?? 0,
      };
    },
    _rows: () => countRows(total, hidden),
    _rowOf: (line) => rowOf(line, hidden),
    _lineAt: (row) => lineAt(row, hidden),
  };
}
