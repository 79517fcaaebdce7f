// A build on a platform elsewhere, as people follow it on the pages: watched by one watcher, then by another.
import { expect, type Page, test } from '@playwright/test';
import { FakeGitHub, job, RUN, type Scene } from '../watch/support/github.ts';
import { eventsOf, startWatcher, TOKEN } from './support/builds.ts';
import type { Program } from './support/process.ts';
import { startVpo, type Vpo } from './support/vpo.ts';

const LEASE_S = 3;
let server: Vpo;
let github: FakeGitHub;
let platform: string;
let watcher: Program;

test.beforeAll(async () => {
  server = await startVpo({ env: { VPO_WATCH_LEASE_S: `${LEASE_S}` } });
});
test.beforeEach(async () => {
  github = new FakeGitHub([]);
  platform = await github.start();
});
test.afterEach(async () => {
  await watcher.stop('SIGKILL');
  await github.stop();
});
test.afterAll(() => server.end());

const NAMED = { name: 'CI', head_branch: 'main', run_number: 4711 };
const at = (status: string, jobs: Scene['jobs'] = [], more: object = {}): Scene => ({
  run: { ...NAMED, status, conclusion: null, ...more },
  jobs,
});
const step = (name: string, status: string, conclusion: string | null = null) => ({
  name,
  status,
  conclusion,
  number: 1,
});
const testing = job(1, 'in_progress', null, {
  name: 'test (20)',
  steps: [step('Set up', 'completed', 'success'), step('npm test', 'in_progress')],
});
const tested = job(1, 'completed', 'failure', {
  name: 'test (20)',
  steps: [step('Set up', 'completed', 'success'), step('npm test', 'completed', 'failure')],
});
const deploying = job(2, 'waiting', null, { name: 'deploy' });

/** Asks for a build on the dashboard; its row. */
async function askFor(page: Page, target: string) {
  await page.goto(`${server.url}/jobs`);
  await page.getByText('Watch a build').click();
  await page.getByLabel('Build', { exact: true }).fill(target);
  await page.getByRole('button', { name: 'Watch', exact: true }).click();
  return page.locator('tbody tr', { hasText: 'octo' }).first();
}

const stage = (page: Page, name: string) => page.locator('.stages tbody tr', { hasText: name });

test('a build is asked for, and its row, stages and logs follow its story over two watchers', async ({
  page,
}) => {
  github.show(at('queued'));
  const row = await askFor(page, 'github:octo/repo@main');
  await expect(row).toContainText('octo/repo@main');
  await expect(row.locator('.status').first()).toContainText('Queued');
  await row.getByRole('link', { name: 'octo/repo@main' }).click();
  await expect(page.getByText('No watcher has taken this build yet.')).toBeVisible();

  watcher = startWatcher(server.url, platform);
  await expect(page.getByText('No watcher has taken this build yet.')).toBeHidden();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('octo/repo', {
    useInnerText: true,
  });
  await expect(page.getByRole('link', { name: '#4711' })).toHaveAttribute('href', RUN.html_url);
  await expect(page.getByText('CI · main')).toBeVisible();

  github.show(at('in_progress', [testing, deploying]));
  await expect(page.locator('#job > .headline .status')).toHaveText('Running');
  await expect(stage(page, 'test (20)').locator('.status').last()).toHaveText('Running');
  await stage(page, 'test (20)').getByText('Steps').click();
  await expect(stage(page, 'test (20)').locator('li')).toHaveText([
    /Set up\s+Completed/,
    /npm test\s+Running/,
  ]);

  // A job has failed; another waits for somebody.
  github.logs.set('1', `2026-11-26T10:01:00Z one\n2026-11-26T10:01:01Z token=${TOKEN}\nlast`);
  github.show(at('waiting', [tested, deploying]));
  await expect(page.getByText('Waiting: An approval')).toBeVisible();
  await expect(stage(page, 'test (20)').locator('.status').last()).toHaveText('Failed');
  await expect(stage(page, 'test (20)').locator('details')).toHaveAttribute('open', '');
  await stage(page, 'test (20)').getByRole('link', { name: 'Log' }).click();
  await expect(page.locator('#log')).toContainText('last');
  await expect(page.locator('#log')).not.toContainText(TOKEN);

  // The watcher is killed; what happens meanwhile another one finds.
  await watcher.stop('SIGKILL');
  github.annotations = [{ annotation_level: 'failure', message: 'expected 1 to be 2' }];
  github.show({
    run: { ...NAMED, status: 'completed', conclusion: 'failure' },
    jobs: [tested, { ...deploying, status: 'completed', conclusion: 'skipped' }],
  });
  watcher = startWatcher(server.url, platform);
  await expect(page.locator('#job > .headline .status')).toHaveText('Failed', { timeout: 20_000 });
  await expect(page.locator('#job > .trouble').nth(1)).toHaveText('test (20): npm test: expected 1 to be 2');
  await expect(page.getByRole('link', { name: 'dist' })).toBeVisible();
  await expect(page.getByText('Watched to its end')).toBeVisible();
  await expect(page.locator('#log')).toContainText('last');

  const jobId = /[0-9a-f-]{36}/.exec(page.url())![0];
  const types = (await eventsOf(server.url, jobId)).map(({ type }) => type.replace('BUILD.', ''));
  expect(types.filter((type) => type !== 'STATUS_UPDATED')).toEqual([
    'POLLING_STARTED',
    'QUEUED',
    'IN_PROGRESS',
    'FAILED',
    'POLLING_COMPLETED',
  ]);
  // Each job's log was fetched once, by whichever watcher.
  expect(github.asked.filter((path) => path.endsWith('/jobs/1/logs'))).toHaveLength(1);
  const log = await (await fetch(`${server.url}/api/jobs/${jobId}/logs/raw?stage=1`)).text();
  expect(log.match(/one/g)).toHaveLength(1);
});

