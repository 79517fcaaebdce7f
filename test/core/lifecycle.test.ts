// Pausing, ending and coming back, seen from outside.
import { describe, expect, it } from 'vitest';
import { createLoop, type PauseReason, policy } from '../../src/core/index';
import { answerOf, FakeClock, outcomeOf, World } from './world';

const HELD = policy('job', { wait: 10 });
const word = ({ state }: World) => [state.word, state.why];

describe('hidden', () => {
  it('sends nothing and arms nothing', () => {
    const world = new World().send('start').answer().pause('hidden');
    expect([world.state.word, world.timers.length]).toEqual(['paused', 0]);
    world.pass(3_600_000).tell({ type: 'floor', until: 0 }).send('activity', 'start');
    expect([world.requests, world.timers.length]).toEqual([1, 0]);
  });

  it('leaves a short request in flight; its answer is published and then all rests', () => {
    const world = new World().send('start').pause('hidden');
    expect(world.inFlight.length).toBe(1);
    world.answer();
    expect([world.news, world.state.word, world.timers.length]).toEqual([['data'], 'paused', 0]);
  });

  it('shown again during a request starts no second one', () => {
    const world = new World().send('start');
    for (let flip = 0; flip < 20; flip++) world.pause('hidden').resume('hidden');
    expect([world.requests, world.timers.length]).toEqual([1, 0]);
    world.answer();
    expect([world.requests, world.timers.length]).toEqual([1, 1]);
  });

  it('aborts a held request and a subscription', () => {
    const world = new World(HELD).send('start').answer().pass(5000).pause('hidden');
    expect([world.flights[1]?.isAborted, world.state.word]).toEqual([true, 'paused']);
    const subscription = new World().send('start').bring().pass(60_000).pause('hidden');
    expect(subscription.flights[0]?.isAborted).toBe(true);
    expect(subscription.resume('hidden').requests).toBe(2);
  });

  it('before the start sends nothing until shown', () => {
    for (const reason of ['hidden', 'prerender'] as const) {
      const world = new World().pause(reason).send('start').pass(60_000);
      expect([world.requests, world.state.word]).toEqual([0, 'paused']);
      expect(world.resume(reason).requests).toBe(1);
    }
  });
});

describe('shown again', () => {
  const shownAfter = (ms: number) =>
    new World().send('start').answer().pause('hidden').pass(ms).resume('hidden');

  it('polls at once unless the answer is younger than half the interval', () => {
    expect(shownAfter(2500).requests).toBe(2);
    const young = shownAfter(2499);
    expect([young.requests, young.wait]).toEqual([1, 2501]);
  });

  it('twenty flips in a backoff send nothing', () => {
    const world = new World().send('start').fail();
    for (let flip = 0; flip < 20; flip++) world.pause('hidden').pass(100).resume('hidden').pass(100);
    expect([world.requests, world.wait]).toEqual([1, 1000]);
  });

  it('polls at once when the backoff has passed meanwhile', () => {
    expect(new World().send('start').fail().pause('hidden').pass(5000).resume('hidden').requests).toBe(2);
  });

  it('waits until no reason is left', () => {
    const world = new World()
      .send('start')
      .answer()
      .pause('hidden')
      .pause('user')
      .pause('follower')
      .pass(60_000);
    expect(world.resume('hidden').resume('follower').resume('offline').requests).toBe(1);
    expect(world.resume('user').requests).toBe(2);
  });
});

describe('frozen', () => {
  it('closes everything and reads again at once', () => {
    const world = new World().send('start').pause('frozen');
    expect([world.flights[0]?.isAborted, world.timers.length, world.state.word]).toEqual([true, 0, 'paused']);
    expect(world.resume('frozen').requests).toBe(2);
  });

  it('keeps a refresh that it cut off', () => {
    const world = new World()
      .send('start')
      .answer()
      .send('refresh')
      .pause('frozen')
      .pass(10)
      .resume('frozen');
    expect(world.wait).toBe(490);
    world.pass(490);
    expect(world.flights.at(-1)?.request.urgent).toBe(true);
  });

  it('a request that was cut in the second before it was no failure, one before that was', () => {
    const left = (ms: number) =>
      new World().send('start').answer().pass(5000).fail().pass(ms).pause('frozen').pass(50).resume('frozen');
    const cut = left(999);
    expect([cut.requests, cut.state.failures]).toEqual([3, 0]);
    const failed = left(1000);
    expect([failed.requests, failed.state.failures, failed.timers.length]).toEqual([2, 1, 1]);
  });

  it('an answer that arrives all the same is dropped', () => {
    const world = new World().send('start').pause('frozen');
    world.flights[0]?.events.received(answerOf());
    world.flights[0]?.events.closed(outcomeOf());
    world.resume('frozen');
    world.flights[0]?.events.received(answerOf());
    world.flights[0]?.events.closed(outcomeOf());
    expect([world.news, world.state.word]).toEqual([[], 'open']);
  });
});

