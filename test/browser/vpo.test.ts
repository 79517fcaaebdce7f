// The built bundle, called the way VPO's own scripts call it.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Poller } from '../../src/browser/index';
import { BUNDLES, runBundle } from './support/bundle';
import { at, indicator, page, pass, setOnline, settle, setVisible } from './support/page';

const BODY = {
  'data-polling-interval': '5000',
  'data-polling-enabled': 'true',
  'data-polling-log-interval': '15000',
};
const INDICATOR = '<div id="connection-status" class="connection-status"></div>';

describe.each(BUNDLES)('%s', (bundle) => {
  let vpo: ReturnType<typeof runBundle>;
  let pollers: Poller[] = [];

  const load = (attributes: Record<string, string> = BODY, html = INDICATOR) => {
    page(html, attributes);
    vpo = runBundle(bundle);
  };
  const create = (options: Parameters<typeof vpo.create>[0]): Poller => {
    const poller = vpo.create(options);
    pollers.push(poller);
    return poller;
  };

  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    });
    pollers = [];
  });
  afterEach(async () => {
    for (const poller of pollers) poller.cleanup();
    vpo.stop();
    await settle();
    expect(vi.getTimerCount(), 'timers left').toBe(0);
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('has the constants of the contract', () => {
    load();
    expect(vpo.CONFIG).toEqual({
      DEFAULT_INTERVAL: 5000,
      LOG_INTERVAL: 15000,
      MIN_INTERVAL: 2000,
      MAX_INTERVAL: 60000,
    });
    expect(vpo.BACKOFF).toEqual({
      INITIAL_DELAY: 10000,
      MAX_DELAY: 120000,
      FAILURES_BEFORE_BACKOFF: 3,
      MULTIPLIER: 2,
    });
    expect(vpo.CONNECTION_STATUS).toEqual({
      CONNECTED: 'connected',
      RECONNECTING: 'reconnecting',
      ERROR: 'error',
    });
  });

  it.each([
    [BODY, { interval: 5000, enabled: true, logInterval: 15000 }],
    [{}, { interval: 5000, enabled: true, logInterval: 15000 }],
    [{ 'data-polling-interval': '10' }, { interval: 2000, enabled: true, logInterval: 15000 }],
    [{ 'data-polling-interval': '99999999' }, { interval: 60000, enabled: true, logInterval: 60000 }],
    [
      { 'data-polling-interval': '8000', 'data-polling-log-interval': '3000' },
      { interval: 8000, enabled: true, logInterval: 15000 },
    ],
    [{ 'data-polling-log-interval': '30000' }, { interval: 5000, enabled: true, logInterval: 30000 }],
    [{ 'data-polling-enabled': 'false' }, { interval: 5000, enabled: false, logInterval: 15000 }],
  ])('loadConfig reads %j', (attributes, expected) => {
    load(attributes as Record<string, string>);
    expect(vpo.loadConfig()).toEqual(expected);
  });

  it('ignores an interval that is no number', () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    load({ 'data-polling-interval': 'soon' });
    expect(vpo.loadConfig().interval).toBe(5000);
  });

  it('create and start: polls at once, then at the interval, with a signal', async () => {
    load();
    const signals: AbortSignal[] = [];
    const fetchFn = vi.fn(async ({ signal }: { signal: AbortSignal }) => void signals.push(signal));
    const poller = create({ fetchFn });
    expect(poller.isActive).toBe(false);
    expect(indicator()).toBe('');
    poller.start();
    expect(poller.isActive).toBe(true);
    poller.start();
    await settle();
    expect(fetchFn).toHaveBeenCalledTimes(1);
    expect(signals[0]).toBeInstanceOf(AbortSignal);
    await pass(60_000);
    expect(fetchFn.mock.calls.length).toBeGreaterThanOrEqual(11);
    expect(fetchFn.mock.calls.length).toBeLessThanOrEqual(13);
    poller.stop();
    expect(poller.isActive).toBe(false);
    await pass(60_000);
    expect(fetchFn.mock.calls.length).toBeLessThanOrEqual(13);
  });

  it('does not clamp the interval it is given', async () => {
    load();
    const fetchFn = vi.fn(async () => {});
    create({ fetchFn, interval: 500 }).start();
    await pass(5200, 100);
    expect(fetchFn.mock.calls.length).toBeGreaterThanOrEqual(9);
  });

  it('hide and show during a request never makes a second loop', async () => {
    load();
    let open = 0;
    let most = 0;
    const fetchFn = vi.fn(async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 800));
      open--;
    });
    const poller = create({ fetchFn });
    poller.start();
    for (let flip = 0; flip < 6; flip++) {
      await pass(100, 100);
      setVisible(flip % 2 === 1);
    }
    setVisible(true);
    await pass(60_000);
    expect(most).toBe(1);
    expect(fetchFn.mock.calls.length).toBeLessThanOrEqual(13);
    poller.stop();
    await pass(1000);
  });

  it('stop and start during a request: one loop, and the old answer does not count', async () => {
    load();
    const seen: string[] = [];
    const aborted: boolean[] = [];
    const fetchFn = vi.fn(({ signal }: { signal: AbortSignal }) => {
      signal.addEventListener('abort', () => aborted.push(true));
      return new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 3000));
    });
    const poller = create({ fetchFn, onStatusChange: (status) => seen.push(status) });
    poller.start();
    await pass(1000);
    poller.stop();
    fetchFn.mockImplementation(async () => {});
    poller.start();
    await settle();
    expect(aborted).toEqual([true]);
    await pass(4000);
    expect(seen).toEqual(['connected']);
    expect(fetchFn).toHaveBeenCalledTimes(2);
  });

  it('pause and resume', async () => {
    load();
    const fetchFn = vi.fn(async () => {});
    const poller = create({ fetchFn });
    poller.start();
    await settle();
    poller.pause();
    await pass(60_000);
    expect(fetchFn).toHaveBeenCalledTimes(1);
    poller.resume();
    await settle();
    expect(fetchFn).toHaveBeenCalledTimes(2);
  });

  it('what stood when it was stopped does not hold back a new start', async () => {
    load();
    const fetchFn = vi.fn(async () => {});
    const poller = create({ fetchFn });
    create({ fetchFn: async () => {} }).start();
    poller.start();
    await settle();
    setVisible(false);
    await pass(2000);
    poller.stop();
    setVisible(true);
    poller.start();
    await settle();
    expect(fetchFn).toHaveBeenCalledTimes(2);
    poller.pause();
    poller.stop();
    poller.start();
    await settle();
    expect(fetchFn).toHaveBeenCalledTimes(3);
  });

  it.each([0, -1, Number.NaN])('an interval of %s is none: the page has one', async (interval) => {
    load();
    const fetchFn = vi.fn(async () => {});
    create({ fetchFn, interval }).start();
    await pass(4900);
    expect(fetchFn).toHaveBeenCalledTimes(1);
  });

  it('never undercuts a long interval, not even after failures', async () => {
    load();
    const at: number[] = [];
    const fetchFn = () => {
      at.push(Date.now());
      return Promise.reject(new Error('no'));
    };
    create({ fetchFn, interval: 60_000 }).start();
    await pass(600_000, 1000);
    expect(at.length).toBeGreaterThan(4);
    for (const [i, time] of at.slice(1).entries()) expect(time - at[i]!).toBeGreaterThanOrEqual(60_000);
  });

  it('status callbacks come on change only; rejections and throws are failures', async () => {
    load();
    const seen: string[] = [];
    let works = true;
    const fetchFn = () => {
      if (!works) throw new Error('synchronous');
      return Promise.resolve();
    };
    create({ fetchFn, onStatusChange: (status) => seen.push(status) }).start();
    await pass(12_000);
    expect(seen).toEqual(['connected']);
    expect(at('#connection-status').className).toBe('connection-status connection-status--connected');
    expect(at('#connection-status').title).toBe('Live updates active');
    works = false;
    await pass(6000);
    expect(seen).toEqual(['connected', 'reconnecting']);
    await pass(40_000);
    expect(seen).toEqual(['connected', 'reconnecting', 'error']);
    expect(indicator()).toBe('Offline');
    expect(at('#connection-status').getAttribute('aria-label')).toBe('Connection lost - retrying');
    works = true;
    await pass(130_000, 1000);
    expect(seen).toEqual(['connected', 'reconnecting', 'error', 'connected']);
    expect(indicator()).toBe('Live');
  });

  it('60 s of failures: at most five calls', async () => {
    load();
    const fetchFn = vi.fn(() => Promise.reject(new Error('500')));
    create({ fetchFn }).start();
    await pass(60_000);
    expect(fetchFn.mock.calls.length).toBeLessThanOrEqual(5);
  });

  it('a call that hangs is dropped after ten seconds', async () => {
    load();
    const seen: string[] = [];
    const fetchFn = vi.fn(() => new Promise(() => {}));
    create({ fetchFn, onStatusChange: (status) => seen.push(status) }).start();
    await pass(10_100);
    expect(seen).toEqual(['reconnecting']);
    await pass(11_000);
    expect(fetchFn).toHaveBeenCalledTimes(2);
  });

  it('two pollers on one indicator: the worst shows, whichever answers last', async () => {
    load();
    create({ fetchFn: () => Promise.reject(new Error('no')) }).start();
    await pass(100, 100);
    create({ fetchFn: async () => {}, interval: 2000 }).start();
    await pass(4000);
    expect(indicator()).toBe('Reconnecting');
    pollers[0]?.stop();
    await pass(3000);
    expect(indicator()).toBe('Live');
  });

  it('two that fail together come back apart', async () => {
    load();
    const at: number[] = [];
    for (let i = 0; i < 2; i++)
      create({
        fetchFn: () => {
          at.push(Date.now());
          return Promise.reject(new Error('no'));
        },
      }).start();
    await pass(50_000, 50);
    expect(new Set(at.slice(2)).size).toBe(at.length - 2);
    expect(indicator()).toBe('Offline');
  });

  it('is a no-op when the attribute says so', async () => {
    load({ 'data-polling-enabled': 'false' });
    const fetchFn = vi.fn(async () => {});
    const poller = create({ fetchFn });
    poller.start();
    poller.resume();
    await pass(20_000);
    expect(fetchFn).not.toHaveBeenCalled();
    expect(poller.isActive).toBe(false);
  });

  it('a page opened hidden does not poll; offline does not either', async () => {
    load();
    setVisible(false);
    const fetchFn = vi.fn(async () => {});
    create({ fetchFn }).start();
    await pass(60_000);
    expect(fetchFn).not.toHaveBeenCalled();
    setVisible(true);
    await settle();
    expect(fetchFn).toHaveBeenCalledTimes(1);
    setOnline(false);
    await pass(30_000);
    expect(fetchFn).toHaveBeenCalledTimes(1);
    setOnline(true);
    await pass(2100, 100);
    expect(fetchFn).toHaveBeenCalledTimes(2);
  });

  it('onVisibilityChange tells, and can be taken back', () => {
    load();
    const seen: boolean[] = [];
    const undo = vpo.onVisibilityChange((visible) => seen.push(visible));
    setVisible(false);
    setVisible(true);
    undo();
    setVisible(false);
    setVisible(true);
    expect(seen).toEqual([false, true]);
  });

  it('onCleanup runs once when the page goes for good, not when it may come back', () => {
    load();
    const run = vi.fn();
    vpo.onCleanup(run);
    vpo.onCleanup(run);
    window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    expect(run).not.toHaveBeenCalled();
    window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: false }));
    expect(run).toHaveBeenCalledTimes(1);
    const other = vi.fn();
    vpo.onCleanup(other)();
    window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: false }));
    expect(other).not.toHaveBeenCalled();
  });

  it('a handler that is added twice is called once, and taken back by either undo', () => {
    load();
    const seen = vi.fn();
    const undo = vpo.onVisibilityChange(seen);
    vpo.onVisibilityChange(seen);
    setVisible(false);
    expect(seen.mock.calls).toEqual([[false]]);
    undo();
    setVisible(true);
    expect(seen).toHaveBeenCalledTimes(1);
    vpo.onCleanup(seen)();
    vpo.onCleanup(seen);
    window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: false }));
    expect(seen).toHaveBeenCalledTimes(2);
  });

  it('setConnectionStatus: texts, attempts, unknown words', () => {
    load();
    const element = at('#connection-status');
    vpo.setConnectionStatus('connected');
    expect([indicator(), element.title]).toEqual(['Live', 'Live updates active']);
    vpo.setConnectionStatus('reconnecting');
    expect([indicator(), element.title]).toEqual(['Reconnecting', 'Reconnecting...']);
    vpo.setConnectionStatus('reconnecting', { attempt: 2, maxAttempts: 10 });
    expect(element.title).toBe('Reconnecting... (attempt 2 of 10)');
    vpo.setConnectionStatus('nonsense');
    expect(indicator()).toBe('Unknown');
    expect(element.className).toBe('connection-status connection-status--nonsense');
  });

  it('setDebug prints with the prefix, and nothing without', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    load();
    create({ fetchFn: async () => {} }).start();
    await pass(6000);
    expect(log).not.toHaveBeenCalled();
    vpo.setDebug(true);
    await pass(6000);
    expect(log.mock.calls.length).toBeGreaterThan(0);
    expect(log.mock.calls.every(([prefix]) => prefix === '[Polling]')).toBe(true);
  });

  it('starts regions by the script tag alone', async () => {
    vi.stubGlobal(
      'fetch',
      async () => new Response('{"x":5}', { headers: { 'Content-Type': 'application/json' } }),
    );
    load(BODY, `${INDICATOR}<div data-vpo-src="/api/x"><i data-vpo-text="{x}"></i></div>`);
    await settle();
    expect(at('i').textContent).toBe('5');
    expect(indicator()).toBe('Live');
  });
});
