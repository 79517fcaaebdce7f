// Keeps one region's markup equal to its data, with the fewest writes.

import type { Paint, Shared, ViewContext } from './context';
import { createHighlighter, describe } from './highlight';
import { keep } from './keep';
import { createPart, disposePart, paintPart } from './part';
import { canMove } from './reorder';

export interface PaintReport {
  /** Changed texts and attributes; inserted, moved and removed rows. */
  readonly writes: number;
  /** Rows held back by `holdNewRows`. */
  readonly waiting: number;
  readonly statusChanges: number;
}

export interface View {
  paint(data: unknown): PaintReport;
  /** Leaves the markup as it is and nothing armed. */
  dispose(): void;
}

/** Adopts what the server has painted inside `root`; nothing is written before the first `paint`. */
export function createView(root: Element, context: ViewContext): View {
  const shared: Shared = { _context: context, _templates: new Map() };
  const part = createPart(root, false, 0, shared);
  const highlighter = createHighlighter(context);
  return {
    paint(data) {
      const kept = keep(canMove(root));
      const paint: Paint = { _writes: 0, _waiting: 0, _changes: new Map(), _pinned: kept._nodes };
      for (const list of part._lists) list._ask();
      paintPart(part, data, paint);
      const changes = [...paint._changes.values()];
      if (changes.length) {
        paint._writes += highlighter._show(changes.map(({ _highlight }) => _highlight));
        context.announce(describe(changes, context.words));
      }
      if (paint._writes) kept._restore();
      context.ticker.wake();
      return { writes: paint._writes, waiting: paint._waiting, statusChanges: changes.length };
    },
    dispose() {
      disposePart(part);
      highlighter._dispose();
    },
  };
}
