import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { staying } from '../../../src/browser/patch/reorder';

const orders = fc
  .uniqueArray(fc.nat({ max: 30 }), { maxLength: 12 })
  .chain((known) => fc.shuffledSubarray([...known, -1, -1, -1], { minLength: 0 }));

describe('what stays in place', () => {
  it('is the longest run that is in order already', () => {
    expect([...staying([4, 0, 1, 3, 2], [])].sort()).toEqual([1, 2, 4]);
    expect(staying([3, 2, 1, 0], []).size).toBe(1);
    expect(staying([-1, -1], []).size).toBe(0);
  });

  it('is in order, never new, and holds the first pin', () => {
    fc.assert(
      fc.property(orders, fc.nat({ max: 11 }), fc.nat({ max: 11 }), (from, first, second) => {
        const stay = [...staying(from, [first, second])].sort((a, b) => a - b);
        const old = stay.map((i) => from[i]!);
        expect(old).toEqual([...old].sort((a, b) => a - b));
        expect(old.every((position) => position >= 0)).toBe(true);
        if ((from[first] ?? -1) >= 0) expect(stay).toContain(first);
      }),
    );
  });
});
