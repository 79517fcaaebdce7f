// The same deltas as in test_delta_vectors.py: script and server apply them alike.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { applyDelta } from '../../src/core/index';

type List = { jobs: { id: string }[] };
interface Vectors {
  base: List;
  applied: { name: string; base: List; delta: { rows: { id: string }[] }; expected: List }[];
  refused: { name: string; delta: unknown }[];
}

const vectors: Vectors = JSON.parse(readFileSync(new URL('deltas.json', import.meta.url), 'utf8'));

describe('a delta', () => {
  it.each(vectors.applied)('is applied: $name', ({ base, delta, expected }) => {
    const before = JSON.stringify(base);
    const after = applyDelta(base, delta, 'jobs', 'id');
    expect(JSON.stringify(after)).toBe(JSON.stringify(expected));
    expect(JSON.stringify(base), 'what it was applied to stays as it was').toBe(before);
  });

  it.each(vectors.applied)('keeps the rows that did not change: $name', ({ base, delta, expected }) => {
    const changed = new Set(delta.rows.map(({ id }) => id));
    const after = applyDelta(base, delta, 'jobs', 'id')?.jobs as { id: string }[];
    for (const row of base.jobs)
      if (!changed.has(row.id) && expected.jobs.some(({ id }) => id === row.id))
        expect(after.find(({ id }) => id === row.id)).toBe(row);
  });

  it.each(vectors.refused)('is refused: $name', ({ delta }) => {
    expect(applyDelta(vectors.base, delta, 'jobs', 'id')).toBe(null);
  });
});
