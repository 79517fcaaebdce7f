// Keeps one region's markup equal to its data, with the fewest writes.

import type { Paint, ViewContext } from './context';
import { describe, highlight } from './highlight';
import { keep } from './keep';
import { createPart, disposePart, paintPart } from './part';
import { canMove } from './reorder';

export interface PaintReport {
  /** Rows held back by `_holdNewRows`. */
  readonly _waiting: number;
  readonly _statusChanges: number;
}

export interface View {
  /** `isPart`: only what `data` names is painted. */
  paint(data: unknown, isPart?: boolean): PaintReport;
  /** Leaves the markup as it is and nothing armed. */
  _dispose(): void;
}

/**
 * Adopts what the server has painted inside `root`. Before the first `paint` only instants are written, which the
 * server painted in UTC, and those only where the reader's zone is another.
 */
export function createView(root: Element, context: ViewContext): View {
  // Elements elsewhere may show the same data: the page's title and icon, which can stand in no region.
  const others = [...document.querySelectorAll('[data-vpo-of]')].filter(
    (other) => other.getAttribute('data-vpo-of') === root.id,
  );
  const parts = [root, ...others].map((part) => createPart(part, 0, context));
  return {
    paint(data, isPart) {
      const kept = keep(canMove(root));
      const paint: Paint = { _waiting: 0, _isPart: isPart, _changes: new Map(), _pinned: kept._nodes };
      const changes = paint._changes;
      for (const { _lists } of parts) for (const list of _lists) list._ask();
      for (const part of parts) paintPart(part, data, paint);
      if (changes.size) context.announce(describe(changes, context.words));
      if (!context._reducedMotion()) {
        for (const [changed, status] of changes) highlight(changed, status, context);
      }
      kept._restore();
      context._ticker.wake();
      return { _waiting: paint._waiting, _statusChanges: changes.size };
    },
    _dispose: () => parts.forEach(disposePart),
  };
}
