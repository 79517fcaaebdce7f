// The script on servers that know nothing of it: a poll there is a plain GET, and the page is right all the same.
import { expect, test } from '@playwright/test';
import {
  contractServer,
  expressServer,
  foreignServer,
  type Job,
  type PlainServer,
  staticServer,
} from './support/plain-servers.ts';

const job = (id: string, progress: number, status = 'running'): Job => ({
  id,
  status,
  file_path: `/media/${id}.mkv`,
  progress_percent: progress,
});

const KINDS: [string, () => Promise<PlainServer>][] = [
  ["VPO's contract without ETags", contractServer],
  ['a static JSON file', staticServer],
  ['a foreign origin that answers no preflight', foreignServer],
  ['Express with its own ETags', expressServer],
];

for (const [name, start] of KINDS) {
  test(`${name}: rows appear, change in place and go, and an unchanged poll writes nothing`, async ({
    page,
  }) => {
    const server = await start();
    await server.set([job('a', 10), job('b', 20)]);
    await page.clock.install();
    await page.goto(server.url);
    await expect(page.locator('tbody tr')).toHaveText([/a\.mkv\s*10%/, /b\.mkv\s*20%/]);
    await expect(page.locator('#connection-status')).toHaveText('Live');

    await page
      .locator('tbody tr')
      .last()
      .evaluate((row) => row.setAttribute('data-mark', 'same node'));
    await server.set([job('c', 0, 'queued'), job('b', 100, 'completed')]);
    await page.clock.runFor(2300);
    await expect(page.locator('tbody tr')).toHaveText([/c\.mkv\s*0%/, /b\.mkv\s*100%/]);
    await expect(page.locator('tbody tr[data-mark]')).toHaveAttribute('data-status', 'completed');

    await page.clock.runFor(3000);
    await page.evaluate(() => {
      const seen: MutationRecord[] = [];
      // The table alone: where the page's time runs ahead of the network, the indicator rightly tells its age.
      new MutationObserver((records) => seen.push(...records)).observe(
        document.querySelector('table') ?? document,
        {
          subtree: true,
          childList: true,
          characterData: true,
          attributes: true,
        },
      );
      Object.assign(window, { seen });
    });
    const before = server.seen.length;
    for (let i = 0; i < 3; i++) {
      await page.clock.runFor(2300);
      await expect.poll(() => server.seen.length).toBeGreaterThan(before + i);
    }
    expect(await page.evaluate(() => (window as unknown as { seen: unknown[] }).seen.length)).toBe(0);
    expect(server.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
    if (start === expressServer) expect(server.seen.at(-1)?.status).toBe(304);
    await page.close();
    await server.close();
  });
}
