// `npm run bench:dom`: what one poll costs a table of jobs, by who brings it up to date. All in one run in one Chromium, in
// turns; each result is compared with the answer before its time counts. Writes a table into docs/benchmarks.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { findBrowser } from '../scripts/browser.mjs';
import { ROOT } from '../scripts/run.mjs';
import { first, htmlOf, STEPS } from './dom/rows.mjs';
import { circumstances, heading, report, row, versionOf } from './report.mjs';

/** Rows, and how often everything is measured. */
const SIZES = [
  [50, 7],
  [1000, 5],
  [10_000, 1],
];
/** One that needs longer for a poll of so many rows is not asked again. */
const LIMIT_MS = 5_000;
/** Between two refreshes of the page's script, which takes one per 500 ms. */
const PAUSE_MS = 510;

const CONTESTANTS = [
  { name: 'optimal', title: 'hand-written for this table' },
  { name: 'ours', title: '`vpo-polling.js`' },
  { name: 'memo', title: 'preact, memo rows' },
  { name: 'preact', title: 'preact' },
  { name: 'lit', title: 'lit `repeat`' },
  { name: 'alpine', title: 'Alpine `x-for`' },
  { name: 'morphdom', title: 'morphdom', isHtml: true },
  { name: 'idiomorph', title: 'idiomorph', isHtml: true },
  { name: 'htmx', title: 'htmx `innerMorph`', isHtml: true },
  { name: 'innerHTML', title: '`innerHTML`', isHtml: true },
];
const PEERS = ['preact', 'lit', 'alpinejs', 'morphdom', 'idiomorph', 'htmx.org'];

const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const TEMPLATE =
  '<template><tr data-vpo-attr-data-status="{status}"><td><a data-vpo-attr-href="/jobs/{id}" data-vpo-text="{name}"></a></td>' +
  '<td data-vpo-text="{type}"></td><td><span data-vpo-text="{status}"></span></td><td><progress max="100" ' +
  'data-vpo-attr-value="{percent}"></progress><span data-vpo-text="{done} of {total}"></span></td>' +
  '<td data-vpo-text="{created}"></td><td data-vpo-text="{duration}"></td><td data-vpo-text="{attempt}"></td>' +
  '<td data-vpo-text="{message}"></td></tr></template>';
const pageOf = (name) =>
  name === 'ours'
    ? `<body><button data-vpo-refresh></button><section data-vpo-src="/api/jobs" data-polling-enabled="false">
<table class="jobs"><tbody id="rows" data-vpo-each="jobs" data-vpo-key="id">${TEMPLATE}</tbody></table></section>`
    : '<body><table class="jobs"><tbody id="rows"></tbody></table>';

const { outputFiles } = await build({
  entryPoints: [join(ROOT, 'bench', 'dom', 'page.mjs')],
  bundle: true,
  minify: true,
  format: 'iife',
  write: false,
  conditions: ['production'],
  define: { 'process.env.NODE_ENV': '"production"' },
});

