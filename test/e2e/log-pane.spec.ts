// The rich log pane on the real server: a long log within reach, followed, searched, linked to, read as a terminal shows it.
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { startVpo, type Vpo } from './support/vpo.ts';

const MILLION = 1_000_000;
let server: Vpo;
let million: string;
let build: string;

const E = '\u001b';
const BUILD = [
  `${E}[1;32mgreen${E}[0m and ${E}[38;5;208morange${E}[0m and ${E}[38;2;0;0;255mblue${E}[0m`,
  '10%\r50%\r100%',
  `see ${E}]8;;https://example.com/${E}\\the page${E}]8;;${E}\\`,
  `${E}]8;;javascript:alert(1)${E}\\<b>not a link</b>${E}]8;;${E}\\`,
  '##[group]Install',
  'installed',
  '##[endgroup]',
  '##[group]Compile',
  'undefined name',
  '##[error]it failed',
  '##[endgroup]',
  `section_start:1560896352:tests[collapsed=true]\r${E}[0KRun the tests`,
  'needle in a fold',
  `section_end:1560896420:tests\r${E}[0K`,
  `a long line ${'with many words '.repeat(60)}`,
  'the last line',
];

/** Runs a program as a job on the server, to its end. */
async function runJob(...command: string[]): Promise<string> {
  const printed = await server.vpo('run', '--async', ...command);
  const id = /[0-9a-f-]{36}/.exec(printed)?.[0] ?? '';
  await expect
    .poll(async () => (await (await fetch(`${server.url}/api/jobs/${id}`)).json()).status, {
      timeout: 60_000,
    })
    .toBe('completed');
  return id;
}

// High enough for the whole pane below the facts of its job.
test.use({ viewport: { width: 1280, height: 1400 } });

test.beforeAll(async () => {
  test.setTimeout(120_000);
  server = await startVpo({ env: { VPO_POLLING_INTERVAL_MS: '2000', VPO_POLLING_LOG_INTERVAL_MS: '2000' } });
  million = await runJob('seq', '-f', 'this is line %.0f', '1', String(MILLION));
  await writeFile(join(server.folder, 'build.txt'), `${BUILD.join('\n')}\n`);
  build = await runJob('cat', join(server.folder, 'build.txt'));
});
test.afterAll(() => server.end());

/** What the page's policy forbids, and what goes wrong in its scripts, is a failure of every test here. */
let wrong: string[];
test.beforeEach(({ page }) => {
  wrong = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
});
test.afterEach(() => expect(wrong).toEqual([]));

const log = (page: Page) => page.locator('#log');
const row = (page: Page, line: number) =>
  page.locator('.log-line', { has: page.locator(`[data-line="${line}"]`) });
const text = (page: Page, line: number) => row(page, line).locator('.log-text');
const nodes = (page: Page) =>
  log(page).evaluate((pane) => {
    const walker = document.createTreeWalker(pane, NodeFilter.SHOW_ALL);
    let count = 0;
    while (walker.nextNode()) count++;
    return count;
  });

