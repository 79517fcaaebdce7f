import { defineConfig } from '@playwright/test';
import { findBrowser, findFirefox } from './scripts/browser.mjs';

const executablePath = findBrowser();
if (!executablePath)
  throw new Error('No browser was found: install Chromium or Chrome, or set CHROMIUM_PATH.');

export default defineConfig({
  projects: [
    { name: 'e2e', testDir: 'test/e2e' },
    // With the real nginx, Apache and uv: it needs them, so it is a command of its own (npm run test:peers).
    { name: 'peers', testDir: 'test/peers' },
    // With GitHub's published description, which is too large to be a dependency (npm run test:openapi).
    { name: 'openapi', testDir: 'test/openapi' },
    // Not a test: makes the pictures of the docs (npm run pictures).
    { name: 'pictures', testDir: 'test/pictures' },
    // With the distribution's own (npm run test:browsers).
    {
      name: 'firefox',
      testDir: 'test/browsers',
      use: { launchOptions: { executablePath: findFirefox() ?? 'firefox' } },
    },
    { name: 'webkit', testDir: 'test/browsers' },
  ],
  outputDir: '.build/e2e',
  workers: 2,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 60_000,
  reporter: 'list',
  use: {
    launchOptions: {
      executablePath,
      args: [
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
});
