// Several windows of one browser, on a plain-HTTP origin that is not localhost: no Web Locks there, and six connections for
// all of them together.
import { type BrowserContext, expect, type Page, type Request, test } from '@playwright/test';
import { findBrowser } from '../../scripts/browser.mjs';
import { startVpo, type Vpo } from './support/vpo.ts';

const HOST = 'vpo.test';
/** What the indicator says once the first answer is there. */
const LIVE = { timeout: 20_000 };

test.use({
  launchOptions: {
    executablePath: findBrowser() ?? '',
    args: [
      `--host-resolver-rules=MAP ${HOST} 127.0.0.1`,
      '--disable-background-networking',
      '--no-first-run',
    ],
  },
});

let server: Vpo;
let url: string;
test.beforeAll(async () => {
  server = await startVpo({ env: { VPO_ALLOWED_HOSTS: HOST, VPO_WORKERS: '8' } });
  url = `http://${HOST}:${server.port}/jobs`;
  await begin();
});
test.afterAll(() => server.end());

/** A job that runs until the end of the test; its id. */
async function begin(): Promise<string> {
  const printed = await server.vpo('run', '--async', 'sleep', '600');
  return /[0-9a-f-]{36}/.exec(printed)?.[0] ?? '';
}

/** Which polls are held at the moment, and who has asked for what. */
class Traffic {
  readonly held = new Set<Request>();
  readonly asked: [page: Page, path: string][] = [];
  most = 0;

  watch(page: Page): void {
    page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (!pathname.startsWith('/api/')) return;
      this.asked.push([page, pathname]);
      if (/wait=[1-9]/.test(request.headers().prefer ?? '')) this.held.add(request);
      this.most = Math.max(this.most, this.held.size);
    });
    const over = (request: Request) => void this.held.delete(request);
    page.on('requestfinished', over);
    page.on('requestfailed', over);
    const gone = () => {
      for (const request of this.held) if (request.frame().page() === page) this.held.delete(request);
    };
    page.on('close', gone);
    page.on('crash', gone);
  }

  forget(): void {
    this.asked.length = this.most = 0;
  }
}

async function openTen(context: BrowserContext): Promise<[Page[], Traffic]> {
  const traffic = new Traffic();
  const pages: Page[] = [];
  for (let i = 0; i < 10; i++) {
    const page = await context.newPage();
    traffic.watch(page);
    await page.goto(url);
    pages.push(page);
  }
  for (const page of pages) await expect(page.locator('#connection-status')).toHaveText('Live', LIVE);
  await expect.poll(() => traffic.held.size).toBe(2);
  return [pages, traffic];
}

const shows = (page: Page, id: string, timeout = 5_000) =>
  expect(page.locator(`tr[data-job-id="${id}"]`), 'the row').toBeAttached({ timeout });

test('ten windows ask as one, hold two requests, and each is answered at once', async ({ context }) => {
  const [pages, traffic] = await openTen(context);
  expect(await pages[0]?.evaluate(() => [isSecureContext, 'locks' in navigator])).toEqual([false, false]);
  // A window that was painted has no data yet that a delta of the asking one could be applied to: it may ask once.
  const first = await begin();
  await Promise.all(pages.map((page) => shows(page, first)));
  await expect.poll(() => traffic.held.size).toBe(2);
  traffic.forget();
  const id = await begin();
  await Promise.all(pages.map((page) => shows(page, id)));
  await expect.poll(() => traffic.held.size).toBe(2);
  expect(traffic.most, 'held at a time').toBeLessThanOrEqual(2);
  const askers = new Set(traffic.asked.filter(([, path]) => path === '/api/jobs').map(([page]) => page));
  expect(askers.size, 'windows that asked for the list').toBe(1);

  // Neither a write nor a new page waits for a connection.
  const last = pages[9] as Page;
  const posted = last.waitForResponse((response) => response.request().method() === 'POST', {
    timeout: 3_000,
  });
  const row = last.locator(`tr[data-job-id="${id}"]`);
  await row.getByRole('button', { name: /Cancel/ }).click();
  await last.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click();
  expect((await posted).status()).toBe(200);
  const eleventh = await context.newPage();
  await eleventh.goto(url, { timeout: 3_000 });
  await Promise.all(
    pages.map((page) =>
      expect(page.locator(`tr[data-job-id="${id}"]`)).toHaveAttribute('data-status', 'cancelled', LIVE),
    ),
  );
});

test('the window that asks is closed, or crashes: another one asks', async ({ context }) => {
  const [[first, second, ...others], traffic] = await openTen(context);
  await first?.close();
  traffic.forget();
  await shows(others[0] as Page, await begin(), 2_000);
  const crash = await context.newCDPSession(second as Page);
  void crash.send('Page.crash').catch(() => {});
  await second?.waitForEvent('crash');
  const id = await begin();
  await Promise.all(others.map((page) => shows(page, id, 4_000)));
  await expect.poll(() => traffic.held.size).toBe(2);
  for (const page of others) await expect(page.locator('#connection-status')).toHaveText('Live');
});
