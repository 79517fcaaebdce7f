// The GitHub that the watcher is tested with, held to GitHub's own description by a proxy that refuses what does not fit to it.
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { GitHubActionsAdapter } from '../../src/watch/platforms/github.ts';
import { answers, freePort, type Program, startProgram } from '../e2e/support/process.ts';
import { FakeGitHub, job, type Scene } from '../watch/support/github.ts';

const MODULES = join(import.meta.dirname, '..', '..', '.build', 'openapi', 'node_modules');
const PRISM = join(MODULES, '.bin', 'prism');
const DESCRIPTION = join(MODULES, '@octokit', 'openapi', 'generated', 'api.github.com.json');

const step = (name: string, conclusion: string | null) => ({
  name,
  status: conclusion ? 'completed' : 'in_progress',
  conclusion,
  number: 1,
});
const STORY: Scene[] = [
  { run: { status: 'queued', conclusion: null } },
  { run: { status: 'waiting', conclusion: null }, jobs: [job(1, 'waiting')] },
  {
    run: { status: 'in_progress', conclusion: null },
    jobs: [job(1, 'in_progress', null, { steps: [step('a', null)] })],
  },
  {
    run: { status: 'completed', conclusion: 'failure' },
    jobs: [job(1, 'completed', 'failure', { steps: [step('a', 'failure')] }), job(2, 'completed', 'skipped')],
  },
  { run: { status: 'in_progress', conclusion: null, run_attempt: 2 }, jobs: [job(3, 'queued')] },
];

let github: FakeGitHub;
let prism: Program;
let baseUrl: string;
let direct: string;
test.beforeAll(async () => {
  test.setTimeout(180_000);
  github = new FakeGitHub(STORY);
  github.hasTags = false;
  github.logs.set('1', 'one\n');
  const where = { path: '.github', start_line: 1, end_line: 1, start_column: null, end_column: null };
  const said = { title: '', message: 'expected 1 to be 2', raw_details: null, blob_href: 'https://x' };
  github.annotations = [{ ...where, ...said, annotation_level: 'failure' }];
  direct = await github.start();
  const port = await freePort();
  prism = startProgram(PRISM, ['proxy', DESCRIPTION, direct, '--errors', '--port', `${port}`], {
    env: { PATH: process.env.PATH },
  });
  baseUrl = `http://127.0.0.1:${port}`;
  await answers(baseUrl, prism);
});
test.afterAll(async () => {
  await prism.stop();
  await github.stop();
});

test('a whole story is in the shapes that GitHub describes', async () => {
  const refused: string[] = [];
  const adapter = new GitHubActionsAdapter({
    baseUrl,
    token: 'x',
    // The proxy knows no vendor's media types.
    fetch: async (input, init) => {
      const headers = { ...(init?.headers as Record<string, string>), accept: 'application/json' };
      // It follows redirects to logs by itself, and then misses the redirect.
      const url = `${input}`.endsWith('/logs') ? `${input}`.replace(baseUrl, direct) : `${input}`;
      const response = await fetch(url, { ...init, headers });
      const said = response.headers.get('sl-violations');
      if (said || response.status >= 500)
        refused.push(`${input} ${response.status} ${said ?? (await response.clone().text())}`);
      return response;
    },
  });
  const told = [];
  for (const _ of STORY)
    told.push((await adapter.getBuildStatus('octo:repo:123').catch(String)) as { status: string });
  expect(refused).toEqual([]);
  expect(told.map(({ status }) => status)).toEqual([
    'queued',
    'in_progress',
    'in_progress',
    'failed',
    'in_progress',
  ]);
});
