// When a region asks, and when it must not: requests are counted on a fake clock.
import { describe, expect, it, vi } from 'vitest';
import { LIST, list, rows } from './support/fixtures';
import {
  at,
  fakeServer,
  indicator,
  json,
  page,
  pass,
  runtime,
  setOnline,
  settle,
  setVisible,
  start,
  status,
  useFakePage,
} from './support/page';

useFakePage();

const running = () => json(list(['a', 'running']));

describe('a list', () => {
  it('asks at once, then at its interval, conditionally, and shows what changed', async () => {
    const server = fakeServer(() => json(list(['a', 'running']), { headers: { ETag: '"1"' } }));
    page(LIST);
    start();
    await settle();
    expect(server.asked).toHaveLength(1);
    expect(server.asked[0]?.headers.get('If-None-Match')).toBeNull();
    expect(server.asked[0]?.headers.get('Cache-Control')).toBe('max-age=0');
    expect(server.asked[0]?.init).toMatchObject({ cache: 'no-store', credentials: 'same-origin' });
    server.answer = ({ headers }) => (headers.get('If-None-Match') === '"1"' ? status(304) : status(500));
    await pass(4900);
    expect(server.asked).toHaveLength(1);
    await pass(700);
    expect(server.asked).toHaveLength(2);
    expect(indicator()).toBe('Live');
    server.answer = () => json(list(['b', 'queued'], ['a', 'completed']));
    await pass(5600);
    expect(rows()).toEqual(['b.mkv', 'a.mkv']);
    expect(at('[data-vpo-row="a"]').getAttribute('data-status')).toBe('completed');
    expect(at('#jobs b').textContent).toBe('2');
  });

  it('writes nothing and parses nothing for a 304, nor for the same text again', async () => {
    const body = JSON.stringify(list(['a', 'running']));
    const server = fakeServer(() => new Response(body, { headers: { 'Content-Type': 'application/json' } }));
    page(LIST);
    start();
    await pass(6000);
    const records: MutationRecord[] = [];
    const observer = new MutationObserver((seen) => records.push(...seen));
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    const parse = vi.spyOn(JSON, 'parse');
    await pass(11_000);
    server.answer = () => status(304);
    await pass(11_000);
    observer.disconnect();
    expect(server.asked.length).toBeGreaterThan(4);
    expect(parse).not.toHaveBeenCalled();
    expect(records).toEqual([]);
  });

  it('slows down to the idle interval when nothing is active', async () => {
    const server = fakeServer(() => json(list(['a', 'completed'])));
    page(LIST);
    start();
    await pass(29_000);
    expect(server.asked).toHaveLength(1);
    await pass(5000);
    expect(server.asked).toHaveLength(2);
  });

  it('believes a painted ETag and asks conditionally from the first poll on', async () => {
    const server = fakeServer(() => status(304));
    page(LIST.replace('id="jobs"', 'id="jobs" data-vpo-etag="&quot;painted&quot;"'));
    start();
    await settle();
    expect(server.asked[0]?.headers.get('If-None-Match')).toBe('"painted"');
    expect(indicator()).toBe('Live');
    expect(rows()).toEqual(['a.mkv']);
  });

  it('is only asked when asked for while polling is disabled', async () => {
    const server = fakeServer(running);
    page(LIST, { 'data-polling-enabled': 'false' });
    start();
    await pass(20_000);
    expect(server.asked).toHaveLength(0);
    at('[data-vpo-refresh]').click();
    await pass(20_000);
    expect(server.asked).toHaveLength(1);
  });

  it('doubles its interval on a coarse pointer', async () => {
    vi.stubGlobal('matchMedia', (query: string) => ({ matches: query.includes('coarse') }));
    const server = fakeServer(running);
    page(LIST);
    start();
    await pass(9900);
    expect(server.asked).toHaveLength(1);
    await pass(1500);
    expect(server.asked).toHaveLength(2);
  });

  it('clamps the interval, the region before the body', async () => {
    const server = fakeServer(running);
    page(LIST.replace('id="jobs"', 'id="jobs" data-polling-interval="10"'), {
      'data-polling-interval': '60000',
    });
    start();
    await pass(1900);
    expect(server.asked).toHaveLength(1);
    await pass(500);
    expect(server.asked).toHaveLength(2);
  });
});

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

  it('above an hour is an error with the time shown', async () => {
    fakeServer(() => status(503, { 'Retry-After': '7200' }));
    page(LIST);
    start();
    await pass(1000);
    expect(indicator()).toMatch(/^Connection lost – retrying at \d/);
  });
});

