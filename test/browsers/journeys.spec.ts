// The essential journeys in Firefox and WebKit: each is described once, and nothing in it knows which browser it is.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test as base, expect } from '@playwright/test';
import { startVpo, type Vpo } from '../e2e/support/vpo.ts';
import { openFirefox } from './support/firefox.ts';
import { type Gate, openGate } from './support/gate.ts';
import type { Tab } from './support/tab.ts';
import { openWebKit } from './support/webkit.ts';

const PATIENCE = { timeout: 20_000 };
const MILLION = 1_000_000;

let server: Vpo;
let gate: Gate;
const test = base.extend<{ tab: Tab }>({
  tab: async ({ playwright, launchOptions }, use, { project }) => {
    if (project.name === 'webkit') {
      const tab = await openWebKit();
      await use(tab);
      return tab.end();
    }
    const browser = await playwright.firefox.launch({ ...launchOptions, channel: 'moz-firefox' });
    await use(await openFirefox(await browser.newContext({ viewport: { width: 1280, height: 1400 } })));
    await browser.close();
  },
});

test.beforeAll(async () => {
  server = await startVpo({ env: { VPO_POLLING_INTERVAL_MS: '2000', VPO_POLLING_LOG_INTERVAL_MS: '2000' } });
  gate = await openGate(server.port);
  // While something runs, lists are asked for at the interval; and silence can be told from it.
  await server.vpo('run', '--async', 'sleep', '3600');
});
test.afterAll(async () => {
  await gate.end();
  await server.end();
});

const textOf = (tab: Tab, selector: string) =>
  tab.run((css) => document.querySelector(css)?.textContent ?? null, selector);
const isLive = (tab: Tab) => expect.poll(() => textOf(tab, '#connection-status'), PATIENCE).toBe('Live');

/** The job's row is there. One that would move what the reader looks at waits behind a button, and is let in. */
const isThere = (tab: Tab, id: string, timeout = 5_000) =>
  expect
    .poll(
      async () => {
        await tab.run(() =>
          document.querySelector<HTMLElement>('[data-vpo-new="jobs"]:not([hidden])')?.click(),
        );
        return statusOf(tab, id);
      },
      { timeout },
    )
    .toMatch(/^(running|completed)$/);

/** A job that lasts for more than two intervals, while nothing may be asked. */
async function runQuietly(): Promise<string> {
  gate.forget();
  const id = await runJob(['sleep', '5']);
  expect(gate.asked).toEqual([]);
  return id;
}

/** Runs a program as a job. Resolves to its id: once it has ended, unless `isAwaited` is false. */
async function runJob(command: string[], isAwaited = true): Promise<string> {
  const printed = await server.vpo('run', '--async', ...command);
  const id = /[0-9a-f-]{36}/.exec(printed)?.[0] ?? '';
  const status = async () => (await (await fetch(`${server.url}/api/jobs/${id}`)).json()).status;
  if (isAwaited) await expect.poll(status, { timeout: 60_000 }).toBe('completed');
  return id;
}

const statusOf = (tab: Tab, id: string) =>
  tab.run(
    (job) => document.querySelector(`tr[data-job-id="${job}"]`)?.getAttribute('data-status') ?? null,
    id,
  );

/** A program that goes on until `end` exists, and writes what is appended to `text`. */
async function writer(name: string): Promise<{ command: string[]; text: string; end: string }> {
  const [text, end] = [join(server.folder, `${name}.txt`), join(server.folder, `${name}.end`)];
  await writeFile(text, '');
  const script = `tail -n +1 -f '${text}' & while [ ! -e '${end}' ]; do sleep 0.1; done; sleep 0.3; kill $!`;
  return { command: ['sh', '-c', script], text, end };
}

test('a job appears on the open dashboard and ends in place', async ({ tab }) => {
  await tab.open(`${gate.url}/jobs`);
  await isLive(tab);
  const { command, end } = await writer('row');
  const id = await runJob(command, false);
  await isThere(tab, id, PATIENCE.timeout);
  await tab.run((job) => {
    const row = document.querySelector(`tr[data-job-id="${job}"]`);
    row?.setAttribute('data-mine', '');
    row?.querySelector('a')?.focus();
  }, id);
  await writeFile(end, '');
  await expect.poll(() => statusOf(tab, id), PATIENCE).toBe('completed');
  const kept = await tab.run(() => {
    const row = document.querySelector('[data-mine]');
    return row?.getAttribute('data-status') === 'completed' && row.contains(document.activeElement);
  });
  expect(kept, 'the same row, with the focus still in it').toBe(true);
});