async function open(browser, { name }) {
  const page = await browser.newPage();
  await page.route('**/*', (route) =>
    route.fulfill({ contentType: 'text/html', body: `<!doctype html>${pageOf(name)}` }),
  );
  await page.goto('http://localhost/');
  for (const sheet of ['tokens', 'pages', 'states', 'jobs'])
    await page.addStyleTag({ content: read(`templates/static/${sheet}.css`) });
  await page.addScriptTag({ content: outputFiles[0].text });
  await page.evaluate((who) => window.bench.begin(who), name);
  if (name === 'ours') await page.addScriptTag({ content: read('dist/vpo-polling.js') });
  return page;
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const pause = (name) => name === 'ours' && new Promise((done) => setTimeout(done, PAUSE_MS));

/** Brings the table from the first jobs to those of `step` and back; what that cost, counted or timed. */
async function measure(page, { name, isHtml }, jobs, step, how) {
  const answer = (list) => [
    isHtml ? htmlOf(list) : JSON.stringify({ jobs: list }),
    JSON.stringify({ jobs: list }),
  ];
  const show = async (list, call) => {
    const [sent, json] = answer(list);
    await pause(name);
    const result = await page.evaluate(([call, text]) => window.bench[call](text), [call, sent]);
    const wrong = await page.evaluate((text) => window.bench.wrong(text), json);
    if (wrong) throw new Error(`${name}, ${jobs.length} rows: ${wrong}`);
    return result;
  };
  await show(jobs, 'time');
  return show(step(jobs), how);
}

/** Of one size: contestant -> step -> { script, all, records }, medians. */
async function compare(browser, count, times) {
  const jobs = first(count);
  const pages = new Map();
  for (const one of CONTESTANTS) pages.set(one, await open(browser, one));
  const found = new Map(CONTESTANTS.map((one) => [one, {}]));
  const late = new Set();
  const able = () => CONTESTANTS.filter((one) => !late.has(one));
  for (const [title, step] of Object.entries(STEPS)) {
    for (const one of able())
      found.get(one)[title] = {
        records: await measure(pages.get(one), one, jobs, step, 'count'),
        runs: [],
      };
    for (let time = 0; time < times; time++)
      // Each begins once: what runs first finds another machine than what runs last.
      for (const one of [...CONTESTANTS.slice(time), ...CONTESTANTS.slice(0, time)]) {
        if (late.has(one)) continue;
        const run = await measure(pages.get(one), one, jobs, step, 'time');
        found.get(one)[title].runs.push(run);
        if (run.all > LIMIT_MS) late.add(one);
      }
    const line = able().map(
      (one) => `${one.name} ${median(found.get(one)[title].runs.map(({ all }) => all)).toFixed(1)}`,
    );
    console.log(`${count} rows, ${title}: ${line.join(', ')}`);
  }
  for (const page of pages.values()) await page.close();
  return found;
}

function tableOf(found) {
  const of = (one, title, kind) => median(found.get(one)[title].runs.map((run) => run[kind]));
  const [optimal] = CONTESTANTS;
  const cell = (one, title) => {
    if (!found.get(one)[title]) return '–';
    const [script, all] = ['script', 'all'].map((kind) => of(one, title, kind));
    const ratio = one === optimal ? '1' : (all / of(optimal, title, 'all')).toFixed(1);
    return `${ratio} (${script.toFixed(1)} / ${all.toFixed(1)}), m ${found.get(one)[title].records}`;
  };
  const titles = Object.keys(STEPS);
  return [
    heading(['', ...titles]),
    ...CONTESTANTS.map((one) => row([one.title, ...titles.map((title) => cell(one, title))])),
  ].join('\n');
}

const browser = await chromium.launch({ executablePath: findBrowser() });
const tables = [];
for (const [count, times] of SIZES) {
  const found = await compare(browser, count, times);
  tables.push(`### ${count.toLocaleString('en')} rows, median of ${times}\n\n${tableOf(found)}`);
}
const version = browser.version();
await browser.close();

report(
  'dom',
  `## A table of jobs

What one poll costs until its rows are right and laid out, as a multiple of the hand-written patcher in the same run; in brackets
milliseconds of script / of script and layout (read by \`offsetHeight\`); \`m\` is mutation records. Each row has eight cells; a changed one
has three other values. JSON is parsed within the time; those that want HTML get it ready from the server. \`vpo-polling.js\` is driven
through its button and a stubbed \`fetch\`, from where it reads the body. Styles are those of the dashboard. Each result was compared
with the answer before it counted. –: not asked any more, as a poll had taken longer than ${LIMIT_MS / 1000} s.

Chromium ${version}, ${PEERS.map((name) => `${name} ${versionOf(name)}`).join(', ')}; ${circumstances('dom')}.

${tables.join('\n\n')}`,
);
