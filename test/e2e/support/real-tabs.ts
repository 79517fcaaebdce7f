// A browser whose tabs are really hidden, frozen and kept in the back/forward cache, as for a person. Playwright's
// own pages are never hidden (it emulates focus on each), so the browser is started with a debugging port and
// joined without Playwright's defaults, and the flags that keep background tabs awake are left out.
import {
  type BrowserContext,
  test as base,
  chromium,
  expect,
  type Page,
  type Request,
} from '@playwright/test';
import { freePort } from './process.ts';

const KEEPS_TABS_AWAKE = [
  '--disable-back-forward-cache',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-background-timer-throttling',
];

export const test = base.extend<{ realTabs: BrowserContext }>({
  realTabs: async ({ launchOptions }, use) => {
    const port = await freePort();
    const owner = await chromium.launch({
      ...launchOptions,
      args: [...(launchOptions.args ?? []), `--remote-debugging-port=${port}`],
      ignoreDefaultArgs: KEEPS_TABS_AWAKE,
    });
    const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
    const context = browser.contexts()[0];
    if (!context) throw new Error('the browser has no default context');
    await use(context);
    await browser.close();
    await owner.close();
  },
});

/** Waits until the tab is hidden or shown. (Waiting inside the page would use animation frames: a hidden tab has none.) */
export async function untilHidden(page: Page, hidden = true): Promise<void> {
  await expect.poll(() => page.evaluate(() => document.hidden)).toBe(hidden);
}

/** Counts what a page asks of its API from now on. */
export function countPolls(
  page: Page,
  matches = /\/api\//,
): { readonly count: number; readonly urls: string[] } {
  const urls: string[] = [];
  page.on('request', (request: Request) => {
    if (matches.test(request.url())) urls.push(request.url());
  });
  return {
    urls,
    get count() {
      return urls.length;
    },
  };
}
