// Several windows of one browser, with a channel and a clock of ours: who asks, for how long, and what it costs.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Channel, createWindows, type Windows } from '../../src/browser/windows';

/** Delivers to all others, later, in order. Nothing leaves or reaches a window that crashed, or stands still for a while. */
class Hub {
  readonly channels = new Map<Channel, string>();
  readonly crashed = new Set<string>();
  readonly #held = new Map<string, (() => void)[]>();
  posts = 0;

  stop(id: string): void {
    this.#held.set(id, []);
  }

  goOn(id: string): void {
    const held = this.#held.get(id) ?? [];
    this.#held.delete(id);
    for (const run of held) run();
  }

  open(id: string): Channel {
    const channel: Channel = {
      onmessage: null,
      close: () => this.channels.delete(channel),
      postMessage: (data: unknown) => this.#as(id, () => this.#post(channel, data)),
    };
    this.channels.set(channel, id);
    return channel;
  }

  #as(id: string, run: () => void): void {
    const held = this.#held.get(id);
    if (held) held.push(run);
    else if (!this.crashed.has(id)) run();
  }

  #post(from: Channel, data: unknown): void {
    this.posts++;
    for (const [to, id] of this.channels) {
      const deliver = () => to.onmessage?.call(to as BroadcastChannel, { data } as MessageEvent);
      if (to !== from) setTimeout(() => this.channels.has(to) && this.#as(id, deliver), 1);
    }
  }
}

let hub: Hub;

const open = (id: string, born: number): Windows => createWindows(() => hub.open(id), id, born);
const pass = (ms: number) => vi.advanceTimersByTime(ms);

beforeEach(() => {
  vi.useFakeTimers();
  hub = new Hub();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('windows of one browser', () => {
  it('alone it asks for itself, says hello once and arms nothing', () => {
    const one = open('a', 1);
    one._setKeys(['list']);
    pass(60_000);
    one._setKeys(['list']);
    one._tell('list', 'news');
    expect(one._leads('list')).toBe(true);
    expect(hub.posts).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('the oldest asks for all, as long as it is there', () => {
    const windows = [open('c', 30), open('a', 10), open('b', 20)];
    for (const one of windows) one._setKeys(['list']);
    pass(60_000);
    expect(windows.map((one) => one._leads('list'))).toEqual([false, true, false]);
  });

  it('of two that are equally old one asks', () => {
    const windows = [open('b', 1), open('a', 1)];
    for (const one of windows) one._setKeys(['list']);
    pass(10);
    expect(windows.map((one) => one._leads('list'))).toEqual([false, true]);
  });

  it('what nobody else polls each asks for itself', () => {
    const [old, young] = [open('a', 1), open('b', 2)];
    old._setKeys(['list']);
    young._setKeys(['record']);
    pass(10);
    expect(young._leads('record')).toBe(true);
    expect(old._leads('list')).toBe(true);
  });

  it.each(['hides', 'goes on without this poll'])('hands over at once when it %s', (how) => {
    const [old, young] = [open('a', 1), open('b', 2)];
    old._setKeys(['list', 'log']);
    young._setKeys(['list']);
    pass(5000);
    const changed = vi.fn();
    young._watch('list', changed);
    old._setKeys(how === 'hides' ? [] : ['log']);
    pass(2);
    expect(changed).toHaveBeenCalledTimes(1);
    expect(young._leads('list')).toBe(true);
  });

  it('a window that crashed is replaced within 2 s, whenever it crashes', () => {
    for (let moment = 0; moment < 1000; moment += 50) {
      hub = new Hub();
      const [old, young] = [open('a', 1), open('b', 2)];
      old._setKeys(['list']);
      young._setKeys(['list']);
      pass(5000 + moment);
      let heard = 0;
      young._watch('list', () => {
        heard = Date.now();
      });
      hub.crashed.add('a');
      const from = Date.now();
      pass(3000);
      // A follower asks up to 250 ms later.
      expect(heard - from).toBeLessThanOrEqual(1750);
      expect(young._leads('list')).toBe(true);
      old._setKeys([]);
      young._setKeys([]);
    }
  });

  it('one that stood still for a while and goes on leads again; the other hears of it', () => {
    const [old, young] = [open('a', 1), open('b', 2)];
    old._setKeys(['list']);
    young._setKeys(['list']);
    pass(3000);
    hub.stop('a');
    pass(3000);
    const changed = vi.fn();
    young._watch('list', changed);
    hub.goOn('a');
    pass(1100);
    expect(changed).toHaveBeenCalledTimes(1);
    expect([old._leads('list'), young._leads('list')]).toEqual([true, false]);
  });

  it('answers reach every other window with this poll, and nobody who stopped listening', () => {
    const windows = [open('a', 1), open('b', 2), open('c', 3)];
    for (const one of windows) one._setKeys(['list']);
    pass(10);
    const heard: string[] = [];
    windows.forEach((one, i) => {
      one._hear('list', (answer) => heard.push(`${i} ${answer}`));
      one._hear('log', () => heard.push('wrong'));
    });
    windows[2]!._hear('list', () => heard.push('never'))();
    windows[0]!._tell('list', 'news');
    pass(2);
    expect(heard).toEqual(['1 news', '2 news']);
  });

  it('ranks what all of them poll, so that they share a limit', () => {
    const windows = [open('a', 1), open('b', 2), open('c', 3)];
    windows[0]!._setKeys(['h list', 'p log', 'h stats']);
    windows[1]!._setKeys(['h list', 'h record']);
    windows[2]!._setKeys(['h errors']);
    pass(10);
    for (const one of windows)
      expect(['h list', 'h stats', 'h record', 'h errors', 'p log'].map((key) => one._rank(key))).toEqual([
        0, 1, 2, 3, 0,
      ]);
  });

  it('two windows cost a message a second each; when one leaves the other is silent again', () => {
    const [old, young] = [open('a', 1), open('b', 2)];
    old._setKeys(['list']);
    young._setKeys(['list']);
    pass(100);
    const before = hub.posts;
    pass(10_000);
    expect(hub.posts - before).toBe(20);
    young._setKeys([]);
    pass(2000);
    const after = hub.posts;
    pass(10_000);
    expect(hub.posts).toBe(after);
    young._setKeys(['list']);
    pass(100);
    for (const one of [old, young]) one._setKeys([]);
    pass(2);
    expect(vi.getTimerCount()).toBe(0);
    expect(hub.channels.size).toBe(0);
  });

  it('without a channel each asks for itself', () => {
    const one = createWindows(() => undefined, 'a', 1);
    one._setKeys(['list']);
    expect(one._leads('list')).toBe(true);
    one._tell('list', 'news');
    one._setKeys([]);
  });
});
