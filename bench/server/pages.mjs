// Pages of our server in a browser, in each of the ways that a list can be read.
import { chromium } from 'playwright-core';
import { findBrowser } from '../../scripts/browser.mjs';

/** What each way changes about the page as the server paints it. */
export const MODES = {
  'polling every 5 s': (html) => html.replace('<body', '<body data-polling-wait="0"'),
  'held polls': (html) => html,
  'event stream': (html) => html.replace(/data-vpo-src="\/api\/jobs/, 'data-polling-transport="sse" $&'),
};

export const launch = () => chromium.launch({ executablePath: findBrowser() });

/** The dashboard, read as `mode` says, once it is live. */
export async function dashboard(browser, url, mode) {
  const page = await browser.newPage();
  await page.route(`${url}/jobs`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: MODES[mode](await response.text()) });
  });
  await page.goto(`${url}/jobs`);
  await page.waitForFunction(() => document.querySelector('#connection-status')?.textContent === 'Live');
  return page;
}
