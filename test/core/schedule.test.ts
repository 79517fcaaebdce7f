// When the next poll is made, seen from outside: requests and the one timer.
import { describe, expect, it } from 'vitest';
import { policy } from '../../src/core/index';
import { World } from './world';

const HELD = policy('job', { wait: 10 });

describe('after an answer', () => {
  it('polls at once when started, then after the interval and its jitter', () => {
    const world = new World().send('start');
    expect(world.requests).toBe(1);
    world.random = 0.5;
    world.answer();
    expect(world.wait).toBe(5250);
    world.pass(5249);
    expect(world.requests).toBe(1);
    world.pass(1);
    expect(world.requests).toBe(2);
  });

  it('counts from the answer, not from the request', () => {
    const world = new World().send('start').pass(4000).answer();
    expect(world.wait).toBe(5000);
  });

  it('waits as long as the last answer said, active or not, and once', () => {
    const world = new World().send('start').answer({ active: false }, { interval: 12_000 });
    expect(world.wait).toBe(12_000);
    world.pass(12_000).answer();
    expect(world.wait).toBe(5000);
  });

  it('treats an unchanged answer without a body as an answer', () => {
    const world = new World().send('start').close();
    expect(world.wait).toBe(5000);
    expect(world.state.answeredAt).toBe(1000);
    expect(world.news).toEqual([]);
  });

  it('slows down while a list shows nothing active', () => {
    const world = new World().send('start').answer({ active: false });
    expect(world.wait).toBe(30_000);
    world.pass(30_000).answer({ active: true });
    expect(world.wait).toBe(5000);
  });

  it('asks again at once when there is more, but only after news', () => {
    const world = new World(policy('log')).send('start').answer({ more: true });
    expect(world.requests).toBe(2);
    world.answer({ more: true, news: false });
    expect(world.requests).toBe(2);
    expect(world.wait).toBe(15_000);
    world.pass(15_000).close();
    expect(world.requests).toBe(3);
  });

  it('a turn ramps from 1 s to 5 s after 30 s without news, and back at once with news', () => {
    const world = new World(policy('turn')).send('start').answer();
    const waits: (number | null)[] = [];
    for (let poll = 0; poll < 40; poll++) {
      world.pass(world.wait ?? 0).answer({ news: false });
      waits.push(world.wait);
    }
    expect(waits.slice(0, 30)).toEqual([...Array<number>(29).fill(1000), 1250]);
    expect(waits.slice(30, 37)).toEqual([2, 3, 4, 5, 6, 7].map((n) => 1000 * 1.25 ** n).concat(5000));
    expect(waits.at(-1)).toBe(5000);
    world.pass(5000).answer({ news: true });
    expect(world.wait).toBe(1000);
  });

  it('keeps to an interval that was given to a turn', () => {
    const world = new World(policy('turn', { interval: 2000 })).send('start').answer();
    for (let poll = 0; poll < 30; poll++) world.pass(2000).answer({ news: false });
    expect(world.wait).toBe(2000);
  });
});

describe('after failures', () => {
  it('waits within the range of the failures in a row, and an answer ends them', () => {
    const world = new World().send('start');
    const waits: (number | null)[] = [];
    for (const random of [0, 0.999, 0, 0.5]) {
      world.random = random;
      world.fail();
      waits.push(world.wait);
      world.pass(world.wait ?? 0);
    }
    expect(waits).toEqual([5000, 9995, 10_000, 30_000]);
    world.random = 0;
    world.answer().pass(5000).fail();
    expect(world.wait).toBe(5000);
    expect(world.state.failures).toBe(1);
  });

  it('sends at most five requests in a minute of errors', () => {
    const world = new World().send('start');
    for (const start = world.clock.time; world.clock.time < start + 60_000; world.pass(world.wait ?? 0))
      world.fail();
    expect(world.flights.filter(({ openedAt }) => openedAt < 61_000).length).toBeLessThanOrEqual(6);
  });

  it('gives up after five retries of a turn, and a refresh starts afresh', () => {
    const world = new World(policy('turn')).send('start').fail();
    for (const wait of [2000, 4000, 8000, 16_000, 16_000]) {
      expect(world.wait).toBe(wait);
      world.pass(wait).fail();
    }
    expect([world.state.word, world.state.why]).toEqual(['ended', 'gaveUp']);
    expect(world.timers).toEqual([]);
    world.send('refresh').fail();
    expect(world.wait).toBe(2000);
  });

  it('gives up a build at the tenth failure in a row', () => {
    const world = new World(policy('build')).send('start');
    for (let failure = 1; failure < 10; failure++) world.fail().pass(world.wait ?? 0);
    expect(world.requests).toBe(10);
    expect(world.fail().state.why).toBe('gaveUp');
  });

  it('reports every failure, but a row of Helm failures once', () => {
    const job = new World().send('start').fail().pass(5000).fail();
    expect(job.news).toEqual(['trouble', 'trouble']);
    const helm = new World(policy('helm')).send('start').fail().pass(60_000).fail();
    expect(helm.news).toEqual(['trouble']);
    helm.pass(120_000).answer().pass(30_000).fail();
    expect(helm.news).toEqual(['trouble', 'data', 'trouble']);
  });
});