describe('the page goes away and comes back', () => {
  it('a page loaded hidden sends nothing until it is shown', async () => {
    const server = fakeServer(running);
    page(LIST);
    setVisible(false);
    start();
    await pass(60_000);
    expect(server.asked).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
    setVisible(true);
    await settle();
    expect(server.asked).toHaveLength(1);
  });

  it('a prerendered page sends nothing until it is activated', async () => {
    Object.defineProperty(document, 'prerendering', { value: true, configurable: true });
    const server = fakeServer(running);
    page(LIST);
    start();
    await pass(20_000);
    expect(server.asked).toHaveLength(0);
    Object.defineProperty(document, 'prerendering', { value: false, configurable: true });
    document.dispatchEvent(new Event('prerenderingchange'));
    await settle();
    expect(server.asked).toHaveLength(1);
    Reflect.deleteProperty(document, 'prerendering');
  });

  it.each([0, 3000])('twenty tab flips %s ms after an answer cost no request', async (age) => {
    const server = fakeServer(running);
    page(LIST);
    start();
    await pass(age);
    await settle();
    for (let flip = 0; flip < 20; flip++) {
      setVisible(flip % 2 === 1);
      await pass(80, 80);
    }
    expect(server.asked).toHaveLength(1);
  });

  it('hidden for longer: no timer, no request; shown: at once', async () => {
    const server = fakeServer(running);
    page(LIST);
    start();
    await settle();
    setVisible(false);
    await pass(1100);
    expect(vi.getTimerCount()).toBe(0);
    await pass(60_000);
    expect(server.asked).toHaveLength(1);
    expect(indicator()).toMatch(/^Paused/);
    setVisible(true);
    await settle();
    expect(server.asked).toHaveLength(2);
    expect(indicator()).toBe('Live');
  });

  it('a list at rest is read at once by whoever comes back to it', async () => {
    const server = fakeServer(() => json(list(['a', 'completed'])));
    page(LIST);
    start();
    await settle();
    setVisible(false);
    await pass(4000);
    setVisible(true);
    await settle();
    expect(server.asked).toHaveLength(2);
  });

  it('a person who is away pauses documents, any input brings them back; lists go on', async () => {
    const server = fakeServer(({ url }) =>
      json(url.pathname === '/docs' ? { x: 1 } : list(['a', 'running'])),
    );
    page(
      `${LIST}<div data-vpo-src="/docs" data-polling-policy="documents"><i data-vpo-text="{x}"></i></div>`,
    );
    start();
    await pass(250_000, 1000);
    document.dispatchEvent(new Event('keydown'));
    await pass(299_000, 1000);
    const [docs, lists] = [server.of('/docs').length, server.of('/api').length];
    expect(docs).toBeGreaterThan(150);
    await pass(60_000, 1000);
    expect(server.of('/docs').length - docs).toBeLessThanOrEqual(1);
    expect(server.of('/api').length - lists).toBeGreaterThan(9);
    expect(indicator()).toMatch(/^Paused/);
    document.dispatchEvent(new Event('pointerdown'));
    await settle();
    expect(indicator()).toBe('Live');
  });

  it('documents give up after their retries and go on when somebody asks', async () => {
    const server = fakeServer(() => status(500));
    page(
      `<button id="connection-status" data-vpo-connection></button><div data-vpo-src="/docs" data-polling-policy="documents"><i data-vpo-text="{x}"></i></div>`,
    );
    start();
    await pass(200_000, 1000);
    expect(server.asked).toHaveLength(6);
    expect(indicator()).toBe('Stopped waiting · resume');
    server.answer = () => json({ x: 1 });
    at('#connection-status').click();
    await settle();
    expect(indicator()).toBe('Live');
  });

  it('hide and show during slow requests never makes a second loop', async () => {
    const server = fakeServer(async () => {
      await new Promise((resolve) => setTimeout(resolve, 800));
      return running();
    });
    page(LIST, { 'data-polling-interval': '2500' });
    start();
    for (let round = 0; round < 10; round++) {
      await pass(400, 200);
      setVisible(false);
      await pass(round % 2 ? 1200 : 100, 100);
      setVisible(true);
      await pass(1500);
    }
    expect(server.most).toBe(1);
    const before = server.asked.length;
    await pass(30_000);
    expect(server.asked.length - before).toBeLessThanOrEqual(9);
    runtime.stop();
    await pass(1000);
  });

  it('frozen or in the back/forward cache everything is closed; it polls once when it is back', async () => {
    const server = fakeServer(() => 'hang');
    page(LIST);
    start();
    await settle();
    expect(server.inFlight).toBe(1);
    window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    setVisible(false);
    await settle();
    expect(server.inFlight).toBe(0);
    await pass(1100);
    expect(vi.getTimerCount()).toBe(0);
    server.answer = running;
    window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    setVisible(true);
    await settle();
    expect(server.asked).toHaveLength(2);
    document.dispatchEvent(new Event('freeze'));
    await pass(30_000);
    expect(server.asked).toHaveLength(2);
    document.dispatchEvent(new Event('resume'));
    await settle();
    expect(server.asked).toHaveLength(3);
  });

  it('offline sends nothing and says so; online asks within two seconds', async () => {
    const server = fakeServer(running);
    page(LIST);
    start();
    await settle();
    setOnline(false);
    await pass(30_000);
    expect(server.asked).toHaveLength(1);
    expect(indicator()).toMatch(/^Offline · updated \d+ s ago$/);
    setOnline(true);
    await pass(2000, 100);
    expect(server.asked).toHaveLength(2);
    expect(indicator()).toBe('Live');
  });

  it('after sleep what was in flight is closed and one poll is made', async () => {
    const server = fakeServer(() => 'hang');
    page(LIST);
    start();
    await settle();
    vi.setSystemTime(Date.now() + 3_600_000);
    server.answer = running;
    await pass(5100);
    expect(server.asked).toHaveLength(2);
    expect(server.inFlight).toBe(0);
    expect(indicator()).toBe('Live');
    await pass(4000);
    expect(server.asked).toHaveLength(2);
  });

  it('failures while the page is left do not reach the indicator', async () => {
    const server = fakeServer(running);
    page(LIST);
    start();
    await pass(4000);
    server.answer = () => 'broken';
    window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    await pass(900, 100);
    expect(server.asked).toHaveLength(2);
    expect(indicator()).toBe('Live');
  });
});
