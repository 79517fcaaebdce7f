// A scan runs while its dashboard is open: what a person sees, and what the page must not do to the reader.
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { watchWrites, writes } from './support/records.ts';
import { startVpo, type Vpo } from './support/vpo.ts';
import { writeLibrary } from './support/wav.ts';

const FILES = 400;
let server: Vpo;

test.beforeAll(async () => {
  server = await startVpo({ env: { VPO_POLLING_INTERVAL_MS: '2000' } });
  await writeLibrary(join(server.folder, 'media'), FILES, 50, 8000);
  await writeLibrary(join(server.folder, 'small'), 3, 99);
});
test.afterAll(() => server.end());

const rowOf = (page: Page, id: string) => page.locator(`tr[data-job-id="${id}"]`);

/** What the reader does with the first row before the new one arrives. */
async function settleIn(page: Page, id: string): Promise<void> {
  await rowOf(page, id).evaluate((row) => {
    const cell = row.querySelector('td');
    if (!cell) throw new Error('the row has no cell');
    const details = document.createElement('details');
    details.append(document.createElement('summary'), 'what a page script added');
    details.open = true;
    const box = Object.assign(document.createElement('input'), { type: 'checkbox', checked: true });
    const field = Object.assign(document.createElement('input'), { className: 'typed', value: 'half a sen' });
    cell.append(details, box, field);
    field.focus();
    field.setSelectionRange(2, 4);
    document.body.style.minHeight = '300vh';
    window.scrollTo(0, 40);
  });
}

const readerState = (page: Page, id: string) =>
  rowOf(page, id).evaluate((row) => {
    const field = row.querySelector<HTMLInputElement>('.typed');
    return {
      focused: document.activeElement === field,
      caret: [field?.selectionStart, field?.selectionEnd],
      typed: field?.value,
      ticked: row.querySelector<HTMLInputElement>('details ~ input[type=checkbox]')?.checked,
      open: row.querySelector('details')?.open,
      scrolled: Math.round(window.scrollY),
    };
  });

test('a scan appears on the open dashboard, progresses and completes, and the reader keeps their place', async ({
  page,
}) => {
  const first = await server.scan('small');
  await page.clock.install();
  await page.goto(`${server.url}/jobs`);
  await expect(rowOf(page, first)).toHaveAttribute('data-status', 'completed', { timeout: 20_000 });
  // The highlight of that change goes by itself.
  await page.clock.runFor(5_000);
  await settleIn(page, first);
  const before = await readerState(page, first);
  expect(before).toMatchObject({ focused: true, caret: [2, 4], ticked: true, open: true });
  await watchWrites(page, 'table');

  const second = await server.scan('media');
  // With nothing active the dashboard looks every half minute.
  await page.clock.runFor(33_000);
  // Where the new row would shift what the reader looks at, it waits behind a button.
  const waiting = page.locator('[data-vpo-new]');
  await expect(
    rowOf(page, second)
      .or(waiting.and(page.locator(':visible')))
      .first(),
  ).toBeAttached({ timeout: 20_000 });
  if (await waiting.isVisible()) await waiting.evaluate((button: HTMLElement) => button.click());
  await expect(rowOf(page, second)).toBeAttached({ timeout: 20_000 });
  const progress = new Set<number>();
  const bar = rowOf(page, second).locator('progress');
  await expect(async () => {
    // The page's time runs faster than the scan, so that several polls see it at work.
    await page.clock.runFor(2_250);
    progress.add(Number(await bar.getAttribute('value')));
    await expect(rowOf(page, second)).toHaveAttribute('data-status', 'completed', { timeout: 100 });
  }).toPass({ timeout: 60_000, intervals: [100] });
  expect(
    [...progress].some((value) => value > 0 && value < 100),
    `an unfinished progress was shown: ${[...progress]}`,
  ).toBe(true);
  await expect(rowOf(page, second)).toContainText(`${FILES} of ${FILES}`);

  expect(await readerState(page, first)).toEqual(before);
  const counted = await writes(page);
  expect(counted.moves).toEqual([`+${second}`]);
  expect(counted.rows[first] ?? 0).toBe(0);
});

test('no poll writes more than the values that changed', async ({ page }) => {
  await page.goto(`${server.url}/jobs`);
  await expect(page.locator('#connection-status')).toHaveText('Live', { timeout: 10_000 });
  await watchWrites(page, 'body');
  const answered = () => page.waitForResponse(/\/api\/jobs/, { timeout: 40_000 });
  const poll = answered();
  await page.locator('[data-vpo-refresh]').first().click();
  expect((await poll).status()).toBe(304);
  expect((await writes(page)).moves).toEqual([]);
  expect(Object.keys((await writes(page)).rows).filter(Boolean)).toEqual([]);
});