describe('giving up', () => {
  it('a turn after 120 s without news, not counting pauses', () => {
    const world = new World(policy('turn')).send('start').answer();
    const poll = (until: number) => {
      while (world.state.word !== 'ended' && world.clock.time < until) {
        world.pass(Math.min(world.wait ?? 0, until - world.clock.time));
        if (world.inFlight.length) world.answer({ news: false });
      }
    };
    poll(61_000);
    world.pause('hidden').pass(600_000).resume('hidden');
    expect(world.requests).toBeGreaterThan(35);
    if (world.inFlight.length) world.answer({ news: false });
    poll(61_000 + 600_000 + 59_000);
    expect(world.state.word).not.toBe('ended');
    poll(61_000 + 600_000 + 60_000);
    expect(world.state.why).toBe('gaveUp');
    expect(world.timers).toEqual([]);
  });

  it('a turn not where nothing is active: nobody expects news of it', () => {
    const world = new World(policy('turn')).send('start').answer({ active: false });
    const poll = (until: number, active: boolean) => {
      while (world.state.word !== 'ended' && world.clock.time < until) {
        world.pass(world.wait ?? 0);
        if (world.inFlight.length) world.answer({ news: false, active });
      }
    };
    poll(600_000, false);
    expect(world.state.word).toBe('waiting');
    expect(world.wait).toBeGreaterThanOrEqual(4500);
    // It begins with news, and is waited for two minutes from then on.
    while (!world.inFlight.length) world.pass(world.wait ?? 0);
    world.answer({ news: true, active: true });
    const began = world.clock.time;
    poll(began + 110_000, true);
    expect(world.state.word).toBe('waiting');
    poll(began + 130_000, true);
    expect(world.state.why).toBe('gaveUp');
  });

  it('a build after an hour in all, news or not, in the middle of a wait', () => {
    const world = new World(policy('build')).send('start').answer();
    while (world.state.word !== 'ended') {
      world.pass(world.wait ?? 0);
      if (world.inFlight.length) world.answer();
    }
    expect(world.state.why).toBe('gaveUp');
    expect(world.clock.time).toBe(1000 + 3_600_000);
  });

  it('another attempt has its own hour', () => {
    const world = new World(policy('build')).send('start').answer();
    world.pass(15_000).pass(3_000_000).answer({ attempt: 2 });
    world.pass(1_500_000);
    expect(world.state.word).toBe('open');
  });

  it('a job never', () => {
    const world = new World().send('start');
    for (let failure = 0; failure < 500; failure++) world.fail().pass(world.wait ?? 0);
    expect(world.inFlight.length).toBe(1);
  });
});

