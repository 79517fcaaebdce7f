// `npm run bench:size`: what pages download of our scripts and of others that do a part of the same, as their packages
// carry them for a script tag; what has no such file is bundled whole. Writes a table into docs/benchmarks.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, constants as zlib } from 'node:zlib';
import { ROOT } from '../scripts/run.mjs';
import { brotli, bundled, engine } from '../scripts/weight.mjs';
import { circumstances, heading, report, row, versionOf } from './report.mjs';

const file = (path) => readFileSync(join(ROOT, path));
const ours = (name) => file(`dist/${name}.min.js`);
const peer = (name, path) => [`${name} ${versionOf(name)}`, file(`node_modules/${name}/${path}`)];

const SUBJECTS = [
  ['engine alone', await engine()],
  ['`vpo-polling.min.js`: the page’s script', ours('vpo-polling')],
  ['`vpo-polling-forms.min.js`: forms', ours('vpo-polling-forms')],
  ['`vpo-polling-turns.min.js`: turns and files', ours('vpo-polling-turns')],
  ['`vpo-polling-log.min.js`: logs of a million lines', ours('vpo-polling-log')],
  [
    'all of ours',
    Buffer.concat(['vpo-polling', 'vpo-polling-forms', 'vpo-polling-turns', 'vpo-polling-log'].map(ours)),
  ],
  peer('htmx.org', 'dist/htmx.min.js'),
  peer('unpoly', 'unpoly.min.js'),
  [`@hotwired/turbo ${versionOf('@hotwired/turbo')}, minified`, await bundled('@hotwired/turbo')],
  [
    `@tanstack/query-core ${versionOf('@tanstack/query-core')}, minified`,
    await bundled('@tanstack/query-core'),
  ],
];

const sizes = SUBJECTS.map(([name, content]) => {
  const bytes = Buffer.from(content);
  const all = [bytes.length, gzipSync(bytes, { level: zlib.Z_BEST_COMPRESSION }).length, brotli(bytes)];
  return [name, ...all.map((size) => size.toLocaleString('en'))];
});
for (const line of sizes) console.log(line.join('  '));

report(
  'size',
  `## Bytes of script

Minified; gzip and brotli at their best settings. Budgets are checked by \`npm test\`. ${circumstances('size')}.

${[heading(['', 'raw', 'gzip', 'brotli']), ...sizes.map(row)].join('\n')}`,
);
