// Nobody looks, the server goes away, the network goes away: what the page does, and how soon it is back.
import { expect } from '@playwright/test';
import { countPolls, test, untilHidden } from './support/real-tabs.ts';
import { startVpo, type Vpo } from './support/vpo.ts';

let server: Vpo;
test.beforeEach(async () => {
  server = await startVpo({ env: { VPO_POLLING_INTERVAL_MS: '2000' } });
});
test.afterEach(() => server.end());

const LIVE = '#connection-status';

test('a really hidden tab sends nothing and polls at once when shown', async ({ realTabs }) => {
  const page = await realTabs.newPage();
  await page.clock.install();
  await page.goto(`${server.url}/jobs`);
  await expect(page.locator(LIVE)).toHaveText('Live');
  const other = await realTabs.newPage();
  await other.bringToFront();
  await untilHidden(page);
  await page.clock.runFor(1100);
  const hidden = countPolls(page);
  await page.clock.runFor(120_000);
  expect(hidden.urls).toEqual([]);

  const shown = page.waitForRequest(/\/api\/jobs/);
  await page.bringToFront();
  await untilHidden(page, false);
  await shown;
  await expect(page.locator(LIVE)).toHaveText('Live');
});

test('a page opened in a hidden tab sends nothing until it is shown', async ({ realTabs }) => {
  const front = await realTabs.newPage();
  await front.goto('about:blank');
  const polls: string[] = [];
  realTabs.on('request', (request) => {
    if (request.url().includes('/api/')) polls.push(request.url());
  });
  const opened = realTabs.waitForEvent('page');
  const session = await realTabs.browser()?.newBrowserCDPSession();
  await session?.send('Target.createTarget', { url: `${server.url}/jobs`, background: true });
  const page = await opened;
  await page.waitForLoadState();
  await untilHidden(page);
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 500 })));
  expect(polls).toEqual([]);
  const shown = page.waitForRequest(/\/api\/jobs/, { timeout: 5_000 });
  await page.bringToFront();
  await shown;
});

test('back from the back/forward cache the page polls once, at once', async ({ realTabs }) => {
  const page = await realTabs.newPage();
  await page.clock.install();
  await page.goto(`${server.url}/jobs`);
  await expect(page.locator(LIVE)).toHaveText('Live');
  await page.evaluate(() =>
    addEventListener('pageshow', (event) => Object.assign(window, { restored: event.persisted })),
  );
  // An answer younger than half the interval would still be good.
  await page.clock.runFor(1_500);
  await page.goto('about:blank');
  const polled = page.waitForRequest(/\/api\/jobs/, { timeout: 5_000 });
  await page.goBack({ waitUntil: 'commit' });
  await polled;
  expect(await page.evaluate(() => (window as unknown as { restored?: boolean }).restored)).toBe(true);
  await expect(page.locator(LIVE)).toHaveText('Live');
});

test('the server stops and starts again: the page says so and recovers at its backoff', async ({
  realTabs,
}) => {
  const page = await realTabs.newPage();
  await page.clock.install();
  await page.goto(`${server.url}/jobs`);
  await expect(page.locator(LIVE)).toHaveText('Live');
  await server.stop();
  await page.clock.runFor(31_000 + 3_300);
  await expect(page.locator(LIVE)).toHaveText(/Reconnecting|Connection lost/);
  await server.start();
  // Whatever the backoff, it never exceeds two minutes.
  await page.clock.runFor(125_000);
  await expect(page.locator(LIVE)).toHaveText('Live');
});

test('the network goes and comes: recovery within two seconds of online', async ({ realTabs }) => {
  const page = await realTabs.newPage();
  await page.clock.install();
  await page.goto(`${server.url}/jobs`);
  await expect(page.locator(LIVE)).toHaveText('Live');
  await realTabs.setOffline(true);
  await expect(page.locator(LIVE)).toHaveText(/^Offline/);
  const polls = countPolls(page);
  await page.clock.runFor(60_000);
  expect(polls.urls).toEqual([]);
  await server.stop();
  await server.start();
  await realTabs.setOffline(false);
  await page.clock.runFor(2_000);
  await expect(page.locator(LIVE)).toHaveText('Live');
});

test('a page hidden while the server restarts is right again when it is shown', async ({ realTabs }) => {
  const page = await realTabs.newPage();
  await page.clock.install();
  await page.goto(`${server.url}/jobs`);
  await expect(page.locator(LIVE)).toHaveText('Live');
  await server.stop();
  const other = await realTabs.newPage();
  await other.bringToFront();
  await untilHidden(page);
  // A shorter look elsewhere would cost, and bring, nothing.
  await page.clock.runFor(2_000);
  await server.start();
  const id = await server.scan('.');
  await page.bringToFront();
  await expect(page.locator(`tr[data-job-id="${id}"]`)).toBeAttached({ timeout: 2_000 });
});
