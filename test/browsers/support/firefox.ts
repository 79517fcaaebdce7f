// Firefox through Playwright, by the protocol that the distribution's own build speaks.
import { type BrowserContext, expect, type Page } from '@playwright/test';
import type { Tab } from './tab.ts';

export async function openFirefox(context: BrowserContext): Promise<Tab> {
  const page = await context.newPage();
  let other: Page | undefined;
  return {
    open: async (url) => void (await page.goto(url)),
    run: (script, given) => page.evaluate(script as never, given) as never,
    click: (selector) => page.locator(selector).first().click(),
    press: (key) => page.keyboard.press(key),
    hide: async () => {
      // Only a tab that a page has opened takes its place.
      const opened = context.waitForEvent('page');
      await page.evaluate(() => void window.open('about:blank', '_blank'));
      other = await opened;
      await other.bringToFront();
    },
    show: async () => {
      await page.bringToFront();
      await other?.close();
    },
    setOffline: (isOffline) => context.setOffline(isOffline),
    // Playwright's own goBack() waits for a load that a page from the back/forward cache never has.
    back: async () => {
      const left = page.url();
      await page.evaluate(() => history.back());
      await expect(async () => expect(await page.evaluate(() => location.href)).not.toBe(left)).toPass();
    },
    end: () => page.close(),
  };
}
