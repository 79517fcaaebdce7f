// Polls that a server holds: what is asked, when, for how long; and what a server costs that holds none.
import { describe, expect, it } from 'vitest';
import { LIST, list, RECORD, record, rows } from './support/fixtures';
import { type HoldingServer, holdingServer } from './support/holding';
import {
  at,
  fakeServer,
  indicator,
  json,
  page,
  pass,
  settle,
  setVisible,
  start,
  useFakePage,
} from './support/page';

useFakePage();

const ONE = list(['a', 'running']);
const TWO = list(['a', 'running'], ['b', 'queued']);
const MINUTE = 60_000;
const waits = ({ asked }: HoldingServer) => asked.map(({ headers }) => headers.get('Prefer'));

/** A page as our server paints it: with the tag of what it shows. */
async function open(server: HoldingServer, html = LIST, attributes = {}): Promise<HoldingServer> {
  page(html.replaceAll('data-vpo-src', `data-vpo-etag='W/"1"' data-vpo-src`), attributes);
  start();
  await pass(500, 50);
  return server;
}

describe('a held poll', () => {
  it('follows a first one at once, from which the page learns that the server holds', async () => {
    const server = await open(holdingServer(ONE));
    expect(waits(server)).toEqual(['wait=0', 'wait=10']);
    expect(server.asked.map(({ headers }) => headers.get('If-None-Match'))).toEqual(['W/"1"', 'W/"1"']);
    expect(server.held).toBe(1);
  });

  it('is never asked for without the tag of what is shown, nor a delta of what is not there', async () => {
    const server = holdingServer(ONE);
    page(LIST);
    start();
    await pass(7000, 100);
    expect(waits(server)).toEqual([null, 'wait=10']);
    expect(server.asked.map(({ headers }) => headers.get('If-None-Match'))).toEqual([null, 'W/"1"']);
    expect(server.asked.map(({ headers }) => headers.get('A-IM'))).toEqual([null, 'vpo-rows']);
    expect(server.held).toBe(1);
  });

  it('of our own server follows the first answer at once, also where the page came without a tag', async () => {
    const server = holdingServer(ONE, { headers: { 'VPO-Build': '1' } });
    page(LIST);
    start();
    await pass(500, 50);
    expect(waits(server)).toEqual([null, 'wait=10']);
    expect(server.held).toBe(1);
  });

  it.each<[string, string, object, string | null]>([
    [
      'as the region says',
      LIST.replace('data-vpo-src', 'data-polling-wait="20" data-vpo-src'),
      {},
      'wait=20',
    ],
    ['as the body says', LIST, { 'data-polling-wait': '7' }, 'wait=7'],
    ['at most 25 seconds', LIST, { 'data-polling-wait': '100' }, 'wait=25'],
    ['not at all where that is 0', LIST, { 'data-polling-wait': '0' }, null],
  ])('waits %s', async (_, html, attributes, wait) => {
    const server = await open(holdingServer(ONE), html, attributes);
    await pass(6000);
    expect(waits(server).at(-1)).toBe(wait);
    expect(server.held).toBe(wait ? 1 : 0);
  });

  it('shows a change at once, and the next one is asked for within a quarter of a second', async () => {
    const server = await open(holdingServer(ONE));
    for (const next of [TWO, ONE, TWO]) {
      const before = Date.now();
      server.change(next);
      await settle();
      expect(rows()).toHaveLength((next as { total: number }).total);
      await pass(300, 50);
      expect(server.asked.at(-1)!.at - before).toBeLessThanOrEqual(250);
      expect(server.held).toBe(1);
    }
    expect(server.asked).toHaveLength(5);
  });

  it('costs six requests a minute where nothing changes', async () => {
    const server = await open(holdingServer(ONE));
    const before = server.asked.length;
    await pass(10 * MINUTE);
    expect(server.asked.length - before).toBeGreaterThan(55);
    expect(server.asked.length - before).toBeLessThanOrEqual(60);
    expect(server.most).toBe(1);
    expect(indicator()).toBe('Live');
  });

  it.each([
    ['held', 10, 15_000],
    ['short', 0, 10_000],
  ])('a %s one that is never answered ends at its deadline', async (_, wait, deadline) => {
    const server = fakeServer((asked, count) =>
      count === 1 || (wait && !asked.headers.has('Prefer'))
        ? json(ONE, { headers: { ETag: 'W/"1"', 'Preference-Applied': 'wait=10' } })
        : 'hang',
    );
    page(LIST, { 'data-polling-wait': `${wait}` });
    start();
    for (let ms = 0; server.asked.length < 2 && ms < MINUTE; ms += 250) await pass(250);
    const { init, at } = server.asked[1]!;
    while (!init.signal?.aborted && Date.now() - at < MINUTE) await pass(250);
    expect(Date.now() - at).toBeGreaterThan(deadline - 500);
    expect(Date.now() - at).toBeLessThanOrEqual(deadline + 500);
  });

  it('is let go when the page is hidden for a second, and asked for anew when it is shown', async () => {
    const server = await open(holdingServer(ONE));
    setVisible(false);
    await pass(900, 100);
    expect(server.held).toBe(1);
    await pass(200, 100);
    expect(server.held).toBe(0);
    const before = server.asked.length;
    await pass(10 * MINUTE, 5000);
    expect(server.asked.length).toBe(before);
    server.change(TWO);
    setVisible(true);
    await pass(100, 50);
    expect(rows()).toEqual(['a.mkv', 'b.mkv']);
    expect(waits(server)[before], 'a probe after a pause is answered at once').toBe('wait=0');
  });

  it('keeps no refresh and no write waiting', async () => {
    const server = await open(holdingServer(ONE));
    at('[data-vpo-refresh]').click();
    await settle();
    expect(waits(server).at(-1)).toBe('wait=0');
    expect(server.asked.at(-1)!.at).toBe(Date.now());
  });

  it('two at a time, however many regions there are; the others poll', async () => {
    const one = LIST.slice(LIST.indexOf('<section'));
    const many = Array.from({ length: 5 }, (_, i) =>
      one.replace('id="jobs"', `id="jobs${i}"`).replace('"/api/jobs"', `"/api/jobs?limit=${i + 1}"`),
    );
    const server = await open(holdingServer(ONE), `${LIST}${many.join('')}`);
    await pass(MINUTE, 250);
    expect(server.mostHeld).toBe(2);
    const limits = new Set(
      server.asked
        .filter(({ headers }) => headers.get('Prefer')?.endsWith('=10'))
        .map(({ url }) => url.search),
    );
    expect(limits.size).toBe(2);
    for (const search of ['', '?limit=1', '?limit=2', '?limit=3', '?limit=4', '?limit=5'])
      expect(server.asked.filter(({ url }) => url.search === search).length).toBeGreaterThan(5);
  });

  it('of a record ends with the job, after one read at once', async () => {
    const server = await open(holdingServer(record()), RECORD());
    expect(server.held).toBe(1);
    server.change(record('completed'));
    await pass(2000, 50);
    expect(indicator()).toBe('Finished');
    expect(server.held).toBe(0);
    const before = server.asked.length;
    await pass(5 * MINUTE, 5000);
    expect(server.asked.length).toBe(before);
  });
});

