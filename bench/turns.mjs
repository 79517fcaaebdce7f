// `npm run bench:turns`: what one more word of a streaming answer costs a page that already shows so many blocks, beside a
// page that sets the whole transcript's innerHTML anew. Writes its table into docs/benchmarks.md.
import { chromium } from 'playwright-core';
import { findBrowser } from '../scripts/browser.mjs';
import { circumstances, heading, report, row } from './report.mjs';
import { ours } from './server/programs.mjs';

const SIZES = [300, 10_000];
const WORDS = 40;
const WARM_UP = 10;

const said = (text, message) => ({
  type: 'assistant',
  message: { id: message, content: [{ type: 'text', text }] },
});
const streamed = (event) => ({ type: 'stream_event', event });
const begun = [
  streamed({ type: 'message_start', message: { id: 's' } }),
  streamed({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
];
const word = (text) =>
  streamed({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });

async function post(url, body, type = 'application/json') {
  const headers = { 'Content-Type': type, Accept: 'application/json', 'Sec-Fetch-Site': 'same-origin' };
  const response = await fetch(url, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** A session with `size` blocks of Markdown and one that is being written. */
async function conversation(base, size) {
  const { id, project_id } = await post(`${base}/api/sessions`, JSON.stringify({ project: 'Bench' }));
  const api = `${base}/api/projects/${project_id}/sessions/${id}`;
  const turn = await post(`${api}/turns`, JSON.stringify({ prompt: 'Write', reported: true }));
  const tell = (...events) =>
    post(
      `${api}/turns/${turn.id}/events`,
      events.map((event) => `${JSON.stringify(event)}\n`).join(''),
      'application/x-ndjson',
    );
  for (let n = 0; n < size; n += 1000)
    await tell(
      ...Array.from({ length: Math.min(1000, size - n) }, (_, i) =>
        said(`Block **${n + i}** of \`${size}\`\n\n- one\n- two [three](https://example.org)`, `m${n + i}`),
      ),
    );
  await tell(...begun);
  return { page: `${base}/sessions/${id}?from=1.0`, write: (text) => tell(word(text)) };
}

/** Milliseconds of the main thread per update, in which the page shows a word more. */
async function measured(page, update) {
  const client = await page.context().newCDPSession(page);
  await client.send('Performance.enable');
  const spent = async () => {
    const { metrics } = await client.send('Performance.getMetrics');
    const of = (name) => metrics.find((metric) => metric.name === name).value * 1000;
    return [of('ScriptDuration'), of('LayoutDuration') + of('RecalcStyleDuration')];
  };
  for (let i = 0; i < WARM_UP; i++) await update(`w${i} `);
  const before = await spent();
  for (let i = 0; i < WORDS; i++) await update(`x${i} `);
  return (await spent()).map((ms, i) => ((ms - before[i]) / WORDS).toFixed(1));
}

const browser = await chromium.launch({ executablePath: findBrowser() });
const server = await ours(1);
const rows = [];
for (const size of SIZES) {
  const { page: url, write } = await conversation(server.url, size);
  const page = await browser.newPage();

  await page.goto(url);
  const last = page.locator('.entries > li').last();
  const shows = (text) =>
    last.filter({ hasText: text.trim() }).waitFor({ state: 'attached', timeout: 60_000 });
  const began = performance.now();
  await write('first ');
  await shows('first');
  const whole = performance.now() - began;
  const [script, layout] = await measured(page, async (text) => {
    await write(text);
    await shows(text);
  });
  rows.push([
    `${size.toLocaleString('en')}`,
    'the page of a session',
    `${script} ms`,
    `${layout} ms`,
    `${Math.round(whole)} ms`,
  ]);
  // What a page without bindings does: the same markup, written as a whole.
  await page.goto(url, { waitUntil: 'load' });
  await page.evaluate(() => window.VPOPolling.stop());
  const [plain, drawn] = await measured(page, (text) =>
    page.evaluate(async (more) => {
      const list = document.querySelector('.entries');
      window.markup ??= list.innerHTML;
      window.policy ??= window.trustedTypes?.createPolicy?.('bench', {
        createHTML: (html) => html,
      });
      window.markup += `<li>${more}</li>`;
      list.innerHTML = window.policy.createHTML(window.markup);
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    }, text),
  );
  rows.push(['', '`innerHTML` of all of it', `${plain} ms`, `${drawn} ms`, '']);
  await page.close();
}
await server.end();
await browser.close();

report(
  'turns',
  `## One more word of a streaming answer

What it costs the main thread of Chromium to show it in a page that has so many blocks of Markdown, by script and by style and layout;
mean of ${WORDS} updates. The last column is the first change after the page was painted, from the report of the event to the DOM: its answer
is the whole transcript, which the script does not have yet. The page of a session begins with 300 entries. ${circumstances('turns')}.

${heading(['blocks', '', 'script', 'layout', 'first change'])}
${rows.map(row).join('\n')}`,
);
