import { describe, expect, it } from 'vitest';
import { failureDelay, floorDelay, normalDelay } from '../../src/core/delay';
import { type Policy, type PolicyName, policy } from '../../src/core/index';
import { World } from './world';

/** Numbers in [0, 1) that are the same in every run: xorshift of 32 bits. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const NEARLY_ONE = 1 - 2 ** -53;
const history = (failures: number, slow = 0, active = true) => ({
  failures,
  slow,
  named: 0,
  last: { active },
  holds: false,
});

/** Range of a wait in seconds, over all that chance can do. */
const range = (delay: (random: number) => number): [number, number] =>
  [delay(0), delay(NEARLY_ONE)].map((ms) => Math.round(ms) / 1000) as [number, number];
const failureRange = (used: Policy, failures: number) =>
  range((random) => failureDelay(used, history(failures), random));

describe('the wait after a failure where nothing is active', () => {
  const idle = (holds: boolean) =>
    range((random) => failureDelay(policy('job'), { ...history(1, 0, false), holds }, random));
  it('begins with the idle interval', () => expect(idle(false)).toEqual([30, 60]));
  it('begins with the interval where the server held', () => expect(idle(true)).toEqual([5, 10]));
});

describe('the wait after an answer', () => {
  it('is the interval and up to a tenth of it', () => {
    expect(range((random) => normalDelay(policy('job'), history(0), random))).toEqual([5, 5.5]);
    expect(range((random) => normalDelay(policy('log'), history(0), random))).toEqual([15, 16.5]);
    expect(range((random) => normalDelay(policy('build'), history(0), random))).toEqual([15, 16.5]);
  });

  it('is the idle interval while a list shows nothing active, unless its own is longer', () => {
    const idle = (used: Policy) => range((random) => normalDelay(used, history(0, 0, false), random));
    expect(idle(policy('job'))).toEqual([30, 33]);
    expect(idle(policy('job', { interval: 60_000 }))).toEqual([60, 66]);
    expect(idle(policy('documents'))).toEqual([3, 3.3]);
  });

  it('grows by a quarter per slow poll up to its limit where the policy ramps', () => {
    const at = (slow: number) => normalDelay(policy('turn'), history(0, slow), 0);
    expect([0, 1, 2, 7, 8, 1000].map(at)).toEqual([1000, 1250, 1562.5, 1000 * 1.25 ** 7, 5000, 5000]);
    expect(normalDelay(policy('turn', { interval: 2000 }), history(0, 9), 0)).toBe(2000);
  });
});

describe('the wait after failures in a row', () => {
  const table: [PolicyName, [number, number][]][] = [
    [
      'job',
      [
        [5, 10],
        [5, 10],
        [10, 20],
        [20, 40],
        [40, 80],
        [60, 120],
        [60, 120],
        [60, 120],
      ],
    ],
    [
      'log',
      [
        [15, 30],
        [15, 30],
        [15, 30],
        [20, 40],
        [40, 80],
        [60, 120],
        [60, 120],
      ],
    ],
    [
      'turn',
      [
        [2, 7],
        [4, 9],
        [8, 16],
        [16, 32],
        [16, 32],
      ],
    ],
    [
      'documents',
      [
        [2, 7],
        [4, 9],
        [8, 16],
        [16, 32],
        [16, 32],
      ],
    ],
    [
      'build',
      [
        [30, 60],
        [60, 120],
        [60, 120],
        [60, 120],
      ],
    ],
    [
      'release',
      [
        [60, 120],
        [120, 240],
        [150, 300],
        [150, 300],
      ],
    ],
    [
      'helm',
      [
        [60, 120],
        [120, 240],
        [150, 300],
        [150, 300],
      ],
    ],
  ];
  for (const [name, ranges] of table)
    it(`has these ranges for ${name}`, () => {
      expect(ranges.map((_, index) => failureRange(policy(name), index + 1))).toEqual(ranges);
      expect(failureRange(policy(name), 5000)).toEqual(ranges.at(-1));
    });

  it('never undercuts the interval nor exceeds two minutes, whatever a page sets', () => {
    for (const interval of [2000, 3700, 5000, 15_000, 30_000, 60_000])
      for (let failures = 1; failures < 40; failures++) {
        const [lo, hi] = failureRange(policy('job', { interval }), failures);
        expect(lo).toBeGreaterThanOrEqual(interval / 1000);
        expect(hi).toBeLessThanOrEqual(120);
        expect(hi - lo).toBeCloseTo(Math.max(hi - lo, 5));
      }
    expect(failureRange(policy('job', { interval: 300_000 }), 4)).toEqual([300, 300]);
    expect(failureRange(policy('job', { interval: 100 }), 1)).toEqual([0.1, 5.1]);
  });

  it('spreads fifty pages that failed together over at least 45 slots of 10 ms', () => {
    const random = seeded(20_261_122);
    for (let failures = 1; failures < 9; failures++) {
      const rounds = Array.from({ length: 200 }, () => {
        const slots = Array.from({ length: 50 }, () =>
          Math.floor(failureDelay(policy('job'), history(failures), random()) / 10),
        );
        return new Set(slots).size;
      });
      // By chance a few of the 500 slots or more are taken twice: 47.6 on average in the narrowest range.
      expect(rounds.reduce((sum, count) => sum + count) / rounds.length).toBeGreaterThan(47);
      expect(rounds.filter((count) => count < 45).length).toBeLessThan(rounds.length / 10);
    }
  });

  it('spreads them so in the loops too', () => {
    const random = seeded(7);
    const pages = Array.from({ length: 50 }, () => new World());
    for (const page of pages) {
      page.random = random();
      page.send('start').pass(1000).fail().pass(10_000);
    }
    const slots = new Set(pages.map(({ flights }) => Math.floor(flights[1]!.openedAt / 10)));
    expect(slots.size).toBeGreaterThanOrEqual(45);
  });
});

describe('Retry-After as a wait', () => {
  it('is never shortened; pages add up to a tenth, at most five seconds, watchers nothing', () => {
    const waits = (used: Policy, ms: number) => range((random) => floorDelay(used, ms, random));
    expect(waits(policy('job'), 20_000)).toEqual([20, 22]);
    expect(waits(policy('job'), 600_000)).toEqual([600, 605]);
    expect(waits(policy('build'), 20_000)).toEqual([20, 20]);
  });
});
