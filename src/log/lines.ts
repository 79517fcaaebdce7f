// The lines of a log that are at hand: runs of consecutive lines ("blocks") with gaps between them. Pure. Lines are
// counted from 1 and never change; only the very last one may still be unfinished.
import { PLAIN, render, type Style } from './ansi';
import { type Mark, marksOf } from './marks';

/** One block holds at most this many lines, so that what is far away is dropped piece by piece. */
const BLOCK_LINES = 1000;
/** Characters kept in all. */
const KEPT = 1 << 22;
/** What an empty line costs, in characters. */
const LINE_COST = 32;
/** Of a longer line the rest is left out, and "…" says so. */
export const LONGEST = 1 << 14;

interface Block {
  readonly _first: number;
  readonly _lines: string[];
  /** How its lines begin, as far as somebody asked, and how the line after the last one does. */
  readonly _styles: Style[];
  _marks: Mark[];
  _size: number;
}

export interface Lines {
  /**
   * Adds text that begins with line `first`; how many lines it has. `isNext`: whether it goes on where
   * the last text that was `isOpen` ended; not given, it has nothing to do with that.
   */
  _add(first: number, text: string, isNext?: boolean, isOpen?: boolean): number;
  _line(line: number): string | undefined;
  /** How a line begins, as far back as lines are at hand without a gap. */
  _style(line: number): Style;
  /** What the lines at hand say of groups, in order; a gap is a mark without a kind. */
  _marks(): Mark[];
  /** Drops what is farthest from these lines until the rest fits, but never the end. */
  _evict(from: number, to: number): void;
}

const after = ({ _first, _lines }: Block): number => _first + _lines.length;
const cost = (line: string): number => line.length + LINE_COST;

/** How line `index` of a block begins, or the line behind it. */
function styleAt(blocks: readonly Block[], block: Block, index: number): Style {
  const { _styles, _lines, _first } = block;
  const previous = blocks.find((other) => after(other) === _first);
  _styles[0] ??= previous ? styleAt(blocks, previous, previous._lines.length) : PLAIN;
  for (let i = _styles.length; i <= index; i++) {
    const [line, style] = [_lines[i - 1]!, _styles[i - 1]!];
    _styles[i] = line.includes('\u001b') ? render(line, style)._style : style;
  }
  return _styles[index]!;
}

/** The block farthest from these lines, if it does not touch them; never the last one. */
function farthest(blocks: readonly Block[], from: number, to: number): Block | undefined {
  const distance = (block: Block) => Math.max(block._first - to, from - after(block), 0);
  return blocks.slice(0, -1).reduce<Block | undefined>((far, block) => {
    return distance(block) > (far ? distance(far) : 0) ? block : far;
  }, undefined);
}

export function createLines(kept = KEPT): Lines {
  const blocks: Block[] = [];
  let size = 0;
  /** The last line that was polled, while it is unfinished, and its text. */
  let openLine = 0;
  let open = '';
  const blockOf = (line: number) => blocks.find((block) => block._first <= line && line < after(block));

  /** Where line `first` goes: the block that ends there and has room, or a new one. */
  const roomFor = (first: number): Block => {
    const last = blocks.find((block) => after(block) === first && block._lines.length < BLOCK_LINES);
    if (last) return last;
    const block: Block = { _first: first, _lines: [], _styles: [], _marks: [], _size: 0 };
    const at = blocks.findIndex(({ _first }) => _first > first);
    blocks.splice(at < 0 ? blocks.length : at, 0, block);
    return block;
  };

  const insert = (first: number, lines: string[]) => {
    while (lines.length) {
      const known = blockOf(first);
      const block = known ?? roomFor(first);
      const next = blocks[blocks.indexOf(block) + 1];
      const room = known
        ? after(known) - first
        : Math.min(BLOCK_LINES - block._lines.length, (next?._first ?? Infinity) - first);
      const part = lines.splice(0, room);
      if (!known) {
        const added = part.reduce((sum, line) => sum + cost(line), 0);
        size += added;
        block._size += added;
        block._lines.push(...part);
        block._marks.push(...part.flatMap((line, i) => marksOf(line, first + i)));
        // What follows may begin differently now.
        for (let i = blocks.indexOf(block) + 1; blocks[i]?._first === after(blocks[i - 1]!); i++)
          blocks[i]!._styles.length = 0;
      }
      first += part.length;
    }
  };

  /** Forgets the unfinished line, with what stands behind it in its block. */
  const dropOpen = () => {
    const block = blockOf(openLine);
    if (!block) return;
    const at = openLine - block._first;
    const gone = block._lines.splice(at).reduce((sum, line) => sum + cost(line), 0);
    block._styles.splice(at + 1);
    block._marks = block._marks.filter((mark) => mark._line < openLine);
    block._size -= gone;
    size -= gone;
    if (!at) blocks.splice(blocks.indexOf(block), 1);
  };

  return {
    _add(first, text, isNext, isOpen) {
      const goesOn = isNext && openLine ? open : '';
      if (openLine && isNext !== undefined) dropOpen();
      const lines = (goesOn + text).split('\n');
      const end = lines.pop()!;
      if (end) lines.push(end);
      const count = lines.length;
      if (isNext !== undefined) openLine = isOpen ? first + count - 1 : 0;
      if (isOpen) open = end.slice(0, LONGEST + 1);
      insert(
        first,
        lines.map((line) => (line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line)),
      );
      return count;
    },
    _line(line) {
      const block = blockOf(line);
      return block?._lines[line - block._first];
    },
    _style(line) {
      const block = blockOf(line);
      return block ? styleAt(blocks, block, line - block._first) : PLAIN;
    },
    _marks: () =>
      blocks.flatMap((block, i) =>
        i && after(blocks[i - 1]!) === block._first
          ? block._marks
          : [{ _line: block._first } as Mark, ...block._marks],
      ),
    _evict(from, to) {
      for (let far = farthest(blocks, from, to); far && size > kept; far = farthest(blocks, from, to)) {
        blocks.splice(blocks.indexOf(far), 1);
        size -= far._size;
      }
    },
  };
}
