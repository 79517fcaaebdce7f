// The job page: its log is the file, and when the job has ended the page rests.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { countPolls } from './support/real-tabs.ts';
import { startVpo, type Vpo } from './support/vpo.ts';
import { writeLibrary } from './support/wav.ts';

let server: Vpo;
test.beforeAll(async () => {
  server = await startVpo({ env: { VPO_POLLING_INTERVAL_MS: '2000', VPO_POLLING_LOG_INTERVAL_MS: '2000' } });
  await writeLibrary(join(server.folder, 'media'), 400, 40, 8000);
});
test.afterAll(() => server.end());

test("the log on the page equals the file's bytes, then no request is sent", async ({ page }) => {
  await page.clock.install();
  // The plain pane, as a page without the second script has it.
  await page.route('**/vpo-polling-log*', (route) => route.abort());
  const id = await server.scan('media');
  await page.goto(`${server.url}/jobs/${id}`);
  await expect(page.locator('#connection-status')).toHaveText('Finished', { timeout: 60_000 });
  const file = await readFile(join(server.folder, 'data', 'logs', `${id}`, '1.log'), 'utf8');
  expect(file.split('\n').length).toBeGreaterThan(400);
  expect(
    await page
      .locator('[data-vpo-log]')
      .evaluate((pane) => (pane.querySelector('pre, code') ?? pane).textContent),
  ).toBe(file);

  const polls = countPolls(page);
  await page.clock.runFor(30_000);
  expect(polls.urls).toEqual([]);

  await page.goto(`${server.url}/jobs`);
  await expect(page.locator('#connection-status')).toHaveText('Live');
  const onDashboard = countPolls(page);
  // Long enough for a held poll that was on its way already to meet its deadline, and for the one that follows it.
  await page.clock.runFor(64_000);
  expect(onDashboard.count, 'the dashboard goes on at its idle interval').toBeGreaterThanOrEqual(1);
});
