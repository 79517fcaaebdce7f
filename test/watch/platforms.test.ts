// The same story has the same verdict on every platform, event by event.
import { afterEach, describe, expect, it } from 'vitest';
import type { IPlatformAdapter } from '../../src/watch/adapter';
import type { BuildEvent } from '../../src/watch/event-store';
import type { GitPlatform } from '../../src/watch/model';
import { GitHubActionsAdapter } from '../../src/watch/platforms/github';
import { GitLabAdapter } from '../../src/watch/platforms/gitlab';
import { JenkinsAdapter } from '../../src/watch/platforms/jenkins';
import { BuildStatusPoller } from '../../src/watch/poller';
import { FakeClock } from '../core/world';
import { FakeGitHub, job } from './support/github';
import { FakeGitLab, gitlabJob } from './support/gitlab';
import { FakeJenkins, stage } from './support/jenkins';

type Step =
  | 'queued'
  | 'waiting'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'timed out'
  | 'odd'
  | '502'
  | '429';

const RUN: Record<Step, object> = {
  queued: { run: { status: 'queued' } },
  waiting: { run: { status: 'waiting' } },
  running: { jobs: [job(1, 'in_progress')] },
  succeeded: { run: { status: 'completed', conclusion: 'success' }, jobs: [job(1, 'completed', 'success')] },
  failed: { run: { status: 'completed', conclusion: 'failure' }, jobs: [job(1, 'completed', 'failure')] },
  cancelled: { run: { status: 'completed', conclusion: 'cancelled' } },
  'timed out': { run: { status: 'completed', conclusion: 'timed_out' } },
  odd: { run: { status: 'hibernating' } },
  '502': { refuse: { status: 502 } },
  '429': { refuse: { status: 429, headers: { 'retry-after': '100' } } },
};

const PIPELINE: Record<Step, object> = {
  queued: { pipeline: { status: 'pending' } },
  waiting: { pipeline: { status: 'manual' } },
  running: { jobs: [gitlabJob(1, 'running')] },
  succeeded: { pipeline: { status: 'success' }, jobs: [gitlabJob(1, 'success')] },
  failed: {
    pipeline: { status: 'failed' },
    jobs: [gitlabJob(1, 'failed', { failure_reason: 'script_failure' })],
  },
  cancelled: { pipeline: { status: 'canceled' } },
  'timed out': {
    pipeline: { status: 'failed' },
    jobs: [gitlabJob(1, 'failed', { failure_reason: 'stuck_or_timeout_failure' })],
  },
  odd: { pipeline: { status: 'hibernating' } },
  '502': { refuse: { status: 502 } },
  '429': { refuse: { status: 429, headers: { 'retry-after': '100' } } },
};

const ended = (result: string) => ({ build: { building: false, inProgress: false, result, duration: 1000 } });
const BUILD: Record<Exclude<Step, 'timed out'>, object> = {
  queued: { item: { why: 'Waiting for an executor' } },
  waiting: { build: { building: true }, stages: [stage(1, 'PAUSED_PENDING_INPUT')] },
  running: { build: { building: true }, stages: [stage(1, 'IN_PROGRESS')] },
  succeeded: ended('SUCCESS'),
  failed: ended('FAILURE'),
  cancelled: ended('ABORTED'),
  odd: ended('HIBERNATING'),
  '502': { refuse: { status: 502 } },
  '429': { refuse: { status: 429, headers: { 'retry-after': '100' } } },
};

let end: () => Promise<void>;
afterEach(() => end());

async function platform(name: GitPlatform, story: readonly Step[]): Promise<[IPlatformAdapter, string]> {
  if (name === 'github') {
    const github = new FakeGitHub(story.map((step) => RUN[step]));
    end = () => github.stop();
    return [new GitHubActionsAdapter({ token: 't', baseUrl: await github.start() }), 'octo:repo:123'];
  }
  if (name === 'jenkins') {
    const scenes = story.flatMap((step, i) => {
      const scene = BUILD[step as keyof typeof BUILD];
      const item = { item: { executable: { number: 7, url: 'http://x/ci/job/app/7/' } } };
      // The look that finds the build reads it too.
      return story[0] === 'queued' && i === 1 ? [item, scene] : [scene];
    });
    const jenkins = new FakeJenkins(scenes);
    end = () => jenkins.stop();
    return [new JenkinsAdapter({ url: await jenkins.start() }), story[0] === 'queued' ? 'queue:5' : 'app:7'];
  }
  const gitlab = new FakeGitLab(story.map((step) => PIPELINE[step]));
  end = () => gitlab.stop();
  return [new GitLabAdapter({ token: 't', host: await gitlab.start() }), '12:45'];
}

