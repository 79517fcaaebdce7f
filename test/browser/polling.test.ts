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
  settle,
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
