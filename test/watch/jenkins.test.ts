// Builds of Jenkins, on one that plays whole stories.
import { afterEach, describe, expect, it } from 'vitest';
import { JenkinsAdapter, parseJenkinsBuild } from '../../src/watch/platforms/jenkins';
import { FakeJenkins, type JenkinsScene, stage } from './support/jenkins';

const BUILD = 'folder/app:7';
let jenkins: FakeJenkins;
afterEach(() => jenkins?.stop());

async function play(...scenes: JenkinsScene[]): Promise<JenkinsAdapter> {
  jenkins = new FakeJenkins(scenes);
  return new JenkinsAdapter({ url: await jenkins.start(), user: 'me', token: 'secret' });
}

const over = (result: string | null, more: object = {}) => ({
  building: false,
  inProgress: false,
  result,
  duration: 9000,
  ...more,
});

describe('a build', () => {
  it('is told as it goes: running, waiting for an answer, finalizing, unstable', async () => {
    const artifacts = [{ fileName: 'a b.zip', relativePath: 'out/a b.zip' }];
    const adapter = await play(
      { build: { result: 'FAILURE' }, stages: [stage(1, 'IN_PROGRESS')] },
      { stages: [stage(1, 'SUCCESS'), stage(2, 'PAUSED_PENDING_INPUT')] },
      { build: { building: false, inProgress: true, result: 'UNSTABLE' }, stages: [stage(1, 'SUCCESS')] },
      { build: over('UNSTABLE', { artifacts }), stages: [stage(1, 'SUCCESS'), stage(2, 'UNSTABLE')] },
    );
    const told = [];
    for (let i = 0; i < 4; i++) told.push(await adapter.getBuildStatus(BUILD));
    expect(told.map(({ status, waitingReason, rawStatus }) => [status, waitingReason, rawStatus])).toEqual([
      ['in_progress', undefined, 'building'],
      ['in_progress', 'Somebody who answers its input', 'building'],
      ['in_progress', undefined, 'finalizing'],
      ['failed', undefined, 'UNSTABLE'],
    ]);
    expect(told[3]).toMatchObject({
      conclusion: 'unstable',
      duration: 9000,
      artifacts: [{ name: 'a b.zip' }],
    });
    expect(told[3]?.artifacts?.[0]?.url).toMatch(
      /\/ci\/job\/folder\/job\/app\/7\/artifact\/out\/a%20b\.zip$/,
    );
    expect(told[3]?.stages?.map(({ state, conclusion }) => [state, conclusion])).toEqual([
      ['completed', 'success'],
      ['failed', 'unstable'],
    ]);
    expect(jenkins.asked[0]).toBe('/ci/job/folder/job/app/7/api/json');
    expect([...jenkins.authorizations]).toEqual([`Basic ${Buffer.from('me:secret').toString('base64')}`]);
  });

  it('has its log read byte by byte, once, and again where it was begun again', async () => {
    const adapter = await play(
      { log: 'one\n' },
      { log: 'one\ntwö\n' },
      { log: 'one\ntwö\n' },
      { log: 'new\n' },
      { build: over('SUCCESS'), log: 'new\nend\n' },
    );
    const logs = [];
    for (let i = 0; i < 5; i++) logs.push((await adapter.getBuildStatus(BUILD)).logs?.[0]?.text);
    expect(logs).toEqual(['one\n', 'one\ntwö\n', 'one\ntwö\n', 'new\n', 'new\nend\n']);
    expect(jenkins.logBytes).toBe('one\ntwö\nnew\nend\n'.length + 1);
  });

  it('is told without stages where the plugin is not there, which is asked for once', async () => {
    const adapter = await play({}, { build: over('FAILURE') });
    jenkins.hasStages = false;
    expect((await adapter.getBuildStatus(BUILD)).stages).toEqual([]);
    expect(await adapter.getBuildStatus(BUILD)).toMatchObject({ status: 'failed', stages: [] });
    expect(jenkins.asked.filter((path) => path.endsWith('describe'))).toHaveLength(1);
  });

  it('without a result yet has not ended', async () => {
    const adapter = await play({ build: over(null) });
    expect(await adapter.getBuildStatus(BUILD)).toMatchObject({
      status: 'in_progress',
      waitingReason: 'Its result',
    });
  });
});

describe('an item of the queue', () => {
  it('is followed to its build, also when Jenkins has forgotten the item', async () => {
    const adapter = await play(
      { item: { why: 'In the quiet period' } },
      { item: { executable: { number: 7, url: 'https://other.name/ci/job/folder/job/app/7/' } } },
      { build: { building: true } },
      { build: over('SUCCESS') },
    );
    const told = [];
    for (let i = 0; i < 3; i++) told.push(await adapter.getBuildStatus('queue:123'));
    expect(told.map(({ status, waitingReason }) => [status, waitingReason])).toEqual([
      ['queued', 'In the quiet period'],
      ['in_progress', undefined],
      ['completed', undefined],
    ]);
    expect(jenkins.asked.filter((path) => path.includes('/queue/'))).toHaveLength(2);
  });

  it('may be cancelled before it has one', async () => {
    const adapter = await play({ item: { cancelled: true } });
    expect(await adapter.getBuildStatus('queue:123')).toMatchObject({
      status: 'cancelled',
      conclusion: 'cancelled',
    });
  });
});

it.each([
  [404, 'notFound'],
  [401, 'unauthorized'],
  [403, 'unauthorized'],
  [503, 'failed'],
])('%i is %s', async (status, refusal) => {
  const adapter = await play({ refuse: { status } });
  await expect(adapter.getBuildStatus(BUILD)).rejects.toMatchObject({ refusal });
});

it.each(['7', ':7', 'a:', 'a//b:7', '../a:7', 'a:x'])('%s is no build', (id) =>
  expect(() => parseJenkinsBuild(id)).toThrow(/folder\/job:number/),
);
