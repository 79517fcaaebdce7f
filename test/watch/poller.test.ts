// A watched build: when it is asked for, what is told of it, and how the watching ends.
import { describe, expect, it } from 'vitest';
import {
  BuildNotFound,
  PlatformError,
  PollingLost,
  PollingStopped,
  PollingTimeout,
  Unauthorized,
} from '../../src/watch/errors';
import { PollingManager } from '../../src/watch/manager';
import type { BuildStatus } from '../../src/watch/model';
import { World } from './support/world';

const RUNNING = { status: 'in_progress' } as const;
const DONE = { status: 'completed', conclusion: 'success', duration: 5000 } as const;
const failure = (message = '502') => new PlatformError('failed', message);
const HOUR = 3_600_000;

/** What became of a promise. */
function watched(world: World, buildId = 'test-build') {
  const seen: { status?: BuildStatus; error?: Error } = {};
  world.poller.startPolling(buildId, 'github').then(
    (status) => {
      seen.status = status;
    },
    (error) => {
      seen.error = error;
    },
  );
  return seen;
}

describe('a build that is watched', () => {
  it('is asked for at once and every 15 seconds, until it has ended', async () => {
    const world = new World();
    world.answers = [RUNNING, RUNNING, DONE];
    const seen = watched(world);
    await world.pass(31_000);
    expect(world.asked).toEqual([1000, 16_000, 31_000]);
    expect(seen.status).toMatchObject({ status: 'completed', conclusion: 'success' });
    expect(world.events[0]).toMatchObject({
      type: 'BUILD.POLLING_STARTED',
      tags: { buildId: 'test-build', platform: 'github' },
    });
    await world.pass(HOUR, 15_000);
    expect(world.asked).toHaveLength(3);
    expect(world.clock.timers.size).toBe(0);
    expect(world.poller.isPolling('test-build')).toBe(false);
  });

  it('that goes on for an hour ends the watching, with what is known of it', async () => {
    const world = new World();
    world.answers = [RUNNING];
    const seen = watched(world);
    await world.pass(HOUR - 1000, 5000);
    expect(seen.error).toBeUndefined();
    await world.pass(1000);
    expect(seen.error).toBeInstanceOf(PollingTimeout);
    expect(seen.error?.message).toMatch(/timeout/);
    expect((seen.error as PollingTimeout).lastStatus).toMatchObject(RUNNING);
    expect(world.types().at(-1)).toBe('POLLING_TIMEOUT');
    expect(world.clock.timers.size).toBe(0);
  });

  it('tells of each transition once, however often it is asked for', async () => {
    const world = new World();
    world.answers = [{ status: 'queued' }, { status: 'queued' }, RUNNING, RUNNING, RUNNING, DONE];
    watched(world);
    await world.pass(90_000);
    expect(world.types()).toEqual([
      'POLLING_STARTED',
      'STATUS_UPDATED',
      'QUEUED',
      'STATUS_UPDATED',
      'IN_PROGRESS',
      'STATUS_UPDATED',
      'COMPLETED',
      'POLLING_COMPLETED',
    ]);
    expect(world.events.at(-1)).toMatchObject({
      tags: { buildId: 'test-build', platform: 'github', finalStatus: 'completed', conclusion: 'success' },
      data: { duration: 5000, totalPolls: 6 },
    });
    expect(world.events[3]?.tags).toMatchObject({ status: 'in_progress', pollCount: '3' });
  });

  it('whose stages move is an update, and no transition', async () => {
    const world = new World();
    const stage = (state: 'queued' | 'in_progress') => ({ id: '1', name: 'test', state, steps: [] });
    world.answers = [
      { ...RUNNING, stages: [stage('queued')] },
      { ...RUNNING, stages: [stage('in_progress')] },
    ];
    watched(world);
    await world.pass(60_000);
    expect(world.types().slice(1)).toEqual(['STATUS_UPDATED', 'IN_PROGRESS', 'STATUS_UPDATED']);
  });

  it.each([
    [{ status: 'failed', conclusion: 'failure' }, 'FAILED'],
    [{ status: 'cancelled', conclusion: 'cancelled' }, 'CANCELLED'],
    [{ status: 'timeout', conclusion: 'timed_out' }, 'FAILED'],
  ] as const)('resolves with %o: a build that failed is no failure to watch it', async (end, event) => {
    const world = new World();
    world.answers = [end];
    const seen = watched(world);
    await world.pass(1000);
    expect(seen.status).toMatchObject(end);
    expect(world.types()).toContain(event);
  });

  it('of no known platform is refused', async () => {
    await expect(new World().poller.startPolling('a', 'jenkins')).rejects.toThrow(
      'No adapter available for platform: jenkins',
    );
  });
});

