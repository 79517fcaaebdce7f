// The hooks: one poll per turn however often React mounts, and nothing left when all have gone.
import type * as ReactApi from 'react';
import type { Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as Hooks from '../../../src/react/index';
import {
  type FakeServer,
  fakeServer,
  json,
  page,
  pass,
  settle,
  setVisible,
  status,
  useFakePage,
} from '../support/page';
import { block, file, filesOf, gaps, turnOf } from './support';

useFakePage();

let React: typeof ReactApi;
let hooks: typeof Hooks;
let root: Root;
const IDS = { projectId: 'p', sessionId: 's 1', turnId: 't1' };

beforeEach(async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  React = await import('react');
  hooks = await import('../../../src/react/index');
  const { createRoot } = await import('react-dom/client');
  page('<div id="app"></div>');
  root = createRoot(document.getElementById('app')!);
});
afterEach(async () => {
  await React.act(() => root.unmount());
});

const show = (element: ReactApi.ReactNode, isStrict = false) =>
  React.act(async () => {
    root.render(isStrict ? React.createElement(React.StrictMode, null, element) : element);
    await settle();
  });
const live = (ms: number) => React.act(() => pass(ms));
const text = () => document.getElementById('app')!.textContent;

/** A component that shows what it got. */
function Turn(options: Hooks.SessionPollingOptions): ReactApi.ReactNode {
  const { data, isPolling, error } = hooks.useSessionPolling(options);
  const texts = data?.blocks.map(({ text }) => text).join() ?? 'nothing';
  return `${data?.status ?? '-'} ${texts} ${isPolling ? 'polling' : 'resting'} ${error?.message ?? ''}`.trim();
}
const turn = (options: Hooks.SessionPollingOptions = IDS) => React.createElement(Turn, options);

const running = (server?: FakeServer) => {
  const answer = () => json(turnOf('running', [block(1, 'A')]));
  if (!server) return fakeServer(answer);
  server.answer = answer;
  return server;
};

