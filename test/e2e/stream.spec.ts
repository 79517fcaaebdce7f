// A list that follows an event stream, in a real browser.
import { expect, type Page, type Request } from '@playwright/test';
import { test, untilHidden } from './support/real-tabs.ts';
import { startVpo, type Vpo } from './support/vpo.ts';

let server: Vpo;
test.beforeAll(async () => {
  server = await startVpo({ env: { VPO_POLLING_INTERVAL_MS: '2000' } });
});
test.afterAll(() => server.end());

async function run(...command: string[]): Promise<string> {
  const printed = await server.vpo('run', '--async', ...command);
  return /[0-9a-f-]{36}/.exec(printed)?.[0] ?? '';
}

/** The dashboard, its list by events; what it asks for. */
async function follow(page: Page): Promise<{ asked: string[]; open: Set<Request> }> {
  const asked: string[] = [];
  const open = new Set<Request>();
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname === '/api/jobs' || pathname === '/api/events/jobs') asked.push(pathname);
    if (pathname === '/api/events/jobs') open.add(request);
  });
  const over = (request: Request) => void open.delete(request);
  page.on('requestfinished', over);
  page.on('requestfailed', over);
  await page.route(`${server.url}/jobs`, async (route) => {
    const response = await route.fetch();
    const text = await response.text();
    await route.fulfill({
      response,
      body: text.replace(/data-vpo-src="\/api\/jobs/, 'data-polling-transport="sse" $&'),
    });
  });
  await page.goto(`${server.url}/jobs`);
  await expect(page.locator('#connection-status')).toHaveText('Live');
  return { asked, open };
}

const shows = (page: Page, id: string, status: RegExp) =>
  expect(page.locator(`tr[data-job-id="${id}"]`)).toHaveAttribute('data-status', status, { timeout: 10_000 });

test('a list follows its events, lets go when hidden, and is right when shown', async ({ realTabs }) => {
  const page = await realTabs.newPage();
  const { asked, open } = await follow(page);
  await shows(page, await run('true'), /completed/);
  await shows(page, await run('false'), /failed/);
  expect(asked, 'one stream and no poll').toEqual(['/api/events/jobs']);
  expect(open.size).toBe(1);

  const other = await realTabs.newPage();
  await other.bringToFront();
  await untilHidden(page);
  await expect.poll(() => open.size, { timeout: 10_000 }).toBe(0);
  const meanwhile = await run('true');
  expect(asked).toHaveLength(1);
  await page.bringToFront();
  await shows(page, meanwhile, /completed/);
});

test('the server restarts: the list polls until there is a stream again', async ({ realTabs }) => {
  const page = await realTabs.newPage();
  const { open } = await follow(page);
  await server.stop();
  await expect(page.locator('#connection-status')).toHaveText(/Reconnecting|Offline/, { timeout: 20_000 });
  await server.start();
  await expect(page.locator('#connection-status')).toHaveText('Live', { timeout: 40_000 });
  await shows(page, await run('true'), /completed/);
  await expect.poll(() => open.size, { timeout: 40_000 }).toBe(1);
});
