// Pipelines of GitLab by gitbeaker, on a platform that plays whole stories.
import { afterEach, describe, expect, it } from 'vitest';
import { PlatformError } from '../../src/watch/errors';
import { GitLabAdapter, parseGitLabBuild } from '../../src/watch/platforms/gitlab';
import { FakeGitLab, type GitLabScene, gitlabJob } from './support/gitlab';

const BUILD = 'group%2Fproject:45';
const TOKEN = 'glpat-secret';
const NOW = Date.parse('2026-11-26T10:05:00Z');
let gitlab: FakeGitLab;
afterEach(() => gitlab?.stop());

async function play(...scenes: GitLabScene[]): Promise<GitLabAdapter> {
  gitlab = new FakeGitLab(scenes);
  return new GitLabAdapter({ token: TOKEN, host: await gitlab.start(), wallNow: () => NOW });
}

describe('a pipeline', () => {
  it('is told as it goes: created, waiting for somebody, running, failed by a job', async () => {
    const failed = gitlabJob(2, 'failed', { name: 'test', failure_reason: 'script_failure' });
    const optional = gitlabJob(3, 'failed', { allow_failure: true });
    const adapter = await play(
      { pipeline: { status: 'created' } },
      { pipeline: { status: 'manual' }, jobs: [gitlabJob(1, 'success'), gitlabJob(2, 'manual')] },
      { pipeline: { status: 'running' }, jobs: [gitlabJob(1, 'success'), gitlabJob(2, 'running')] },
      {
        pipeline: { status: 'failed' },
        jobs: [gitlabJob(1, 'success', { artifacts_file: { filename: 'a.zip', size: 7 } }), optional, failed],
        bridges: [gitlabJob(9, 'success', { name: 'deploy', downstream_pipeline: { status: 'running' } })],
      },
    );
    gitlab.logs.set('1', 'built').set('2', 'AssertionError');
    const told = [];
    for (let i = 0; i < 4; i++) told.push(await adapter.getBuildStatus(BUILD));
    expect(told.map(({ status, waitingReason }) => [status, waitingReason])).toEqual([
      ['queued', undefined],
      ['in_progress', 'Somebody who starts its manual job'],
      ['in_progress', undefined],
      ['failed', undefined],
    ]);
    expect(told[3]).toMatchObject({
      conclusion: 'failure',
      rawStatus: 'failed',
      duration: 170_000,
      attempt: 1,
      error: 'test: script failure',
      artifacts: [{ name: 'job 1: a.zip', size: 7 }],
      logs: [
        { stageId: '1', text: 'built' },
        { stageId: '2', text: 'AssertionError' },
      ],
    });
    expect(told[3]?.stages?.map(({ name, state }) => [name, state])).toEqual([
      ['job 1', 'completed'],
      ['job 3', 'failed'],
      ['test', 'failed'],
      ['deploy', 'in_progress'],
    ]);
    expect(gitlab.asked[0]).toBe('/api/v4/projects/group%2Fproject/pipelines/45');
  });

  it('whose job took too long has timed out', async () => {
    const job = gitlabJob(1, 'failed', { failure_reason: 'job_execution_timeout' });
    const adapter = await play({ pipeline: { status: 'failed' }, jobs: [job] });
    expect(await adapter.getBuildStatus(BUILD)).toMatchObject({
      status: 'timeout',
      conclusion: 'timed_out',
      error: 'job 1: job execution timeout',
    });
  });

  it('that has not changed costs no answer with a body, and each log is fetched once', async () => {
    const adapter = await play({ jobs: [gitlabJob(1, 'success'), gitlabJob(2, 'running')] });
    gitlab.logs.set('1', 'built').set('2', 'half');
    for (let i = 0; i < 10; i++) await adapter.getBuildStatus(BUILD);
    expect(gitlab.answered.map((path) => path.split('/').at(-1)).sort()).toEqual([
      '45',
      'bridges',
      'jobs',
      'trace',
    ]);
    expect(gitlab.asked.filter((path) => path.endsWith('trace'))).toHaveLength(1);
  });

  it('that goes on after its end is the next attempt', async () => {
    const adapter = await play(
      { pipeline: { status: 'success' }, jobs: [gitlabJob(1, 'success')] },
      { pipeline: { status: 'running' }, jobs: [gitlabJob(1, 'success'), gitlabJob(7, 'running')] },
      { pipeline: { status: 'success' }, jobs: [gitlabJob(1, 'success'), gitlabJob(7, 'success')] },
    );
    const attempts = [];
    for (let i = 0; i < 3; i++) attempts.push((await adapter.getBuildStatus(BUILD)).attempt);
    expect(attempts).toEqual([1, 2, 2]);
  });
});

