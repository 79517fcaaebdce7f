// Logs where somebody takes them as they come: each byte once, nothing kept, and on from where another process ended.
import { afterEach, expect, it } from 'vitest';
import type { IPlatformAdapter } from '../../src/watch/adapter';
import type { LogPiece } from '../../src/watch/model';
import { GitHubActionsAdapter } from '../../src/watch/platforms/github';
import { GitLabAdapter } from '../../src/watch/platforms/gitlab';
import { JenkinsAdapter } from '../../src/watch/platforms/jenkins';
import { FakeGitHub, job, type Scene } from './support/github';
import { FakeGitLab, type GitLabScene, gitlabJob } from './support/gitlab';
import { FakeJenkins, type JenkinsScene } from './support/jenkins';

let now = 0;
let fakes: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(fakes.map((fake) => fake.stop()));
  fakes = [];
});

/** What is taken, readable. */
function taking(adapter: IPlatformAdapter): string[] {
  const taken: string[] = [];
  adapter.takeLog = (_build, { stageId, offset, data, isLast }: LogPiece) =>
    taken.push(`${stageId ?? 'build'} ${offset} ${JSON.stringify(`${data}`)}${isLast ? ' end' : ''}`);
  return taken;
}

async function github(...scenes: Scene[]) {
  const fake = new FakeGitHub(scenes);
  fakes.push(fake);
  return { fake, adapter: new GitHubActionsAdapter({ baseUrl: await fake.start() }) };
}

async function gitlab(...scenes: GitLabScene[]) {
  const fake = new FakeGitLab(scenes);
  fakes.push(fake);
  return { fake, adapter: new GitLabAdapter({ host: await fake.start(), wallNow: () => now }) };
}

async function jenkins(...scenes: JenkinsScene[]) {
  const fake = new FakeJenkins(scenes);
  fakes.push(fake);
  return { fake, adapter: new JenkinsAdapter({ url: `${await fake.start()}/ci` }) };
}

const KNOWN = { attempt: 1, hasEnded: false, stagesWithLogs: [], logOffset: 0 };

it('of GitHub: each whole, once its job has ended', async () => {
  const { fake, adapter } = await github(
    { jobs: [job(1, 'completed', 'success'), job(2, 'in_progress')] },
    { jobs: [job(1, 'completed', 'success'), job(2, 'completed', 'failure')] },
  );
  fake.logs.set('1', 'one\n').set('2', 'two\n');
  const taken = taking(adapter);
  for (let i = 0; i < 3; i++) expect((await adapter.getBuildStatus('octo:repo:123')).logs).toEqual([]);
  expect(taken).toEqual(['1 0 "one\\n" end', '2 0 "two\\n" end']);
});

it('of GitHub: those that are there already are not fetched, those of a new attempt are', async () => {
  const { fake, adapter } = await github(
    { jobs: [job(1, 'completed', 'failure')] },
    { run: { run_attempt: 2 }, jobs: [job(1, 'completed', 'success')] },
  );
  fake.logs.set('1', 'one\n');
  const taken = taking(adapter);
  adapter.recall('octo:repo:123', { ...KNOWN, stagesWithLogs: ['1'] });
  await adapter.getBuildStatus('octo:repo:123');
  expect(fake.asked.filter((path) => path.endsWith('/logs'))).toEqual([]);
  await adapter.getBuildStatus('octo:repo:123');
  expect(taken).toHaveLength(1);
});

it('of GitLab: a trace that grows is read now and then, and only what is new is taken', async () => {
  const { fake, adapter } = await gitlab({ jobs: [gitlabJob(1, 'running')] });
  const taken = taking(adapter);
  now = 1_000_000;
  fake.logs.set('1', 'one\n');
  await adapter.getBuildStatus('12:45');
  fake.logs.set('1', 'one\nzwö\nthr');
  for (let i = 0; i < 4; i++) {
    now += 15_000;
    await adapter.getBuildStatus('12:45');
  }
  expect(fake.asked.filter((path) => path.endsWith('/trace'))).toHaveLength(2);
  expect(taken).toEqual(['1 0 "one\\n"', '1 4 "zwö\\nthr"']);
});

it('of GitLab: the rest comes with the end, however little time has passed', async () => {
  const { fake, adapter } = await gitlab(
    { jobs: [gitlabJob(1, 'running')] },
    { jobs: [gitlabJob(1, 'success')] },
  );
  const taken = taking(adapter);
  now = 2_000_000;
  fake.logs.set('1', 'one\n');
  await adapter.getBuildStatus('12:45');
  fake.logs.set('1', 'one\ntwo\n');
  await adapter.getBuildStatus('12:45');
  await adapter.getBuildStatus('12:45');
  expect(taken).toEqual(['1 0 "one\\n"', '1 4 "two\\n" end']);
});

it('of GitLab: what was known to have ended is the next attempt when it goes on', async () => {
  const { adapter } = await gitlab({ pipeline: { status: 'running' } });
  adapter.recall('12:45', { ...KNOWN, attempt: 3, hasEnded: true });
  expect((await adapter.getBuildStatus('12:45')).attempt).toBe(4);
  adapter.forget('12:45');
  expect((await adapter.getBuildStatus('12:45')).attempt).toBe(1);
});

it('of Jenkins: the log of the build as it grows, on from what is there', async () => {
  const { fake, adapter } = await jenkins(
    { log: 'one\ntwo\n' },
    { log: 'one\ntwo\nthree\n' },
    { build: { building: false, inProgress: false, result: 'SUCCESS' }, log: 'one\ntwo\nthree\nend' },
  );
  const taken = taking(adapter);
  adapter.recall('folder/app:7', { ...KNOWN, logOffset: 4 });
  for (let i = 0; i < 4; i++) await adapter.getBuildStatus('folder/app:7');
  expect(taken).toEqual(['build 4 "two\\n"', 'build 8 "three\\n"', 'build 14 "end" end']);
  // What is there to its end is not asked for again.
  expect(fake.asked.filter((path) => path.endsWith('progressiveText'))).toHaveLength(3);
});

it('of Jenkins: a log that is all there is not asked for', async () => {
  const { fake, adapter } = await jenkins({ log: 'one\n' });
  adapter.recall('folder/app:7', { ...KNOWN, logOffset: null });
  await adapter.getBuildStatus('folder/app:7');
  expect(fake.asked.filter((path) => path.endsWith('progressiveText'))).toEqual([]);
});

it.each([
  ['GitHub', () => github(), 'octo:repo:123', 'octo/repo', 'octo:repo:123'],
  ['GitLab', () => gitlab({}), 'group%2Fproject:45', 'group/project', 'group%2Fproject:45'],
  ['Jenkins', () => jenkins({}), 'folder/app:7', 'folder/app', 'folder/app:7'],
] as const)(
  '%s says which build it is and where it belongs',
  async (_name, play, build, project, foundId) => {
    const { adapter } = await play();
    expect(await adapter.getBuildStatus(build)).toMatchObject({ project, foundId });
  },
);
