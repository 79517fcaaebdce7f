// The README's embed example, as it stands there, on a server that only has the JSON.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { contractServer } from './support/plain-servers.ts';

test('the five lines of the README keep a table live', async ({ page }) => {
  const readme = await readFile(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  const example = /```html\n([\s\S]+?)```/.exec(readme)?.[1];
  expect(example?.trim().split('\n')).toHaveLength(5);
  const server = await contractServer(`<!doctype html><title>Example</title><body>${example}`);
  const job = { id: 'a', status: 'running', file_path: '/media/a.mkv', progress_percent: 12.7 };
  await server.set([job]);
  await page.clock.install();
  await page.goto(server.url);
  await expect(page.locator('tbody tr')).toHaveText('a.mkvrunning, 12%');
  await expect(page.locator('[data-vpo-connection]')).toHaveText('Live');
  await server.set([{ ...job, status: 'completed', progress_percent: 100 }]);
  await page.clock.runFor(5_600);
  await expect(page.locator('tbody tr')).toHaveText('a.mkvcompleted, 100%');
  await page.close();
  await server.close();
});