describe('Retry-After', () => {
  it('holds back the next poll, with up to a tenth more on a page', () => {
    const world = new World().send('start');
    world.random = 0.5;
    world.fail({ retryAfter: 20_000 });
    expect(world.wait).toBe(21_000);
    const watcher = new World(policy('build')).send('start');
    watcher.random = 0.5;
    watcher.fail({ retryAfter: 100_000 });
    expect(watcher.wait).toBe(100_000);
  });

  it('counts on any answer and only lengthens a wait', () => {
    expect(new World().send('start').answer({}, { retryAfter: 60_000 }).wait).toBe(60_000);
    expect(new World().send('start').answer({}, { retryAfter: 1000 }).wait).toBe(5000);
    expect(new World(policy('log')).send('start').answer({ more: true }, { retryAfter: 7000 }).wait).toBe(
      7000,
    );
  });

  it('is undercut by nothing', () => {
    const world = new World().send('start').fail({ retryAfter: 60_000 });
    world.send('refresh', 'retarget', 'wake', 'start').pause('hidden').resume('hidden').pause('offline');
    world.resume('offline').send('stop', 'start', 'refresh').tell({ type: 'floor', until: 0 });
    expect(world.requests).toBe(1);
    expect(world.wait).toBe(60_000);
    world.pass(59_999);
    expect(world.requests).toBe(1);
    world.pass(1);
    expect(world.requests).toBe(2);
  });

  it('of another poll of the same origin holds this one back', () => {
    const world = new World().send('start').answer().tell({ type: 'floor', until: 31_000 });
    expect(world.wait).toBe(30_000);
    world.tell({ type: 'floor', until: 9000 }).tell({ type: 'floor', until: Number.NaN });
    expect(world.wait).toBe(30_000);
  });

  it('of 30 days is waited for in parts, without a request in between', () => {
    const days = 30 * 86_400_000;
    const world = new World(policy('build', { maxTotal: Infinity })).send('start').fail({ retryAfter: days });
    expect(world.wait).toBeLessThan(2 ** 31);
    world.pass(days - 1);
    expect([world.requests, world.timers.length]).toEqual([1, 1]);
    world.pass(1);
    expect(world.requests).toBe(2);
  });
});

describe('a refresh', () => {
  it('goes at once in place of the pending poll', () => {
    const world = new World().send('start').answer().pass(2000).send('refresh');
    expect(world.flights.at(-1)).toMatchObject({ openedAt: 3000, request: { urgent: true } });
    expect(world.timers).toEqual([]);
    world.answer();
    expect(world.wait).toBe(5000);
  });

  it('replaces a poll in flight, whose answer may be older than what was written', () => {
    const world = new World().send('start').pass(100).send('refresh');
    expect(world.flights.map(({ isAborted }) => isAborted)).toEqual([true, false]);
  });

  it('goes at most once per 500 ms, and none is lost', () => {
    const world = new World().send('start').answer().send('refresh').answer().pass(100);
    world.send('refresh', 'refresh', 'refresh');
    expect([world.requests, world.wait]).toEqual([2, 400]);
    world.pass(400);
    expect(world.requests).toBe(3);
  });

  it('waits for a request that a person asked for already, and follows it', () => {
    const world = new World().send('start').answer().send('refresh').pass(3000).send('refresh').pass(2000);
    expect(world.requests).toBe(2);
    world.answer();
    expect(world.requests).toBe(3);
    expect(world.flights.some(({ isAborted }) => isAborted)).toBe(false);
  });

  it('ends a backoff', () => {
    const world = new World().send('start').fail().send('refresh');
    expect(world.requests).toBe(2);
  });

  it('reads once where polling was never started', () => {
    const world = new World().send('refresh').answer().pass(3_600_000);
    expect([world.requests, world.state.word, world.timers.length]).toEqual([1, 'idle', 0]);
    world.send('refresh').fail().pass(3_600_000);
    expect([world.requests, world.state.word]).toEqual([2, 'idle']);
    world.pause('hidden').resume('hidden').send('wake').pause('offline').resume('offline').pass(3_600_000);
    expect(world.requests).toBe(2);
    world.send('start');
    expect(world.requests).toBe(3);
  });

  it('asked for while hidden goes when shown', () => {
    const world = new World().send('start').answer().pause('hidden').send('refresh');
    expect(world.requests).toBe(1);
    expect(world.resume('hidden').requests).toBe(2);
  });

  it('after stop does nothing', () => {
    expect(new World().send('start', 'stop', 'refresh').requests).toBe(1);
  });
});

describe('another target', () => {
  it('is asked at once, from open and waiting alike', () => {
    const open = new World().send('start', 'retarget');
    expect(open.flights.map(({ isAborted }) => isAborted)).toEqual([true, false]);
    expect(open.flights[1]?.request).toMatchObject({ epoch: 1, urgent: true });
    expect(new World().send('start').answer().send('retarget').requests).toBe(2);
    expect(new World().send('start').answer().send('refresh').answer().send('retarget').requests).toBe(3);
  });

  it('waits while a reason stands', () => {
    const world = new World().send('start').answer().pause('hidden').send('retarget').pass(60_000);
    expect(world.requests).toBe(1);
    expect(world.resume('hidden').requests).toBe(2);
  });

  it('brings an ended poll back, unless it was stopped', () => {
    expect(new World().send('start').close({ result: 'gone' }).send('retarget').requests).toBe(2);
    expect(new World().send('start', 'stop', 'retarget').requests).toBe(1);
  });
});

