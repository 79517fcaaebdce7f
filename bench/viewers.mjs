// `npm run bench:viewers`: many viewers of one dashboard and a change every second, server and generator on this machine.
// Writes its table into docs/benchmarks.md.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../scripts/run.mjs';
import { circumstances, heading, report, row } from './report.mjs';

const PYTHON = join(ROOT, '.venv', 'bin', 'python');
const measured = [100, 1000, 10_000].map((count) => {
  const printed = execFileSync(PYTHON, [join(ROOT, 'bench/server/viewers.py'), `${count}`], {
    encoding: 'utf8',
  });
  console.log(printed.trim());
  return JSON.parse(printed);
});

const table = measured.map((one) =>
  row([
    one.viewers.toLocaleString('en'),
    `${one.p50_ms} ms`,
    `${one.p99_ms} ms`,
    one.errors,
    `${one.rss_mb} MB`,
    `${one.server_cpu} %`,
    `${one.generator_cpu} %`,
  ]),
);
report(
  'viewers',
  `## Viewers of one dashboard

From the commit of a change to the last byte of the answer that shows it, over all viewers, with a change every second for 20 s;
50 rows. Each viewer holds a poll (\`Prefer: wait=10\`, \`A-IM: vpo-rows\`) on a keep-alive connection of its own and asks
again 0–250 ms after each answer; who is just about to ask when a change comes, hears of it late by that. One server process
(uvicorn), one generator process (bare asyncio protocols); CPU in percent of one core. ${circumstances('viewers')}.

Where the time goes: up to 50 ms until the server looks for commits of other processes, then about 0.1 ms per viewer for the answer
and as much again for the poll that follows it, half of it uvicorn and the kernel. So one process answers some 4,000 viewers a second
who are told something every second; beyond that they skip changes, and none waits in a queue. With uvicorn's parser and loop of pure
Python it was half as much.

${[heading(['viewers', 'p50', 'p99', 'errors', 'server’s memory', 'server’s CPU', 'generator’s CPU']), ...table].join('\n')}`,
);
