// The pictures of the docs, from the real server with fixed jobs.
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { type Samples, startSamples } from '../e2e/support/samples.ts';

const IMAGES = join(import.meta.dirname, '..', '..', 'docs', 'images');

let samples: Samples;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  samples = await startSamples(60);
});
test.afterAll(() => samples.end());

async function picture(page: Page, name: string, [width, height]: [number, number], job = ''): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.goto(`${samples.server.url}/jobs${job && `/${job}`}`);
  await expect(page.locator('#connection-status')).toHaveText('Live');
  if (job) await expect(page.locator('.log-line').last()).toBeAttached();
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
}

test('the dashboard', ({ page }) => picture(page, 'dashboard', [1280, 800]));

test('the dashboard in the dark', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(page, 'dashboard-dark', [1280, 800]);
});

test('the page of a job with its log', ({ page }) => picture(page, 'job', [1280, 1420], samples.ids.running));

test('the dashboard on a phone', ({ page }) => picture(page, 'narrow', [390, 844]));