describe('offline', () => {
  it('sends nothing; online polls within two seconds and ends the backoff', () => {
    const world = new World().send('start');
    for (let failure = 0; failure < 6; failure++) world.fail().pass(failure < 5 ? (world.wait ?? 0) : 0);
    expect(world.wait).toBe(60_000);
    world.pause('offline').pass(100);
    world.random = 0.999;
    world.resume('offline');
    expect(world.wait).toBe(1998);
    world.random = 0;
    world.pass(1998).fail();
    expect(world.wait).toBe(5000);
  });

  it('online while hidden counts when shown', () => {
    const world = new World().send('start').fail().pass(5000).fail().pass(5000).fail();
    world.random = 0.5;
    world.pause('hidden').pause('offline').pass(10).resume('offline').pass(1).resume('hidden');
    expect([world.requests, world.wait]).toEqual([3, 999]);
  });

  it('a poll that was never started stays so', () => {
    expect(new World().pause('offline').resume('offline').pass(60_000).requests).toBe(0);
  });
});

describe('sleep', () => {
  it('closes what is open and polls once', () => {
    const world = new World().send('start').pass(3000).send('wake');
    expect(world.flights.map(({ isAborted }) => isAborted)).toEqual([true, false]);
    const waiting = new World().send('start').answer().send('wake');
    expect([waiting.requests, waiting.timers.length]).toEqual([2, 0]);
  });

  it('while hidden closes a short request and polls at once when shown', () => {
    const world = new World().send('start').pause('hidden').send('wake');
    expect([world.inFlight.length, world.state.word]).toEqual([0, 'paused']);
    expect(world.resume('hidden').requests).toBe(2);
    expect(new World().send('start').answer().pause('hidden').send('wake').resume('hidden').requests).toBe(2);
  });

  it('wakes nothing that has ended or never begun', () => {
    expect(new World().send('wake').requests).toBe(0);
    expect(new World().send('start').close({ result: 'gone' }).send('wake').requests).toBe(1);
  });
});

describe('a person away', () => {
  it('pauses turns and documents, and activity resumes them', () => {
    for (const name of ['turn', 'documents'] as const) {
      const world = new World(policy(name)).send('start').answer().pause('idle').pass(60_000);
      expect(world.requests).toBe(1);
      expect(world.send('activity').requests).toBe(2);
    }
  });

  it('pauses nothing else', () => {
    for (const name of ['job', 'log', 'build', 'release', 'helm'] as const) {
      const world = new World(policy(name)).send('start').answer().pause('idle');
      expect([name, world.state.reasons, world.timers.length]).toEqual([name, [], 1]);
    }
  });
});

