// A person talks to an agent, and watches one that another program runs.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { untilPolled } from './support/page-time.ts';
import { countPolls, test, untilHidden } from './support/real-tabs.ts';
import {
  begun,
  entriesOf,
  grown,
  newSession,
  opened,
  resulted,
  said,
  succeeded,
  used,
  withAgent,
} from './support/sessions.ts';
import { startVpo, type Vpo } from './support/vpo.ts';

let server: Vpo;
test.beforeAll(async () => {
  server = await startVpo({ config: withAgent });
});
test.afterAll(() => server.end());

const status = (page: Page) => page.locator('#connection-status');
const typing = (page: Page) => page.locator('.typing');

test('a prompt is sent from the page, its turn streams in, and the next one takes its place', async ({
  page,
}) => {
  const troubles: string[] = [];
  page.on('console', (message) => troubles.push(message.text()));
  await page.goto(`${server.url}/sessions`);
  await page.locator('details.card').evaluate((details: HTMLDetailsElement) => {
    details.open = true;
  });
  await page.getByLabel('Project').fill('Films');
  await page.getByRole('button', { name: 'Begin' }).click();
  await expect(page).toHaveURL(/\/sessions\/[0-9a-f-]{36}$/);
  await expect(page.getByText('Nothing has been asked yet.')).toBeVisible();
  await expect(typing(page)).toBeHidden();
  const field = page.getByLabel('What the agent should do');
  await field.fill('stream:**Bold**_and_`code` wait');
  await field.press('Control+Enter');
  await expect(field).toHaveValue('');
  await expect(page.locator('.entries strong')).toHaveText('Bold');
  await expect(typing(page)).toBeVisible();
  await expect(page.locator('.prompt .status')).toHaveText('Running');
  await field.fill('say:Second ok');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page.locator('.prompt .status')).toHaveText(['Cancelled', 'Completed']);
  await expect(page.locator('.entries > li')).toHaveText([
    /^Turn 1.*stream:/s,
    /^Bold/,
    /Cancelled by a new turn$/,
    /^Turn 2/,
    /^Second/,
  ]);
  await expect(typing(page)).toBeHidden();
  await expect(page.getByRole('button', { name: 'Interrupt' })).toBeHidden();
  await expect(page).toHaveTitle(/^Completed · stream:/);
  expect(troubles).toEqual([]);
});