describe('a server that holds nothing', () => {
  it.each([
    ['a list', LIST, ONE],
    ['a record', RECORD(), record()],
  ])('is asked no more often than without waiting: %s', async (_, html, body) => {
    const plain = await open(holdingServer(body, { holds: false }), html, { 'data-polling-wait': '0' });
    await pass(10 * MINUTE, 1000);
    const most = Math.ceil((10 * MINUTE) / 5000) + 1;
    expect(plain.asked.length).toBeLessThanOrEqual(most);
    expect(Math.min(...plain.gaps())).toBeGreaterThanOrEqual(5000);
  });

  it('and is asked with `Prefer` all the same, at the interval', async () => {
    const server = await open(holdingServer(ONE, { holds: false }));
    await pass(10 * MINUTE, 1000);
    expect(Math.min(...server.gaps())).toBeGreaterThanOrEqual(5000);
    expect(server.asked.length).toBeGreaterThan(100);
  });

  it('gets neither `Prefer` nor `A-IM` across origins, where each would cost a preflight', async () => {
    const server = holdingServer(ONE);
    const meta = document.createElement('script');
    meta.setAttribute('data-vpo-origins', 'https://elsewhere.example');
    document.head.append(meta);
    page(LIST.replace('"/api/jobs"', '"https://elsewhere.example/api/jobs"'));
    start();
    await pass(11_000);
    expect(server.asked.length).toBeGreaterThan(1);
    for (const { headers } of server.asked) expect([...headers.keys()]).toEqual(['accept']);
    meta.remove();
  });
});

describe('what ends held polls on the way', () => {
  it.each<number | 'broken'>([502, 504, 'broken'])(
    '%s, twice in a row: nothing is held for ten minutes, and nothing failed',
    async (how) => {
      const server = await open(holdingServer(ONE));
      for (let cuts = 0; cuts < 2; cuts++) {
        while (!server.held) await pass(250);
        await pass(5000);
        server.cut(how);
        await settle();
        expect(indicator()).toBe('Live');
      }
      const cutAt = Date.now();
      const before = server.asked.length;
      await pass(9.5 * MINUTE);
      const meanwhile = server.asked.slice(before);
      expect(meanwhile.length).toBeGreaterThan(80);
      expect(meanwhile.filter(({ headers }) => /wait=[1-9]/.test(headers.get('Prefer') ?? ''))).toEqual([]);
      expect(indicator()).toBe('Live');
      while (!server.held && Date.now() - cutAt < 12 * MINUTE) await pass(500);
      expect(server.held).toBe(1);
      expect(Date.now() - cutAt).toBeGreaterThanOrEqual(10 * MINUTE);
    },
  );

  it('once, or with an answer in between: it is asked to hold again', async () => {
    const server = await open(holdingServer(ONE));
    for (let i = 0; i < 4; i++) {
      while (!server.held) await pass(250);
      await pass(5000);
      server.cut(504);
      while (!server.held) await pass(250);
      server.change(i % 2 ? ONE : TWO);
      await settle();
    }
    await pass(7000);
    expect(server.held).toBe(1);
  });

  it('within three seconds is a failure like any other', async () => {
    const server = await open(holdingServer(ONE));
    await pass(1000);
    server.cut(502);
    await settle();
    expect(indicator()).toMatch(/^Reconnecting/);
  });

  it('a server that says it holds and does not is polled', async () => {
    const server = holdingServer(ONE, { longest: 0 });
    await open(server);
    await pass(5 * MINUTE, 1000);
    // Until it is found out, and then at the interval.
    expect(server.asked.length).toBeLessThan(8 + 60 + 5);
  });
});
