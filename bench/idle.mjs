// `npm run bench:idle`: what an open dashboard costs its browser in an hour: time of the main thread and tasks that it wakes up
// for. Beside htmx and Unpoly that read the same page every five seconds. Writes its table into docs/benchmarks.md.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { findBrowser } from '../scripts/browser.mjs';
import { ROOT } from '../scripts/run.mjs';
import { circumstances, heading, report, row, versionOf } from './report.mjs';
import { freePort, ours, PYTHON } from './server/programs.mjs';

const ROWS = 50;
const SECONDS = 20;
const file = (path) => readFileSync(join(ROOT, 'node_modules', path), 'utf8');
/** As a function: a script is full of what `replace` takes for its own. */
const inline = (script) => () => `<script>${script.replaceAll('</script', '<\\/script')}</script></head>`;
const without = (html) => html.replace(/<script[^>]*\bsrc=[^>]*><\/script>/g, '');

/** What each puts into the page that the server paints: attributes of the list, and a script in the place of ours. */
const READERS = {
  '`vpo-polling.js`, held polls': {},
  '`vpo-polling.js`, every 5 s': { body: 'data-polling-wait="0"' },
  [`htmx ${versionOf('htmx.org')}, every 5 s`]: {
    attributes: 'hx-get="/jobs" hx-trigger="every 5s" hx-select="#jobs" hx-swap="outerHTML"',
    script: file('htmx.org/dist/htmx.min.js'),
  },
  [`Unpoly ${versionOf('unpoly')}, every 5 s`]: {
    attributes: 'up-poll up-interval="5000" up-source="/jobs"',
    script: file('unpoly/unpoly.min.js'),
  },
};

function painted(html, { body = '', attributes, script }, isPage) {
  const page = html.replace('<body', `<body ${body}`);
  const own = attributes ? page.replace('<section id="jobs"', `<section ${attributes} id="jobs"`) : page;
  return script ? without(own).replace('</head>', isPage ? inline(script) : '</head>') : own;
}

/** A browser whose tabs are really hidden: without what Playwright does to keep them awake. */
async function realBrowser() {
  const port = await freePort();
  const ignored = [
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
    '--disable-background-timer-throttling',
  ];
  const owner = await chromium.launch({
    executablePath: findBrowser(),
    args: [`--remote-debugging-port=${port}`],
    ignoreDefaultArgs: ignored,
  });
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
  return {
    context: browser.contexts()[0],
    version: owner.version(),
    end: () => browser.close().then(() => owner.close()),
  };
}

/** Milliseconds of the main thread, its tasks and the page's requests in an hour. */
async function measure(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  let requests = 0;
  page.on('request', () => requests++);
  const read = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  const before = await read();
  await new Promise((done) => setTimeout(done, SECONDS * 1000));
  const after = await read();
  const hour = (amount) => Math.round((amount * 3600) / SECONDS);
  return { ms: hour((after.TaskDuration - before.TaskDuration) * 1000), requests: hour(requests) };
}

const server = await ours(ROWS - 1);
const { context, version, end } = await realBrowser();
const table = [];
for (const [name, reader] of Object.entries(READERS)) {
  const page = await context.newPage();
  await page.route(`${server.url}/jobs`, async (route) => {
    const isPage = route.request().resourceType() === 'document';
    const response = await route.fetch();
    const headers = { ...response.headers() };
    // Their scripts stand in the page.
    delete headers['content-security-policy'];
    await route.fulfill({ status: 200, headers, body: painted(await response.text(), reader, isPage) });
  });
  await page.goto(`${server.url}/jobs`);
  await page.bringToFront();
  await new Promise((done) => setTimeout(done, 3000));
  const cells = [name];
  for (const state of ['idle', 'busy', 'hidden']) {
    const args = [join(ROOT, 'bench/server/change.py'), server.data, server.running, 'every', '1'];
    const writer = state === 'busy' && spawn(PYTHON, args);
    const other = state === 'hidden' && (await context.newPage());
    if (other) await other.bringToFront();
    await new Promise((done) => setTimeout(done, 2000));
    const { ms, requests } = await measure(page);
    cells.push(`${(ms / 1000).toFixed(1)} s`, requests.toLocaleString('en'));
    if (writer) writer.kill();
    if (other) await other.close();
  }
  console.log(cells.join('  '));
  table.push(row(cells));
  await page.close();
}
await end();
await server.end();

report(
  'idle',
  `## An open page in an hour

Time of the main thread (tasks of any kind, so that painting counts) and requests of one dashboard with ${ROWS} rows: visible while
nothing changes, visible while a row changes every second, hidden. Measured for ${SECONDS} s each and scaled to an hour; Chromium ${version}.
htmx and Unpoly read the whole page and take the list out of it; the running row's clock ticks in ours only. ${circumstances('idle')}.

${[heading(['', 'idle: thread', 'requests', 'busy: thread', 'requests', 'hidden: thread', 'requests']), ...table].join('\n')}`,
);
process.exit(0);