test('a million lines: the end at once, any line by its link, few nodes and few bytes', async ({ page }) => {
  const asked: URL[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.pathname.endsWith('/logs')) asked.push(url);
  });
  await page.goto(`${server.url}/jobs/${million}`);
  await expect(text(page, MILLION)).toHaveText(`this is line ${MILLION}`);
  await expect(text(page, MILLION)).toBeInViewport();
  expect(await nodes(page)).toBeLessThan(2000);
  await expect(page.locator('#connection-status')).toHaveText('Finished');
  // The end and nothing else: not the log from its beginning.
  expect(asked.filter((url) => !url.searchParams.get('start')?.startsWith('-'))).toEqual([]);

  await page.evaluate(() => {
    location.hash = '#L500000-L500002';
  });
  await expect(text(page, 500_000)).toHaveText('this is line 500000');
  await expect(text(page, 500_000)).toBeInViewport();
  await expect(page.locator('.log-marked .log-text')).toHaveText([
    'this is line 500000',
    'this is line 500001',
    'this is line 500002',
  ]);
  await log(page).press('Home');
  await expect(text(page, 1)).toHaveText('this is line 1');
  // By wheel, line by line, without a gap or a jump: what is seen is what the numbers say.
  for (let i = 0; i < 5; i++) {
    await log(page).hover();
    await page.mouse.wheel(0, 700);
  }
  await expect
    .poll(() =>
      log(page).evaluate((pane) => Number(pane.querySelector('.log-line a')?.getAttribute('data-line'))),
    )
    .toBeGreaterThan(50);
  await expect(page.locator('.log-wait')).toHaveCount(0);
  const shown = await page
    .locator('.log-line')
    .evaluateAll((rows) => rows.map((line) => [line.querySelector('a')?.dataset.line, line.textContent]));
  expect(shown.filter(([line, content]) => content !== `this is line ${line}`)).toEqual([]);
  expect(await nodes(page)).toBeLessThan(2000);
});

test('scrolled anywhere by the bar, each row shows the line its number says', async ({ page }) => {
  await page.goto(`${server.url}/jobs/${million}`);
  await expect(text(page, MILLION)).toBeInViewport();
  for (const part of [0.2, 0.77, 0.5, 0.001, 0.9999]) {
    await log(page).evaluate((pane, at) => {
      pane.scrollTop = pane.scrollHeight * at;
    }, part);
    await expect(page.locator('.log-line').first()).toBeAttached();
    await expect(async () => {
      const shown = await page
        .locator('.log-line')
        .evaluateAll((rows) => rows.map((line) => [line.querySelector('a')?.dataset.line, line.textContent]));
      expect(shown.filter(([line, content]) => content !== `this is line ${line}`)).toEqual([]);
      const [first] = shown[0] ?? [];
      expect(Math.abs(Number(first) / MILLION - part)).toBeLessThan(0.3);
    }).toPass();
  }
});

test('search finds what is not at hand, counts all of it and leads from one to the next', async ({
  page,
}) => {
  await page.goto(`${server.url}/jobs/${million}`);
  await expect(text(page, MILLION)).toBeInViewport();
  await log(page).focus();
  await page.keyboard.press('Control+f');
  const field = page.getByRole('searchbox', { name: 'Search the log' });
  await expect(field).toBeFocused();
  await field.fill('LINE 777');
  const count = page.locator('.log-search output');
  await expect(count).toHaveText('1 of 1,111', { timeout: 20_000 });
  await expect(row(page, 777)).toHaveClass(/log-match/);
  await expect(row(page, 777)).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(count).toHaveText('2 of 1,111');
  await expect(row(page, 7770)).toBeInViewport();
  await page.keyboard.press('Shift+Enter');
  await expect(count).toHaveText('1 of 1,111');
  await page.keyboard.press('Shift+Enter');
  await expect(count).toHaveText('1,111 of 1,111', { timeout: 20_000 });
  await expect(row(page, 777_999)).toBeInViewport();
  await expect(text(page, 777_999)).toHaveText('this is line 777999');
  await field.fill('no such thing');
  await expect(count).toHaveText('Not found', { timeout: 20_000 });
  await page.keyboard.press('Escape');
  await expect(field).toBeHidden();
  await expect(log(page)).toBeFocused();
  // What was sought is not sought any more, and the place is kept.
  await expect(row(page, 777_999)).toBeInViewport();
});

