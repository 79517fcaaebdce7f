// The pages of sessions and files for everybody: assistive technology, narrow windows, the dark, without the script.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { newSession, resulted, type Session, said, used, withAgent } from './support/sessions.ts';
import { startVpo, type Vpo } from './support/vpo.ts';

const LONG = 'averylongnamewithoutanyplacetobreakit'.repeat(6);
const MARKDOWN = `# One\n\n## Two\n\n**a** \`b\` [c](https://x.org)\n\n1. d\n\n> e\n\n\`\`\`py\n${LONG}\n\`\`\`\n\n| ${LONG} | g |\n|---|---|\n| h | i |\n\n${LONG}`;

let server: Vpo;
let session: Session;
let pages: Record<string, string>;
test.beforeAll(async () => {
  server = await startVpo({ config: withAgent });
  const root = join(server.folder, 'site');
  await mkdir(join(root, 'sub'), { recursive: true });
  for (const name of ['a.md', `sub/${LONG.slice(0, 200)}`]) await writeFile(join(root, name), 'x');
  session = await newSession(server, { project: `Films ${LONG.slice(0, 120)}`, root });
  const turn = await session.begin(`Do it ${LONG}`);
  await session.report(turn, said(MARKDOWN), used('Bash', 't1', { command: LONG }), resulted('t1', LONG));
  await session.report(turn, used('Read', 't2', { path: 'x' }), resulted('t2', 'no', true), {
    type: 'assistant',
    message: { id: 'x', content: [{ type: 'thinking', thinking: 'Hm.' }] },
  });
  await session.report(turn, { type: 'result', subtype: 'error', is_error: true, result: LONG });
  await session.begin('Once more');
  const list = `${server.url}/sessions`;
  const files = `${server.url}/projects/${session.project}/files`;
  pages = { list, session: session.page, files };
});
test.afterAll(() => server.end());

async function open(page: Page, name: string): Promise<void> {
  await page.goto(pages[name] ?? '');
  await expect(page.locator('#connection-status')).toHaveText('Live');
  await page.locator('details').evaluateAll((all) => {
    for (const details of all) (details as HTMLDetailsElement).open = true;
  });
}

for (const name of ['list', 'session', 'files'])
  for (const colorScheme of ['light', 'dark'] as const)
    test(`axe finds nothing on the page of ${name}, ${colorScheme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await open(page, name);
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];
      const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)).toEqual(
        [],
      );
    });

for (const width of [320, 640])
  test(`no page is wider than a window of ${width}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 450 });
    for (const name of Object.keys(pages)) {
      await open(page, name);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(
        width,
      );
    }
  });

test('without the script they say what there is, and take a prompt', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const own = await newSession(server);
  await page.goto(own.page);
  await page.getByLabel('What the agent should do').fill('say:Hello ok');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(page).toHaveURL(own.page);
  await expect(page.locator('.prompt')).toHaveCount(1);
  await expect(page.locator('.typing')).toBeHidden();
  await context.close();
});

test('by keyboard: a session from the list, a prompt, a tool that is folded out', async ({ page }) => {
  await open(page, 'list');
  await page.getByRole('link', { name: /^Do it/ }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(session.page);
  await page.locator('.tool summary').first().focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('.tool details').first()).toHaveAttribute('open');
  await page.getByLabel('What the agent should do').focus();
  await page.keyboard.type('say:Typed ok');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.locator('.entries .content').last()).toHaveText(/^Typed/);
});