describe('the newest pipeline', () => {
  it.each([
    ['group%2Fproject@feature/x', '/pipelines?ref=feature%2Fx&per_page=1'],
    ['12!7', '/merge_requests/7/pipelines?'],
  ])('of %s is looked for once', async (build, search) => {
    const adapter = await play({}, { pipeline: { status: 'success' } });
    expect((await adapter.getBuildStatus(build)).status).toBe('in_progress');
    gitlab.pipelines = [{ id: 99 }];
    expect((await adapter.getBuildStatus(build)).status).toBe('completed');
    expect(gitlab.searches).toEqual([search]);
    expect(gitlab.asked.filter((path) => path.endsWith('/pipelines/45'))).toHaveLength(2);
  });

  it('of what has none is said', async () => {
    const adapter = await play({});
    gitlab.pipelines = [];
    await expect(adapter.getBuildStatus('12@main')).rejects.toMatchObject({
      refusal: 'notFound',
      message: 'GitLab: 12@main has no pipeline yet',
    });
  });
});

describe('a refusal', () => {
  it.each([
    [{ status: 404 }, 'notFound', null],
    [{ status: 401 }, 'unauthorized', null],
    [{ status: 403 }, 'unauthorized', null],
    [{ status: 502 }, 'failed', null],
    [{ status: 429 }, 'failed', 60_000],
    [{ status: 429, headers: { 'retry-after': '7' } }, 'failed', 7000],
    [{ status: 429, headers: { 'ratelimit-reset': `${NOW / 1000 + 120}` } }, 'failed', 121_000],
  ])('%o is %s, to be left alone for %s ms, and asked for once', async (refuse, kind, retryAfterMs) => {
    const adapter = await play({ refuse });
    const thrown = await adapter.getBuildStatus(BUILD).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(PlatformError);
    const { refusal, retryAfterMs: given, message } = thrown as PlatformError;
    expect([refusal, given]).toEqual([kind, retryAfterMs]);
    expect(message).not.toContain(TOKEN);
    expect(gitlab.asked).toHaveLength(1);
  });

  it('a host that is not there is a matter of the network', async () => {
    const adapter = new GitLabAdapter({ host: 'http://127.0.0.1:1' });
    await expect(adapter.getBuildStatus(BUILD)).rejects.toMatchObject({ refusal: 'network' });
  });

  it('a look that is aborted ends at once', async () => {
    const adapter = await play({});
    const abort = new AbortController();
    const looking = adapter.getBuildStatus(BUILD, { signal: abort.signal });
    abort.abort();
    await expect(looking).rejects.toThrow();
  });
});

it.each([
  ['12:45', { project: 12, pipeline: 45 }],
  ['group%2Fproject:45', { project: 'group/project', pipeline: 45 }],
])('%s is a pipeline', (id, place) => expect(parseGitLabBuild(id)).toEqual(place));

it.each(['45', ':45', 'a:', 'a:x', '%zz:45'])('%s is none', (id) =>
  expect(() => parseGitLabBuild(id)).toThrow(/project:pipelineId/),
);

it('the token is sent as GitLab wants it', async () => {
  const adapter = await play({});
  await adapter.getBuildStatus(BUILD);
  expect([...gitlab.tokens]).toEqual([TOKEN]);
  expect(adapter.account).not.toContain(TOKEN);
});