test('the log grows on the page while it is written, and ends with its job', async ({ tab }) => {
  const { command, text, end } = await writer('log');
  const id = await runJob(command, false);
  await tab.open(`${gate.url}/jobs/${id}`);
  const write = (from: number, to: number) =>
    writeFile(text, Array.from({ length: to - from + 1 }, (_, i) => `written ${from + i}\n`).join(''), {
      flag: 'a',
    });
  const last = () =>
    tab.run(() => {
      const rows = document.querySelectorAll('#log .log-line');
      const pane = document.querySelector('#log')?.getBoundingClientRect();
      const row = rows[rows.length - 1];
      if (!row || !pane) return null;
      const { top, bottom } = row.getBoundingClientRect();
      return top >= pane.top && bottom <= pane.bottom + 1 ? row.textContent : 'out of view';
    });
  await write(1, 300);
  await expect.poll(last, PATIENCE).toBe('written 300');
  await write(301, 340);
  await expect.poll(last, PATIENCE).toBe('written 340');
  await writeFile(end, '');
  await expect.poll(() => textOf(tab, '#connection-status'), PATIENCE).toBe('Finished');
});

test('hidden it asks for nothing, shown again it is right at once', async ({ tab }) => {
  await tab.open(`${gate.url}/jobs`);
  await isLive(tab);
  await tab.hide();
  await expect.poll(() => tab.run(() => document.hidden), PATIENCE).toBe(true);
  // A second of hiding is no reason yet.
  await expect.poll(() => textOf(tab, '#connection-status'), PATIENCE).toMatch(/^Paused/);
  const id = await runQuietly();
  await tab.show();
  await expect.poll(() => tab.run(() => document.hidden), PATIENCE).toBe(false);
  await isThere(tab, id);
});

test('offline it says so and asks for nothing, online it is right within seconds', async ({ tab }) => {
  await tab.open(`${gate.url}/jobs`);
  await isLive(tab);
  gate.shut(true);
  await tab.setOffline(true);
  await expect.poll(() => textOf(tab, '#connection-status'), PATIENCE).toMatch(/^Offline/);
  const id = await runQuietly();
  gate.shut(false);
  await tab.setOffline(false);
  await isThere(tab, id);
  await isLive(tab);
});

test('back from the back/forward cache it is right at once', async ({ tab }) => {
  await tab.open(`${gate.url}/jobs`);
  await isLive(tab);
  await tab.open(`${gate.url}/jobs/none`);
  const id = await runJob(['sleep', '2']);
  await tab.back();
  // Firefox, and WebKit at times, keep no page that has a request open, as a held poll is: they load it anew.
  await isThere(tab, id);
  await isLive(tab);
});

test('a question is asked and answered by keyboard, and the focus comes back', async ({ tab }) => {
  const id = await runJob(['true']);
  await tab.open(`${gate.url}/jobs/${id}`);
  await expect.poll(() => textOf(tab, '#connection-status'), PATIENCE).toBe('Finished');
  const focused = () => tab.run(() => document.activeElement?.textContent ?? null);
  await tab.run(() => document.querySelector<HTMLElement>('.danger')?.focus());
  await tab.press('Enter');
  await expect.poll(focused, PATIENCE).toBe('Go back');
  await tab.press('Escape');
  await expect.poll(focused, PATIENCE).toBe('Delete');
  await tab.click('.danger');
  await tab.click('dialog button:last-child');
  await expect.poll(async () => (await fetch(`${server.url}/api/jobs/${id}`)).status, PATIENCE).toBe(404);
});

test('a log of a million lines is within reach: its end, any line by its link, its beginning', async ({
  tab,
}) => {
  test.setTimeout(120_000);
  const id = await runJob(['seq', '-f', 'this is line %.0f', '1', `${MILLION}`]);
  await tab.open(`${gate.url}/jobs/${id}`);
  /** What the rows in view say, and whether it is what their numbers say. */
  const inView = () =>
    tab.run(() => {
      const pane = document.querySelector('#log');
      const edge = pane?.getBoundingClientRect();
      const rows = [...document.querySelectorAll<HTMLElement>('#log .log-line')].filter((row) => {
        const { top, bottom } = row.getBoundingClientRect();
        return edge && bottom > edge.top && top < edge.bottom;
      });
      const lines = rows.map((row) => Number(row.querySelector('a')?.dataset.line));
      const isTrue = rows.every((row, i) => row.textContent === `this is line ${lines[i]}`);
      return { from: lines[0] ?? 0, to: lines.at(-1) ?? 0, isTrue, height: pane?.scrollHeight ?? 0 };
    });
  const reaches = (line: number) =>
    expect
      .poll(async () => {
        const { from, to, isTrue } = await inView();
        return isTrue && from <= line && line <= to;
      }, PATIENCE)
      .toBe(true);
  await reaches(MILLION);
  // As tall as Firefox can have it, with room to spare.
  expect((await inView()).height).toBeGreaterThan(1_000_000);
  await tab.run(() => {
    location.hash = '#L500000';
  });
  await reaches(500_000);
  await tab.run((part) => {
    const pane = document.querySelector('#log');
    if (pane) pane.scrollTop = pane.scrollHeight * part;
  }, 0.25);
  await expect
    .poll(async () => {
      const { from, isTrue } = await inView();
      return isTrue && from > 1 && from < 500_000;
    }, PATIENCE)
    .toBe(true);
  await tab.run(() => document.querySelector<HTMLElement>('#log')?.focus());
  await tab.press('Home');
  await reaches(1);
});
