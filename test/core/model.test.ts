// The promises of the engine over random lives. fast-check draws another seed in each run and prints it, with the
// shortest failing life it can find, when a promise is broken.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { POLICIES, type PolicyName } from '../../src/core/index';
import { type Life, Model } from './model';

const RUNS = 10_000;

const life: fc.Arbitrary<Life> = fc.record({
  policy: fc.constantFrom(...(Object.keys(POLICIES) as PolicyName[])),
  wait: fc.constantFrom(0, 0, 10),
  seed: fc.nat(),
  ops: fc.array(fc.tuple(fc.nat(99), fc.nat(999)), { minLength: 50, maxLength: 200, size: 'max' }),
  server: fc.array(fc.tuple(fc.nat(99), fc.nat(1023), fc.nat(99)), {
    minLength: 1,
    maxLength: 30,
    size: 'max',
  }),
});

it(`every promise holds over ${RUNS} random lives of 50 to 200 events`, () => {
  let events = 0;
  let lives = 0;
  fc.assert(
    fc.property(life, (drawn) => {
      events += drawn.ops.length;
      lives++;
      new Model(drawn).run();
    }),
    { numRuns: RUNS },
  );
  expect(lives).toBe(RUNS);
  expect(events / lives).toBeGreaterThan(100);
});
