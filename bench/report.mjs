// What the benchmarks share: where their tables go, and what they were made with.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../scripts/run.mjs';

const FILE = join(ROOT, 'docs', 'benchmarks.md');

/** Puts `text` between the marks of this benchmark in docs/benchmarks.md, in place of what stood there. */
export function report(name, text) {
  const [head, foot] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const before = existsSync(FILE) ? readFileSync(FILE, 'utf8') : '# Benchmarks\n';
  const kept = before.includes(head) ? before : `${before}\n${head}\n${foot}\n`;
  const [above, rest] = [kept.slice(0, kept.indexOf(head)), kept.slice(kept.indexOf(foot))];
  writeFileSync(FILE, `${above}${head}\n${text.trim()}\n${rest}`);
}

/** The version that is installed of an npm package. */
export const versionOf = (name) =>
  JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version;

/** "2 cores, 2026-11-26, `npm run bench:NAME`" */
export const circumstances = (name) =>
  `${cpus().length} cores, ${new Date().toISOString().slice(0, 10)}, \`npm run bench:${name}\``;

/** A table row; the first one also gets the line below it. */
export const row = (cells) => `| ${cells.join(' | ')} |`;
export const heading = (cells) => `${row(cells)}\n|${'---|'.repeat(cells.length)}`;