describe('failures', () => {
  it('ten in a row end it, with waits that grow, and say what was known last', async () => {
    const world = new World();
    world.answers = [RUNNING, failure()];
    const seen = watched(world);
    await world.pass(HOUR / 2, 1000);
    const gaps = world.asked.slice(1).map((at, i) => (at - world.asked[i]!) / 1000);
    expect(gaps).toEqual([15, 30, 60, ...Array<number>(7).fill(60)]);
    expect(seen.error).toBeInstanceOf(PollingLost);
    expect((seen.error as PollingLost).lastStatus).toMatchObject(RUNNING);
    expect(world.types().filter((type) => type === 'POLLING_ERROR')).toHaveLength(2);
    expect(world.events.at(-1)?.data).toMatchObject({ isFinal: true, failures: 10 });
  });

  it('scattered ones never do', async () => {
    const world = new World();
    world.answers = Array.from({ length: 60 }, (_, i) => (i % 2 ? failure() : RUNNING));
    world.answers.push(DONE);
    const seen = watched(world);
    await world.pass(HOUR - 60_000, 5000);
    expect(seen.status).toMatchObject(DONE);
    expect(world.types().filter((type) => type === 'POLLING_ERROR')).toHaveLength(30);
  });

  it('of the network are tried again at once, within one look', async () => {
    const world = new World();
    world.answers = [new PlatformError('network', 'reset'), new PlatformError('network', 'reset'), DONE];
    const seen = watched(world);
    await world.pass(1000, 50);
    expect(world.asked).toEqual([1000, 1250, 1750]);
    expect(seen.status).toMatchObject(DONE);
    expect(world.types()).not.toContain('POLLING_ERROR');
  });

  it('a look that takes too long is one, and is aborted', async () => {
    const world = new World();
    world.answers = ['hang', DONE];
    const seen = watched(world);
    await world.pass(29_000);
    expect(world.types()).not.toContain('POLLING_ERROR');
    await world.pass(1000);
    expect(world.aborted).toBe(1);
    expect(world.poller.getPollingStatus('test-build')).toMatchObject({ isPolling: true, pollCount: 1 });
    expect(world.poller.getPollingStatus('test-build').error).toMatch(/30000 ms/);
    await world.pass(31_000);
    expect(seen.status).toMatchObject(DONE);
  });

  it('of the store are none of the platform', async () => {
    const world = new World();
    world.store = { append: () => Promise.reject(new Error('disk full')) };
    world.answers = [RUNNING, DONE];
    const seen = watched(world);
    await world.pass(20_000);
    expect(seen.status).toMatchObject(DONE);
    expect(world.asked).toEqual([1000, 16_000]);
    expect(world.errors[0]).toMatch(/An event could not be stored.*disk full/);
  });

  it('a store that never answers keeps the end from nobody', async () => {
    const world = new World();
    world.store = { append: () => new Promise(() => {}) };
    world.answers = [DONE];
    const seen = watched(world);
    await world.pass(900, 100);
    expect(seen.status).toBeUndefined();
    await world.pass(200, 100);
    expect(seen.status).toMatchObject(DONE);
    expect(world.clock.timers.size).toBe(0);
  });

  it('what was never there is not found, at once', async () => {
    const world = new World();
    world.answers = [new PlatformError('notFound', '404')];
    const seen = watched(world);
    await world.pass(1000);
    expect(seen.error).toBeInstanceOf(BuildNotFound);
    expect(world.asked).toHaveLength(1);
  });

  it('a single 404 after a 200 is not "not found"', async () => {
    const world = new World();
    world.answers = [RUNNING, new PlatformError('notFound', '404'), DONE];
    const seen = watched(world);
    await world.pass(60_000);
    expect(seen.status).toMatchObject(DONE);
  });

  it('a 401 renews the token once, then it is for a person', async () => {
    const world = new World();
    const refused = new PlatformError('unauthorized', 'Bad credentials');
    world.answers = [refused, RUNNING, refused];
    world.renewals = [true, false];
    const seen = watched(world);
    await world.pass(1000);
    expect(seen.error).toBeUndefined();
    expect(world.asked).toEqual([1000, 1000]);
    await world.pass(16_000);
    expect(seen.error).toBeInstanceOf(Unauthorized);
    expect(world.events.at(-1)).toMatchObject({
      type: 'BUILD.POLLING_ERROR',
      tags: { reason: 'Unauthorized' },
      data: { needs: 'a token that may read it' },
    });
  });
});

