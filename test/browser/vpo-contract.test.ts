// VPO's contract where it is easily broken: answers at the wrong time, handlers that throw, attributes that are none.
// In the built bundle, as VPO's pages load it.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Poller } from '../../src/browser/index';
import { runBundle } from './support/bundle';
import { at, indicator, page, pass, settle, setVisible } from './support/page';

const INDICATOR = '<div id="connection-status" class="connection-status"></div>';
let vpo: ReturnType<typeof runBundle>;
let pollers: Poller[] = [];

const load = (attributes: Record<string, string> = {}) => {
  page(INDICATOR, attributes);
  vpo = runBundle();
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
  vi.useRealTimers();
});

it('an answer after its deadline counts for nothing, however the next ones end', async () => {
  load();
  const seen: string[] = [];
  const ends: [after: number, works: boolean][] = [
    [19_000, true],
    [100, false],
    [19_000, false],
    [100, true],
  ];
  const fetchFn = () => {
    const [after, works] = ends.shift() ?? [100, true];
    return new Promise<void>((resolve, reject) =>
      setTimeout(() => (works ? resolve() : reject(new Error('late'))), after),
    );
  };
  create({ fetchFn, onStatusChange: (status) => seen.push(status) }).start();
  await pass(19_900, 100);
  expect(seen, 'the first was dropped at 10 s, and its answer at 19 s is nobody’s').toEqual(['reconnecting']);
  await pass(60_000, 100);
  expect(seen).toEqual(['reconnecting', 'error', 'connected']);
});

it('stop and cleanup abort the request that is under way, and only that', async () => {
  load();
  const signals: AbortSignal[] = [];
  let hangs = false;
  const fetchFn = ({ signal }: { signal: AbortSignal }) => {
    signals.push(signal);
    return hangs ? new Promise(() => {}) : Promise.resolve();
  };
  const poller = create({ fetchFn });
  poller.start();
  await settle();
  hangs = true;
  await pass(5600);
  poller.stop();
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
  poller.start();
  await settle();
  poller.cleanup();
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, true, true]);
  expect(poller.isActive).toBe(false);
});

it('disabled: no method does anything, in any order', async () => {
  load({ 'data-polling-enabled': 'false' });
  const before = at('#connection-status').outerHTML;
  const fetchFn = vi.fn(async () => {});
  const onStatusChange = vi.fn();
  const poller = create({ fetchFn, onStatusChange });
  for (const method of ['start', 'pause', 'resume', 'stop', 'start', 'resume', 'cleanup', 'start'] as const) {
    poller[method]();
    expect(poller.isActive, method).toBe(false);
  }
  setVisible(false);
  setVisible(true);
  await pass(60_000, 5000);
  expect(fetchFn).not.toHaveBeenCalled();
  expect(onStatusChange).not.toHaveBeenCalled();
  expect(at('#connection-status').outerHTML).toBe(before);
});

it.each(['soon', '', ' ', '-5', 'NaN', 'null', 'Infinity'])(
  'loadConfig: %j is no number, so the attribute is ignored',
  (text) => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    load({ 'data-polling-interval': text, 'data-polling-log-interval': text });
    expect(vpo.loadConfig()).toEqual({ interval: 5000, enabled: true, logInterval: 15_000 });
  },
);

it('only the word false turns polling off', () => {
  load({ 'data-polling-enabled': '' });
  expect(vpo.loadConfig().enabled).toBe(true);
  load({ 'data-polling-enabled': 'true' });
  expect(vpo.loadConfig().enabled).toBe(true);
});

it('setConnectionStatus: title and label say the same, an attempt only while reconnecting', () => {
  load();
  const { setConnectionStatus } = vpo;
  const said = () => {
    const element = at('#connection-status');
    expect(element.getAttribute('aria-label')).toBe(element.title);
    return [element.textContent, element.title, element.className.split('--')[1]];
  };
  setConnectionStatus('reconnecting', { attempt: 3 });
  expect(said()).toEqual(['Reconnecting', 'Reconnecting... (attempt 3)', 'reconnecting']);
  setConnectionStatus('reconnecting');
  expect(said()).toEqual(['Reconnecting', 'Reconnecting...', 'reconnecting']);
  setConnectionStatus('error', { attempt: 3, maxAttempts: 10 });
  expect(said()).toEqual(['Offline', 'Connection lost - retrying', 'error']);
  setConnectionStatus('connected', { attempt: 3, maxAttempts: 10 });
  expect(said()).toEqual(['Live', 'Live updates active', 'connected']);
});

it('what a page says by setConnectionStatus is one more voice: the worst of it and the pollers shows', async () => {
  load();
  create({ fetchFn: async () => {} }).start();
  await settle();
  vpo.setConnectionStatus('error');
  expect(indicator()).toBe('Offline');
  await pass(6000);
  expect(indicator()).toBe('Offline');
  vpo.setConnectionStatus('connected');
  expect(indicator()).toBe('Live');
});

it('an onStatusChange that throws is reported to the page, and the poller goes on', async () => {
  const reported: unknown[] = [];
  const hear = (error: unknown) => reported.push(error);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', hear);
  try {
    load();
    const fetchFn = vi.fn(async () => {});
    const mistake = new Error('mistake of the page');
    create({
      fetchFn,
      onStatusChange: () => {
        throw mistake;
      },
    }).start();
    await pass(17_000);
    expect(fetchFn.mock.calls.length).toBeGreaterThanOrEqual(3);
    expect(indicator()).toBe('Live');
    expect(reported).toEqual([mistake]);
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const listener of others) process.on('unhandledRejection', listener);
  }
});
