// A log that grows, is cut, replaced, ended and begun again under the eyes of its reader.
import { readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { type FedJob, startFedJob } from './support/fed-job.ts';
import { untilPolled } from './support/page-time.ts';
import { startVpo, type Vpo } from './support/vpo.ts';

let server: Vpo;
test.beforeAll(async () => {
  server = await startVpo({
    args: ['--workers', '4'],
    env: { VPO_POLLING_INTERVAL_MS: '2000', VPO_POLLING_LOG_INTERVAL_MS: '2000' },
  });
});
test.afterAll(() => server.end());

const LONG = Array.from({ length: 200 }, (_, i) => `line ${i} of the beginning\n`).join('');
const pane = (page: Page) => page.locator('#log');
const pill = (page: Page) => page.locator('[data-vpo-new="log"]');
const shown = (page: Page) => pane(page).evaluate((log) => log.textContent);

const place = (page: Page) =>
  pane(page).evaluate((log) => ({
    top: log.scrollTop,
    toEnd: Math.round(log.scrollHeight - log.clientHeight - log.scrollTop),
    page: scrollY,
  }));

async function untilShown(page: Page, text: string): Promise<void> {
  await untilPolled(page, async () => expect(await shown(page)).toBe(text));
}

/** Opens the page of a running job that has said `text`. */
async function openJob(page: Page, name: string, text: string): Promise<FedJob> {
  const job = await startFedJob(server, name);
  await page.clock.install();
  // The plain pane, as a page without the second script has it.
  await page.route('**/vpo-polling-log*', (route) => route.abort());
  await job.feed(text);
  await page.goto(job.url);
  await untilShown(page, text);
  return job;
}

/** Every text that the pane ever shows from now on; what it shows when the page first says "Finished". */
async function watchTexts(page: Page): Promise<void> {
  await page.evaluate(() => {
    const [log, live] = [document.querySelector('#log'), document.querySelector('#connection-status')];
    if (!log || !live) throw new Error('no log or no indicator');
    const seen = { texts: [] as (string | null)[], atEnd: null as string | null };
    new MutationObserver(() => seen.texts.push(log.textContent)).observe(log, {
      subtree: true,
      childList: true,
      characterData: true,
    });
    new MutationObserver(() => {
      if (live.textContent === 'Finished') seen.atEnd ??= log.textContent;
    }).observe(live, { subtree: true, childList: true, characterData: true, attributes: true });
    Object.assign(window, { seen });
  });
}
const seen = (page: Page) =>
  page.evaluate(() => (window as unknown as { seen: { texts: string[]; atEnd: string | null } }).seen);

test('the end is followed until the reader scrolls up; then the new lines are counted, and a click leads there', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1000, height: 600 });
  const job = await openJob(page, 'followed', LONG);
  expect((await place(page)).toEnd).toBeLessThanOrEqual(2);
  expect((await place(page)).page, 'the page around the log was not scrolled').toBe(0);
  await job.feed('one more\n');
  await untilShown(page, `${LONG}one more\n`);
  expect((await place(page)).toEnd).toBeLessThanOrEqual(2);
  expect((await place(page)).page).toBe(0);
  await expect(pill(page)).toBeHidden();

  await pane(page).scrollIntoViewIfNeeded();
  await pane(page).hover();
  await page.mouse.wheel(0, -400);
  await expect.poll(async () => (await place(page)).toEnd).toBeGreaterThan(300);
  await expect
    .poll(async () => {
      const before = (await place(page)).top;
      await page.evaluate(() => document.body.getBoundingClientRect());
      return (await place(page)).top === before;
    })
    .toBe(true);
  const reading = await place(page);
  await job.feed('a\nb\nc\n');
  await untilShown(page, `${LONG}one more\na\nb\nc\n`);
  expect(await place(page)).toMatchObject({ top: reading.top, page: reading.page });
  await expect(pill(page)).toHaveText('New lines: 3');

  await pill(page).click();
  await expect(pill(page)).toBeHidden();
  expect((await place(page)).toEnd).toBeLessThanOrEqual(2);
  await job.feed('d\n');
  await untilShown(page, `${LONG}one more\na\nb\nc\nd\n`);
  expect((await place(page)).toEnd, 'followed again').toBeLessThanOrEqual(2);
  await job.end();
});

