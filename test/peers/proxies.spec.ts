// Proxies mark entity tags when they compress. Unchanged polls must still be 304, and the page right.
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { startVpo, type Vpo } from '../e2e/support/vpo.ts';
import { writeLibrary } from '../e2e/support/wav.ts';
import { PROXIES, startProxy } from './proxies.ts';

let server: Vpo;
test.beforeAll(async () => {
  server = await startVpo({ env: { VPO_POLLING_INTERVAL_MS: '2000' } });
  await writeLibrary(join(server.folder, 'media'), 20);
});
test.afterAll(() => server.end());

for (const [name, configure] of Object.entries(PROXIES)) {
  test(`behind ${name} with compression: a new row appears and unchanged polls are 304`, async ({ page }) => {
    const proxy = await startProxy(configure, server.port);
    const compressed = await fetch(`${proxy.url}/api/jobs`, { headers: { 'accept-encoding': 'gzip' } });
    expect(compressed.headers.get('content-encoding')).toBe('gzip');
    await page.goto(`${proxy.url}/jobs`);
    await expect(page.locator('#connection-status')).toHaveText('Live');
    const id = await server.scan('media');
    await page.locator('[data-vpo-refresh]').first().click();
    await expect(page.locator(`tr[data-job-id="${id}"]`)).toHaveAttribute('data-status', 'completed', {
      timeout: 30_000,
    });

    await expect(async () => {
      const answer = page.waitForResponse(/\/api\/jobs/, { timeout: 5_000 });
      await page.locator('[data-vpo-refresh]').first().click();
      expect((await answer).status()).toBe(304);
    }).toPass({ timeout: 20_000 });
    await page.close();
    await proxy.stop();
  });
}