describe('the end', () => {
  const finished = (world = new World()) =>
    world.send('start').answer({ terminal: true }).pass(5000).answer({ terminal: true, news: false });

  it('a terminal answer is data, one more read follows, then it is finished and silent', () => {
    const world = new World().send('start').answer({ terminal: true });
    expect([world.news, world.wait]).toEqual([['data'], 5000]);
    world.pass(5000).answer({ terminal: true, news: false });
    expect(world.news).toEqual(['data', 'data', 'finished']);
    expect(word(world)).toEqual(['ended', 'finished']);
    world.pass(3_600_000);
    expect([world.requests, world.timers.length]).toEqual([2, 0]);
  });

  it('the last read may be answered without a body', () => {
    const world = new World().send('start').answer({ terminal: true }).pass(5000).close();
    expect(world.news).toEqual(['data', 'finished']);
  });

  it('a last read that is not terminal goes on', () => {
    const world = new World().send('start').answer({ terminal: true }).pass(5000).answer();
    expect([world.news, world.wait]).toEqual([['data', 'data'], 5000]);
    world.pass(5000).answer({ terminal: true }).pass(5000).answer({ terminal: true });
    expect(world.news.filter((type) => type === 'finished')).toHaveLength(1);
  });

  it('a last read that fails is made again', () => {
    const world = new World().send('start').answer({ terminal: true }).pass(5000).fail().pass(5000);
    expect(world.answer({ terminal: true }).news).toEqual(['data', 'trouble', 'data', 'finished']);
  });

  it('a subscription that takes its terminal answer back needs another last read', () => {
    const world = new World().send('start').answer({ terminal: true }).pass(5000);
    world.bring({ terminal: false }).bring({ terminal: true }).close();
    expect([world.news.includes('finished'), world.wait]).toEqual([false, 5000]);
  });

  it('another attempt that is terminal at once gets its own last read', () => {
    const world = new World().send('start').answer({ terminal: true }).pass(5000);
    world.answer({ terminal: true, attempt: 2 });
    expect([world.news, world.wait]).toEqual([['data', 'data'], 5000]);
    expect(world.pass(5000).answer({ terminal: true, attempt: 2 }).news.at(-1)).toBe('finished');
  });

  it('a complete log needs no last read', () => {
    expect(word(new World(policy('log')).send('start').answer({ terminal: true }))).toEqual([
      'ended',
      'finished',
    ]);
  });

  it('a log that is complete but has more is read to its end first', () => {
    const world = new World(policy('log')).send('start').answer({ terminal: true, more: true });
    expect([world.requests, world.news]).toEqual([2, ['data']]);
    expect(world.answer({ terminal: true }).news.at(-1)).toBe('finished');
  });

  it('reads once when shown again or refreshed, and says finished no second time', () => {
    const world = finished().pause('hidden').pass(60_000).resume('hidden');
    expect(world.requests).toBe(3);
    world.answer({ terminal: true, news: false });
    expect(word(world)).toEqual(['ended', 'finished']);
    world.pass(500).send('refresh').answer({ terminal: true, news: false }).pass(60_000);
    expect([world.requests, word(world)]).toEqual([4, ['ended', 'finished']]);
    expect(world.news.filter((type) => type === 'finished')).toHaveLength(1);
  });

  it('goes on when the attempt changed, and finishes that one too', () => {
    const world = finished().send('refresh').answer({ attempt: 2 });
    expect([world.state.word, world.wait]).toEqual(['waiting', 5000]);
    world.pass(5000).answer({ attempt: 2, terminal: true }).pass(5000).answer({ attempt: 2, terminal: true });
    expect(world.news.filter((type) => type === 'finished')).toHaveLength(2);
  });

  it('shown while offline it reads once online', () => {
    const world = finished().pause('hidden').pause('offline').resume('hidden');
    expect([world.requests, word(world)]).toEqual([2, ['ended', 'finished']]);
    expect(world.resume('offline').requests).toBe(3);
  });

  it('an own write during the last read is not lost', () => {
    const world = new World()
      .send('start')
      .answer({ terminal: true })
      .send('refresh')
      .pass(600)
      .send('refresh');
    world.answer({ terminal: true });
    expect([world.news.at(-1), world.requests]).toEqual(['finished', 3]);
    expect(world.answer({ attempt: 2 }).state.word).toBe('waiting');
  });

  it('gone ends for good; a refresh may still look', () => {
    const world = new World().send('start').close({ result: 'gone' });
    expect([word(world), world.news]).toEqual([['ended', 'gone'], ['trouble']]);
    world.pause('hidden').resume('hidden').pass(60_000);
    expect(world.requests).toBe(1);
    expect(world.send('refresh').requests).toBe(2);
  });

  it('refused tries once each time it is shown', () => {
    const world = new World().send('start').answer().pass(5000).close({ result: 'refused' }).pass(60_000);
    expect([word(world), world.requests]).toEqual([['ended', 'refused'], 2]);
    world.pause('hidden').resume('hidden').close({ result: 'refused' }).pass(60_000);
    expect([word(world), world.requests]).toEqual([['ended', 'refused'], 3]);
    expect(world.pause('frozen').resume('frozen').answer().wait).toBe(5000);
  });

  it('ends even while hidden', () => {
    expect(word(new World().send('start').pause('hidden').close({ result: 'gone' }))).toEqual([
      'ended',
      'gone',
    ]);
  });
});

