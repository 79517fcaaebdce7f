// The pages as different readers meet them: by ear, by keyboard, without the script, on small screens.
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { startVpo, type Vpo } from './support/vpo.ts';
import { writeLibrary } from './support/wav.ts';

let server: Vpo;
test.beforeAll(async () => {
  server = await startVpo({ env: { VPO_POLLING_INTERVAL_MS: '2000', VPO_POLLING_LOG_INTERVAL_MS: '2000' } });
  await writeLibrary(join(server.folder, 'small'), 6, 2);
  await writeLibrary(join(server.folder, 'media'), 300, 30, 16_000);
});
test.afterAll(() => server.end());

const scan = (folder: string) => server.scan(folder, '--levels');

const status = (page: Page) => page.locator('#connection-status');
const ended = (page: Page) => expect(status(page)).toHaveText('Finished', { timeout: 30_000 });

/** Keeps what a screen reader would be told from the start of the page, in order. */
async function listenToPage(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const heard: string[] = [];
    Object.assign(window, { heard });
    new MutationObserver((records) => {
      for (const { target } of records) {
        const element = target instanceof Element ? target : target.parentElement;
        const live = element?.closest('[role=status],[role=alert],[aria-live]');
        if (!live || element?.closest('[aria-hidden=true]')) continue;
        const text = (live.firstChild?.textContent ?? '').trim();
        if (text && heard.at(-1) !== text) heard.push(text);
      }
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => (window as unknown as { heard: string[] }).heard);
}

test('a listener hears each change of status once, and nothing of the progress', async ({ page }) => {
  const heard = await listenToPage(page);
  await page.clock.install();
  const id = await scan('media');
  await page.goto(`${server.url}/jobs/${id}`);
  await expect(async () => {
    await page.clock.runFor(2_250);
    await expect(status(page)).toHaveText('Finished', { timeout: 100 });
  }).toPass({ timeout: 40_000 });
  await page.clock.runFor(2_000);
  const ofJob = (await heard()).filter((text) => !/^(Connecting|Live|Finished)$/.test(text));
  expect(ofJob.at(-1)).toBe('media: Completed');
  expect(ofJob.filter((text) => text !== 'media: Completed' && text !== 'media: Running')).toEqual([]);
  expect(ofJob.filter((text) => text === 'media: Completed')).toHaveLength(1);
});

test('rows keep their height while jobs begin, go on and end', async ({ page }) => {
  test.slow();
  await page.clock.install();
  for (const width of [360, 768, 1400]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto(`${server.url}/jobs`);
    const id = await scan('media');
    const row = page.locator(`tr[data-job-id="${id}"]`);
    const heights = new Map<number, string>();
    await page.clock.runFor(33_000);
    await expect(async () => {
      await page.clock.runFor(2_250);
      await expect(row).toBeAttached({ timeout: 100 });
      const box = await row.boundingBox();
      if (box) heights.set(Math.round(box.height), await row.innerText());
      await expect(row).toHaveAttribute('data-status', 'completed', { timeout: 100 });
    }).toPass({ timeout: 40_000, intervals: [50] });
    expect([...heights.keys()], `at ${width}: ${[...heights.values()]}`).toHaveLength(1);
  }
});

test('no cell is cut off, no column covers another and no page is wider than its window', async ({
  page,
}) => {
  await server.vpo('scan', join(server.folder, 'small'));
  const { jobs } = await (await fetch(`${server.url}/api/jobs?limit=1`)).json();
  for (const path of ['/jobs', `/jobs/${jobs[0].id}`])
    for (const width of [320, 360, 600, 737, 768, 993, 1400]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(server.url + path);
      const tooWide = await page.evaluate(() => [
        ...[...document.querySelectorAll<HTMLElement>('th, td')]
          .filter((cell) => cell.scrollWidth > cell.clientWidth + 1)
          .map((cell) => cell.innerText),
        ...(document.documentElement.scrollWidth > innerWidth ? ['the page'] : []),
      ]);
      expect(tooWide, `${path} at ${width}`).toEqual([]);
      // A heading in two lines has been broken inside a word.
      const headings = await page
        .locator('thead th:visible')
        .evaluateAll((all) => all.map((th) => th.clientHeight));
      expect(Math.max(...headings), `${path} at ${width}`).toBeLessThan(48);
    }
});

test('however long the connection has been lost, the page stays where it is', async ({ page }) => {
  await page.clock.install();
  await page.setViewportSize({ width: 400, height: 800 });
  await page.goto(`${server.url}/jobs`);
  await expect(status(page)).toHaveText('Live');
  const before = await page.locator('main').boundingBox();
  await page.route('**/api/**', (route) => route.abort());
  await expect(async () => {
    await page.clock.runFor(20_000);
    await expect(status(page)).toHaveText(
      /^Connection lost – retrying in \d+ s \(.+\) · updated \d+ min ago$/,
      {
        timeout: 100,
      },
    );
  }).toPass({ timeout: 20_000, intervals: [50] });
  expect(await page.locator('main').boundingBox()).toMatchObject({ x: before?.x, y: before?.y });
});

test('a question is answered by keyboard, and the focus comes back', async ({ page }) => {
  const id = await scan('small');
  await page.goto(`${server.url}/jobs/${id}`);
  await ended(page);
  const button = page.getByRole('button', { name: 'Delete' });
  await button.focus();
  const question = page.getByRole('dialog', { name: 'Delete this job and its log?' });
  for (let time = 0; time < 3; time++) {
    // Asked anew each time, also before the browser has told that the last question is closed.
    await page.keyboard.press('Enter');
    await expect(question.getByRole('button', { name: 'Go back' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(question).toBeHidden();
    await expect(button).toBeFocused();
  }
  expect((await fetch(`${server.url}/api/jobs/${id}`)).status).toBe(200);

  await page.keyboard.press('Enter');
  await expect(question.getByRole('button', { name: 'Go back' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(question.getByRole('button', { name: 'Delete' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await fetch(`${server.url}/api/jobs/${id}`)).status).toBe(404);
  await expect(page.locator('main')).toContainText('This no longer exists.');
  await page.getByRole('link', { name: 'All jobs' }).first().press('Enter');
  await expect(page).toHaveURL(/\/jobs$/);
});

test('every stop of the tab key can be seen, and refreshing keeps the focus', async ({ page }) => {
  await page.goto(`${server.url}/jobs`);
  await expect(status(page)).toHaveText('Live');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeInViewport();
  const seen: string[] = [];
  for (let i = 0; i < 10; i++) {
    seen.push(
      await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle),
    );
    await page.keyboard.press('Tab');
  }
  expect(seen.filter((style) => style === 'none')).toEqual([]);
  const refresh = page.getByRole('button', { name: 'Refresh' });
  await refresh.focus();
  const answer = page.waitForResponse(/\/api\/jobs/);
  await page.keyboard.press('Enter');
  await answer;
  await expect(refresh).toBeFocused();
});

test('with reduced motion nothing moves', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.clock.install();
  await page.goto(`${server.url}/jobs`);
  await page.evaluate(() => {
    const started: string[] = [];
    Object.assign(window, { started });
    for (const type of ['animationstart', 'transitionstart'])
      document.addEventListener(
        type,
        ({ target }) => started.push((target as Element).outerHTML.slice(0, 80)),
        true,
      );
  });
  const id = await scan('small');
  await page.clock.runFor(33_000);
  const row = page.locator(`tr[data-job-id="${id}"]`);
  await expect(async () => {
    await page.clock.runFor(2_250);
    await expect(row).toHaveAttribute('data-status', 'completed', { timeout: 100 });
  }).toPass({ timeout: 20_000 });
  expect(await page.evaluate(() => (window as unknown as { started: string[] }).started)).toEqual([]);
});

test.describe('without the script', () => {
  test.use({ javaScriptEnabled: false });

  test('the pages are complete and their forms work', async ({ page }) => {
    await page.goto(`${server.url}/jobs`);
    await expect(page.locator('noscript .note')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Refresh' })).toBeHidden();
    if (!(await page.getByLabel('Directory to scan').isVisible()))
      await page.getByText('New scan').first().click();
    await page.getByLabel('Directory to scan').fill(join(server.folder, 'small'));
    await page.getByRole('button', { name: 'Start scan' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('small');
    const id = /[0-9a-f-]{36}/.exec(page.url())?.[0];
    await expect
      .poll(async () => (await (await fetch(`${server.url}/api/jobs/${id}`)).json()).status)
      .toBe('completed');
    await page.reload();
    await expect(page.locator('p.state')).toContainText('Completed');
    await expect(page.locator('#log')).toContainText('track-0000.wav');
    await page.getByRole('button', { name: 'Run again' }).click();
    await expect
      .poll(async () => {
        const { status, attempt } = await (await fetch(`${server.url}/api/jobs/${id}`)).json();
        return [status, attempt];
      })
      .toEqual(['completed', 2]);
    await page.reload();
    await expect(page.locator('.attempts tbody tr')).toHaveCount(2);
    await page.getByRole('button', { name: 'Delete' }).click();
    await expect(page).toHaveURL(`${server.url}/jobs`);
    expect((await fetch(`${server.url}/api/jobs/${id}`)).status).toBe(404);

    await page.getByRole('radio', { name: 'Failed' }).check();
    await page.getByRole('button', { name: 'Filter' }).click();
    await expect(page).toHaveURL(`${server.url}/jobs?status=failed`);
    await expect(page.getByText('No job matches these filters.')).toBeVisible();
    await page.goto(`${server.url}/jobs/${id}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no such job');
  });
});
