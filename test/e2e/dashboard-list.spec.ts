// The list as people work with it: through its pages, in its rows, on several at once, with and without the script.
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { startVpo, type Vpo } from './support/vpo.ts';
import { writeLibrary } from './support/wav.ts';

let server: Vpo;
test.beforeAll(async () => {
  server = await startVpo({ env: { VPO_POLLING_INTERVAL_MS: '2000' } });
  await writeLibrary(join(server.folder, 'small'), 2, 9);
  await writeLibrary(join(server.folder, 'many'), 300, 999, 16_000);
});
test.afterAll(() => server.end());
// Each test begins with an empty list.
test.beforeEach(async () => {
  await expect
    .poll(
      async () => {
        const { jobs } = await (await fetch(`${server.url}/api/jobs?limit=100`)).json();
        for (const { id, can_cancel } of jobs)
          await post(`/api/jobs/${id}/${can_cancel ? 'cancel' : 'delete'}`);
        return jobs.length;
      },
      { timeout: 30_000 },
    )
    .toBe(0);
});

const post = (path: string, body: object = {}) =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { origin: server.url, accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const record = async (id: string) => (await fetch(`${server.url}/api/jobs/${id}`)).json();

async function scan(): Promise<string> {
  const { id } = await (await post('/api/jobs', { type: 'scan', path: join(server.folder, 'small') })).json();
  await expect.poll(async () => (await record(id)).status, { timeout: 20_000 }).toBe('completed');
  return id;
}

const rows = (page: Page) => page.locator('table.jobs tbody tr');
const ids = (page: Page) =>
  rows(page).evaluateAll((all) => all.map((row) => row.getAttribute('data-job-id')));
/** Without the pointer, which stays where it is. */
const refresh = async (page: Page) => {
  const answer = page.waitForResponse(/\/api\/jobs/);
  await page.locator('[data-vpo-refresh]').dispatchEvent('click');
  await answer;
};

test('through the pages each job is seen once while others arrive, which wait behind a button', async ({
  page,
}) => {
  const there: string[] = [];
  for (let i = 0; i < 5; i++) there.unshift(await scan());
  await page.goto(`${server.url}/jobs?limit=2`);
  const seen = await ids(page);
  for (let i = 0; i < 2; i++) {
    await page.getByRole('link', { name: 'Next page' }).click();
    await expect(page).toHaveURL(/[?&]cursor=a/);
    await scan();
    seen.push(...(await ids(page)));
  }
  expect(seen).toEqual(there);
  await expect(page.getByRole('link', { name: 'Next page' })).toBeHidden();
  await page.getByRole('link', { name: 'Previous page' }).click();
  await expect(rows(page)).toHaveCount(2);
  expect(await ids(page)).toEqual(there.slice(2, 4));
  await page.reload();
  expect(await ids(page)).toEqual(there.slice(2, 4));
});

test('a column sorts and says so, a search waits for a pause, and a shared address restores both', async ({
  page,
}) => {
  await scan();
  await page.goto(`${server.url}/jobs`);
  await page.getByRole('columnheader', { name: 'Status' }).getByRole('link').click();
  await expect(page.getByRole('columnheader', { name: 'Status' })).toHaveAttribute('aria-sort', 'ascending');
  const asked: string[] = [];
  page.on('request', (request) => {
    // What follows with a tag is the poll of what was found.
    if (request.url().includes('search=') && !request.headers()['if-none-match']) asked.push(request.url());
  });
  await page.getByRole('searchbox').pressSequentially('nothing', { delay: 20 });
  await expect(page.getByText('No job matches these filters.')).toBeVisible();
  expect(asked.filter((url) => url.includes('/api/'))).toHaveLength(1);
  await expect(page).toHaveURL(/search=nothing/);
  await page.goto(page.url());
  await expect(page.getByRole('searchbox')).toHaveValue('nothing');
  await expect(page).toHaveURL(/sort=status/);
  await page.getByRole('link', { name: 'Show all jobs' }).first().click();
  await expect(rows(page)).toHaveCount(1);
  await page.goto(`${server.url}/jobs?offset=50`);
  await page.getByRole('link', { name: 'Go to its first page' }).click();
  await expect(rows(page)).toHaveCount(1);
});

test('a job is cancelled and run again from its row while the list changes under the question', async ({
  page,
}) => {
  const id = await server.scan('many', '--levels');
  await page.goto(`${server.url}/jobs`);
  const row = page.locator(`tr[data-job-id="${id}"]`);
  await row.getByRole('button', { name: 'Cancel many' }).click();
  const question = page.getByRole('dialog');
  await expect(question).toContainText('Cancel this job?');
  await expect(question).toContainText('many');
  const { id: other } = await (
    await post('/api/jobs', { type: 'scan', path: join(server.folder, 'small') })
  ).json();
  await expect(rows(page).or(page.locator('[data-vpo-new]:visible')).nth(1)).toBeAttached({
    timeout: 15_000,
  });
  await question.getByRole('button', { name: 'Cancel job' }).click();
  await expect(row).toHaveAttribute('data-status', 'cancelled', { timeout: 20_000 });
  await expect.poll(async () => (await record(other)).status, { timeout: 20_000 }).toBe('completed');
  await row.getByRole('button', { name: 'Run many again' }).click();
  await expect(row).toContainText('Attempt 2', { timeout: 20_000 });
});

test('several are selected, polls keep the ticks, and one button acts on all', async ({ page }) => {
  for (let i = 0; i < 3; i++) await scan();
  await page.goto(`${server.url}/jobs`);
  const bar = page.locator('form.selection');
  await expect(bar).toBeHidden();
  await page.getByRole('checkbox', { name: 'Select all' }).check();
  await rows(page).nth(1).getByRole('checkbox').uncheck();
  await expect(bar).toBeVisible();
  const kept = await rows(page).nth(1).getAttribute('data-job-id');
  await scan();
  await refresh(page);
  await expect(page.locator('[data-vpo-new]')).toHaveText('1 new');
  await expect(page.locator('tbody input:checked')).toHaveCount(2);
  await bar.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  // What waited while boxes were ticked comes once they are gone, and nothing else in the list is looked at.
  await page.mouse.move(0, 0);
  await expect.poll(async () => (await ids(page)).slice(1)).toEqual([kept]);
  await expect(page.locator('[data-vpo-new]')).toBeHidden();
  await expect(bar).toBeHidden();
});

const READING: Record<string, { begin(page: Page): Promise<unknown>; end(page: Page): Promise<unknown> }> = {
  'points to a row': {
    begin: (page) => rows(page).nth(1).hover(),
    end: (page) => page.mouse.move(0, 0),
  },
  'has scrolled into the list': {
    begin: async (page) => {
      await page.setViewportSize({ width: 1280, height: 320 });
      await rows(page)
        .nth(1)
        .evaluate((row) => row.scrollIntoView());
    },
    end: (page) => page.evaluate(() => scrollTo(0, 0)),
  },
  'has marked text in it': {
    begin: (page) =>
      rows(page)
        .nth(1)
        .evaluate((row) => getSelection()?.selectAllChildren(row)),
    end: (page) => page.evaluate(() => getSelection()?.removeAllRanges()),
  },
};

for (const [how, { begin, end }] of Object.entries(READING))
  test(`new rows wait while the reader ${how}, and come when that is over`, async ({ page }) => {
    for (let i = 0; i < 3; i++) await scan();
    await page.goto(`${server.url}/jobs`);
    await expect(rows(page)).toHaveCount(3);
    const before = await ids(page);
    await begin(page);
    const place = async () => (await rows(page).nth(1).boundingBox())?.y;
    const at = await place();
    const id = await scan();
    await refresh(page);
    await expect(page.locator('[data-vpo-new]')).toHaveText('1 new');
    await expect(page.locator('[data-vpo-new]')).toBeInViewport({ ratio: 1 });
    expect([await ids(page), await place()]).toEqual([before, at]);
    await end(page);
    await refresh(page);
    await expect(page.locator('[data-vpo-new]')).toBeHidden();
    expect(await ids(page)).toEqual([id, ...before]);
  });

/** Notifications are allowed, and kept in `window.told` instead of shown. */
const stubNotifications = (page: Page) =>
  page.addInitScript(() => {
    const told: string[] = [];
    class Told {
      static permission = 'granted';
      static requestPermission = async () => 'granted';
      constructor(title: string) {
        told.push(title);
      }
    }
    Object.assign(window, { told, Notification: Told });
  });
const told = (page: Page) => page.evaluate(() => (window as unknown as { told: string[] }).told);

test('the page of a job tells who asked, once, how it ended', async ({ page }) => {
  await stubNotifications(page);
  const id = await server.scan('many', '--levels');
  await page.goto(`${server.url}/jobs/${id}`);
  const notify = page.getByRole('button', { name: 'Notify me' });
  await notify.click();
  await expect(notify).toHaveAttribute('aria-pressed', 'true');
  await expect(page.locator('p.state')).toHaveText(/Running/, { timeout: 20_000 });
  expect(await told(page)).toEqual([]);
  await post(`/api/jobs/${id}/cancel`);
  await expect(page.locator('#connection-status')).toHaveText('Finished', { timeout: 20_000 });
  await expect(page).toHaveTitle(/^Cancelled .*many$/);
  await expect.poll(() => told(page)).toEqual([await page.title()]);
  await expect(notify).toBeHidden();
  // A finished page that is asked again has nothing more to tell.
  await page.reload();
  await expect(page.locator('#connection-status')).toHaveText('Finished');
  expect(await told(page)).toEqual([]);
});

test('charts, their table, title and icon follow a job that ends, and who asked is told once', async ({
  page,
}) => {
  await stubNotifications(page);
  await scan();
  const id = await server.scan('many', '--levels');
  await page.goto(`${server.url}/jobs`);
  await expect(page).toHaveTitle('1 running, 0 failed · Jobs');
  const icon = page.locator('link[rel=icon]');
  await expect(icon).toHaveAttribute('href', /running=1&failed=0/);
  const chart = page.locator('.charts img').first();
  const before = await chart.getAttribute('src');
  await expect(chart).toHaveJSProperty('complete', true);
  expect(await chart.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
  const notify = page.getByRole('button', { name: 'Notify me when all have ended' });
  await notify.click();
  await expect(notify).toHaveAttribute('aria-pressed', 'true');
  await post(`/api/jobs/${await scan()}/retry`);
  await post(`/api/jobs/${id}/cancel`);
  await expect(page).toHaveTitle('0 running, 0 failed · Jobs', { timeout: 20_000 });
  await expect(icon).toHaveAttribute('href', /running=0&failed=0/);
  await page.locator('[data-vpo-refresh]').click();
  await expect(chart).not.toHaveAttribute('src', before ?? '', { timeout: 10_000 });
  await expect(page.locator('table.stats tbody tr').last().locator('td').first()).not.toHaveText('1');
  expect(await told(page)).toHaveLength(1);
});

test('a running job’s page says each value the same in every place, and keeps the log of each attempt', async ({
  page,
  context,
}) => {
  const id = await server.scan('many', '--levels');
  await page.goto(`${server.url}/jobs/${id}`);
  await expect(page.locator('p.state')).toHaveText(/Running/, { timeout: 20_000 });
  await expect
    .poll(
      async () => {
        const bar = await page.locator('#job > .progress progress').getAttribute('value');
        const whole = Math.floor(Number(bar));
        return Number(bar) > 0 && (await page.title()).startsWith(`Running ${whole}% · many`);
      },
      { timeout: 20_000 },
    )
    .toBe(true);
  await expect(page.locator('link[rel=icon]')).toHaveAttribute('href', /status=running/);
  await post(`/api/jobs/${id}/cancel`);
  await expect(page).toHaveTitle(/^Cancelled .*many$/, { timeout: 20_000 });
  await expect(page.locator('p.state')).toHaveText(/Cancelled/);
  await expect(page.locator('.attempts .status')).toHaveText('Cancelled');
  await expect(page.locator('link[rel=icon]')).toHaveAttribute('href', /status=cancelled/);

  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy id' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(id);
  await page.getByRole('button', { name: 'Run again' }).click();
  await expect(page.locator('.attempts tbody tr')).toHaveCount(2);
  await page
    .locator('.attempts tbody tr')
    .filter({ hasText: 'Cancelled' })
    .getByRole('link', { name: 'Log' })
    .click();
  await expect(page).toHaveURL(/attempt=1#log$/);
  await expect(page.getByRole('heading', { name: 'Log of attempt 1' })).toBeVisible();
  await page.getByRole('link', { name: 'Log of the newest attempt' }).click();
  await expect(page).not.toHaveURL(/attempt=/);
});

test.describe('in German', () => {
  test.use({ locale: 'de-DE' });

  test('pages, states and questions speak it', async ({ page }) => {
    await page.goto(`${server.url}/jobs`);
    await expect(page.locator('html')).toHaveAttribute('lang', 'de');
    await scan();
    await page.locator('[data-vpo-refresh]').click();
    await expect(rows(page)).toContainText(['Abgeschlossen']);
    await rows(page).getByRole('checkbox').check();
    await page.locator('form.selection button.danger').click();
    await expect(page.getByRole('dialog')).not.toContainText(/delete|go back/i);
  });
});

test.describe('without the script', () => {
  test.use({ javaScriptEnabled: false });

  test('filters, rows and selections work and lead back to the list', async ({ page }) => {
    for (let i = 0; i < 3; i++) await scan();
    await page.goto(`${server.url}/jobs`);
    await page.getByRole('radio', { name: 'Completed' }).check();
    await page.getByRole('button', { name: 'Filter' }).click();
    await expect(page).toHaveURL(`${server.url}/jobs?status=completed`);
    await expect(rows(page)).toHaveCount(3);
    const [first] = await ids(page);
    await rows(page).first().getByRole('button', { name: 'Run small again' }).click();
    await expect(page).toHaveURL(`${server.url}/jobs?status=completed`);
    await expect.poll(async () => (await record(first ?? '')).attempt).toBe(2);
    await expect.poll(async () => (await record(first ?? '')).status, { timeout: 20_000 }).toBe('completed');
    for (const row of [0, 1]) await rows(page).nth(row).getByRole('checkbox').check();
    const { length } = await rows(page).all();
    await page.locator('form.selection').getByRole('button', { name: 'Delete' }).click();
    await expect(page).toHaveURL(`${server.url}/jobs?status=completed`);
    await expect.poll(async () => (await (await fetch(`${server.url}/api/jobs`)).json()).total).toBe(1);
    expect(length).toBeGreaterThanOrEqual(2);
  });
});