test('a record of some hundred events is played into the open page, which equals it at the end', async ({
  page,
}) => {
  const session = await newSession(server);
  const events: Record<string, unknown>[] = [];
  const expected: string[] = [];
  for (let n = 0; n < 60; n++) {
    events.push(begun(`s${n}`), opened(0), grown(0, `Step **${n}**`), grown(0, ` of <i>60</i>`));
    events.push(said(`Step **${n}** of <i>60</i>.`, `s${n}`));
    events.push(used('Read', `t${n}`, { file_path: `/f/${n}` }), resulted(`t${n}`, `text ${n}`, n % 7 === 3));
    expected.push(`content: Step ${n} of <i>60</i>.`);
    const state = n % 7 === 3 ? 'Failed' : 'Completed';
    const input = `Input{ "file_path": "/f/${n}" }`;
    expected.push(`tool: Read /f/${n} ${state} ${input} Resulttext ${n}`);
  }
  events.push(succeeded);
  const record = join(server.folder, 'record.jsonl');
  await writeFile(record, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  await page.goto(session.page);
  await server.vpo('turn', '--session', session.id, '--replay', record, '--speed', '20');
  await expect(page.locator('.prompt .status')).toHaveText('Completed');
  const shown = await entriesOf(page);
  expect(shown.slice(1).map((text) => text.replace(/Shortened.*$/, '').trim())).toEqual(expected);
  await page.reload();
  expect((await entriesOf(page)).map(withoutTimes)).toEqual(shown.map(withoutTimes));
});

const withoutTimes = (text: string) => text.replace(/\d+ s/, '');

test('a turn that ends without a block is seen at once, and what was open stays open', async ({ page }) => {
  const session = await newSession(server);
  const turn = await session.begin();
  await session.report(turn, said('Working'), used('Bash', 't1', { command: 'sleep 9' }));
  await page.goto(session.page);
  const tool = page.locator('.tool details');
  await tool.locator('summary').click();
  await expect(tool.locator('summary .status')).toHaveText('Running');
  await page.getByRole('button', { name: 'Interrupt' }).click();
  await expect(page.locator('.prompt .status')).toHaveText('Interrupted');
  await expect(tool.locator('summary .status')).toHaveText('Interrupted');
  await expect(tool).toHaveAttribute('open');
  await expect(typing(page)).toBeHidden();
});

test('hidden in the middle it asks for nothing, shown again it has everything', async ({ realTabs }) => {
  const session = await newSession(server);
  const turn = await session.begin();
  await session.report(turn, said('First'));
  const page = await realTabs.newPage();
  await page.clock.install();
  await page.goto(session.page);
  await expect(status(page)).toHaveText('Live');
  const other = await realTabs.newPage();
  await other.bringToFront();
  await untilHidden(page);
  await page.clock.runFor(1100);
  const polls = countPolls(page);
  for (let n = 0; n < 20; n++) await session.report(turn, said(`While away ${n}`));
  await session.report(turn, succeeded);
  await page.clock.runFor(60_000);
  expect(polls.urls).toEqual([]);
  await page.bringToFront();
  await untilHidden(page, false);
  await expect(page.locator('.prompt .status')).toHaveText('Completed');
  await expect(page.locator('.entries .content')).toHaveCount(21);
});

test('it stops waiting for an agent that says nothing, says so, and goes on when asked to', async ({
  page,
}) => {
  const session = await newSession(server);
  const turn = await session.begin();
  // What is held is held in real time, which two minutes of the page's are not.
  await page.route('**/sessions/*', async (route) => {
    const response = await route.fetch();
    const html = (await response.text()).replace('data-polling-policy="turn"', '$& data-polling-wait="0"');
    await route.fulfill({ response, body: html });
  });
  await page.clock.install();
  await page.goto(session.page);
  await expect(typing(page)).toBeVisible();
  await untilPolled(page, () =>
    expect(status(page)).toHaveText(/Stopped waiting · resume/, { timeout: 100 }),
  );
  await expect(typing(page)).toBeHidden();
  const polls = countPolls(page, /\/transcript/);
  await page.clock.runFor(60_000);
  expect(polls.urls).toEqual([]);
  await session.report(turn, said('At last'));
  await status(page).click();
  await expect(page.locator('.entries .content')).toHaveText(/^At last/);
  await expect(status(page)).toHaveText('Live');
  await expect(typing(page)).toBeVisible();
});

test('the end is followed while the reader is there, and nobody is moved who is not', async ({ page }) => {
  const session = await newSession(server);
  const turn = await session.begin();
  await session.report(turn, ...Array.from({ length: 60 }, (_, n) => said(`Line ${n}`)));
  await page.goto(session.page);
  const lastIsSeen = () => expect(page.locator('.entries > li').last()).toBeInViewport();
  await lastIsSeen();
  await session.report(turn, ...Array.from({ length: 20 }, (_, n) => said(`More ${n}`)));
  await expect(page.locator('.entries')).toContainText('More 19');
  await lastIsSeen();
  await page.mouse.move(400, 300);
  await page.mouse.wheel(0, -1500);
  await expect
    .poll(() => page.evaluate(() => scrollY + innerHeight < document.body.scrollHeight - 800))
    .toBe(true);
  const before = await page.evaluate(() => scrollY);
  await session.report(turn, said('Unseen'));
  await expect(page.locator('.entries')).toContainText('Unseen');
  expect(await page.evaluate(() => scrollY)).toBe(before);
});

test('of ten thousand blocks an update touches the one that changed', async ({ page }) => {
  test.setTimeout(120_000);
  const session = await newSession(server);
  const turn = await session.begin();
  for (let from = 0; from < 10_000; from += 2000)
    await session.report(turn, ...Array.from({ length: 2000 }, (_, n) => said(`Block **${from + n}**`)));
  await session.report(turn, begun('g'), opened(0), grown(0, 'It'));
  await page.goto(`${session.page}?from=1.0`);
  await expect(page.locator('.entries > li')).toHaveCount(10_002);
  await expect(status(page)).toHaveText('Live');
  // The page was painted; what it is made of comes with the first answer.
  await session.report(turn, grown(0, '!'));
  await expect(page.locator('.entries > li').last()).toHaveText(/^It!/, { timeout: 30_000 });
  await page.evaluate(() => {
    const seen: string[] = [];
    new MutationObserver((records) => {
      // How long the turn has been running is told every second.
      for (const { target, type } of records)
        if (!target.parentElement?.closest('time')) seen.push(`${type} ${target.textContent?.slice(0, 20)}`);
    }).observe(document.querySelector('.entries')!, { subtree: true, childList: true, characterData: true });
    Object.assign(window, { seen });
  });
  const answer = page.waitForResponse((one) => /\/transcript/.test(one.url()) && one.status() !== 304);
  await session.report(turn, grown(0, ' grows'));
  expect((await answer).status()).toBe(226);
  await expect(page.locator('.entries > li').last()).toHaveText(/^It! grows/);
  expect(await page.evaluate(() => (window as unknown as { seen: string[] }).seen)).toEqual([
    'characterData It! grows',
  ]);
});

test('what an agent says is text: no markup, no script, no foreign link', async ({ page }) => {
  const session = await newSession(server);
  const turn = await session.begin('<img src=x onerror=alert(1)>');
  const nasty =
    '<script>alert(1)</script>\n\n[a](javascript:alert(1)) <b onclick=alert(1)>b</b> ![i](http://x.example/i.png)';
  await session.report(
    turn,
    said(nasty),
    used('<i>Tool</i>', 't', { command: '<u>\u202e</u>' }),
    resulted('t', '</pre><h1>x'),
  );
  const troubles: string[] = [];
  page.on('console', (message) => troubles.push(message.text()));
  page.on('dialog', (dialog) => troubles.push(dialog.message()));
  await page.goto(session.page);
  await session.report(turn, said(nasty));
  await expect(page.locator('.entries .content')).toHaveCount(2);
  expect(await page.locator('.entries :is(script, img, h1, b, i, u)').count()).toBe(0);
  const leads = await page
    .locator('.markdown a[href]')
    .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  expect(new Set(leads)).toEqual(new Set(['http://x.example/i.png']));
  expect(troubles).toEqual([]);
});