test('colours, progress, links and groups as a terminal and a build page show them', async ({ page }) => {
  await page.goto(`${server.url}/jobs/${build}`);
  await expect(text(page, 16)).toHaveText('the last line');
  await expect(text(page, 1).locator('span')).toHaveText(['green', 'orange', 'blue']);
  expect(
    await text(page, 1)
      .locator('span')
      .evaluateAll((all) => all.map((span) => span.className)),
  ).toEqual(['ansi-bold ansi-fg-2', 'ansi-fg-208', 'ansi-fg-21']);
  await expect(text(page, 2)).toHaveText('100%');
  await expect(text(page, 3).getByRole('link')).toHaveAttribute('href', 'https://example.com/');
  await expect(text(page, 3).getByRole('link')).toHaveAttribute('rel', 'noopener');
  await expect(text(page, 4)).toHaveText('<b>not a link</b>');
  await expect(text(page, 4).locator('a, b')).toHaveCount(0);

  // Folded, unless an error is inside.
  const install = page.getByRole('button', { name: 'Install' });
  await expect(install).toHaveAttribute('aria-expanded', 'false');
  await expect(row(page, 6)).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Compile' })).toHaveAttribute('aria-expanded', 'true');
  await expect(text(page, 10)).toHaveText('##[error]it failed');
  await expect(text(page, 12)).toHaveText('Run the tests0:01:08');
  await expect(row(page, 13)).toHaveCount(0);
  await install.press('Enter');
  await expect(text(page, 6)).toHaveText('installed');
  await expect(install).toBeFocused();

  // What is found in a fold opens it.
  await log(page).press('/');
  await page.keyboard.type('needle');
  await expect(text(page, 13)).toHaveText('needle in a fold');
});

test('what is copied is the text without its numbers', async ({ page }) => {
  await page.goto(`${server.url}/jobs/${build}#L8-L10`);
  await expect(page.locator('.log-marked')).toHaveCount(3);
  const copied = await page.evaluate(() => {
    const rows = document.querySelectorAll('.log-marked .log-text');
    getSelection()?.setBaseAndExtent(rows[0] as Element, 0, rows[2] as Element, 1);
    return getSelection()?.toString();
  });
  expect(copied).toBe('Compile\nundefined name\n##[error]it failed');
});

