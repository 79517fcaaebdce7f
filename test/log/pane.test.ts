// The second script beside the page's, whichever comes first, and with servers that are not ours.
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { colour, contrast, sheet } from '../../scripts/ansi-colours.mjs';
import { answerOf, type FakeLog } from './support';

const script = (name: string) => new Function(readFileSync(`dist/${name}`, 'utf8'));
const scripts = { page: script('vpo-polling.min.js'), log: script('vpo-polling-log.min.js') };
const log: FakeLog = { text: '', gen: '1-a', isClosed: true };
let asked: URL[] = [];
let answer: (url: URL) => Response;

beforeEach(() => {
  asked = [];
  Object.assign(log, { text: 'one\n\u001b[31mtwo\u001b[0m\n<i>three</i>\n', gen: '1-a', isClosed: true });
  document.body.innerHTML = '<pre id="log" data-vpo-log="/api/jobs/7/logs"></pre>';
  Element.prototype.getBoundingClientRect = () => new DOMRect(0, 0, 100, 20);
  answer = (url) => Response.json(answerOf(log, url.searchParams));
  vi.stubGlobal('fetch', async (input: string | URL) => {
    const url = new URL(input, location.href);
    asked.push(url);
    return answer(url);
  });
});
afterEach(() => {
  (window as unknown as { VPOPolling?: { stop(): void } }).VPOPolling?.stop();
  Object.assign(window, { VPOPolling: undefined, VPOLog: undefined });
  vi.unstubAllGlobals();
});

const pane = () => document.querySelector('#log') as HTMLElement;
const rows = () => [...pane().querySelectorAll('.log-line')].map((row) => row.textContent);

it.each([
  ['before', ['log', 'page']],
  ['after', ['page', 'log']],
] as const)('takes the log over when its tag stands %s the page script’s', async (_, order) => {
  for (const name of order) scripts[name]();
  await vi.waitFor(() => expect(rows()).toEqual(['one', 'two', '<i>three</i>']));
  expect(pane().querySelector('.ansi-fg-1')?.textContent).toBe('two');
  expect(pane().querySelector('i')).toBeNull();
  expect(asked.at(-1)?.searchParams.get('start')).toBe('-131072');
});

it.each([
  ['lines', () => Response.json({ lines: ['one', 'two', ''], total_lines: 3, offset: 0, has_more: false })],
  ['plain text', () => new Response('one\ntwo\n', { headers: { 'Content-Type': 'text/plain' } })],
])('leaves a log that is served as %s to the plain pane', async (_, other) => {
  answer = other;
  scripts.log();
  scripts.page();
  await vi.waitFor(() => expect(pane().textContent).toBe('one\ntwo\n'));
  expect(rows()).toEqual([]);
});

it('shows a new attempt’s log in place of the old one, and nothing when stopped', async () => {
  Object.assign(log, { isClosed: false });
  scripts.log();
  scripts.page();
  await vi.waitFor(() => expect(rows()).toHaveLength(3));
  Object.assign(log, { text: 'anew\n', gen: '2-b', isClosed: true });
  document.body.insertAdjacentHTML('beforeend', '<button data-vpo-refresh></button>');
  document.querySelector('button')?.click();
  await vi.waitFor(() => expect(rows()).toEqual(['anew']));
});

it('says when lines were written after the first one, where that says it, without touching their text', async () => {
  const written = [
    '2026-01-01T10:00:00.5Z one',
    '2026-01-01T10:00:00Z late',
    '2026-01-02T12:03:04.567Z next day',
    'none',
  ];
  Object.assign(log, { text: `${written.join('\n')}\n` });
  scripts.log();
  scripts.page();
  await vi.waitFor(() => expect(rows()).toEqual(written));
  const since = () =>
    [...pane().querySelectorAll('.log-time')].map((time) => time.getAttribute('data-since'));
  expect(since()).toEqual(['0:00:00.000', '0:00:00.000', '26:03:04.067']);

  Object.assign(log, { text: `no time\n${written.join('\n')}\n`, gen: '2-b' });
  document.body.insertAdjacentHTML('beforeend', '<button data-vpo-refresh></button>');
  document.querySelector('button')?.click();
  await vi.waitFor(() => expect(rows()).toEqual(['no time', ...written]));
  expect(since()).toEqual([null, null, null]);
});

it('takes nobody back who scrolls on just when the bar is put right', async () => {
  Object.assign(log, { text: Array.from({ length: 2000 }, (_, n) => `line ${n}\n`).join('') });
  scripts.log();
  scripts.page();
  await vi.waitFor(() => expect(rows().at(-1)).toBe('line 1999'));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  pane().scrollTop = 20_000;
  pane().dispatchEvent(new Event('scroll'));
  // Its event comes with the next frame.
  pane().scrollTop = 10_000;
  vi.advanceTimersByTime(1000);
  vi.useRealTimers();
  expect(pane().scrollTop).toBe(10_000);
});

it('the style sheet of the colours is as the script makes it, and every ink can be read', () => {
  const file = readFileSync('templates/static/log-colours.css', 'utf8');
  expect(file).toBe(sheet());
  const papers = [...readFileSync('templates/static/tokens.css', 'utf8').matchAll(/--log: (#\w{6})/g)].map(
    ([, hex]) => hex,
  );
  expect(papers).toHaveLength(2);
  const rgb = (hex = '') => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  const tokens = [
    ...readFileSync('templates/static/log.css', 'utf8').matchAll(/--ansi-(paper-)?(\d+): (#\w{6})/g),
  ];
  const inks = [...file.matchAll(/fg-\d+ \{ color: (#\w{6})/g)].map(([, hex]) => hex);
  inks.push(...tokens.filter(([, paper]) => !paper).map(([, , , hex]) => hex));
  expect(inks).toHaveLength(256);
  for (const paper of papers) expect(inks.filter((ink) => contrast(rgb(ink), rgb(paper)) < 4.5)).toEqual([]);
  // On coloured paper the plain ink is white, or chosen by the paper; both can be read.
  for (const [, , , hex] of tokens.filter(([, paper]) => paper))
    expect(contrast(rgb(hex), [255, 255, 255])).toBeGreaterThanOrEqual(4.5);
  for (let i = 16; i < 256; i++)
    expect(
      Math.max(contrast(colour(i), [0, 0, 0]), contrast(colour(i), [255, 255, 255])),
    ).toBeGreaterThanOrEqual(4.5);
});
