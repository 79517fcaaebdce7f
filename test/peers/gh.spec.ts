// GitHub's own command accepts the GitHub that our watcher is tested with, and comes to the same verdicts on it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { startProgram } from '../e2e/support/process.ts';
import { FakeGitHub, job, type Scene } from '../watch/support/github.ts';

const WATCH = join(import.meta.dirname, '..', '..', 'dist', 'vpo-watch.mjs');
// A name of this kind is spoken to without TLS; the fake stands where a proxy would.
const HOST = 'github.localhost';

const at = (status: string, conclusion: string | null = null): Scene => ({
  run: { status, conclusion },
  jobs: [job(1, status, conclusion)],
});
const ENDED = 'completed';

/** Exit code and requests of a program that watches the run until it ends. */
async function watched(
  scenes: Scene[],
  command: string,
  args: string[],
  envOf: (url: string) => Record<string, string>,
): Promise<{ code: number | string; asked: number; printed: string }> {
  const github = new FakeGitHub(scenes);
  const home = await mkdtemp(join(tmpdir(), 'vpo-gh-'));
  try {
    const url = await github.start();
    const env = { PATH: process.env.PATH ?? '', HOME: home, ...envOf(url) };
    const program = startProgram(command, args, { env });
    return { code: await program.ended, asked: github.asked.length, printed: program.output() };
  } finally {
    await github.stop();
    await rm(home, { recursive: true, force: true });
  }
}

const byGh = (scenes: Scene[]) =>
  watched(
    scenes,
    'gh',
    ['run', 'watch', '123', '--exit-status', '--interval', '1', '--repo', `${HOST}/octo/repo`],
    (url) => ({ HTTP_PROXY: url, GH_HOST: HOST, GH_ENTERPRISE_TOKEN: 'ghp_x', NO_COLOR: '1' }),
  );

const byUs = (scenes: Scene[]) =>
  watched(scenes, process.execPath, [WATCH, 'github:octo:repo:123'], (url) => ({
    GITHUB_API_URL: url,
    GITHUB_TOKEN: 'ghp_x',
    BUILD_POLL_INTERVAL: '1000',
  }));

for (const [conclusion, theirs, ours] of [
  ['success', 0, 0],
  ['failure', 1, 1],
  // One word for everything that is no success is what it has; we have a code for each.
  ['cancelled', 1, 3],
  ['neutral', 1, 0],
] as const)
  test(`a run that goes on and ends as ${conclusion}: gh says ${theirs}, we say ${ours}`, async () => {
    const scenes = [at('in_progress'), at('in_progress'), at(ENDED, conclusion)];
    const [gh, us] = await Promise.all([byGh(scenes), byUs(scenes)]);
    // Off a terminal it prints nothing; each of its looks asks for the run and its jobs.
    expect(gh.asked, gh.printed).toBeGreaterThanOrEqual(2 * scenes.length);
    expect([gh.code, us.code]).toEqual([theirs, ours]);
  });