test('a build that is run again is the next attempt of the same job, and the first one keeps its log', async ({
  page,
}) => {
  watcher = startWatcher(server.url, platform);
  github.logs.set('1', 'first attempt\n');
  github.show({ run: { ...NAMED, status: 'completed', conclusion: 'failure' }, jobs: [tested] });
  const row = await askFor(page, 'github:octo:again:123');
  await expect(row.locator('.status').first()).toContainText('Failed');
  await row.getByRole('link', { name: 'octo/again' }).click();
  await expect(page.locator('#log')).toContainText('first attempt');

  github.show(at('in_progress', [{ ...testing, id: 7 }], { run_attempt: 2 }));
  await page.getByRole('button', { name: 'Watch again' }).click();
  await expect(page.locator('#job > .headline .status')).toHaveText('Running');
  await expect(page.locator('.attempts tbody tr')).toHaveCount(2);
  github.logs.set('7', 'second attempt\n');
  github.show({
    run: { ...NAMED, status: 'completed', conclusion: 'success', run_attempt: 2 },
    jobs: [job(7, 'completed', 'success', { name: 'test (20)' })],
  });
  await expect(page.locator('#job > .headline .status')).toHaveText('Completed');
  await stage(page, 'test (20)').getByRole('link', { name: 'Log' }).click();
  await expect(page.locator('#log')).toContainText('second attempt');
  await page.locator('.stage-logs').getByRole('link', { name: 'test (20)' }).click();
  await expect(page.locator('#log')).toContainText('first attempt');
  await expect(page.getByRole('heading', { name: 'Log of attempt 1 · test (20)' })).toBeVisible();
});

test('a build that nobody wants watched any more is left alone, and what can not be found is said', async ({
  page,
}) => {
  watcher = startWatcher(server.url, platform);
  github.show(at('in_progress', [testing]));
  const row = await askFor(page, 'github:octo:left:123');
  await row.getByRole('link', { name: 'octo/left' }).click();
  await expect(page.locator('#job > .headline .status')).toHaveText('Running');
  await page.getByRole('button', { name: 'Stop watching' }).click();
  await expect(page.getByText('No longer watched')).toBeVisible();
  const jobId = /[0-9a-f-]{36}/.exec(page.url())![0];
  const events = (await eventsOf(server.url, jobId)).length;
  const asked = () => github.asked.filter((path) => path.includes('/left/')).length;
  const before = asked();
  // It goes on watching another one meanwhile.
  github.show({ refuse: { status: 404 } });
  await askFor(page, 'github:octo:gone:124');
  await page.locator('tbody tr', { hasText: 'octo:gone:124' }).getByRole('link').first().click();
  await expect(page.getByText('Build not found: octo:gone:124')).toBeVisible();
  expect(asked() - before).toBeLessThanOrEqual(2);
  expect(await eventsOf(server.url, jobId)).toHaveLength(events);
});
