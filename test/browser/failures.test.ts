// What goes wrong, how often it is tried again, and what the page says meanwhile.
import { describe, expect, it } from 'vitest';
import { LIST, list, rows } from './support/fixtures';
import {
  at,
  fakeServer,
  indicator,
  json,
  page,
  pass,
  setOnline,
  settle,
  setVisible,
  start,
  status,
  useFakePage,
} from './support/page';

useFakePage();

const running = () => json(list(['a', 'running']));

describe('failures', () => {
  it('60 s of HTTP 500: at most five requests, then back within the backoff', async () => {
    const server = fakeServer(() => status(500));
    page(LIST);
    start();
    await pass(60_000);
    expect(server.asked.length).toBeGreaterThanOrEqual(3);
    expect(server.asked.length).toBeLessThanOrEqual(5);
    expect(indicator()).toMatch(/^Connection lost – retrying in \d+ s$/);
    expect(rows()).toEqual(['a.mkv']);
    server.answer = running;
    await pass(90_000);
    expect(indicator()).toBe('Live');
  });

  it('a server that never answers is dropped after ten seconds and asked again', async () => {
    const server = fakeServer(() => 'hang');
    page(LIST);
    start();
    await pass(9900);
    expect([server.asked.length, server.inFlight]).toEqual([1, 1]);
    await pass(300);
    expect(server.inFlight).toBe(0);
    expect(indicator()).toMatch(/^Reconnecting/);
    await pass(11_000);
    expect(server.asked).toHaveLength(2);
    expect(server.most).toBe(1);
  });

  it('a body that never ends counts against the same deadline', async () => {
    const server = fakeServer((asked) => {
      const body = new ReadableStream({
        start: (controller) => {
          controller.enqueue(new TextEncoder().encode('{"jobs":'));
          asked.init.signal?.addEventListener('abort', () => controller.error(new Error('aborted')));
        },
      });
      return new Response(body, { headers: { 'Content-Type': 'application/json' } });
    });
    page(LIST);
    start();
    await pass(10_500);
    expect(server.inFlight).toBe(0);
    expect(indicator()).toMatch(/^Reconnecting/);
  });

  it.each([
    ['not JSON', () => new Response('{"jobs": [', { headers: { 'Content-Type': 'application/json' } })],
    ['HTML', () => new Response('<h1>Proxy</h1>', { headers: { 'Content-Type': 'text/html' } })],
    ['a text', () => json('jobs')],
    ['null', () => json(null)],
    ['a list that is none', () => json({ jobs: { length: 3 }, total: 1 })],
    ['no list', () => json({ error: 'oops' })],
    ['a list of texts', () => json({ jobs: ['a', 'b'], total: 2 })],
    ['404', () => status(404)],
    ['429', () => status(429)],
  ])('%s leaves the page as it is and goes on', async (_, answer) => {
    const server = fakeServer(answer);
    page(LIST);
    start();
    await pass(11_500);
    expect(rows()).toEqual(['a.mkv']);
    expect(indicator()).toMatch(/^(Reconnecting|Connection lost)/);
    expect(server.asked.length).toBeGreaterThanOrEqual(2);
    server.answer = running;
    await pass(60_000);
    expect(indicator()).toBe('Live');
  });

  it('a body larger than 16 MB is a failure before it is held', async () => {
    let sent = 0;
    fakeServer(() => {
      const megabyte = new Uint8Array(2 ** 20);
      const body = new ReadableStream({
        pull(controller) {
          sent++;
          controller.enqueue(megabyte);
        },
      });
      return new Response(body, { headers: { 'Content-Type': 'application/json' } });
    });
    page(LIST);
    start();
    await settle(400);
    expect(indicator()).toMatch(/^Reconnecting/);
    expect(sent).toBeLessThan(24);
  });

  it.each([
    ['401', () => status(401)],
    ['403', () => status(403)],
    [
      'a redirect to a sign-in page',
      () =>
        Object.defineProperty(
          new Response('<form>', { headers: { 'Content-Type': 'text/html' } }),
          'redirected',
          { value: true },
        ),
    ],
  ])('%s ends with "sign in again", and is tried once when the page is shown again', async (_, answer) => {
    const server = fakeServer(answer);
    page(LIST);
    start();
    await pass(60_000);
    expect(server.asked).toHaveLength(1);
    expect(at('[data-vpo-notice]').textContent).toMatch(/sign in again/i);
    expect(indicator()).toBe('Please sign in again.');
    setVisible(false);
    await pass(2000);
    server.answer = running;
    setVisible(true);
    await pass(1000);
    expect(server.asked).toHaveLength(2);
    expect(document.querySelector('[data-vpo-notice]')).toBeNull();
    expect(indicator()).toBe('Live');
  });

  it('another 4xx ends and says so', async () => {
    const server = fakeServer(() => status(400));
    page(LIST);
    start();
    await pass(60_000);
    expect(server.asked).toHaveLength(1);
    expect(indicator()).toBe('The server refused the request.');
    expect(at('#connection-status').getAttribute('data-state')).toBe('error');
  });
});

