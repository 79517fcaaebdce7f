// Which line stands in which row, and how far down. Pure. Folds hide lines, so rows are fewer; a scroll bar has only so
// many pixels (Firefox gives an element of 17.9 million none at all), so in a long log its middle is compressed.

export type Hidden = readonly (readonly [from: number, to: number])[];

/** Pixels that every browser can scroll through. */
export const MOST_PX = 8_000_000;
/** At both ends a pixel of the scroll bar is a pixel of the log. */
const EXACT_PX = MOST_PX / 4;

export const countRows = (lines: number, hidden: Hidden): number =>
  hidden.reduce((rows, [from, to]) => rows - (Math.min(to, lines) - Math.min(from - 1, lines)), lines);

/** Rows above a line; a hidden one is in the row of its group. */
export function rowOf(line: number, hidden: Hidden): number {
  let row = line - 1;
  for (const [from, to] of hidden) {
    if (from > line) break;
    row -= Math.min(to, line) - from + 1;
  }
  return row;
}

export function lineAt(row: number, hidden: Hidden): number {
  let line = row + 1;
  for (const [from, to] of hidden) {
    if (from > line) break;
    line += to - from + 1;
  }
  return line;
}

/** From pixels of the log to pixels of the scroll bar, of `total` pixels. */
export function toBar(px: number, total: number): number {
  if (total <= MOST_PX || px < EXACT_PX) return px;
  if (px > total - EXACT_PX) return px - total + MOST_PX;
  return EXACT_PX + ((px - EXACT_PX) * (MOST_PX - 2 * EXACT_PX)) / (total - 2 * EXACT_PX);
}

/** The other way round. */
export function fromBar(bar: number, total: number): number {
  if (total <= MOST_PX || bar < EXACT_PX) return bar;
  if (bar > MOST_PX - EXACT_PX) return bar - MOST_PX + total;
  return EXACT_PX + ((bar - EXACT_PX) * (total - 2 * EXACT_PX)) / (MOST_PX - 2 * EXACT_PX);
}
