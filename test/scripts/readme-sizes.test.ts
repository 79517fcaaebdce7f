// What the README says of the weight of the scripts is true of the built files.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { brotli } from '../../scripts/weight.mjs';

const readme = readFileSync('README.md', 'utf8').replaceAll('\n', ' ');

it.each([
  ['vpo-polling', /page's script is ([\d.]+) kB \(brotli\)/],
  ['vpo-polling-forms', /forms add ([\d.]+) kB/],
  ['vpo-polling-turns', /turns ([\d.]+) kB/],
  ['vpo-polling-log', /logs of a million lines ([\d.]+) kB/],
])('the README gives the size of %s.min.js', (name, sentence) => {
  const size = brotli(readFileSync(`dist/${name}.min.js`));
  expect(sentence.exec(readme)?.[1]).toBe((size / 1000).toFixed(1));
});
