// What `npm run bench:watch` measures, on the GitHub that the watcher is tested with. Our watcher's clock is moved by hand; `gh` has none that
// could be, so it is watched for a while and counted on.
import { spawn } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { GitHubActionsAdapter } from '../../src/watch/platforms/github';
import { BuildStatusPoller } from '../../src/watch/poller';
import { FakeClock } from '../../test/core/world';
import { FakeGitHub, job, type Scene } from '../../test/watch/support/github';

const JOBS = 10;
export const BUILD_S = 1800;
const FIRST_S = 60;
/** What people leave `gh run watch` at. */
const GH_INTERVAL_S = 3;

/** Queued for a minute, then ten jobs, the first of which ends after three minutes and the last after thirty. */
function sceneAt(seconds: number): Scene {
  if (seconds < FIRST_S) return { run: { status: 'queued', conclusion: null } };
  const jobs = Array.from({ length: JOBS }, (_, i) =>
    seconds >= ((i + 1) * BUILD_S) / JOBS ? job(i + 1, 'completed', 'success') : job(i + 1, 'in_progress'),
  );
  const isOver = seconds >= BUILD_S;
  return {
    run: { status: isOver ? 'completed' : 'in_progress', conclusion: isOver ? 'success' : null },
    jobs,
  };
}

function world(baseUrl: string) {
  const clock = new FakeClock();
  const poller = new BuildStatusPoller(
    new Map([['github', new GitHubActionsAdapter({ baseUrl, token: 'x' })]]),
    { append: async () => {} },
    { error() {} },
    {},
    { clock, wallNow: () => clock.time, random: () => 0 },
  );
  const isAsking = (id: string) => {
    const { isPolling, nextPollTime } = poller.getPollingStatus(id);
    return isPolling && !nextPollTime;
  };
  return { clock, poller, isAsking };
}

/** Requests of one build from its beginning to its end, those of them that cost the limit, and the delay to its end in seconds. */
export async function ours(): Promise<{ requests: number; units: number; delay: number }> {
  const github = new FakeGitHub([]);
  for (let i = 1; i <= JOBS; i++) github.logs.set(`${i}`, 'log\n');
  github.show(sceneAt(0));
  const { clock, poller, isAsking } = world(await github.start());
  const began = clock.time;
  let isOver = false;
  void poller.startPolling('octo:repo:123', 'github').then(() => {
    isOver = true;
  });
  while (!isOver) {
    while (isAsking('octo:repo:123')) await setImmediate();
    await setImmediate();
    if (isOver) break;
    github.show(sceneAt((clock.time + 1000 - began) / 1000));
    clock.advance(1000);
  }
  const blobs = github.asked.filter((path) => path.startsWith('blob')).length;
  await github.stop();
  // A redirect to a log costs what its request costs; the blob store is no part of the limit.
  const redirects = github.asked.filter((path) => path.endsWith('/logs')).length;
  return {
    requests: github.asked.length - blobs,
    units: github.answered.length + redirects,
    delay: (clock.time - began) / 1000 - BUILD_S,
  };
}

/** What `gh run watch` asks in the middle of the build, for so many seconds, as requests of the whole build. */
export async function gh(seconds: number): Promise<number> {
  const github = new FakeGitHub([]);
  github.show(sceneAt(BUILD_S / 2));
  const url = await github.start();
  const args = [
    'run',
    'watch',
    '123',
    '--interval',
    `${GH_INTERVAL_S}`,
    '--repo',
    'github.localhost/octo/repo',
  ];
  const env = {
    PATH: process.env.PATH,
    HTTP_PROXY: url,
    GH_HOST: 'github.localhost',
    GH_ENTERPRISE_TOKEN: 'x',
  };
  const child = spawn('gh', args, { env: { ...env, HOME: process.env.TMPDIR ?? '/tmp' }, stdio: 'ignore' });
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const before = github.asked.length;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const asked = github.asked.length - before;
  child.kill();
  await github.stop();
  return (asked / seconds) * BUILD_S;
}

/** Many builds that go on, on one watcher, for so many seconds of its clock. */
export async function many(builds: number, seconds: number) {
  const github = new FakeGitHub([]);
  github.show(sceneAt(BUILD_S / 2));
  for (let i = 1; i <= JOBS; i++) github.logs.set(`${i}`, 'log\n');
  const { clock, poller, isAsking } = world(await github.start());
  const memory = () => {
    globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  };
  const ids = Array.from({ length: builds }, (_, i) => `octo:repo:${i + 1}`);
  const before = memory();
  for (const id of ids) void poller.startPolling(id, 'github').catch(() => {});
  const settle = async () => {
    while (ids.some(isAsking)) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await settle();
  const first = github.asked.length;
  const cpu = process.cpuUsage();
  for (let s = 0; s < seconds; s++) {
    clock.advance(1000);
    await settle();
  }
  const { user, system } = process.cpuUsage(cpu);
  const asked = github.asked.length - first;
  const heap = memory() - before;
  for (const id of ids) void poller.stopPolling(id);
  await github.stop();
  return {
    perMinute: (asked / seconds) * 60,
    cpuPerAsked: (user + system) / 1000 / asked,
    heapPerBuild: heap / builds,
  };
}
