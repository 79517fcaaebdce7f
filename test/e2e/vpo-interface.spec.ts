// Pages whose own scripts call `window.VPOPolling`, as VPO's do: one loop each, whatever the tab goes through.
import { expect, type Page } from '@playwright/test';
import type { Poller } from '../../src/browser/index';
import { untilPolled } from './support/page-time.ts';
import { test, untilHidden } from './support/real-tabs.ts';
import { startVpoApi, type VpoApi } from './support/vpo-api.ts';

let api: VpoApi;
test.beforeEach(async () => {
  api = await startVpoApi();
});
test.afterEach(() => api.close());

interface Script {
  VPOPolling: typeof import('../../src/browser/index');
  poller: Poller;
  statuses: string[];
  job: Poller;
}
const JOBS = '/api/jobs';
const live = (page: Page) => page.locator('#connection-status');

async function openJobs(page: Page): Promise<void> {
  await page.clock.install();
  await page.goto(`${api.url}/jobs`);
}

/** Lets each of `count` intervals pass: one poll in each, no more. */
async function onePollPerInterval(page: Page, count = 4): Promise<void> {
  const before = api.count(JOBS);
  api.most = 0;
  for (let i = 1; i <= count; i++) {
    await page.clock.runFor(5_600);
    await expect.poll(() => api.count(JOBS)).toBe(before + i);
    // The next interval begins when the page has the answer.
    await page.evaluate(() => fetch('/nothing').then(() => new Promise((done) => requestIdleCallback(done))));
  }
  expect(api.most, 'requests at a time').toBe(1);
}

const statuses = (page: Page) => page.evaluate(() => (window as unknown as Script).statuses);
const isActive = (page: Page) => page.evaluate(() => (window as unknown as Script).poller.isActive);

test('create and start: the list is there at once, then one request an interval; the status is told once', async ({
  page,
}) => {
  await openJobs(page);
  await expect(page.locator('tr')).toHaveText('/media/a.mkv running');
  await expect(live(page)).toHaveText('Live');
  await expect(live(page)).toHaveClass('connection-status connection-status--connected');
  expect(api.count(JOBS)).toBe(1);
  await onePollPerInterval(page);
  expect(await statuses(page)).toEqual(['connected']);
});

test('really hidden and shown during a request: still one loop', async ({ realTabs }) => {
  const page = await realTabs.newPage();
  api.set(JOBS, 'hold');
  await openJobs(page);
  await expect.poll(() => api.count(JOBS)).toBe(1);
  const other = await realTabs.newPage();
  for (const hiddenFor of [300, 1_500, 1_500]) {
    await other.bringToFront();
    await untilHidden(page);
    await page.clock.runFor(hiddenFor);
    await page.bringToFront();
    await untilHidden(page, false);
  }
  expect(api.count(JOBS), 'the one request is not doubled').toBe(1);
  api.release();
  await expect(live(page)).toHaveText('Live');
  await onePollPerInterval(page);
});

test('what a hidden tab had asked is still shown, and nothing more is asked until it is seen again', async ({
  realTabs,
}) => {
  const page = await realTabs.newPage();
  api.set(JOBS, 'hold');
  await openJobs(page);
  await expect.poll(() => api.count(JOBS)).toBe(1);
  const other = await realTabs.newPage();
  await other.bringToFront();
  await untilHidden(page);
  await page.clock.runFor(1_500);
  api.release();
  await expect(page.locator('tr')).toHaveCount(1);
  await page.clock.runFor(60_000);
  expect(api.count(JOBS)).toBe(1);
  await page.bringToFront();
  await expect.poll(() => api.count(JOBS)).toBe(2);
  await onePollPerInterval(page);
});

test('stop and start during a request: the former is given up, one loop goes on', async ({ page }) => {
  api.set(JOBS, 'hold');
  await openJobs(page);
  await expect.poll(() => api.count(JOBS)).toBe(1);
  await page.evaluate(() => {
    const { poller } = window as unknown as Script;
    poller.stop();
    poller.start();
    poller.stop();
    poller.start();
    poller.start();
  });
  // Those in between may never have left the browser.
  await expect.poll(() => [api.count(JOBS) > 1, api.count(JOBS) - api.aborted]).toEqual([true, 1]);
  api.release();
  await expect(live(page)).toHaveText('Live');
  expect(await statuses(page)).toEqual(['connected']);
  await onePollPerInterval(page);
});

test('pause, resume, cleanup: nothing while paused, at once on resume, nothing ever after', async ({
  page,
}) => {
  await openJobs(page);
  await expect(live(page)).toHaveText('Live');
  await page.evaluate(() => (window as unknown as Script).poller.pause());
  await page.clock.runFor(60_000);
  expect(api.count(JOBS)).toBe(1);
  await page.evaluate(() => (window as unknown as Script).poller.resume());
  await expect.poll(() => api.count(JOBS)).toBe(2);
  expect(await isActive(page)).toBe(true);
  await page.evaluate(() => (window as unknown as Script).poller.cleanup());
  expect(await isActive(page)).toBe(false);
  await page.clock.runFor(180_000);
  expect(api.count(JOBS)).toBe(2);
});

