// The fewest moves from one order to another.
//
// Every element keeps its place that belongs to a longest increasing subsequence of the old positions. Example: shown
// A B C D E, wanted E A B D C: old positions 4 0 1 3 2; 0 1 3 stay (A B D), E and C move. An element that must not be
// moved is made part of that sequence by leaving out everything that stands on its wrong side.

/**
 * `from[i]` = old position of the i-th wanted element, -1 if it is new. `pinned` = indexes that should not move, the most
 * important first. Returns the indexes that stay.
 */
export function staying(from: readonly number[], pinned: readonly number[]): Set<number> {
  const allowed = from.map((position) => position >= 0);
  for (const pin of pinned) {
    if (!allowed[pin]) continue;
    from.forEach((position, i) => {
      if (i !== pin && i < pin !== position < from[pin]!) allowed[i] = false;
    });
  }
  const tails: number[] = [];
  const before: number[] = [];
  from.forEach((position, i) => {
    if (!allowed[i]) return;
    let low = 0;
    let high = tails.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (from[tails[middle]!]! < position) low = middle + 1;
      else high = middle;
    }
    before[i] = tails[low - 1] ?? -1;
    tails[low] = i;
  });
  const stay = new Set<number>();
  for (let i = tails[tails.length - 1] ?? -1; i >= 0; i = before[i]!) stay.add(i);
  return stay;
}

interface Movable {
  moveBefore?(node: Element, before: Node | null): void;
}

/** `moveBefore` keeps focus, open details, running transitions and frames; insertBefore takes the element out first. */
export const canMove = (container: Element): boolean => !!(container as Movable).moveBefore;

export const place = (container: Element, element: Element, before: Node | null): void =>
  canMove(container) && element.parentNode === container
    ? (container as Required<Movable>).moveBefore(element, before)
    : void container.insertBefore(element, before);
