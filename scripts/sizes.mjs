// The size budgets of what pages download, in bytes after brotli at its best setting.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './run.mjs';
import { brotli, engine } from './weight.mjs';

const BUDGETS = [
  { name: 'engine alone', budget: 4_030, bytes: engine }, // docs/decisions/0001-size-of-the-page-script.md
  { name: 'vpo-polling.min.js', budget: 17_880, bytes: bundle },
  { name: 'vpo-polling-forms.min.js', budget: 1_530, bytes: bundle },
  { name: 'vpo-polling-turns.min.js', budget: 2_110, bytes: bundle }, // docs/decisions/0006-turns-and-the-events-they-stand-on.md
  { name: 'vpo-polling-log.min.js', budget: 7_260, bytes: bundle }, // docs/decisions/0003-size-of-the-rich-log-pane.md
];

function bundle(name) {
  return readFileSync(join(ROOT, 'dist', name));
}

let over = false;
for (const { name, budget, bytes } of BUDGETS) {
  const size = brotli(Buffer.from(await bytes(name)));
  over ||= size > budget;
  console.log(`${size > budget ? 'OVER' : 'ok  '} ${name.padEnd(24)} ${size} of ${budget} bytes`);
}
if (over)
  console.error(
    'A bundle is over its budget: make it smaller, or decide in docs/decisions/ what the bytes buy.',
  );
process.exit(over ? 1 : 0);
