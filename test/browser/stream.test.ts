// A region that follows an event stream: what it shows, and that it polls whenever there is none.
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type Channel, createWindows, type Windows } from '../../src/browser/windows';
import { LIST, list, RECORD, record, rows } from './support/fixtures';
import {
  at,
  indicator,
  json,
  page,
  pass,
  runtime,
  settle,
  setVisible,
  start,
  status,
  useFakePage,
} from './support/page';
import { event, type StreamServer, streamServer } from './support/streams';

useFakePage();

const SSE = { 'data-polling-transport': 'sse' };
const MINUTES = 60_000;
const ONE = list(['a', 'running']);
const TWO = list(['a', 'running'], ['b', 'queued']);
const pollsOf = ({ asked }: StreamServer) => asked.filter(({ url }) => url.pathname === '/api/jobs').length;

/** Lets the page live until the server has had this many streams. */
async function untilOpened(server: StreamServer, count: number, until: number): Promise<void> {
  while (server.streams.length < count && Date.now() < until) await pass(500);
  expect(server.streams).toHaveLength(count);
}

/** A page whose stream has brought one row. */
async function follow(head = '', html = LIST, attributes = {}): Promise<StreamServer> {
  const server = streamServer(() => json(ONE));
  page(html, { ...SSE, ...attributes });
  start();
  await settle();
  await server.stream.send(event(ONE, head));
  return server;
}