describe('stop', () => {
  it('leaves nothing, whatever was going on, and start begins anew', () => {
    for (const world of [
      new World().send('start'),
      new World().send('start').answer(),
      new World().send('start').fail(),
      new World().send('start').pause('hidden'),
      new World().send('refresh'),
    ]) {
      world.send('stop');
      expect([world.inFlight.length, world.timers.length, word(world)]).toEqual([0, 0, ['ended', 'stopped']]);
      const { requests } = world;
      world.send('refresh', 'wake', 'activity', 'stop').pause('offline').resume('offline').pass(60_000);
      expect([world.requests, world.timers.length]).toEqual([requests, 0]);
      world.resume('hidden').send('start');
      expect([world.inFlight.length, world.requests]).toEqual([1, requests + 1]);
    }
  });

  it('aborts, and the late answer is nobody’s', () => {
    const world = new World().send('start', 'stop', 'start');
    expect(world.flights[0]?.isAborted).toBe(true);
    world.flights[0]?.events.received(answerOf());
    world.flights[0]?.events.closed(outcomeOf());
    expect([world.news, world.state.word]).toEqual([[], 'open']);
  });
});

describe('the loop', () => {
  const ports = () => ({ policy: policy('job'), clock: new FakeClock(), random: () => 0 });

  it('takes answers that a transport gives before it returns', () => {
    const published: string[] = [];
    let aborts = 0;
    const loop = createLoop<number>({
      ...ports(),
      transport: {
        open(_, events) {
          events.received({ ...answerOf(), data: 7 });
          events.closed(outcomeOf());
          events.closed(outcomeOf());
          return () => aborts++;
        },
      },
      sink: { publish: ({ type }) => published.push(type) },
    });
    loop.dispatch({ type: 'start' });
    loop.dispatch({ type: 'stop' });
    expect([published.filter((type) => type === 'data').length, aborts]).toEqual([1, 0]);
  });

  it('goes on when a transport throws', () => {
    const { clock, ...others } = ports();
    const seen: string[] = [];
    const loop = createLoop({
      ...others,
      clock,
      transport: {
        open() {
          throw new Error('no network here');
        },
      },
      sink: { publish: (news) => news.type === 'trouble' && seen.push(`${news.outcome.message}`) },
    });
    loop.dispatch({ type: 'start' });
    clock.advance(5000);
    expect(seen).toEqual(['Error: no network here', 'Error: no network here']);
    expect(clock.timers.size).toBe(1);
  });

  it('goes on when a sink throws, and the host hears of it', async () => {
    const heard: unknown[] = [];
    const hear = (reason: unknown) => heard.push(reason);
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', hear);
    const { clock, ...rest } = ports();
    const loop = createLoop({
      ...rest,
      clock,
      transport: {
        open: (_, events) => {
          events.received(answerOf());
          events.closed(outcomeOf());
          return () => undefined;
        },
      },
      sink: {
        publish({ type }) {
          if (type === 'data') throw new Error('cannot paint');
        },
      },
    });
    loop.dispatch({ type: 'start' });
    expect([loop.state.word, clock.timers.size]).toEqual(['waiting', 1]);
    while (!heard.length) await new Promise((done) => setImmediate(done));
    process.removeAllListeners('unhandledRejection');
    for (const listener of others) process.on('unhandledRejection', listener);
    expect(heard).toEqual([new Error('cannot paint')]);
  });

  it('obeys a sink that stops it in the middle of an answer', () => {
    const world = new World();
    const { publish } = { publish: world.published.push.bind(world.published) };
    world.published.push = (...news) => {
      if (news[0]?.type === 'data') world.send('stop');
      return publish(...news);
    };
    world.send('start').bring();
    expect([word(world), world.timers.length, world.inFlight.length]).toEqual([['ended', 'stopped'], 0, 0]);
  });

  it('tells its state after each event, and states never change', () => {
    const world = new World();
    const before = world.state;
    Object.freeze(before);
    world.send('start');
    expect([before.word, world.state.word]).toEqual(['idle', 'open']);
    expect(world.published.map(({ type }) => type)).toEqual(['state']);
  });

  it('reads its policy at each step', () => {
    const options = {
      ...ports(),
      transport: { open: () => () => undefined },
      sink: { publish: () => undefined },
    };
    const loop = createLoop({ ...options, policy: policy('job', { idlePauses: true }) });
    loop.dispatch({ type: 'pause', reason: 'idle' satisfies PauseReason });
    expect(loop.state.reasons).toEqual(['idle']);
  });
});
