// `npm start` on an empty database: real jobs begin when somebody looks, and Ctrl-C ends everything.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { answers, freePort, startProgram } from './support/process.ts';

const ROOT = join(import.meta.dirname, '..', '..');

test('the first look at the dashboard starts a scan of 2,000 files and the unit tests', async ({ page }) => {
  const folder = await mkdtemp(join(tmpdir(), 'vpo-demo-'));
  const port = await freePort();
  const args = ['scripts/start.mjs', '--port', String(port), '--data-dir', join(folder, 'data')];
  const program = startProgram('node', args, { cwd: ROOT });
  const url = `http://localhost:${port}`;
  await answers(`${url}/livez`, program);
  expect((await (await fetch(`${url}/api/jobs`)).json()).total).toBe(0);

  await page.clock.install();
  await page.goto(`${url}/jobs`);
  const rows = page.locator('table.jobs tbody tr');
  await expect(rows).toHaveCount(2);
  await expect(async () => {
    await page.clock.runFor(5_600);
    await expect(rows.filter({ hasText: 'sample-library' })).toContainText(/[1-9]\d* of 2000/, {
      timeout: 200,
    });
    await expect(rows.filter({ hasText: 'unit-tests' })).toContainText('Running', { timeout: 200 });
  }).toPass({ timeout: 40_000 });

  await program.stop('SIGINT');
  await expect(fetch(`${url}/livez`)).rejects.toThrow();
  await rm(folder, { recursive: true, force: true });
});
