// The pages as readers have set their browser: enlarged to 200 %, with colours of their own, with more contrast.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { type Samples, startSamples } from './support/samples.ts';

let samples: Samples;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  samples = await startSamples();
});
test.afterAll(() => samples.end());

const PAGES = ['jobs', 'running', 'broken', 'done'] as const;

async function open(page: Page, kind: (typeof PAGES)[number]): Promise<void> {
  await page.goto(`${samples.server.url}/jobs${kind === 'jobs' ? '' : `/${samples.ids[kind]}`}`);
  await expect(page.locator('#connection-status')).toHaveText(/Live|Finished/);
  if (kind !== 'jobs') await expect(page.locator('.log-line').first()).toBeVisible();
}

test.describe('at 200 %', () => {
  // What a window of 1280 by 900 shows of a page that is twice as large.
  test.use({ viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 });

  test('nothing is wider than the window, and nothing lies over a control', async ({ page }) => {
    for (const kind of PAGES) {
      await open(page, kind);
      if (kind === 'jobs') await page.getByText('New scan').click();
      const wrong = await page.evaluate(() => {
        const found = document.documentElement.scrollWidth > innerWidth ? ['the page is too wide'] : [];
        for (const control of document.querySelectorAll<HTMLElement>(
          'a:not([aria-hidden], .skip), button, select, summary, input:not([type=hidden])',
        )) {
          if (!control.checkVisibility({ checkVisibilityCSS: true }) || control.closest('.log')) continue;
          const shown = control.closest<HTMLElement>('label.count') ?? control;
          shown.scrollIntoView({ block: 'center' });
          // A link may be cut off at its end, by the lines its cell has room for.
          const { left, right, top } = shown.getClientRects()[0] as DOMRect;
          const hit = document.elementFromPoint(left + Math.min(12, (right - left) / 2), top + 8);
          if (left < 0 || right > innerWidth || !(hit && (shown.contains(hit) || hit.contains(shown))))
            found.push(`${shown.outerHTML} is under ${hit?.outerHTML.slice(0, 80)}`);
        }
        return found;
      });
      expect(wrong, kind).toEqual([]);
    }
  });
});

/** The mark in front of a state, which says it beside the word. */
const marks = (page: Page, selector: string) =>
  page
    .locator(selector)
    .evaluateAll((all) => all.map((state) => getComputedStyle(state, '::before').content));

for (const colorScheme of ['light', 'dark'] as const)
  test(`in the reader’s own colours, ${colorScheme}: states have marks, choices and the focus are seen`, async ({
    page,
  }) => {
    await page.emulateMedia({ forcedColors: 'active', colorScheme });
    await open(page, 'jobs');
    const counts = await marks(page, '.count .status');
    expect(new Set(counts).size, counts.join()).toBe(5);
    for (const mark of counts) expect(mark).toMatch(/^"\S"/);
    const outline = (name: string) =>
      page.locator('.count', { hasText: name }).evaluate((chip) => getComputedStyle(chip).outlineStyle);
    expect([await outline('All'), await outline('Failed')]).toEqual(['solid', 'none']);

    await open(page, 'running');
    expect(await marks(page, '#connection-status')).toEqual([expect.stringContaining('●')]);
    const border = (name: string) =>
      page
        .getByRole('button', { name, exact: true })
        .evaluate((button) => getComputedStyle(button).borderTopWidth);
    expect([await border('Follow'), await border('Wrap')]).toEqual(['3px', '1px']);
    const notify = page.getByRole('button', { name: 'Notify me' });
    await notify.evaluate((button) => button.setAttribute('aria-pressed', 'true'));
    expect(await border('Notify me when it ends')).toBe('3px');
    // The pane is seen where it begins and ends, by a thin line: its own paper is that of the page.
    expect(
      await page.locator('#log').evaluate((log) => {
        const { borderTopWidth, borderLeftWidth } = getComputedStyle(log);
        return [borderTopWidth, borderLeftWidth];
      }),
    ).toEqual(['1px', '1px']);
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').evaluate((at) => getComputedStyle(at).outlineWidth)).toBe('3px');
  });

for (const colorScheme of ['light', 'dark'] as const)
  test(`with more contrast, ${colorScheme}: all text has seven to one`, async ({ page }) => {
    await page.emulateMedia({ contrast: 'more', colorScheme });
    for (const kind of PAGES) {
      await open(page, kind);
      const { violations } = await new AxeBuilder({ page }).withRules('color-contrast-enhanced').analyze();
      expect(
        violations.flatMap(({ nodes }) =>
          nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`),
        ),
        kind,
      ).toEqual([]);
    }
  });