describe('useSessionPolling', () => {
  it('shows the turn while it grows, every 2 s, until it has ended', async () => {
    const server = running();
    const onComplete = vi.fn();
    await show(turn({ ...IDS, onComplete }));
    expect(text()).toBe('running A polling');
    expect(server.asked[0]!.url.pathname).toBe('/api/projects/p/sessions/s%201/turns/t1');
    await live(20_000);
    for (const gap of gaps(server.asked)) expect(Math.abs(gap - 2000)).toBeLessThanOrEqual(500);
    server.answer = () => json(turnOf('completed', [block(1, 'A'), block(2, 'B')]));
    await live(6000);
    expect(text()).toBe('completed A,B resting');
    expect(onComplete).toHaveBeenCalledTimes(1);
    const { length } = server.asked;
    await live(60_000);
    expect(server.asked).toHaveLength(length);
  });

  it('begins one poll under StrictMode, which mounts everything twice', async () => {
    const server = running();
    await show(turn(), true);
    expect(server.asked).toHaveLength(1);
    expect(text()).toBe('running A polling');
    await live(7000);
    expect(server.most).toBe(1);
    for (const gap of gaps(server.asked)) expect(gap).toBeGreaterThan(1500);
  });

  it('shares one poll among components, each with callbacks of its own', async () => {
    const server = running();
    const [one, other] = [vi.fn(), vi.fn()];
    const pair = (onUpdate: () => void) =>
      React.createElement(
        React.Fragment,
        null,
        turn({ ...IDS, onUpdate }),
        ' | ',
        turn({ ...IDS, onUpdate: other }),
      );
    await show(pair(one));
    expect(text()).toBe('running A polling | running A polling');
    await live(5000);
    expect(server.asked.length).toBeLessThanOrEqual(4);
    expect([one.mock.calls.length, other.mock.calls.length]).toEqual([1, 1]);
    const newer = vi.fn();
    await show(pair(newer));
    server.answer = () => json(turnOf('running', [block(1, 'AB')]));
    await live(3000);
    expect([one.mock.calls.length, newer.mock.calls.length, other.mock.calls.length]).toEqual([1, 1, 2]);
  });

  it('is not begun again by rendering, whatever is new in it', async () => {
    const server = running();
    for (let i = 0; i < 20; i++) await show(turn({ ...IDS, onUpdate: () => {}, onError: () => {} }));
    expect(server.asked).toHaveLength(1);
  });

  it('leaves nothing when the last one has gone, also with a request on its way', async () => {
    const server = fakeServer(() => 'hang');
    await show(turn());
    expect(server.inFlight).toBe(1);
    await show(null);
    await settle();
    expect(server.inFlight).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    await live(30_000);
    expect(server.asked).toHaveLength(1);
  });

  it.each([
    ['without a turn', { projectId: 'p', sessionId: 's' }],
    ['that is not enabled', { ...IDS, enabled: false }],
  ])('asks nothing %s', async (_name, options) => {
    const server = running();
    await show(turn(options));
    await live(10_000);
    expect(server.asked).toHaveLength(0);
    expect(text()).toBe('- nothing resting');
  });

  it('goes over to another turn, whose answers alone are shown', async () => {
    const server = running();
    await show(turn());
    server.answer = ({ url }) => json(turnOf('running', [block(1, url.pathname.slice(-2))]));
    await show(turn({ ...IDS, turnId: 't2' }));
    await live(100);
    expect(text()).toBe('running t2 polling');
    const before = server.of('/t1').length;
    await live(10_000);
    expect(server.of('/t1')).toHaveLength(before);
  });

  it('says what is wrong, and that it is over', async () => {
    const server = fakeServer(() => status(500));
    const onError = vi.fn();
    await show(turn({ ...IDS, onError }));
    await live(1000);
    expect(text()).toBe('- nothing polling That did not work.');
    running(server);
    await live(5000);
    expect(text()).toBe('running A polling');
    server.answer = () => status(404);
    await live(5000);
    expect(text()).toBe('running A resting This no longer exists.');
    const { length } = server.asked;
    await live(60_000);
    expect(server.asked).toHaveLength(length);
  });

  it('rests with a hidden page', async () => {
    const server = running();
    await show(turn());
    await React.act(async () => setVisible(false));
    await live(3000);
    const { length } = server.asked;
    await live(30_000);
    expect(server.asked).toHaveLength(length);
    await React.act(async () => setVisible(true));
    await live(500);
    expect(server.asked).toHaveLength(length + 1);
  });

  it('shows nothing while a server renders it', async () => {
    const { renderToString } = await import('react-dom/server');
    expect(renderToString(turn())).toBe('- nothing resting');
  });
});

describe('useDocumentPolling', () => {
  it('shows the files and tells of changes, every 3 s', async () => {
    const server = fakeServer(() => json(filesOf(file('a'), file('b'))));
    const onDocumentChange = vi.fn();
    function Files({ filePaths }: { filePaths?: string[] }): ReactApi.ReactNode {
      // A new array in each rendering.
      const options = { projectId: 'p', onDocumentChange, ...(filePaths && { filePaths: [...filePaths] }) };
      const { data } = hooks.useDocumentPolling(options);
      return data?.files.map(({ path }) => path).join() ?? 'nothing';
    }
    await show(React.createElement(Files, { filePaths: ['b'] }));
    await show(React.createElement(Files, { filePaths: ['b'] }));
    expect(text()).toBe('a,b');
    expect(server.asked[0]!.url.pathname).toBe('/api/projects/p/files');
    server.answer = () => json(filesOf(file('a', 2), file('b', 2)));
    await live(12_000);
    for (const gap of gaps(server.asked)) expect(Math.abs(gap - 3000)).toBeLessThanOrEqual(500);
    expect(onDocumentChange.mock.calls).toHaveLength(1);
    expect(onDocumentChange.mock.calls[0]![0]).toMatchObject([{ filePath: 'b', changeType: 'modified' }]);
  });
});
