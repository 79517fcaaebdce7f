// `npm run bench:network`: what one open dashboard sends and receives in an hour, idle and busy, in each of the ways that it can be
// read; measured for half a minute each and scaled. Writes its table into docs/benchmarks.md.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../scripts/run.mjs';
import { circumstances, heading, report, row } from './report.mjs';
import { dashboard, launch, MODES } from './server/pages.mjs';
import { ours, PYTHON } from './server/programs.mjs';

const ROWS = 50;
const SECONDS = 30;

/** Bytes on the wire of one page from now on, headers included; what has no end counts as it comes. */
async function wire(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const seen = { requests: 0, sent: 0, received: 0 };
  session.on('Network.requestWillBeSentExtraInfo', ({ headers }) => {
    seen.requests++;
    seen.sent += JSON.stringify(headers).length;
  });
  session.on('Network.responseReceivedExtraInfo', ({ headersText, headers }) => {
    seen.received += (headersText ?? JSON.stringify(headers)).length;
  });
  session.on('Network.dataReceived', ({ encodedDataLength, dataLength }) => {
    seen.received += encodedDataLength > 0 ? encodedDataLength : dataLength;
  });
  return seen;
}

const server = await ours(ROWS - 1);
const browser = await launch();
const table = [];
for (const [what, every] of [
  ['idle', 0],
  ['one row changes every second', 1],
]) {
  const writer =
    every &&
    spawn(PYTHON, [join(ROOT, 'bench/server/change.py'), server.data, server.running, 'every', `${every}`]);
  for (const mode of Object.keys(MODES)) {
    const page = await dashboard(browser, server.url, mode);
    await page.waitForTimeout(2000);
    const seen = await wire(page);
    await page.waitForTimeout(SECONDS * 1000);
    const hour = (amount) => Math.round((amount * 3600) / SECONDS);
    const kilobytes = (bytes) => `${Math.round(hour(bytes) / 1000).toLocaleString('en')} kB`;
    const cells = [
      what,
      mode,
      hour(seen.requests).toLocaleString('en'),
      kilobytes(seen.sent),
      kilobytes(seen.received),
    ];
    console.log(cells.join('  '));
    table.push(row(cells));
    await page.close();
  }
  if (writer) writer.kill();
}
await browser.close();
await server.end();

report(
  'network',
  `## Bytes in an hour

Of one dashboard with ${ROWS} rows, one of them running, and its stats; headers included, as the browser counts them.
Measured for ${SECONDS} s each and scaled to an hour. ${circumstances('network')}.

${[heading(['', '', 'requests', 'sent', 'received']), ...table].join('\n')}`,
);
