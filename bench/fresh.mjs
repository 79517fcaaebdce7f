// `npm run bench:fresh`: from the commit of a change to the frame in which a browser shows it, by polling every five seconds, by
// held polls and by an event stream. Writes its table into docs/benchmarks.md.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../scripts/run.mjs';
import { circumstances, heading, report, row } from './report.mjs';
import { dashboard, launch, MODES } from './server/pages.mjs';
import { ours, PYTHON } from './server/programs.mjs';

const ROWS = 50;
const CHANGES = { 'polling every 5 s': 30, 'held polls': 40, 'event stream': 40 };

/** Resolves to when the number stood in a frame, in ms since the epoch. */
const seen = (page, number) =>
  page.evaluate(
    (wanted) =>
      new Promise((done) => {
        const look = () => {
          const shown = document.querySelector('tr[data-status=running] .progress')?.textContent ?? '';
          if (shown.includes(wanted)) done(performance.timeOrigin + performance.now());
          else requestAnimationFrame(look);
        };
        look();
      }),
    `${number} of 1000`,
  );

const server = await ours(ROWS - 1);
const writer = spawn(PYTHON, [join(ROOT, 'bench/server/change.py'), server.data, server.running]);
const commits = createInterface({ input: writer.stdout });
const browser = await launch();
let number = 0;
const table = [];
for (const mode of Object.keys(MODES)) {
  const page = await dashboard(browser, server.url, mode);
  const waits = [];
  for (let i = 0; i < CHANGES[mode]; i++) {
    // At no moment in particular between two polls.
    await page.waitForTimeout(700 + Math.random() * (mode.startsWith('polling') ? 5000 : 600));
    const shown = seen(page, ++number);
    writer.stdin.write(`${number}\n`);
    const [at] = await once(commits, 'line');
    waits.push((await shown) - Number(at));
  }
  waits.sort((a, b) => a - b);
  const at = (share) => Math.round(waits[Math.min(waits.length - 1, Math.floor(waits.length * share))]);
  console.log(mode, at(0.5), at(0.95));
  table.push(row([mode, waits.length, `${at(0.5)} ms`, `${at(0.95)} ms`]));
  await page.close();
}
await browser.close();
writer.kill();
await server.end();

report(
  'fresh',
  `## From commit to pixel

From the commit of a change, by another process than the server, to the frame of Chromium ${browser.version()} in which the dashboard
shows it; ${ROWS} rows, changes at random moments. The server looks for commits of other processes every
50 ms, which is half of what remains. ${circumstances('fresh')}.

${[heading(['', 'changes', 'median', '95th percentile']), ...table].join('\n')}`,
);
