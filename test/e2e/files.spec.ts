// The tree of a project's files while its directory changes under it.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { newSession, withAgent } from './support/sessions.ts';
import { startVpo, type Vpo } from './support/vpo.ts';

let server: Vpo;
test.beforeAll(async () => {
  server = await startVpo({ config: withAgent });
});
test.afterAll(() => server.end());

/** `path change` of each file of the page. */
const marks = (page: Page) =>
  page
    .locator('.tree .file')
    .evaluateAll((rows) =>
      rows
        .map((row) => `${row.getAttribute('data-path')} ${row.getAttribute('data-change') ?? ''}`.trim())
        .sort(),
    );

async function write(root: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

test('a thousand operations: no change is missed, none is invented, folders stay open', async ({ page }) => {
  test.setTimeout(120_000);
  const root = join(server.folder, 'site');
  const base = new Set(Array.from({ length: 40 }, (_, n) => `d${n % 4}/e${n % 3}/f${n}.txt`));
  for (const path of base) await write(root, path, 'x');
  const { project } = await newSession(server, { root });
  await page.goto(`${server.url}/projects/${project}/files`);
  expect(await marks(page)).toEqual([...base].sort());
  await page.locator('summary', { hasText: 'd1' }).click();
  await expect(page.locator('.tree details[open]')).toHaveCount(1);
  const now = new Set(base);
  const written = new Set<string>();
  let seed = 11;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let step = 0; step < 1000; step++) {
    const path = `d${random(5)}/e${random(3)}/f${random(60)}.txt`;
    if (random(10) < 6) {
      await write(root, path, `${step}`);
      now.add(path);
      written.add(path);
    } else {
      await rm(join(root, path), { force: true });
      now.delete(path);
    }
  }
  const expected = [
    ...[...now].map((path) => {
      if (!base.has(path)) return `${path} created`;
      return written.has(path) ? `${path} modified` : path;
    }),
    ...[...base].filter((path) => !now.has(path)).map((path) => `${path} deleted`),
  ].sort();
  await expect.poll(() => marks(page), { timeout: 20_000 }).toEqual(expected);
  await expect(page.locator('.tree details[open] > summary .name')).toHaveText(['d1']);
  await page.reload();
  expect(await marks(page)).toEqual([...now].sort());
});

test('scripts hear of the same changes', async ({ page }) => {
  const root = join(server.folder, 'notes');
  await write(root, 'a.md', 'a');
  const { project } = await newSession(server, { root });
  await page.goto(`${server.url}/projects/${project}/files`);
  await page.evaluate(() => {
    const told: string[] = [];
    Object.assign(window, { told });
    const { VPOPolling } = window as unknown as {
      VPOPolling: { documents(options: object): { data: unknown } };
    };
    const record = VPOPolling.documents({
      url: document.querySelector('[data-vpo-tree]')?.getAttribute('data-vpo-src'),
      onDocumentChange: (changes: { filePath: string; changeType: string }[]) =>
        told.push(...changes.map(({ filePath, changeType }) => `${filePath} ${changeType}`)),
    });
    return new Promise<void>((resolve) => {
      const look = () => (record.data ? resolve() : setTimeout(look, 20));
      look();
    });
  });
  await write(root, 'b/c.md', 'c');
  const told = () => page.evaluate(() => (window as unknown as { told: string[] }).told);
  await expect.poll(told).toEqual(['b/c.md created']);
  await rm(join(root, 'a.md'));
  await expect.poll(told).toEqual(['b/c.md created', 'a.md deleted']);
});