describe('Retry-After', () => {
  it.each([
    ['seconds', () => '20'],
    ['a date', () => new Date(Date.now() + 20_000).toUTCString()],
  ])(
    'as %s is a floor that no refresh, tab flip or online undercuts, for the whole origin',
    async (_, value) => {
      const server = fakeServer(() => status(503, { 'Retry-After': value() }));
      page(`${LIST}<div data-vpo-src="/api/other"><i data-vpo-text="{x}"></i></div>`);
      start();
      await settle();
      const before = server.asked.length;
      expect(before).toBe(2);
      for (let second = 0; second < 18; second++) {
        if (second % 3 === 0) at('[data-vpo-refresh]').click();
        setVisible(false);
        await pass(second % 2 ? 1200 : 200, 200);
        setVisible(true);
        if (second === 9) setOnline(false);
        if (second === 10) setOnline(true);
      }
      expect(Date.now() - (server.asked[0]?.at ?? 0)).toBeLessThan(19_000);
      expect(server.asked).toHaveLength(before);
      expect(at('[data-vpo-refresh]').textContent).toMatch(/retrying at/);
      server.answer = running;
      await pass(30_000);
      expect(server.of('/api/jobs').length).toBeGreaterThan(1);
      expect(at('[data-vpo-refresh]').textContent).toBe('Refresh');
    },
  );

  it('of one answer stops the other polls of that origin too, and no others', async () => {
    const server = fakeServer(({ url }) =>
      url.pathname === '/api/jobs' ? status(429, { 'Retry-After': '20' }) : json({ x: 1 }),
    );
    const other = (url: string) => `<div data-vpo-src="${url}"><i data-vpo-text="{x}"></i></div>`;
    page(
      `<script type="text/plain" data-vpo-origins="https://good.example"></script>${LIST}${other('/api/other')}${other('https://good.example/x')}`,
      { 'data-polling-interval': '2000' },
    );
    start();
    await pass(19_000);
    expect(server.of('/api/other')).toHaveLength(1);
    expect(server.of('good.example').length).toBeGreaterThan(6);
    await pass(6000);
    expect(server.of('/api/other').length).toBeGreaterThan(1);
  });

  it('is not shortened by a later one, for a region that comes in between either', async () => {
    const waits = ['60', '1'];
    const server = fakeServer(({ url }) =>
      url.pathname === '/api/late' ? json({ x: 1 }) : status(503, { 'Retry-After': waits.shift() ?? '0' }),
    );
    const region = (url: string) => `<div data-vpo-src="${url}"><i data-vpo-text="{x}"></i></div>`;
    page(region('/api/one') + region('/api/two'));
    start();
    await pass(10_000);
    document.body.insertAdjacentHTML('beforeend', region('/api/late'));
    await pass(40_000);
    expect(server.of('/api/late')).toHaveLength(0);
    await pass(16_000);
    expect(server.of('/api/late').length).toBeGreaterThan(0);
  });

  it('above an hour is an error with the time shown', async () => {
    fakeServer(() => status(503, { 'Retry-After': '7200' }));
    page(LIST);
    start();
    await pass(1000);
    expect(indicator()).toMatch(/^Connection lost – retrying at \d/);
  });
});