describe('a held request', () => {
  const held = (world: World, took = 9000, news = true) => world.pass(took).answer({ news }, { held: true });
  const begun = () => new World(HELD).send('start').answer().pass(5000);

  it('is asked for once there is something to compare with', () => {
    const world = begun();
    expect(world.flights.map(({ request }) => request.wait)).toEqual([0, 10]);
  });

  it('is followed within 250 ms', () => {
    const world = begun();
    world.random = 0.5;
    expect(held(world).wait).toBe(125);
    expect(held(world.pass(125), 9000, false).wait).toBe(125);
  });

  it('follows a first answer at once where that came from a server that holds', () => {
    const world = new World(HELD).send('start');
    world.random = 0.5;
    expect(world.answer({}, { held: true }).wait).toBe(125);
    expect(world.pass(125).flights.map(({ request }) => request.wait)).toEqual([0, 10]);
  });

  it('comes after a short one when what is shown is older than the hold and 5 s', () => {
    const world = new World(HELD).send('start').answer({}, { held: true }).pass(250);
    held(world, 1).pause('hidden').pass(14_999).resume('hidden');
    expect(world.flights.at(-1)?.request.wait).toBe(10);
    held(world, 1).pause('hidden').pass(15_001).resume('hidden');
    expect(world.flights.at(-1)?.request.wait).toBe(0);
  });

  it('that is over without an answer is asked again within 250 ms, which is no failure', () => {
    const world = begun();
    world.random = 0.5;
    const { answeredAt } = world.state;
    world.pass(100).close({ result: 'over' });
    expect([world.wait, world.state.failures, world.state.answeredAt]).toEqual([125, 0, answeredAt]);
  });

  it('that was not held is followed after the interval', () => {
    expect(begun().answer({ news: false }).wait).toBe(5000);
  });

  it('is not asked for by a refresh, after failures or long after the last answer', () => {
    const world = begun();
    world.random = 0.5;
    held(world).send('refresh');
    world.random = 0;
    world.fail().pass(5000).answer().pause('hidden').pass(60_000).resume('hidden').answer();
    expect(world.flights.map(({ request }) => request.wait)).toEqual([0, 10, 0, 0, 0]);
    world.pass(5000);
    expect(world.flights.at(-1)?.request.wait).toBe(10);
  });

  it('answered without news three times within a second counts as not held', () => {
    const world = begun();
    held(world, 10, false);
    expect(world.requests).toBe(3);
    held(world, 10, false);
    expect(world.requests).toBe(4);
    held(world, 10, false);
    expect([world.requests, world.wait]).toEqual([4, 5000]);
    held(world.pass(5000), 10, false);
    expect(world.wait).toBe(5000);
  });

  it('may be answered quickly as often as there is news', () => {
    const world = begun();
    for (let answers = 0; answers < 50; answers++) held(world, 10, true);
    expect(world.requests).toBe(52);
  });

  it('cut off twice in a row is no failure, and bars waiting for ten minutes', () => {
    const world = begun();
    world.pass(3000).fail({ status: 504 });
    expect([world.state.failures, world.wait, world.news]).toEqual([0, 5000, ['data']]);
    world.pass(5000);
    expect(world.flights.at(-1)?.request.wait).toBe(10);
    world.pass(3000).fail({ status: 0 });
    const barredFrom = world.clock.time;
    expect(world.state.failures).toBe(0);
    for (;;) {
      world.pass(5000);
      if (world.flights.at(-1)?.request.wait) break;
      world.answer();
    }
    expect(world.clock.time - barredFrom).toBeGreaterThanOrEqual(600_000);
    expect(world.clock.time - barredFrom).toBeLessThan(610_000);
  });

  it('that ends early, or with another status, is a failure', () => {
    expect(begun().pass(2999).fail({ status: 502 }).state.failures).toBe(1);
    expect(begun().pass(5000).fail({ status: 500 }).state.failures).toBe(1);
    expect(new World().send('start').pass(5000).fail({ status: 502 }).state.failures).toBe(1);
  });

  it('a short request of a server that does not hold is a failure when cut', () => {
    const world = begun().answer().pass(5000).pass(4000).fail({ status: 502 });
    expect(world.state.failures).toBe(1);
  });

  it('two cuts with an answer between them do not bar', () => {
    const world = begun();
    world.pass(3000).fail({ status: 504 }).pass(5000);
    held(world).pass(3000).fail({ status: 504 }).pass(5000);
    expect(world.flights.at(-1)?.request.wait).toBe(10);
  });
});
