// GitHub Actions by the official client, on a platform that plays whole stories.
import { afterEach, describe, expect, it } from 'vitest';
import { PlatformError } from '../../src/watch/errors';
import { GitHubActionsAdapter, parseGitHubBuild } from '../../src/watch/platforms/github';
import { FakeGitHub, job, type Scene } from './support/github';

const BUILD = 'octo:repo:123';
const TOKEN = 'ghp_secret';
const NOW = Date.parse('2026-11-26T10:05:00Z');
let github: FakeGitHub;
afterEach(() => github.stop());

async function play(...scenes: Scene[]): Promise<GitHubActionsAdapter> {
  github = new FakeGitHub(scenes);
  return new GitHubActionsAdapter({ token: TOKEN, baseUrl: await github.start(), wallNow: () => NOW });
}

const completed = (conclusion: string, more: object = {}) => ({ status: 'completed', conclusion, ...more });

describe('a run', () => {
  it('is told as it goes: queued, waiting for an approval, running, failed by a step', async () => {
    const step = { name: 'Run tests', number: 1, status: 'completed', conclusion: 'failure' };
    const failed = job(2, 'completed', 'failure', { name: 'test', steps: [step] });
    const adapter = await play(
      { run: { status: 'queued' } },
      { run: { status: 'waiting' }, jobs: [job(1, 'completed', 'success'), job(2, 'waiting')] },
      { jobs: [job(1, 'completed', 'success'), job(2, 'in_progress')] },
      { run: completed('failure'), jobs: [job(1, 'completed', 'success'), failed] },
    );
    github.logs.set('1', 'built').set('2', 'AssertionError');
    github.annotations = [
      { annotation_level: 'warning', message: 'old' },
      { annotation_level: 'failure', message: 'expected 1 to be 2\nmore' },
    ];
    const told = [];
    for (let i = 0; i < 4; i++) told.push(await adapter.getBuildStatus(BUILD));
    expect(told.map(({ status, waitingReason }) => [status, waitingReason])).toEqual([
      ['queued', undefined],
      ['in_progress', 'An approval'],
      ['in_progress', undefined],
      ['failed', undefined],
    ]);
    expect(told[3]).toMatchObject({
      conclusion: 'failure',
      attempt: 1,
      duration: 180_000,
      error: 'test: Run tests: expected 1 to be 2',
      url: 'https://github.com/octo/repo/actions/runs/123',
      artifacts: [{ name: 'dist', url: 'https://x/zip', size: 7 }],
      logs: [
        { stageId: '1', name: 'job 1', text: 'built' },
        { stageId: '2', name: 'test', text: 'AssertionError' },
      ],
      stages: [
        { id: '1', state: 'completed', conclusion: 'success' },
        { id: '2', state: 'failed', steps: [{ name: 'Run tests', conclusion: 'failure' }] },
      ],
    });
    expect(told[2]?.endTime).toBeUndefined();
  });

  it('that has not changed costs no answer with a body, and each log is fetched once', async () => {
    const adapter = await play({ jobs: [job(1, 'completed', 'success'), job(2, 'completed', 'skipped')] });
    github.logs.set('1', 'built');
    for (let i = 0; i < 10; i++) await adapter.getBuildStatus(BUILD);
    expect(github.answered).toHaveLength(2);
    expect(github.asked.filter((path) => path.startsWith('blob'))).toEqual(['blob /1']);
    expect(github.asked.filter((path) => path.endsWith('/2/logs'))).toEqual([]);
  });

  it('whose log is not there yet is told without it, and has it later', async () => {
    const adapter = await play({ jobs: [job(1, 'completed', 'success')] });
    expect((await adapter.getBuildStatus(BUILD)).logs).toEqual([]);
    github.logs.set('1', 'late');
    expect((await adapter.getBuildStatus(BUILD)).logs).toMatchObject([{ text: 'late' }]);
  });

  it('that is run again is the next attempt, with logs of its own', async () => {
    const adapter = await play(
      { run: completed('failure'), jobs: [job(1, 'completed', 'failure')] },
      { run: { status: 'queued', run_attempt: 2 } },
      { run: completed('success', { run_attempt: 2 }), jobs: [job(9, 'completed', 'success')] },
    );
    github.logs.set('1', 'first').set('9', 'second');
    expect(await adapter.getBuildStatus(BUILD)).toMatchObject({
      attempt: 1,
      status: 'failed',
      error: 'job 1',
    });
    expect(await adapter.getBuildStatus(BUILD)).toMatchObject({ attempt: 2, status: 'queued', logs: [] });
    expect(await adapter.getBuildStatus(BUILD)).toMatchObject({
      attempt: 2,
      status: 'completed',
      error: undefined,
      logs: [{ text: 'second' }],
    });
  });
});

