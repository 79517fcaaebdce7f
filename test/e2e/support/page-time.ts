// The page's own time, which runs as fast as the test likes (`page.clock`).
import { expect, type Page } from '@playwright/test';

/** Lets the page's time run, no faster than its requests can be answered, until the check holds. */
export async function untilPolled(page: Page, check: () => Promise<void>): Promise<void> {
  await expect(async () => {
    await page.clock.runFor(2_300);
    await check();
  }).toPass({ timeout: 30_000, intervals: [50] });
}
