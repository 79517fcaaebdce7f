// Each page in each of its states, as assistive technology finds it: axe has nothing to say, by light and in the dark.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { type Samples, startSamples } from './support/samples.ts';
import { startVpo } from './support/vpo.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice'];

let samples: Samples;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  samples = await startSamples();
});
test.afterAll(() => samples.end());

type Scan = Awaited<ReturnType<AxeBuilder['analyze']>>;
const found = ({ violations }: Scan): string[] =>
  violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n${html}\n${failureSummary}`),
  );

async function expectAccess(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light' });
  expect(found(await new AxeBuilder({ page }).withTags(RULES).analyze())).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(found(await new AxeBuilder({ page }).withRules('color-contrast').analyze()), 'in the dark').toEqual(
    [],
  );
}

const status = (page: Page) => page.locator('#connection-status');
const refresh = (page: Page) => page.getByRole('button', { name: 'Refresh' });

/** Nothing is answered any more: asks again and again until the page says so. */
async function failUntil(page: Page, text: RegExp): Promise<void> {
  await page.route('**/api/**', (route) => route.abort());
  await expect(async () => {
    await refresh(page).click();
    await expect(status(page)).toHaveText(text, { timeout: 200 });
  }).toPass();
}

/** As a browser shows it that runs no scripts. (axe is one itself, so they can't just be turned off.) */
async function withoutScript(page: Page): Promise<void> {
  const rewrite = (files: string, how: (text: string) => string) =>
    page.route(files, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: how(await response.text()) });
    });
  await rewrite('**/jobs{,/*}', (html) => html.replaceAll(/<\/?noscript>/g, ''));
  await rewrite('**/*.css*', (css) =>
    css.replaceAll('(scripting: none)', 'all').replaceAll('(scripting: enabled)', 'not all'),
  );
  await page.route('**/*.js*', (route) => route.abort());
}

interface State {
  readonly name: string;
  /** Brings the page there from where it is live. */
  reach(page: Page): Promise<void>;
}

const COMMON: State[] = [
  { name: 'live', reach: async () => {} },
  {
    name: 'reconnecting',
    reach: (page) => failUntil(page, /^Reconnecting/),
  },
  {
    name: 'error',
    reach: (page) => failUntil(page, /^Connection lost/),
  },
  {
    name: 'offline',
    reach: async (page) => {
      await page.context().setOffline(true);
      await expect(status(page)).toHaveText(/^Offline/);
    },
  },
];

const DASHBOARD: State[] = [
  ...COMMON,
  {
    name: 'no match',
    reach: async (page) => {
      await page.getByLabel('File name').fill('no such file');
      await expect(page.getByText('No job matches these filters.')).toBeVisible();
      await expect(page.locator('#jobs[aria-busy]')).toHaveCount(0);
    },
  },
  {
    name: 'form with an error',
    reach: async (page) => {
      await page.getByText('New scan').click();
      await page.getByLabel('Directory to scan').fill('/');
      await page.getByRole('button', { name: 'Start scan' }).click();
      await expect(page.locator('[data-vpo-action="jobs"] [data-vpo-message]').first()).toBeVisible();
    },
  },
  {
    name: 'question',
    reach: async (page) => {
      await page
        .getByRole('button', { name: /^Cancel/ })
        .first()
        .click();
      await expect(page.getByRole('dialog')).toBeVisible();
    },
  },
  {
    name: 'selection',
    reach: async (page) => {
      await page.locator('tbody input[name=id]').first().check();
      await expect(page.locator('.selection')).toBeVisible();
    },
  },
  {
    name: 'numbers of the charts',
    reach: async (page) => {
      await page.locator('#stats summary').click();
      await expect(page.locator('.stats')).toBeVisible();
    },
  },
];

const JOB: State[] = [
  ...COMMON,
  {
    name: 'question',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Cancel' }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
    },
  },
  {
    name: 'search of the log',
    reach: async (page) => {
      await page.locator('#log').press('/');
      await page.keyboard.type('warning');
      await expect(page.locator('.log-search output')).toHaveText(/^1 of/);
    },
  },
  {
    name: 'log in the whole window',
    reach: async (page) => {
      await page.getByRole('button', { name: 'Full window' }).click();
      await expect(page.locator('[data-log-full]')).toBeVisible();
    },
  },
];

const urlOf = (kind: 'jobs' | keyof Samples['ids']) =>
  `${samples.server.url}/jobs${kind === 'jobs' ? '' : `/${samples.ids[kind]}`}`;

for (const [title, kind, states] of [
  ['the dashboard', 'jobs', DASHBOARD],
  ['the page of a job', 'running', JOB],
] as const) {
  for (const { name, reach } of states)
    test(`${title}: ${name}`, async ({ page }) => {
      await page.goto(urlOf(kind));
      await expect(status(page)).toHaveText('Live');
      await reach(page);
      await expectAccess(page);
    });

  test(`${title}: connecting`, async ({ page }) => {
    await page.route('**/api/**', () => {});
    await page.goto(urlOf(kind));
    await expect(status(page)).toHaveText('Connecting');
    await expectAccess(page);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });

  test(`${title}: without the script`, async ({ page }) => {
    await withoutScript(page);
    await page.goto(urlOf(kind));
    await expect(page.locator('.note').first()).toContainText('Without JavaScript');
    await expect(status(page)).toBeHidden();
    await expectAccess(page);
  });

  test.describe('in German', () => {
    test.use({ locale: 'de-DE' });
    test(`${title}: live, in German`, async ({ page }) => {
      await page.goto(urlOf(kind));
      await expect(page.locator('html')).toHaveAttribute('lang', 'de');
      await expect(status(page)).toHaveText('Live');
      await expectAccess(page);
    });
  });
}

for (const kind of ['broken', 'queued', 'done'] as const)
  test(`the page of a job: ${kind}`, async ({ page }) => {
    await page.goto(urlOf(kind));
    await expect(status(page)).toHaveText(kind === 'queued' ? 'Live' : 'Finished');
    if (kind === 'broken') await page.locator('.errors summary').click();
    await expectAccess(page);
  });

test('the dashboard without any job, and a page that is none', async ({ page }) => {
  const empty = await startVpo();
  await page.goto(`${empty.url}/jobs`);
  await expect(status(page)).toHaveText('Live');
  await expect(page.getByText('No jobs yet.')).toBeVisible();
  await expectAccess(page);
  await page.goto(`${empty.url}/jobs/none`);
  await expectAccess(page);
  await empty.end();
});

test('by keyboard: a filter, a row, its question, and back to the filtered list', async ({ page }) => {
  const focused = page.locator(':focus');
  /** Goes on until the focus is there; every stop on the way is visible. */
  const tabTo = async (name: RegExp) => {
    for (let stops = 0; stops < 40; stops++) {
      await page.keyboard.press('Tab');
      const seen = await focused.evaluate((element) => {
        const outlined = element.matches('.count input') ? element.parentElement : element;
        return getComputedStyle(outlined ?? element).outlineStyle !== 'none';
      });
      expect(seen, `${await focused.evaluate((element) => element.outerHTML)} shows its focus`).toBe(true);
      const label = await focused.evaluate(
        (element) =>
          element.getAttribute('aria-label') ??
          element.closest('label')?.textContent ??
          element.textContent ??
          '',
      );
      if (name.test(label)) return;
    }
    throw new Error(`${name} was not reached`);
  };
  await page.goto(urlOf('jobs'));
  await expect(status(page)).toHaveText('Live');
  await tabTo(/^All/);
  // One stop for all of them; arrows go on and choose.
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(page).toHaveURL(/[?&]status=running$/);
  await expect(page.locator('.jobs tbody tr')).toHaveCount(3);
  await tabTo(/Lighthouse/);
  await tabTo(/^The\.Lighthouse/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(urlOf('running'));
  await expect(status(page)).toHaveText('Live');
  await tabTo(/^Cancel/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(focused).toHaveText(/^Cancel/);
  // The browser's own key, which a driven browser does not listen to.
  await page.goBack();
  await expect(page).toHaveURL(/[?&]status=running$/);
  await expect(page.locator('.jobs tbody tr')).toHaveCount(3);
});

test.describe('narrow, in German', () => {
  test.use({ locale: 'de-DE' });
  test('no page is wider than its window, no cell covers another, names have room', async ({ page }) => {
    for (const kind of ['jobs', 'running', 'broken'] as const)
      for (const width of [320, 640, 768, 880, 1000, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(urlOf(kind));
        const wrong = await page.evaluate(() => [
          ...[...document.querySelectorAll<HTMLElement>('th, td')]
            .filter((cell) => cell.offsetParent && cell.scrollWidth > cell.clientWidth + 1)
            .map((cell) => cell.innerText),
          ...[...document.querySelectorAll<HTMLElement>('tbody .file_path')]
            .filter((cell) => cell.clientWidth < 90)
            .map((cell) => `${cell.clientWidth}px`),
          ...(document.documentElement.scrollWidth > innerWidth ? ['the page'] : []),
        ]);
        expect(wrong, `${kind} at ${width}`).toEqual([]);
      }
  });
});
