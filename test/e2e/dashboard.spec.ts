// What people do on the pages: filter, start, cancel, repeat and delete; strict policy and a prefix included.
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { countPolls } from './support/real-tabs.ts';
import { startVpo, type Vpo } from './support/vpo.ts';
import { writeLibrary } from './support/wav.ts';

let server: Vpo;
test.beforeAll(async () => {
  server = await startVpo({ env: { VPO_POLLING_INTERVAL_MS: '2000' } });
  await writeLibrary(join(server.folder, 'media'), 3, 2);
});
test.afterAll(() => server.end());

const status = (page: Page) => page.locator('#connection-status');
const rowsOf = (page: Page) => page.locator('table.jobs tbody tr');
/** The form for a new scan is folded once there are jobs. */
async function unfold(page: Page): Promise<void> {
  const path = page.getByLabel('Directory to scan');
  if (!(await path.isVisible())) await page.locator('summary', { hasText: 'New scan' }).click();
}
const chip = (page: Page, name: string) => page.getByRole('radio', { name });

/** Scans the small library to its end; the job's id. */
async function finishedScan(): Promise<string> {
  await server.vpo('scan', join(server.folder, 'media'));
  const { jobs } = await (await fetch(`${server.url}/api/jobs?limit=1`)).json();
  return jobs[0].id;
}

/** Everything the browser had to say against the page. */
function complaints(page: Page): string[] {
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  return said;
}

test('a filter narrows the list and the URL, polls keep it, and back restores what was', async ({ page }) => {
  await finishedScan();
  const said = complaints(page);
  await page.clock.install();
  await page.goto(`${server.url}/jobs`);
  const rows = rowsOf(page);
  await expect(rows).not.toHaveCount(0);
  const all = await rows.count();

  await chip(page, 'Failed').check();
  await page.clock.runFor(1_000);
  await expect(page).toHaveURL(/[?&]status=failed/);
  await expect(rows).toHaveCount(0);
  await expect(page.getByText('No job matches these filters.')).toBeVisible();

  const polls = countPolls(page, /\/api\/jobs/);
  // Long enough for a held poll that was on its way already to meet its deadline, and for the one that follows it.
  await page.clock.runFor(64_000);
  await expect.poll(() => polls.count).toBeGreaterThan(0);
  expect(polls.urls.filter((url) => !url.includes('status=failed'))).toEqual([]);

  await page.goBack();
  await page.clock.runFor(1_000);
  await expect(rows).toHaveCount(all);
  await expect(chip(page, 'All')).toBeChecked();
  await page.goForward();
  await page.clock.runFor(1_000);
  await page.reload();
  await expect(chip(page, 'Failed')).toBeChecked();
  expect(said).toEqual([]);
});

test('a scan outside the roots is refused in words, one inside appears at once', async ({ page }) => {
  await page.goto(`${server.url}/jobs`);
  await expect(status(page)).toHaveText('Live');
  const path = page.getByLabel('Directory to scan');
  await unfold(page);
  await path.fill('/');
  await page.getByRole('button', { name: 'Start scan' }).click();
  await expect(page.getByRole('form', { name: 'New scan' }).locator('[data-vpo-message]')).toBeVisible();
  await expect(page.getByRole('form', { name: 'New scan' }).locator('[data-vpo-message]')).toContainText(
    /scan_roots|outside|not (?:in|below)/i,
  );
  await expect(path).toHaveValue('/');

  const before = await rowsOf(page).count();
  await path.fill(join(server.folder, 'media'));
  await page.getByRole('button', { name: 'Start scan' }).click();
  await expect(rowsOf(page)).toHaveCount(before + 1);
  await expect(page.getByRole('form', { name: 'New scan' }).locator('[data-vpo-message]')).toBeHidden();
});

test('a finished job is run again, then deleted after a question, and its page says so', async ({
  page,
  context,
}) => {
  const id = await finishedScan();
  const said = complaints(page);
  await page.goto(`${server.url}/jobs/${id}`);
  await page.getByRole('button', { name: 'Run again' }).click();
  await expect(page.locator('.attempts tbody tr')).toHaveCount(2);
  await expect(page.locator('#job')).toHaveAttribute('data-status', 'completed', { timeout: 20_000 });
  await expect(status(page)).toHaveText('Finished', { timeout: 20_000 });

  const other = await context.newPage();
  await other.goto(`${server.url}/jobs/${id}`);
  await page.bringToFront();
  await page.getByRole('button', { name: 'Delete' }).click();
  const question = page.getByRole('dialog');
  await expect(question).toContainText('Delete this job and its log?');
  await question.getByRole('button', { name: 'Go back' }).click();
  await expect(question).toBeHidden();
  expect((await fetch(`${server.url}/api/jobs/${id}`)).status).toBe(200);

  await page.getByRole('button', { name: 'Delete' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /delete|ok|yes/i })
    .click();
  await expect.poll(async () => (await fetch(`${server.url}/api/jobs/${id}`)).status).toBe(404);
  await other.locator('[data-vpo-refresh]').click();
  await expect(other.getByText(/no longer exists/i).first()).toBeVisible();
  expect(said.filter((text) => !text.includes('404'))).toEqual([]);
});

test('a job that runs is cancelled from its page', async ({ page }) => {
  await writeLibrary(join(server.folder, 'many'), 300, 999, 16_000);
  const id = await server.scan('many', '--levels');
  await page.goto(`${server.url}/jobs/${id}`);
  await page.getByRole('button', { name: 'Cancel job' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click();
  await expect(page.locator('#job')).toHaveAttribute('data-status', 'cancelled', { timeout: 20_000 });
  await expect(status(page)).toHaveText('Finished', { timeout: 20_000 });
});

test('under the strict policy nothing is violated and the console stays empty', async ({ page }) => {
  const said = complaints(page);
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(event.violatedDirective));
  });
  for (const path of ['/jobs', `/jobs/${await finishedScan()}`]) {
    const response = await page.goto(`${server.url}${path}`);
    expect(response?.headers()['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    await expect(status(page)).toHaveText(/Live|Finished/);
  }
  expect(said).toEqual([]);
});

test('mounted under a prefix, every link, form and poll stays below it', async ({ page }) => {
  const mounted = await startVpo({
    env: { VPO_URL_PREFIX: '/tools/vpo', VPO_POLLING_INTERVAL_MS: '2000' },
    prefix: '/tools/vpo',
  });
  await writeLibrary(join(mounted.folder, 'media'), 2);
  const outside: string[] = [];
  page.on('request', (request) => {
    if (!new URL(request.url()).pathname.startsWith('/tools/vpo/')) outside.push(request.url());
  });
  await page.goto(`${mounted.url}/tools/vpo/jobs`);
  await expect(status(page)).toHaveText('Live');
  await page.getByLabel('Directory to scan').fill(join(mounted.folder, 'media'));
  await page.getByRole('button', { name: 'Start scan' }).click();
  await page.locator('table.jobs tbody tr a').first().click();
  await expect(page.locator('#job')).toHaveAttribute('data-status', 'completed', { timeout: 20_000 });
  await page.getByRole('link', { name: 'All jobs' }).click();
  await expect(rowsOf(page)).toHaveCount(1);
  expect(outside).toEqual([]);
  await page.close();
  await mounted.end();
});