test('back from the back/forward cache the poller is alive: one poll at once, one loop, no cleanup', async ({
  realTabs,
}) => {
  const page = await realTabs.newPage();
  await openJobs(page);
  await expect(live(page)).toHaveText('Live');
  await page.evaluate(() =>
    addEventListener('pageshow', (event) => Object.assign(window, { restored: event.persisted })),
  );
  // An answer younger than half the interval would still be good.
  await page.clock.runFor(3_000);
  await page.goto('about:blank');
  expect(api.count(JOBS)).toBe(1);
  await page.goBack({ waitUntil: 'commit' });
  await expect.poll(() => api.count(JOBS)).toBe(2);
  expect(await page.evaluate(() => (window as unknown as { restored?: boolean }).restored)).toBe(true);
  expect(api.count('/left')).toBe(0);
  expect(await isActive(page)).toBe(true);
  await onePollPerInterval(page);
});

test('a page that goes for good cleans up once', async ({ page }) => {
  await openJobs(page);
  await expect(live(page)).toHaveText('Live');
  await page.goto('about:blank');
  await expect.poll(() => api.count('/left')).toBe(1);
});

test('two pollers on one indicator: the worst of them shows, not the last', async ({ page }) => {
  api.set('/api/jobs/1/logs', 'fail');
  await page.clock.install();
  await page.goto(`${api.url}/jobs/1`);
  await expect(page.locator('#job-status')).toHaveText('running');
  await expect(live(page)).toHaveText('Reconnecting');
  // The job goes on answering, and does not hide that its log fails.
  for (let i = 2; i <= 3; i++) {
    await page.clock.runFor(5_600);
    await expect.poll(() => api.count('/api/jobs/1')).toBe(i);
    await expect(live(page)).toHaveText('Reconnecting');
  }
  api.release();
  await untilPolled(page, () =>
    expect(page.locator('#job-logs')).toHaveText('first\nsecond\n', { timeout: 100 }),
  );
  await expect(live(page)).toHaveText('Live');
  // And the other way round.
  api.set('/api/jobs/1', 'fail');
  await untilPolled(page, () => expect(live(page)).toHaveText('Reconnecting', { timeout: 100 }));
  api.release();
  api.status = 'completed';
  await untilPolled(page, () => expect(live(page)).toHaveText('Live', { timeout: 100 }));
  await expect(page.locator('#job-status')).toHaveText('completed');
  expect(await page.evaluate(() => (window as unknown as Script).job.isActive)).toBe(false);
  const asked = api.count('/api/jobs/1');
  await page.clock.runFor(30_000);
  expect(api.count('/api/jobs/1')).toBe(asked);
});

/** A poller with a `fetchFn` of the test's own; its calls and statuses are kept on `window`. */
async function withPoller(
  page: Page,
  fetchFn: string,
): Promise<() => Promise<{ calls: number; aborted: number }>> {
  await openJobs(page);
  await expect(live(page)).toHaveText('Live');
  await page.evaluate((source) => {
    const { VPOPolling, poller } = window as unknown as Script;
    poller.stop();
    const own = { calls: 0, aborted: 0 };
    const statuses: string[] = [];
    const run = new Function('signal', source);
    Object.assign(window, {
      own,
      statuses,
      poller: VPOPolling.create({
        fetchFn: ({ signal }) => {
          own.calls++;
          signal.addEventListener('abort', () => own.aborted++);
          return run(signal);
        },
        onStatusChange: (status) => statuses.push(status),
      }),
    });
    (window as unknown as Script).poller.start();
  }, fetchFn);
  return () => page.evaluate(() => (window as unknown as { own: { calls: number; aborted: number } }).own);
}

test('a fetchFn that throws is a failure: reconnecting, offline from the third on, and live again', async ({
  page,
}) => {
  const own = await withPoller(page, 'if (!window.works) throw new Error("no")');
  await expect(live(page)).toHaveText('Reconnecting');
  await expect.poll(statuses.bind(null, page)).toEqual(['reconnecting']);
  await page.clock.runFor(21_000);
  expect((await own()).calls).toBeGreaterThanOrEqual(3);
  await expect(live(page)).toHaveText('Offline');
  await expect(live(page)).toHaveAttribute('aria-label', 'Connection lost - retrying');
  await page.evaluate(() => Object.assign(window, { works: true }));
  await page.clock.runFor(125_000);
  await expect(live(page)).toHaveText('Live');
  expect(await statuses(page)).toEqual(['reconnecting', 'error', 'connected']);
});

test('a fetchFn that never settles is dropped after ten seconds, its signal aborted, and called again', async ({
  page,
}) => {
  const own = await withPoller(page, 'return new Promise(() => {})');
  await page.clock.runFor(9_000);
  expect(await own()).toEqual({ calls: 1, aborted: 0 });
  await page.clock.runFor(1_500);
  expect(await own()).toEqual({ calls: 1, aborted: 1 });
  await expect(live(page)).toHaveText('Reconnecting');
  await page.clock.runFor(10_000);
  expect((await own()).calls).toBe(2);
});

test('data-polling-enabled="false": no method does anything', async ({ page }) => {
  api.enabled = false;
  await openJobs(page);
  const before = await live(page).evaluate((element) => element.outerHTML);
  await page.evaluate(() => {
    const { poller } = window as unknown as Script;
    poller.start();
    poller.pause();
    poller.resume();
    poller.start();
  });
  await page.clock.runFor(60_000);
  expect(await isActive(page)).toBe(false);
  expect(api.seen).toEqual([]);
  expect(await live(page).evaluate((element) => element.outerHTML)).toBe(before);
  await page.evaluate(() => (window as unknown as Script).poller.cleanup());
});
