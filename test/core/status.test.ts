import { expect, it } from 'vitest';
import { ACTIVE, CONCLUSIONS, isStatus, isTerminal, STATUSES, TERMINAL } from '../../src/core/status';

it('every status is either active or terminal, and only terminal ones have conclusions', () => {
  expect([...STATUSES].sort()).toEqual([...ACTIVE, ...TERMINAL].sort());
  expect(new Set(STATUSES).size).toBe(5);
  expect(Object.keys(CONCLUSIONS)).toEqual([...TERMINAL]);
});

it('no conclusion belongs to two statuses', () => {
  const all = Object.values(CONCLUSIONS).flat();
  expect(new Set(all).size).toBe(all.length);
});

it('tells statuses from other words', () => {
  expect(STATUSES.map(isTerminal)).toEqual([false, false, true, true, true]);
  expect(['running', 'Running', 'success', '', null, undefined, 3].map(isStatus)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
});
