// The example of docs/reporting.md, run as it stands there, by a reporter with a token of its own.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { startVpo } from './support/vpo.ts';

const DOC = join(import.meta.dirname, '..', '..', 'docs', 'reporting.md');
const PASSWORD = 'only for this test';

test('the example of the docs puts a job with its log on the pages', async ({ browser }) => {
  const server = await startVpo({ env: { VPO_AUTH_TOKEN: PASSWORD } });
  try {
    const token = (await server.vpo('token create', '--scope', 'report', '--name', 'docs')).trim();
    const [, example = ''] = /```sh\n(.*?)```/s.exec(readFileSync(DOC, 'utf8')) ?? [];
    await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', example], {
      env: { PATH: process.env.PATH, VPO_URL: server.url, VPO_REPORT_TOKEN: token.split(/\s/).at(-1) },
    });
    const page = await browser.newPage({ httpCredentials: { username: 'me', password: PASSWORD } });
    await page.goto(`${server.url}/jobs`);
    await page.getByRole('link', { name: 'web to production' }).click();
    await expect(page.locator('.status').first()).toHaveText('Completed');
    await expect(page.getByText('42 requests a second')).toBeVisible();
    await expect(page.locator('.stages tbody tr')).toContainText('Push the image');
    await expect(page.locator('#log')).toContainText('pushing layer 1');
    await expect(page.locator('#log')).toContainText('pushing layer 2');
  } finally {
    await server.end();
  }
});