describe('the newest run', () => {
  it.each([
    ['octo/repo@feature/x', 'branch=feature%2Fx&per_page=1'],
    [`octo/repo@${'a'.repeat(40)}`, `head_sha=${'a'.repeat(40)}&per_page=1`],
    ['octo/repo#12', `head_sha=${'f'.repeat(40)}&per_page=1`],
  ])('of %s is looked for once', async (build, filter) => {
    const adapter = await play({}, { run: completed('success') });
    expect((await adapter.getBuildStatus(build)).status).toBe('in_progress');
    github.runs = [{ id: 999 }];
    expect((await adapter.getBuildStatus(build)).status).toBe('completed');
    expect(github.filters).toEqual([filter]);
    expect(github.asked.filter((path) => path.endsWith('/runs/123'))).toHaveLength(2);
  });

  it('of what has none is said', async () => {
    const adapter = await play({});
    github.runs = [];
    const { refusal: kind, message } = await refusal(adapter, 'octo/repo@main');
    expect([kind, message]).toEqual(['notFound', 'GitHub: octo/repo@main has no run yet']);
  });
});

/** What an adapter threw. */
async function refusal(adapter: GitHubActionsAdapter, buildId = BUILD): Promise<PlatformError> {
  const thrown = await adapter.getBuildStatus(buildId).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(PlatformError);
  return thrown as PlatformError;
}

describe('a refusal', () => {
  it.each([
    [{ status: 404 }, 'notFound', null],
    [{ status: 401, message: 'Bad credentials' }, 'unauthorized', null],
    [{ status: 403, message: 'Resource not accessible' }, 'unauthorized', null],
    [{ status: 502 }, 'failed', null],
    [{ status: 429, headers: { 'retry-after': '7' } }, 'failed', 7000],
    [{ status: 403, headers: { 'retry-after': '61' } }, 'failed', 61_000],
    [
      { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${NOW / 1000 + 120}` } },
      'failed',
      121_000,
    ],
    [{ status: 403, message: 'You have exceeded a secondary rate limit' }, 'failed', 60_000],
    [{ status: 429 }, 'failed', 60_000],
  ])('%o is %s, to be left alone for %s ms, and asked for once', async (refuse, kind, retryAfterMs) => {
    const adapter = await play({ refuse });
    const error = await refusal(adapter);
    expect([error.refusal, error.retryAfterMs]).toEqual([kind, retryAfterMs]);
    expect(github.asked).toHaveLength(1);
    expect(JSON.stringify([error.message, error.stack])).not.toContain(TOKEN);
  });

  it('a host that is not there is a matter of the network', async () => {
    await play({});
    const adapter = new GitHubActionsAdapter({ token: TOKEN, baseUrl: 'http://127.0.0.1:1' });
    expect((await refusal(adapter)).refusal).toBe('network');
  });

  it.each([
    'octo:repo',
    'octo/repo',
    'octo/repo#x',
    'octo/repo@',
    'octo:repo:0',
    'octo:repo:x',
    'octo:repo:1:2',
    ':repo:1',
  ])('%s is no build', async (id) => {
    await play({});
    expect(() => parseGitHubBuild(id)).toThrow(/owner:repo:runId/);
  });
});

it('the token goes to GitHub alone, not to where logs are kept', async () => {
  const adapter = await play({ jobs: [job(1, 'completed', 'success')] });
  github.logs.set('1', 'x');
  await adapter.getBuildStatus(BUILD);
  expect([...github.authorizations]).toEqual([`token ${TOKEN}`]);
  expect(adapter.account).not.toContain(TOKEN);
});

it('what is left of the limit is known from each answer, refusals too', async () => {
  const left = (remaining: string) => ({
    'x-ratelimit-remaining': remaining,
    'x-ratelimit-reset': '1795000000',
  });
  const adapter = await play({ headers: left('4999') }, { refuse: { status: 502, headers: left('12') } });
  expect(adapter.budget).toBeNull();
  await adapter.getBuildStatus(BUILD);
  expect(adapter.budget).toEqual({ remaining: 4999, resetsAt: 1_795_000_000_000 });
  await refusal(adapter);
  expect(adapter.budget?.remaining).toBe(12);
});

it('a look that is aborted ends at once', async () => {
  const adapter = await play({});
  const abort = new AbortController();
  const looking = adapter.getBuildStatus(BUILD, { signal: abort.signal });
  abort.abort();
  await expect(looking).rejects.toThrow();
});
