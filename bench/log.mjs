// `npm run bench:log`: what one append of 100 coloured lines costs, and what a log holds of the browser, at three lengths:
// the rich pane beside `textContent +=` and xterm.js, in one run in one Chromium. It writes its table into
// docs/benchmarks.md. The panes are driven directly, without a network, so only their own work is measured.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { findBrowser } from '../scripts/browser.mjs';
import { ROOT } from '../scripts/run.mjs';
import { circumstances, heading, report, row, versionOf } from './report.mjs';

const LENGTHS = [10_000, 100_000, 1_000_000];
const APPENDS = 40;
const LINES = 100;
/** Appends before those that are measured, so that the browser has compiled what is used. */
const WARM_UP = 20;
/** One that needs longer than this for filling and appending is reported as not finished. */
const LIMIT_MS = 90_000;
const read = (path) => readFileSync(join(ROOT, path), 'utf8');

const CONTESTANTS = [
  { name: 'rich pane', make: 'rich' },
  { name: '`textContent +=`', make: 'plain' },
  { name: 'xterm.js, 1,000 lines kept', make: 'terminal', options: { scrollback: 1000 } },
  { name: 'xterm.js, all lines kept', make: 'terminal', options: { scrollback: 2_000_000 } },
];

/** In the page: makes `window.bench` with fill(lines), prepare(appends, lines) and append(); they resolve once it is drawn. */
function setUp({ make, options }) {
  const pane = document.querySelector('#log');
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const line = (n) =>
    `\u001b[3${n % 8}m${String(n).padStart(8, '0')}\u001b[0m the quick brown fox jumps over the lazy dog\n`;
  const lines = (from, count) => Array.from({ length: count }, (_, i) => line(from + i)).join('');
  const makers = {
    rich() {
      const own = window.VPOLog(
        pane,
        new AbortController().signal,
        null,
        () => {},
        (key) => key,
      );
      let bytes = 0;
      return (text, first) => {
        const start = bytes;
        bytes += text.length;
        own[0](text, false, {
          gen: '1-a',
          start,
          end: bytes,
          size: bytes,
          first_line: first,
          text,
          complete: false,
        });
      };
    },
    plain: () => (text) => {
      pane.textContent += text;
      pane.scrollTop = pane.scrollHeight;
    },
    terminal() {
      const terminal = new window.Terminal({ cols: 120, rows: 25, ...options });
      pane.replaceChildren();
      terminal.open(pane);
      return (text) => new Promise((done) => terminal.write(text.replaceAll('\n', '\r\n'), done));
    },
  };
  const add = makers[make]();
  let count = 0;
  let texts = [];
  window.bench = {
    async fill(total) {
      // In parts, as they come from a server; a pane that rewrites everything gets it at once.
      const part = make === 'plain' ? total : 10_000;
      for (; count < total; count += part) await add(lines(count + 1, part), count + 1);
      await frame();
    },
    prepare(appends, size) {
      texts = Array.from({ length: appends }, (_, i) => lines(count + i * size + 1, size));
    },
    async append(size) {
      for (const text of texts) {
        await add(text, count + 1);
        count += size;
        await frame();
      }
    },
    nodes() {
      const walker = document.createTreeWalker(pane, NodeFilter.SHOW_ALL);
      let found = 0;
      while (walker.nextNode()) found++;
      return found;
    },
  };
}

async function open(browser, contestant) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.setContent('<div id="log" class="log" data-vpo-log="/log" tabindex="0"></div>');
  for (const sheet of ['pages', 'log', 'log-colours'])
    await page.addStyleTag({ content: read(`templates/static/${sheet}.css`) });
  if (contestant.make === 'rich') await page.addScriptTag({ content: read('dist/vpo-polling-log.min.js') });
  if (contestant.make === 'terminal') {
    await page.addStyleTag({ content: read('node_modules/@xterm/xterm/css/xterm.css') });
    await page.addScriptTag({ content: read('node_modules/@xterm/xterm/lib/xterm.js') });
  }
  await page.evaluate(setUp, contestant);
  return page;
}

async function measure(browser, contestant, length) {
  const page = await open(browser, contestant);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const metrics = async () =>
    Object.fromEntries(
      (await session.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]),
    );
  const work = async () => {
    await page.evaluate((total) => window.bench.fill(total), length);
    const isSlow = contestant.make === 'plain' && length > 10_000;
    const appends = isSlow ? 1 : APPENDS;
    const append = async (times) => {
      await page.evaluate(([appends, size]) => window.bench.prepare(appends, size), [times, LINES]);
      const before = await metrics();
      await page.evaluate((size) => window.bench.append(size), LINES);
      const after = await metrics();
      return (name) => ((after[name] - before[name]) * 1000) / times;
    };
    if (!isSlow) await append(WARM_UP);
    const each = await append(appends);
    await session.send('HeapProfiler.collectGarbage');
    const { JSHeapUsedSize } = await metrics();
    const nodes = await page.evaluate(() => window.bench.nodes());
    return {
      // Without the layouts that it forces, which the browser counts as such.
      script: each('ScriptDuration'),
      layout: each('LayoutDuration') + each('RecalcStyleDuration'),
      nodes,
      heap: JSHeapUsedSize / 2 ** 20,
    };
  };
  let timer;
  const late = new Promise((done) => {
    timer = setTimeout(done, LIMIT_MS, null);
  });
  const result = await Promise.race([work().catch(() => null), late]);
  clearTimeout(timer);
  await page.close().catch(() => {});
  return result;
}

const cell = (result) =>
  result
    ? `${result.script.toFixed(2)} + ${result.layout.toFixed(1)} ms, ${result.nodes} nodes, ${result.heap.toFixed(0)} MB`
    : `not within ${LIMIT_MS / 1000} s`;

const rows = [];
let version = '';
for (const contestant of CONTESTANTS) {
  const cells = [];
  for (const length of LENGTHS) {
    // A browser of its own: what one leaves behind must not weigh on the next.
    const browser = await chromium.launch({ executablePath: findBrowser() });
    version = browser.version();
    cells.push(cell(await measure(browser, contestant, length)));
    await browser.close();
    console.log(`${contestant.name}, ${length} lines: ${cells.at(-1)}`);
  }
  rows.push(row([contestant.name, ...cells]));
}

report(
  'log',
  `## A long log

One append of ${LINES} coloured lines: script + style and layout, also where the script asks for them; mean of ${APPENDS} after ${WARM_UP}. Then
nodes of the pane and JavaScript heap. Chromium ${version}, xterm.js ${versionOf('@xterm/xterm')}; ${circumstances('log')}.

${heading(['pane', ...LENGTHS.map((length) => `${length.toLocaleString('en')} lines`)])}
${rows.join('\n')}

\`textContent +=\` and xterm.js with few lines kept hold no colours, or no log: the rich pane fetches what it has dropped
when it is looked at.`,
);
