// Which Chromium the tests drive: an installed one, else Playwright's own, else the distribution's package.
// A full browser is needed: the headless shell never hides a tab.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { ask, run } from './run.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

const playwrightsOwn = () => (existsSync(chromium.executablePath()) ? chromium.executablePath() : null);

/** The path of a browser, or null when there is none. */
export function findBrowser() {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) return existsSync(chosen) ? chosen : null;
  for (const name of NAMES) {
    const path = ask('which', [name]);
    if (path) return path;
  }
  return PLACES.find((place) => existsSync(place)) ?? playwrightsOwn();
}

/** The path of a Firefox, or null. Playwright's own builds are others. */
export function findFirefox() {
  const chosen = process.env.FIREFOX_PATH;
  if (chosen) return existsSync(chosen) ? chosen : null;
  return ask('which', ['firefox-esr']) ?? ask('which', ['firefox']);
}

/** Tries to get one; false when this machine may not install any. */
export function installBrowser() {
  if (process.env.CHROMIUM_PATH) return false;
  console.log('No browser found; asking Playwright for its own …');
  if (run('npx', ['playwright', 'install', '--no-shell', 'chromium']) && playwrightsOwn()) return true;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !ask('which', ['apt-get'])) return false;
  console.log("Playwright could not; installing the distribution's package …");
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], { env });
  return (
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env }) &&
    Boolean(findBrowser())
  );
}
