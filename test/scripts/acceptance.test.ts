// docs/acceptance.md promises a test for each line; every one of them must exist by that name.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const lines = readFileSync(join(ROOT, 'docs', 'acceptance.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('- ['));

it('has lines', () => expect(lines.length).toBeGreaterThan(30));

it.each(lines)('%s', (line) => {
  const [, file, name] = /`(test\/[^`]+?) › ([^`]+)`$/.exec(line) ?? [];
  expect(line.startsWith('- [x]'), 'ticked').toBe(true);
  expect(existsSync(join(ROOT, file!)), `${file} exists`).toBe(true);
  expect(readFileSync(join(ROOT, file!), 'utf8').replaceAll("\\'", "'")).toContain(name);
});
