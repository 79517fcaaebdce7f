// The pictures of the docs, from the real server with fixed jobs.
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { type Samples, startSamples } from '../e2e/support/samples.ts';
import { newSession, resulted, said, used } from '../e2e/support/sessions.ts';

const IMAGES = join(import.meta.dirname, '..', '..', 'docs', 'images');

let samples: Samples;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  samples = await startSamples(60);
});
test.afterAll(() => samples.end());

async function picture(page: Page, name: string, [width, height]: [number, number], job = ''): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.goto(`${samples.server.url}/jobs${job && `/${job}`}`);
  await expect(page.locator('#connection-status')).toHaveText('Live');
  if (job) await expect(page.locator('.log-line').last()).toBeAttached();
  await page.screenshot({ path: join(IMAGES, `${name}.png`) });
}

test('the dashboard', ({ page }) => picture(page, 'dashboard', [1280, 800]));

test('the dashboard in the dark', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await picture(page, 'dashboard-dark', [1280, 800]);
});

test('the page of a job with its log', ({ page }) => picture(page, 'job', [1280, 1420], samples.ids.running));

test('a session', async ({ page }) => {
  const session = await newSession(samples.server);
  const turn = await session.begin('How many films are there, and how long do they run?');
  const plan =
    'I will **list the files** first, then ask `ffprobe` for each.\n\n| folder | films |\n|---|---|\n| classics | 12 |\n| shorts | 31 |';
  await session.report(
    turn,
    said(plan),
    used('Bash', 't1', { command: 'find films -name "*.mkv" | wc -l' }),
    resulted('t1', '43\n'),
  );
  await session.report(
    turn,
    used('Read', 't2', { file_path: 'films/index.json' }),
    resulted('t2', 'No such file', true),
  );
  await session.report(
    turn,
    said('There are **43 films**. Now their lengths:'),
    used('Bash', 't3', { command: 'ffprobe -show_entries format=duration films/*' }),
  );
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(session.page);
  await expect(page.locator('#connection-status')).toHaveText('Live');
  await expect(page.locator('.typing')).toBeVisible();
  await page.screenshot({ path: join(IMAGES, 'session.png') });
});

/** A build under way, as a watcher reports it. */
function build(now: number) {
  const at = (seconds: number) => new Date(now - seconds * 1000).toISOString();
  const done = (name: string, from: number, to: number) => ({
    name,
    status: 'completed',
    started_at: at(from),
    completed_at: at(to),
  });
  const stages = [
    { id: 'lint', ...done('lint', 200, 172) },
    {
      id: 'test-20',
      ...done('test (node 20)', 200, 61),
      steps: [done('Set up', 200, 190), done('npm test', 190, 61)],
    },
    { id: 'test-22', name: 'test (node 22)', status: 'running', started_at: at(198) },
    { id: 'deploy', name: 'deploy to staging', status: 'queued' },
  ];
  return {
    ...{
      job_type: 'build',
      file_path: 'github:octo/website@main',
      platform: 'github',
      project: 'octo/website',
    },
    ...{ number: '1284', url: 'https://github.com/octo/website/actions/runs/1284', status: 'running' },
    ...{ started_at: at(205), summary: 'CI · main', raw_status: 'in_progress', stages },
    artifacts: [{ name: 'coverage', url: 'https://example.org/coverage.zip', size: 48_213 }],
  };
}

test('a build', async ({ page }) => {
  const { url } = samples.server;
  const job = `${url}/api/jobs/5b1f0c52-7f3e-4d0a-9d8b-2f6f1c3a9e10`;
  const send = (method: string, path: string, type: string, body: string) =>
    fetch(`${job}${path}`, { method, headers: { origin: url, 'content-type': type }, body });
  await send('PUT', '', 'application/json', JSON.stringify(build(Date.now())));
  const lines = [
    '> vitest run',
    '',
    ' ✓ core (812 tests) 4.1 s',
    ' ✓ browser (624 tests) 9.8 s',
    ' Tests  1436 passed',
    '',
  ];
  await send('POST', '/logs?stage=test-20&complete=1', 'application/octet-stream', lines.join('\n'));
  await page.setViewportSize({ width: 1280, height: 1340 });
  await page.goto(job.replace('/api', ''));
  await expect(page.locator('#connection-status')).toHaveText('Live');
  await page.locator('.steps:visible summary').click();
  await expect(page.locator('.log-line').last()).toBeAttached();
  await page.screenshot({ path: join(IMAGES, 'build.png') });
});

test('the dashboard on a phone', ({ page }) => picture(page, 'narrow', [390, 844]));