interface Told {
  readonly end: string;
  readonly events: readonly string[];
  readonly polls: number;
  /** Seconds of the watcher's clock. */
  readonly seconds: number;
}

/** Watches a story to its end; time passes when nothing is under way. */
async function watch(name: GitPlatform, story: readonly Step[]): Promise<Told> {
  const [adapter, buildId] = await platform(name, story);
  const clock = new FakeClock();
  const events: BuildEvent[] = [];
  let looking = 0;
  const counted: IPlatformAdapter = {
    account: adapter.account,
    async getBuildStatus(id, options) {
      looking++;
      try {
        return await adapter.getBuildStatus(id, options);
      } finally {
        looking--;
      }
    },
  };
  const store = { append: async (event: BuildEvent) => void events.push(event) };
  const ports = { clock, wallNow: () => clock.time, random: () => 0 };
  const poller = new BuildStatusPoller(new Map([[name, counted]]), store, { error() {} }, {}, ports);
  let told = '';
  poller.startPolling(buildId, name).then(
    ({ status, conclusion }) => {
      told = `${status} ${conclusion}`;
    },
    (error: Error) => {
      told = error.name;
    },
  );
  for (let i = 0; !told && i < 100_000; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!looking && !told) clock.advance(1000);
  }
  const { tags, data } = events.at(-1)!;
  return {
    end: told,
    events: events.map(({ type }) => type.replace('BUILD.', '')),
    polls: Number(data.totalPolls ?? tags.pollCount),
    seconds: Math.round((clock.time - 1000) / 1000),
  };
}

const STARTED = 'POLLING_STARTED';
const UPDATED = 'STATUS_UPDATED';

describe.each(['github', 'gitlab', 'jenkins'] as const)('on %s', (name) => {
  it.each([
    [
      'succeeds',
      ['queued', 'running', 'succeeded'],
      'completed success',
      [STARTED, UPDATED, 'QUEUED', UPDATED, 'IN_PROGRESS', UPDATED, 'COMPLETED', 'POLLING_COMPLETED'],
    ],
    [
      'fails',
      ['running', 'failed'],
      'failed failure',
      [STARTED, UPDATED, 'IN_PROGRESS', UPDATED, 'FAILED', 'POLLING_COMPLETED'],
    ],
    [
      'is cancelled',
      ['running', 'cancelled'],
      'cancelled cancelled',
      [STARTED, UPDATED, 'IN_PROGRESS', UPDATED, 'CANCELLED', 'POLLING_COMPLETED'],
    ],
    [
      'waits for a person and goes on',
      ['waiting', 'waiting', 'running', 'succeeded'],
      'completed success',
      [STARTED, UPDATED, 'IN_PROGRESS', UPDATED, UPDATED, 'COMPLETED', 'POLLING_COMPLETED'],
    ],
    [
      'has a status that nobody knows',
      ['odd', 'odd', 'succeeded'],
      'completed success',
      [STARTED, UPDATED, 'IN_PROGRESS', UPDATED, 'COMPLETED', 'POLLING_COMPLETED'],
    ],
    [
      'is out of reach for a while',
      ['running', '502', '502', 'succeeded'],
      'completed success',
      [STARTED, UPDATED, 'IN_PROGRESS', 'POLLING_ERROR', UPDATED, 'COMPLETED', 'POLLING_COMPLETED'],
    ],
  ] as const)('a build that %s', async (_what, story, verdict, events) => {
    const told = await watch(name, story);
    expect([told.end, told.events]).toEqual([verdict, events]);
    expect(told.polls).toBe(story.length);
  });

  it('a platform that wants to be left alone is, to the second', async () => {
    const told = await watch(name, ['429', 'succeeded']);
    expect([told.end, told.polls]).toEqual(['completed success', 2]);
    expect(told.seconds).toBeGreaterThanOrEqual(100);
    expect(told.seconds).toBeLessThanOrEqual(102);
  });

  it('a platform that fails for ever is lost', async () => {
    expect((await watch(name, ['running', '502'])).end).toBe('PollingLost');
  });
});

// Jenkins knows no timeouts: its plugins abort the build.
it.each(['github', 'gitlab'] as const)('on %s a build that takes too long has timed out', async (name) => {
  const told = await watch(name, ['running', 'timed out']);
  expect(told.end).toBe('timeout timed_out');
  expect(told.events.slice(-2)).toEqual(['FAILED', 'POLLING_COMPLETED']);
});