test('what is selected stays selected and in view while lines come; afterwards the end is followed again', async ({
  page,
}) => {
  const job = await openJob(page, 'selected', LONG);
  await pane(page).scrollIntoViewIfNeeded();
  const box = (await pane(page).boundingBox())!;
  await page.mouse.dblclick(box.x + 25, box.y + box.height - 40);
  const selected = () => page.evaluate(() => getSelection()?.toString());
  const before = await selected();
  expect(before).toMatch(/\w+/);
  const { top } = await place(page);
  await job.feed('x\n'.repeat(30));
  await untilShown(page, LONG + 'x\n'.repeat(30));
  expect(await selected()).toBe(before);
  expect((await place(page)).top).toBe(top);
  await expect(pill(page)).toHaveText('New lines: 30');

  await page.evaluate(() => getSelection()?.removeAllRanges());
  await job.feed('y\n');
  await untilShown(page, `${LONG}${'x\n'.repeat(30)}y\n`);
  expect((await place(page)).toEnd).toBeLessThanOrEqual(2);
  await job.end();
});

test('keyboard focus stays where it is: on the log while lines come, and there once the button let them in', async ({
  page,
}) => {
  const job = await openJob(page, 'focused', LONG);
  await pane(page).focus();
  await page.keyboard.press('Home');
  await expect.poll(async () => (await place(page)).top).toBe(0);
  await job.feed('new\n');
  await untilShown(page, `${LONG}new\n`);
  await expect(pane(page)).toBeFocused();
  expect((await place(page)).top).toBe(0);
  await expect(pill(page)).toHaveText('New lines: 1');

  const { page: scrolled } = await place(page);
  await pill(page).focus();
  await page.keyboard.press('Enter');
  await expect(pill(page)).toBeHidden();
  await expect(pane(page), 'the button that hid has not taken the focus with it').toBeFocused();
  expect(await place(page)).toMatchObject({ toEnd: 0, page: scrolled });
  await job.end();
});

const CHANGES: [string, (file: string) => Promise<void>][] = [
  ['truncated', (file) => truncate(file, 0)],
  ['emptied by `> file` and written to by somebody else', (file) => writeFile(file, 'theirs\n')],
  [
    'rotated: renamed, and another put in its place',
    async (file) => {
      await rename(file, `${file}.old`);
      await writeFile(file, '');
    },
  ],
  [
    'replaced by a longer one',
    async (file) => {
      await writeFile(`${file}.new`, `another log\n${LONG}${LONG}`);
      await rename(`${file}.new`, file);
    },
  ],
];
for (const [index, [what, change]] of CHANGES.entries()) {
  test(`a log that is ${what} under the open page is shown anew, and never a mixture`, async ({ page }) => {
    const job = await openJob(page, `changed${index}`, LONG);
    await watchTexts(page);
    await change(job.file());
    await job.feed('first after\n');
    await expect.poll(() => job.text()).toContain('first after\n');
    await untilShown(page, await job.text());
    await job.feed('second after\n');
    await expect.poll(() => job.text()).toContain('second after\n');
    await job.end();
    await expect.poll(async () => (await seen(page)).atEnd !== null || page.clock.runFor(2_300)).toBe(true);
    const now = await readFile(job.file(), 'utf8');
    expect((await seen(page)).atEnd).toBe(now);
    for (const text of (await seen(page)).texts)
      expect(now.startsWith(text) || LONG.startsWith(text), `a mixture: ${text.slice(-200)}`).toBe(true);
  });
}

test('the last line, written right before the end and without one, is there before the page says "Finished"', async ({
  page,
}) => {
  const job = await openJob(page, 'ended', 'begun\n');
  await watchTexts(page);
  await expect(page.locator('#connection-status')).not.toHaveText('Finished');
  await job.feed('the very last, é');
  await job.end();
  await untilPolled(page, () =>
    expect(page.locator('#connection-status')).toHaveText('Finished', { timeout: 100 }),
  );
  expect((await seen(page)).atEnd).toBe('begun\nthe very last, é');
  expect(await shown(page)).toBe(await job.text());
});

test('a job that is run again shows the log of its next attempt, and nothing of the former', async ({
  page,
}) => {
  const job = await openJob(page, 'again', LONG);
  await job.end();
  const live = page.locator('#connection-status');
  await untilPolled(page, () => expect(live).toHaveText('Finished', { timeout: 100 }));
  await watchTexts(page);
  await page.getByRole('button', { name: 'Run again' }).click();
  await job.feed('second attempt\n');
  await untilShown(page, 'second attempt\n');
  await expect(live).not.toHaveText('Finished');
  await job.feed('no end');
  await job.end();
  await untilPolled(page, () => expect(live).toHaveText('Finished', { timeout: 100 }));
  expect(await shown(page)).toBe(await job.text(2));
  const both = [LONG, 'second attempt\nno end'];
  for (const text of (await seen(page)).texts)
    expect(
      both.some((one) => one.startsWith(text)),
      `a mixture: ${text.slice(-200)}`,
    ).toBe(true);
});