describe('a followed stream', () => {
  it('shows what comes, at once and without a poll', async () => {
    const server = await follow('event: jobs_update\n');
    expect(rows()).toEqual(['a.mkv']);
    expect(indicator()).toBe('Live');
    await server.stream.send(event({ ...TWO, timestamp: '2026-11-22T03:00:00Z' }));
    expect(rows()).toEqual(['a.mkv', 'b.mkv']);
    for (let beat = 0; beat < 40; beat++) {
      await pass(15_000, 5000);
      await server.stream.send('event: heartbeat\ndata: {"timestamp": "x"}\n\n');
      expect(indicator()).toBe('Live');
    }
    expect(server.asked).toHaveLength(1);
    expect(server.stream.isOpen).toBe(true);
  });

  it('is asked for as a stream, of the address beside the list with the same query', async () => {
    const html = LIST.replace('/api/jobs', '/api/jobs?status=running');
    const { asked } = (await follow('', html)).stream;
    expect(asked.url.pathname + asked.url.search).toBe('/api/events/jobs?status=running');
    expect(asked.init).toMatchObject({ cache: 'no-store', credentials: 'same-origin' });
    expect(asked.headers.has('Last-Event-ID')).toBe(false);
  });

  it.each([
    ['/live', '/live?status=running'],
    ['/live?topic=jobs', '/live?topic=jobs'],
  ])('is that of data-polling-events="%s" where the region names one', async (given, asked) => {
    const html = LIST.replace('"/api/jobs"', `"/api/jobs?status=running" data-polling-events="${given}"`);
    const { url } = (await follow('', html)).stream.asked;
    expect(url.pathname + url.search).toBe(asked);
  });

  it('does not read a stream from elsewhere, nor one of a kind it does not know', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const server = streamServer(() => json(ONE));
    page(LIST.replace('id="jobs"', 'id="jobs" data-polling-events="https://elsewhere.example/live"'), SSE);
    start();
    await pass(6000);
    expect([pollsOf(server), server.streams.length]).toEqual([2, 0]);
    runtime.stop();
    page(LIST, { 'data-polling-transport': 'pigeon' });
    start();
    await pass(6000);
    expect([pollsOf(server), server.streams.length]).toEqual([4, 0]);
    expect(warn.mock.calls.flat().filter((said) => /elsewhere|pigeon/.test(String(said)))).toHaveLength(2);
  });

  it('shows the last of what came, wherever the bytes were cut', async () => {
    const bytes = new TextEncoder().encode(
      `\ufeff: hello\r\n\r\n${event(TWO, 'id: 1\nevent: jobs_update\n')}event: other\ndata: {"jobs": 5}\n\n${event(
        list(['ä', 'running'], ['日本', 'running']),
      ).replaceAll('\n', '\r')}`,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 8 }), async (cuts) => {
        const server = await follow();
        const ends = [0, ...cuts, bytes.length].sort((a, b) => a - b);
        for (const [i, end] of ends.slice(1).entries())
          if (end > ends[i]!) await server.stream.send(bytes.slice(ends[i], end));
        expect(rows()).toEqual(['ä.mkv', '日本.mkv']);
        expect(server.asked).toHaveLength(1);
        runtime.stop();
        await settle();
      }),
      { numRuns: 30 },
    );
  });

  it('leaves no request and no timer when the region goes', async () => {
    const server = await follow();
    runtime.stop();
    await settle();
    expect(server.stream.isOpen).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
    await pass(10 * MINUTES, 10_000);
    expect(server.asked).toHaveLength(1);
  });

  it('leaves none either before its first byte', async () => {
    const server = streamServer(() => json(ONE));
    server.refuse = () => 'hang';
    page(LIST, SSE);
    start();
    await settle();
    runtime.stop();
    await settle();
    expect([server.inFlight, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('has one timer beside those of the page while it is open', async () => {
    const server = await follow();
    const before = vi.getTimerCount();
    for (let i = 0; i < 20; i++) await server.stream.send(': still here\n\n');
    expect(vi.getTimerCount()).toBe(before);
  });

  it('ends with the record: one fresh read more, then silence', async () => {
    const server = streamServer(() => json(record('completed')));
    page(RECORD(), SSE);
    start();
    await settle();
    expect(server.stream.asked.url.pathname).toBe('/api/jobs/events/7');
    await server.stream.send(event(record('running'), 'id: 1\n'));
    await server.stream.send(event(record('completed'), 'id: 2\n'));
    expect(server.streams.map(({ isOpen }) => isOpen)).toEqual([false]);
    expect(at('#job').dataset.status).toBe('completed');
    await pass(6000);
    expect(server.streams).toHaveLength(2);
    // A server that knew what we have would say nothing.
    expect(server.stream.asked.headers.has('Last-Event-ID')).toBe(false);
    await server.stream.send(event(record('completed'), 'id: 2\n'));
    expect(indicator()).toBe('Finished');
    await pass(10 * MINUTES, 10_000);
    expect(server.asked).toHaveLength(2);
    expect(server.stream.isOpen).toBe(false);
  });

  it('polls what a person asks for, and follows the stream again', async () => {
    const server = await follow('id: 1\n');
    at('[data-vpo-refresh]').click();
    await settle();
    expect(pollsOf(server)).toBe(1);
    await pass(250, 50);
    expect(server.streams.map(({ isOpen }) => isOpen)).toEqual([false, true]);
    // What was polled may be older or younger than what that id stands for.
    expect(server.stream.asked.headers.has('Last-Event-ID')).toBe(false);
    await server.stream.send(event(ONE));
    server.answer = () => json(TWO);
    await pass(500, 50);
    at('[data-vpo-refresh]').click();
    await pass(250, 50);
    expect([pollsOf(server), server.streams.length]).toEqual([2, 3]);
    expect(rows()).toEqual(['a.mkv', 'b.mkv']);
  });
});

describe('with other windows', () => {
  const KEY = 'h 10 5000 http://localhost:3000/api/jobs';
  let ours: Channel | undefined;
  let others: Windows;
  const told: unknown[] = [];

  /** The window that is there beside ours, loaded at `born`. */
  const openOther = (born: number) => {
    const deliver = (to: Channel | undefined, data: unknown) =>
      to?.onmessage?.call(to as BroadcastChannel, { data } as MessageEvent);
    const theirs: Channel = { onmessage: null, close: () => {}, postMessage: (data) => deliver(ours, data) };
    class FakeChannel implements Channel {
      onmessage = null;
      constructor() {
        ours = this;
      }
      close(): void {}
      postMessage = (data: unknown) => deliver(theirs, data);
    }
    vi.stubGlobal('BroadcastChannel', FakeChannel);
    others = createWindows(() => theirs, 'other', born);
    ours = undefined;
    told.length = 0;
    others._hear(KEY, (answer) => told.push(answer));
  };
  const close = async () => {
    others._setKeys([]);
    runtime.stop();
    await settle();
  };

  it('tells them what it follows, and again with each sign of life', async () => {
    openOther(Infinity);
    const server = await follow();
    others._setKeys([KEY]);
    await pass(3000);
    expect(server.streams).toHaveLength(1);
    await server.stream.send(event(TWO));
    await server.stream.send(': still here\n\n');
    const asked = JSON.stringify(['http://localhost:3000/api/jobs', null]);
    const answer = [asked, null, 200, false, [], new TextEncoder().encode(JSON.stringify(TWO))];
    expect(told).toEqual([answer, answer]);
    await close();
  });

  it('tells them how a record ended', async () => {
    openOther(Infinity);
    const server = streamServer(() => json(record()));
    page(RECORD(), SSE);
    start();
    const key = KEY.replace(/jobs$/, 'jobs/7');
    others._setKeys([key]);
    others._hear(key, (answer) => told.push(answer));
    await settle();
    await server.stream.send(event(record('completed')));
    expect(told).toEqual([
      expect.arrayContaining([new TextEncoder().encode(JSON.stringify(record('completed')))]),
    ]);
    await close();
  });

  it('keeps no watch on them beyond the stream', async () => {
    const { windows } = await import('../../src/browser/windows');
    const real = windows._watch;
    let watches = 0;
    vi.spyOn(windows, '_watch').mockImplementation((key, changed) => {
      const undo = real(key, changed);
      watches++;
      let isOver = false;
      return () => {
        if (!isOver) watches--;
        isOver = true;
        undo();
      };
    });
    const server = await follow();
    expect(watches).toBe(1);
    await server.stream.cut();
    await pass(2500);
    expect([pollsOf(server), watches]).toEqual([1, 0]);
    setVisible(false);
    await pass(31_000);
    setVisible(true);
    await settle();
    expect([server.streams.length, watches]).toEqual([2, 1]);
    runtime.stop();
    expect(watches).toBe(0);
  });

  it('listens to an older one in its place, and follows it itself once that has gone', async () => {
    openOther(0);
    const server = await follow();
    others._setKeys([KEY]);
    await pass(1000, 100);
    expect(server.stream.isOpen).toBe(false);
    expect(pollsOf(server)).toBe(1);
    const asked = JSON.stringify(['http://localhost:3000/api/jobs', null]);
    others._tell(KEY, [asked, null, 200, false, [], new TextEncoder().encode(JSON.stringify(TWO))]);
    await settle();
    expect(rows()).toEqual(['a.mkv', 'b.mkv']);
    await pass(20_000);
    expect(server.asked).toHaveLength(2);
    others._setKeys([]);
    await pass(300, 100);
    expect(server.streams.map(({ isOpen }) => isOpen)).toEqual([false, true]);
    await close();
  });

  it('polls where all connections that may be held are taken', async () => {
    openOther(0);
    const server = await follow('retry: 0\n');
    others._setKeys(['h one', 'h two']);
    await server.stream.end();
    await pass(30_000);
    expect(server.streams).toHaveLength(1);
    expect(pollsOf(server)).toBeGreaterThan(3);
    others._setKeys(['h one']);
    await untilOpened(server, 2, Date.now() + 6000);
    await close();
  });
});

describe('hidden', () => {
  it('closes it after a second, and goes on where it was when shown', async () => {
    const server = await follow('id: 4\n');
    await server.stream.send('id: grün\n\n');
    setVisible(false);
    await pass(900, 100);
    expect(server.stream.isOpen).toBe(true);
    await pass(200, 100);
    expect(server.stream.isOpen).toBe(false);
    await pass(10 * MINUTES, 10_000);
    expect(server.asked).toHaveLength(1);
    setVisible(true);
    await settle();
    expect(server.asked).toHaveLength(2);
    expect(server.stream.asked.headers.get('Last-Event-ID')).toBe('gr\u00c3\u00bcn');
    // Nothing has changed: it need not say so at once.
    await server.stream.send(': hello\n\n');
    await pass(30_000, 1000);
    expect([server.asked.length, server.stream.isOpen, indicator()]).toEqual([
      2,
      true,
      expect.stringMatching(/^Live/),
    ]);
  });

  it('closes one that answers only then', async () => {
    const server = streamServer(() => json(ONE));
    page(LIST, SSE);
    start();
    await settle();
    setVisible(false);
    await pass(2000);
    await server.stream.send(event(TWO));
    expect(rows()).toEqual(['a.mkv', 'b.mkv']);
    expect(server.stream.isOpen).toBe(false);
    await pass(MINUTES, 1000);
    expect(server.asked).toHaveLength(1);
  });

  it('sends nothing in the place of one that fails only then', async () => {
    const server = streamServer(() => json(ONE));
    page(LIST, SSE);
    start();
    await settle();
    setVisible(false);
    await pass(2000);
    await server.stream.cut();
    await pass(MINUTES, 1000);
    expect(server.asked).toHaveLength(1);
    setVisible(true);
    await pass(11_000);
    expect(server.asked.length).toBeGreaterThan(1);
  });
});

describe('where no stream can be had', () => {
  it.each<[string, (server: StreamServer) => void]>([
    ['is refused', (server) => (server.refuse = () => status(404))],
    ['is something else', (server) => (server.refuse = () => json(TWO))],
    [
      'has another name',
      (server) =>
        (server.refuse = () =>
          new Response('data: {}\n\n', { headers: { 'Content-Type': 'text/event-streams' } })),
    ],
    [
      'has another status',
      (server) =>
        (server.refuse = () =>
          new Response(event(TWO), { status: 203, headers: { 'Content-Type': 'text/event-stream' } })),
    ],
    ['breaks', (server) => (server.refuse = () => 'broken')],
  ])('it polls at once when it %s', async (_, prepare) => {
    const server = streamServer(() => json(ONE));
    prepare(server);
    page(LIST, SSE);
    start();
    await settle();
    await pass(100, 100);
    expect([server.asked.length, pollsOf(server), indicator()]).toEqual([2, 1, 'Live']);
    expect(rows()).toEqual(['a.mkv']);
    await pass(MINUTES);
    expect(server.asked.length - pollsOf(server)).toBe(1);
    expect(pollsOf(server)).toBeGreaterThanOrEqual(11);
  });

  it('it polls after five seconds without a byte, as behind a proxy that buffers', async () => {
    const server = streamServer(() => json(ONE));
    page(LIST, SSE);
    start();
    await pass(4900, 100);
    expect(server.asked).toHaveLength(1);
    await pass(200, 100);
    expect([server.stream.isOpen, pollsOf(server)]).toEqual([false, 1]);
  });

  it('it polls too when there are bytes but no answer', async () => {
    const server = streamServer(() => json(ONE));
    page(LIST, SSE);
    start();
    await settle();
    await server.stream.send('event: heartbeat\ndata: {}\n\n');
    expect(indicator()).toBe('Connecting');
    await pass(7100, 100);
    expect([server.stream.isOpen, pollsOf(server), indicator()]).toEqual([false, 1, 'Live']);
  });

  it('it polls after forty seconds of silence', async () => {
    const server = await follow();
    await pass(39_000);
    await server.stream.send(': I am here\n\n');
    await pass(39_500);
    expect([server.stream.isOpen, pollsOf(server)]).toEqual([true, 0]);
    await pass(2600);
    expect([server.stream.isOpen, pollsOf(server)]).toEqual([false, 1]);
  });

  it.each<[string, (server: StreamServer) => Promise<void>]>([
    ['is cut', ({ stream }) => stream.cut()],
    ['ends', ({ stream }) => stream.end()],
    [
      'says that it closes',
      ({ stream }) => stream.send('event: close\ndata: {"reason": "server_shutdown"}\n\n'),
    ],
    ['brings no JSON', ({ stream }) => stream.send('data: {"jobs": [\n\n')],
    ['brings the wrong shape', ({ stream }) => stream.send(event({ jobs: [{ name: 'no key' }] }))],
  ])('it polls within two seconds when it %s, and shows what it had', async (_, end) => {
    const server = await follow('', LIST.replace('id="jobs"', 'id="jobs" data-vpo-etag=\'"a"\''));
    await server.stream.send(event(TWO));
    await end(server);
    expect(server.stream.isOpen).toBe(false);
    expect(rows()).toEqual(['a.mkv', 'b.mkv']);
    await pass(2000, 100);
    expect(pollsOf(server)).toBe(1);
    // By the ETag of what was shown before, an answer could say that nothing has changed.
    expect(server.asked.at(-1)?.headers.has('If-None-Match')).toBe(false);
    expect([rows(), indicator()]).toEqual([['a.mkv'], 'Live']);
    const endedAt = Date.now();
    await pass(9.5 * MINUTES, 5000);
    expect(server.streams).toHaveLength(1);
    await untilOpened(server, 2, endedAt + 11 * MINUTES);
    await server.stream.send(event(TWO));
    const polls = pollsOf(server);
    await pass(30_000, 5000);
    expect([rows(), pollsOf(server)]).toEqual([['a.mkv', 'b.mkv'], polls]);
  });

  it('nothing that follows in the same piece is shown', async () => {
    const server = await follow();
    await server.stream.send(`event: close\ndata\n\n${event(TWO)}`);
    expect(rows()).toEqual(['a.mkv']);
  });

  it('pages that were cut off together poll apart', async () => {
    const at: number[] = [];
    for (const random of [0, 0.25, 0.5, 0.99]) {
      vi.spyOn(Math, 'random').mockReturnValue(random);
      const server = await follow();
      const cutAt = Date.now();
      await server.stream.cut();
      await pass(2000, 20);
      at.push(server.asked.at(-1)!.at - cutAt);
      runtime.stop();
    }
    expect(at).toEqual([0, 500, 1000, 1980]);
  });

  it('a server that says when to come back is believed', async () => {
    const server = await follow('retry: 20000\n');
    await server.stream.end();
    await pass(19_000);
    expect(server.streams).toHaveLength(1);
    await untilOpened(server, 2, Date.now() + 7000);
    await server.stream.send(event(ONE, 'retry: 20000\n'));
    // A stream that breaks is another matter.
    await server.stream.cut();
    await pass(5 * MINUTES, 5000);
    expect(server.streams).toHaveLength(2);
  });

  it('showing the page tries it again, though not before thirty seconds', async () => {
    const server = await follow();
    await server.stream.cut();
    await pass(5000);
    setVisible(false);
    await pass(5000);
    setVisible(true);
    await pass(18_000);
    expect(server.streams).toHaveLength(1);
    expect(pollsOf(server)).toBeGreaterThan(2);
    await pass(9000);
    expect(server.streams).toHaveLength(2);
    await server.stream.cut();
    await pass(MINUTES);
    setVisible(false);
    await pass(5000);
    expect(server.streams).toHaveLength(2);
    setVisible(true);
    await pass(6000);
    expect(server.streams).toHaveLength(3);
  });

  it('Retry-After holds back the poll as well', async () => {
    const server = streamServer(() => json(ONE));
    server.refuse = () => status(503, { 'Retry-After': '30' });
    page(LIST, SSE);
    start();
    await pass(29_900);
    expect(server.asked).toHaveLength(1);
    await pass(5000);
    expect([pollsOf(server), server.asked.length, indicator()]).toEqual([1, 2, 'Live']);
  });

  it('a failing server is asked as seldom as without a stream', async () => {
    const server = await follow();
    server.refuse = () => 'broken';
    server.answer = () => 'broken';
    await server.stream.cut();
    await pass(MINUTES);
    expect(indicator()).toMatch(/^Connection lost/);
    expect(server.asked.length).toBeLessThanOrEqual(6);
  });
});