describe('a new token', () => {
  it('that is refused as well is not renewed again', async () => {
    const world = new World();
    world.answers = [new PlatformError('unauthorized', 'Bad credentials')];
    world.renewals = [true, true, true];
    const seen = watched(world);
    await world.pass(1000);
    expect(world.asked).toHaveLength(2);
    expect(seen.error).toBeInstanceOf(Unauthorized);
  });
});

describe('limits of an account', () => {
  it('hold for all of its builds, to the second, also for those that come later', async () => {
    const world = new World();
    world.answers = [RUNNING, RUNNING, new PlatformError('failed', '429', 100_000), RUNNING];
    watched(world, 'a');
    watched(world, 'b');
    await world.pass(15_000);
    const before = world.asked.length;
    watched(world, 'c');
    await world.pass(99_000);
    expect(world.asked.length - before, 'one was already on its way').toBeLessThanOrEqual(1);
    await world.pass(2000);
    expect(world.asked.length - before).toBeGreaterThanOrEqual(3);
  });

  it('are made to last: with less left it is looked at less often, and as usual again after that', async () => {
    const world = new World();
    world.answers = [RUNNING];
    // 30 minutes with 60 requests, of which half are ours: 15 looks of two builds.
    world.budget = { remaining: 60, resetsAt: 1000 + 1_800_000 };
    watched(world, 'a');
    watched(world, 'b');
    await world.pass(1000);
    expect(world.poller.getPollingStatus('a').stretchedTo).toBeGreaterThanOrEqual(119_000);
    await world.pass(600_000, 5000);
    expect(world.asked.length).toBeLessThanOrEqual(14);
    world.budget = { remaining: 5000, resetsAt: world.clock.time + HOUR };
    await world.pass(240_000, 5000);
    const { length } = world.asked;
    await world.pass(60_000, 5000);
    expect(world.asked.length - length).toBeGreaterThanOrEqual(7);
    expect(world.poller.getPollingStatus('a').stretchedTo).toBeUndefined();
  });
});

describe('stopping', () => {
  it.each([[['hang']], [[RUNNING]]] as const)('settles at once: %o', async (answers) => {
    const world = new World();
    world.answers = [...answers];
    const manager = new PollingManager(world.poller);
    const polling = manager.startPolling('a', 'github').catch((error: unknown) => error);
    await world.pass(1000);
    expect(manager.getActivePolls()).toEqual(['a']);
    await manager.stopPolling('a');
    expect(await polling).toBeInstanceOf(PollingStopped);
    expect(manager.getActivePolls()).toEqual([]);
    expect(manager.getPollingStatus('a')).toBeNull();
    expect(world.clock.timers.size).toBe(0);
    const { length } = world.asked;
    await world.pass(60_000);
    expect(world.asked).toHaveLength(length);
    await manager.stopPolling('a');
  });
});

describe('the manager', () => {
  it('refuses a build that is watched already, and takes it again once it has ended', async () => {
    const world = new World();
    world.answers = [RUNNING, DONE];
    const manager = new PollingManager(world.poller);
    const first = manager.startPolling('a', 'github');
    await expect(manager.startPolling('a', 'github')).rejects.toThrow('Already polling build: a');
    await world.pass(1000);
    expect(manager.getPollingStatus('a')).toEqual({
      buildId: 'a',
      isPolling: true,
      pollCount: 1,
      lastPollTime: new Date(1000),
      nextPollTime: new Date(16_000),
      error: undefined,
      last: { buildId: 'a', startTime: new Date(0), ...RUNNING },
      stretchedTo: undefined,
    });
    await world.pass(15_000);
    expect(await first).toMatchObject(DONE);
    expect(manager.getActivePolls()).toEqual([]);
    expect(await manager.startPolling('a', 'github')).toMatchObject(DONE);
  });
});
