// VPOPolling.manager: one poll per key, whoever asks, under the page's own rules.
import { describe, expect, it, vi } from 'vitest';
import { LIST, list } from './support/fixtures';
import {
  fakeServer,
  indicator,
  json,
  page,
  pass,
  runtime,
  settle,
  setVisible,
  start,
  useFakePage,
} from './support/page';

useFakePage();

const manage = () => runtime.manager;
const VPO = '<div id="connection-status"></div>';

/** A poll that counts its answers. */
const counter = () => {
  let count = 0;
  return vi.fn(async (_context: { signal: AbortSignal }) => ++count);
};

describe('the manager', () => {
  it('polls at once and then at the interval, until it is told to stop', async () => {
    page(VPO);
    const poll = counter();
    manage().register('a', poll, 3000);
    await settle();
    expect(poll).toHaveBeenCalledTimes(1);
    expect(poll.mock.calls[0]?.[0].signal).toBeInstanceOf(AbortSignal);
    expect(indicator()).toBe('Live');
    await pass(30_000);
    expect(poll.mock.calls.length).toBeGreaterThanOrEqual(10);
    expect(poll.mock.calls.length).toBeLessThanOrEqual(11);
    const { length } = poll.mock.calls;
    manage().unregister('a');
    expect(vi.getTimerCount()).toBe(0);
    await pass(30_000);
    expect(poll).toHaveBeenCalledTimes(length);
    manage().unregister('a');
    manage().unregister('never');
  });

  it('polls a key once for all its subscribers, and each receives the answers', async () => {
    page('');
    const [poll, other] = [counter(), counter()];
    const seen: [who: string, answer: number][] = [];
    for (const who of ['a', 'b', 'c'])
      manage().register('key', who === 'a' ? poll : other, 3000, (answer) => seen.push([who, answer]));
    await settle();
    expect(seen).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ]);
    await pass(3400, 100);
    expect(seen.slice(3)).toEqual([
      ['a', 2],
      ['b', 2],
      ['c', 2],
    ]);
    // With the first its function goes; the next one's is asked from then on.
    manage().unregister('key');
    await pass(3400, 100);
    expect(seen.slice(6)).toEqual([
      ['b', 1],
      ['c', 1],
    ]);
    expect([poll.mock.calls.length, other.mock.calls.length]).toEqual([2, 1]);
    manage().unregister('key');
    manage().unregister('key');
    await pass(10_000);
    expect(seen).toHaveLength(8);
  });

  it('serves a newcomer by an answer younger than 500 ms, else asks for all', async () => {
    page('');
    const poll = counter();
    const seen: [who: string, answer: number][] = [];
    const enter = (who: string) =>
      manage().register('key', poll, 60_000, (answer) => seen.push([who, answer]));
    const leave = [enter('a')];
    await pass(450, 50);
    leave.push(enter('b'));
    await pass(100, 50);
    expect(seen).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    leave.push(enter('c'));
    await pass(1000, 50);
    expect(seen.slice(2)).toEqual([
      ['a', 2],
      ['b', 2],
      ['c', 2],
    ]);
    expect(poll).toHaveBeenCalledTimes(2);
    for (const run of leave) run();
  });

  it('begins anew with a key that everybody had left', async () => {
    page('');
    const poll = counter();
    const leave = manage().register('key', poll, 2000);
    await settle();
    leave();
    manage().register('key', poll, 2000);
    await settle();
    expect(poll).toHaveBeenCalledTimes(2);
    leave();
    await pass(2300, 100);
    expect(poll).toHaveBeenCalledTimes(3);
    manage().unregister('key');
  });

  it('tells nobody who has just left', async () => {
    page('');
    const poll = counter();
    const receive = vi.fn();
    manage().register('key', poll, 2000, () => leave());
    const leave = manage().register('key', poll, 2000, receive);
    await pass(5000);
    expect(receive).not.toHaveBeenCalled();
    manage().unregister('key');
  });

  it('asks as often as the most frequent subscriber wants, while it is there', async () => {
    page('');
    const poll = counter();
    const leave = manage().register('key', poll, 30_000);
    await settle();
    const leaveFast = manage().register('key', poll, 2000);
    await pass(21_000, 100);
    expect(poll.mock.calls.length).toBeGreaterThanOrEqual(10);
    leaveFast();
    leaveFast();
    await pass(2300, 100);
    const { length } = poll.mock.calls;
    await pass(27_000, 100);
    expect(poll).toHaveBeenCalledTimes(length);
    await pass(6100, 100);
    expect(poll).toHaveBeenCalledTimes(length + 1);
    leave();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes the interval of the page when it is given none', async () => {
    page('', { 'data-polling-interval': '9000' });
    const poll = counter();
    manage().register('key', poll, Number.NaN);
    await pass(8900);
    expect(poll).toHaveBeenCalledTimes(1);
    await pass(1500);
    expect(poll).toHaveBeenCalledTimes(2);
    manage().unregister('key');
  });

  it('pauses and resumes all, and those that come meanwhile', async () => {
    page('');
    const [early, late] = [counter(), counter()];
    manage().register('early', early, 2000);
    await settle();
    manage().pause();
    manage().pause();
    manage().register('late', late, 2000);
    manage().register('early', early, 2000);
    await pass(60_000);
    expect([early.mock.calls.length, late.mock.calls.length]).toEqual([1, 0]);
    expect(vi.getTimerCount()).toBe(0);
    manage().resume();
    await settle();
    expect([early.mock.calls.length, late.mock.calls.length]).toEqual([2, 1]);
    for (const key of ['early', 'early', 'late']) manage().unregister(key);
  });

  it('rests while the page is hidden, and resuming does not change that', async () => {
    page('');
    const poll = counter();
    manage().register('key', poll, 2000);
    await settle();
    setVisible(false);
    await pass(1100, 100);
    manage().pause();
    manage().resume();
    await pass(60_000);
    expect(poll).toHaveBeenCalledTimes(1);
    setVisible(true);
    await settle();
    expect(poll).toHaveBeenCalledTimes(2);
    manage().unregister('key');
  });

  it('asks nothing where polling is turned off', async () => {
    page('', { 'data-polling-enabled': 'false' });
    const poll = counter();
    manage().register('key', poll, 2000);
    manage().register('key', poll, 2000);
    manage().resume();
    await pass(30_000);
    expect(poll).not.toHaveBeenCalled();
    manage().unregister('key');
    manage().unregister('key');
  });

  it.each<[string, () => unknown]>([
    ['rejects', () => Promise.reject(new Error('no'))],
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['hangs', () => new Promise(() => {})],
  ])('backs off from a poll that %s, also when others come', async (_, answer) => {
    page(VPO);
    const poll = vi.fn(answer);
    const receive = vi.fn();
    manage().register('key', poll, 2000, receive);
    await pass(10_500, 100);
    expect(indicator()).toMatch(/Reconnecting|Offline/);
    for (let i = 0; i < 20; i++) {
      await pass(2500);
      manage().register('key', poll, 2000, receive)();
    }
    expect(poll.mock.calls.length).toBeLessThanOrEqual(7);
    expect(receive).not.toHaveBeenCalled();
    manage().unregister('key');
  });

  it('drops an answer that comes after its deadline', async () => {
    page('');
    const seen: string[] = [];
    const poll = () => new Promise<string>((resolve) => setTimeout(() => resolve('late'), 11_000));
    manage().register('key', poll, 2000, (answer) => seen.push(answer));
    await pass(11_500);
    expect(seen).toEqual([]);
    manage().unregister('key');
    await pass(20_000);
    expect(seen).toEqual([]);
  });

  it('a subscriber that throws keeps nothing from the others, and is reported', async () => {
    page(VPO);
    const reported: unknown[] = [];
    const report = (error: unknown) => reported.push(error);
    process.on('unhandledRejection', report);
    const seen: number[] = [];
    const poll = counter();
    manage().register('key', poll, 2000, () => {
      throw new Error('mine');
    });
    manage().register('key', poll, 2000, (answer) => seen.push(answer));
    await settle();
    process.off('unhandledRejection', report);
    expect(seen).toEqual([1]);
    expect(reported).toEqual([new Error('mine')]);
    expect(indicator()).toBe('Live');
    manage().unregister('key');
    manage().unregister('key');
  });

  it('has three slots with all other requests of the page; what a person asks for goes first', async () => {
    let open = 0;
    let most = 0;
    const order: string[] = [];
    const free: (() => void)[] = [];
    const slow = (name: string) => async () => {
      order.push(name);
      most = Math.max(most, ++open);
      await new Promise<void>((resolve) => free.push(resolve));
      open--;
    };
    const server = fakeServer(async () => {
      await slow('region')();
      return json(list(['a', 'running']));
    });
    for (let i = 0; i < 5; i++) manage().register(`key${i}`, slow(`key${i}`), 2000);
    const poller = runtime.create({ fetchFn: slow('poller') });
    poller.start();
    page(LIST);
    start();
    await settle();
    expect([order, server.asked.length]).toEqual([['key0', 'key1', 'key2'], 0]);
    document.querySelector<HTMLElement>('[data-vpo-refresh]')!.click();
    await settle();
    // Not even one that is queued is asked once it is not wanted any more.
    manage().unregister('key3');
    poller.stop();
    free.shift()?.();
    await settle();
    expect(order.slice(3)).toEqual(['region']);
    while (free.length) {
      free.shift()?.();
      await settle();
    }
    expect(order.slice(3)).toEqual(['region', 'key4']);
    expect(most).toBe(3);
    for (let i = 0; i < 5; i++) manage().unregister(`key${i}`);
  });
});
