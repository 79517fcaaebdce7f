// The forms' script as it is built: it works before and after the page's own, ends with it and begins again.
import { readFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';

const PAGE = readFileSync('dist/vpo-polling.min.js', 'utf8');
const FORMS = readFileSync('dist/vpo-polling-forms.min.js', 'utf8');
interface Api {
  start(): void;
  stop(): void;
  use(extension: (tools: unknown, signal: AbortSignal) => void): void;
}
const api = () => (window as unknown as { VPOPolling: Api }).VPOPolling;

// Each script in a scope of its own, as the browser runs it.
const run = (code: string): unknown => new Function(code)();

const asked: string[] = [];
function open(): void {
  asked.length = 0;
  vi.stubGlobal('fetch', async (url: string, { method = 'GET' } = {}) => {
    asked.push(`${method} ${new URL(url).pathname}`);
    return new Response('{"jobs":[]}', { headers: { 'Content-Type': 'application/json' } });
  });
  document.body.innerHTML = `<section id="jobs" data-vpo-src="/api/jobs"></section>
<form action="/api/jobs" data-vpo-action="jobs"><button>Start</button></form>`;
}

afterEach(() => {
  api().stop();
  vi.unstubAllGlobals();
  for (const name of ['VPOPolling', 'VPOForms']) Reflect.deleteProperty(window, name);
});

const posts = () => asked.filter((one) => one === 'POST /api/jobs').length;

it.each([
  ['before', [FORMS, PAGE]],
  ['after', [PAGE, FORMS]],
])('%s the page’s script', async (_, scripts) => {
  open();
  scripts.forEach(run);
  document.querySelector('button')?.click();
  await vi.waitFor(() => expect(posts()).toBe(1));
  await vi.waitFor(() => expect(document.querySelector('form[aria-busy]')).toBeNull());
  api().stop();
  // What the browser would do now is its own business; here it must not leave the page.
  const leave = (event: Event) => event.preventDefault();
  document.addEventListener('submit', leave);
  document.querySelector('button')?.click();
  document.removeEventListener('submit', leave);
  expect(posts()).toBe(1);
  api().start();
  document.querySelector('button')?.click();
  await vi.waitFor(() => expect(posts()).toBe(2));
});

it('an extension works while the page does, and hears of each end', () => {
  open();
  run(PAGE);
  const heard: string[] = [];
  api().use((_tools, signal) => {
    heard.push('begins');
    signal.addEventListener('abort', () => heard.push('ends'));
  });
  expect(heard).toEqual(['begins']);
  api().stop();
  api().stop();
  api().start();
  expect(heard).toEqual(['begins', 'ends', 'begins']);
});