test('a number is a link, to a range with shift, and holds for its attempt', async ({ page }) => {
  await page.goto(`${server.url}/jobs/${build}`);
  await page.locator('[data-line="2"]').click();
  await expect(page).toHaveURL(/\?attempt=1#L2$/);
  await page.locator('[data-line="4"]').click({ modifiers: ['Shift'] });
  await expect(page).toHaveURL(/\?attempt=1#L2-L4$/);
  await page.reload();
  await expect(page.locator('.log-marked')).toHaveCount(3);
  await expect(page.getByRole('heading', { name: 'Log of attempt 1' })).toBeVisible();
});

test('wrapping and the other choices are remembered; keys do what buttons do', async ({ page }) => {
  await page.goto(`${server.url}/jobs/${build}`);
  await expect(text(page, 16)).toHaveText('the last line');
  const height = () => row(page, 15).evaluate((line) => (line as HTMLElement).offsetHeight);
  const wrap = page.getByRole('button', { name: 'Wrap' });
  const low = await height();
  await log(page).press('w');
  await expect(wrap).toHaveAttribute('aria-pressed', 'true');
  expect(await height()).toBeGreaterThan(low);
  await page.reload();
  await expect(wrap).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(height).toBeGreaterThan(low);
  await wrap.click();
  await expect.poll(height).toBe(low);

  await log(page).press('m');
  const box = await page.locator('[data-log-full]').boundingBox();
  expect(box).toMatchObject({ x: 0, y: 0, ...page.viewportSize() });
  await log(page).press('Escape');
  await expect(page.locator('[data-log-full]')).toHaveCount(0);
});

test('times as written, since the first line wherever the reader is, and hidden; remembered, and copied as they are', async ({
  page,
}) => {
  const stamp = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1250).toISOString();
  const lines = Array.from({ length: 20_000 }, (_, n) => `${stamp(n)} step ${n} of the build`);
  await writeFile(join(server.folder, 'stamped.txt'), `${lines.join('\n')}\n`);
  const id = await runJob('cat', join(server.folder, 'stamped.txt'));
  await page.goto(`${server.url}/jobs/${id}`);
  await expect(text(page, 20_000)).toBeVisible();
  const seen = (line: number) =>
    text(page, line)
      .locator('.log-time')
      .evaluate((time) => {
        const { content, display } = getComputedStyle(time, '::before');
        if (getComputedStyle(time).display === 'none') return '';
        return display === 'none' || content === 'none' ? time.textContent : content.slice(1, -1);
      });
  const button = page.getByRole('button', { name: 'Times:' });
  await expect(button).toHaveAccessibleName('Times: as written');
  expect(await seen(20_000)).toBe(`${stamp(19_999)} `);
  await log(page).press('t');
  await expect(button).toHaveAccessibleName('Times: since the start');
  await expect.poll(() => seen(20_000)).toBe('6:56:38.750 ');
  await expect(text(page, 20_000)).toHaveText(lines[19_999] ?? '');
  await page.reload();
  await expect.poll(() => seen(20_000)).toBe('6:56:38.750 ');
  const copied = await text(page, 20_000).evaluate((line) => {
    getSelection()?.selectAllChildren(line);
    return String(getSelection());
  });
  expect(copied).toBe(lines[19_999]);
  await button.click();
  await expect(button).toHaveAccessibleName('Times: hidden');
  expect(await seen(20_000)).toBe('');
  await button.click();
  expect(await seen(20_000)).toBe(`${stamp(19_999)} `);
});

test('follows a running job until the reader scrolls up, says what is new, and goes back by key', async ({
  page,
}) => {
  const [next, end] = [join(server.folder, 'next.txt'), join(server.folder, 'end.txt')];
  await writeFile(next, '');
  const script = `tail -n +1 -f '${next}' & while [ ! -e '${end}' ]; do sleep 0.1; done; kill $!`;
  const printed = await server.vpo('run', '--async', 'sh', '-c', script);
  await page.goto(`${server.url}/jobs/${/[0-9a-f-]{36}/.exec(printed)?.[0]}`);
  await expect(log(page))
    .toContainText('No output yet.', { timeout: 10_000 })
    .catch(() => {});
  const write = (from: number, to: number) =>
    appendFile(next, Array.from({ length: to - from + 1 }, (_, i) => `written ${from + i}\n`).join(''));
  await write(1, 300);
  await expect(text(page, 300)).toBeInViewport({ timeout: 20_000 });
  const top = await page.evaluate(() => scrollY);
  await log(page).hover();
  await page.mouse.wheel(0, -200);
  const follow = page.getByRole('button', { name: 'Follow' });
  await expect(follow).toHaveAttribute('aria-pressed', 'false');
  await page.waitForFunction(() => document.querySelectorAll('.log-line').length > 0);
  const before = await log(page).evaluate((pane) => pane.scrollTop);
  await write(301, 340);
  const pill = page.locator('[data-vpo-new="log"]');
  await expect(pill).toHaveText('New lines: 40', { timeout: 20_000 });
  expect(await log(page).evaluate((pane) => pane.scrollTop)).toBe(before);
  await expect(text(page, 340)).not.toBeInViewport();
  await log(page).press('f');
  await expect(text(page, 340)).toBeInViewport();
  await expect(pill).toBeHidden();
  await write(341, 350);
  await expect(text(page, 350)).toBeInViewport({ timeout: 20_000 });

  await log(page).press('f');
  await write(351, 351);
  await expect(pill).toHaveText('New lines: 1', { timeout: 20_000 });
  await pill.click();
  await expect(text(page, 351)).toBeInViewport();
  expect(await page.evaluate(() => scrollY), 'the page itself was never scrolled').toBeGreaterThanOrEqual(
    top,
  );
  await writeFile(end, '');
  await expect(page.locator('#connection-status')).toHaveText('Finished', { timeout: 20_000 });
});
