// Deltas in a page: what is shown is what a fresh answer would show, and nothing is lost to a bad one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIST, rows } from './support/fixtures';
import {
  type Asked,
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

type Row = { id: string; status: string; file_path: string };
type Answer = { jobs: Row[]; total: number };
const row = (id: string, state = 'running'): Row => ({ id, status: state, file_path: `/m/${id}.mkv` });
const list = (...jobs: Row[]): Answer => ({ jobs, total: jobs.length });
const ONE = list(row('a'), row('b'), row('c'));

const delta = (base: string, etag: string, body: object, headers = {}) =>
  json(
    { base, etag, fields: {}, rows: [], removed: [], ...body },
    {
      status: 226,
      headers: { IM: 'vpo-rows', 'Delta-Base': base, ETag: etag, ...headers },
    },
  );

/** Asks anew, by the button. */
async function refresh(): Promise<void> {
  await pass(1000);
  at('[data-vpo-refresh]').click();
  await settle();
  await pass(600);
}

/** A page that shows `ONE` under the tag "1"; then `answer` is given. */
async function shown(answer: (asked: Asked) => Response) {
  const server = fakeServer(() => json(ONE, { headers: { ETag: 'W/"1"' } }));
  page(LIST);
  start();
  await settle();
  server.answer = answer;
  return server;
}

describe('a delta', () => {
  it('is asked for once there is something it can apply to', async () => {
    const server = await shown(() => status(304, { ETag: 'W/"1"' }));
    await refresh();
    expect(server.asked.map(({ headers }) => headers.get('A-IM'))).toEqual([null, 'vpo-rows']);
  });

  it('changes what it names and leaves the other rows alone', async () => {
    await shown(() => delta('W/"1"', 'W/"2"', { rows: [row('b', 'completed')], fields: { total: 7 } }));
    const [first, , third] = document.querySelectorAll('tbody tr');
    const seen: MutationRecord[] = [];
    const observer = new MutationObserver((records) => seen.push(...records));
    observer.observe(at('tbody'), { subtree: true, childList: true, attributes: true, characterData: true });
    await refresh();
    observer.disconnect();
    expect(at('tbody tr[data-status=completed]').textContent).toBe('b.mkv');
    expect(at('b').textContent).toBe('7');
    expect([...document.querySelectorAll('tbody tr')].map((tr) => tr === first || tr === third)).toEqual([
      true,
      false,
      true,
    ]);
    expect(seen.map(({ type, attributeName }) => [type, attributeName])).toEqual([
      ['attributes', 'data-status'],
      ['attributes', 'data-vpo-changed'],
    ]);
  });

  it('is the next one’s base', async () => {
    const asked: (string | null)[] = [];
    let version = 1;
    await shown(({ headers }) => {
      asked.push(headers.get('If-None-Match'));
      return delta(`W/"${version}"`, `W/"${++version}"`, { rows: [row(`new${version}`)] });
    });
    for (let i = 0; i < 3; i++) await refresh();
    expect(asked).toEqual(['W/"1"', 'W/"2"', 'W/"3"']);
    expect(rows()).toEqual(['a.mkv', 'b.mkv', 'c.mkv', 'new2.mkv', 'new3.mkv', 'new4.mkv']);
  });

  it.each([
    ['W/"1-gzip"', 'that a proxy has marked'],
    ['"1"', 'that a proxy has made strong'],
  ])('with the base %s, %s, applies', async (base) => {
    await shown(() => delta(base, 'W/"2"', { rows: [row('d')] }));
    await refresh();
    expect(rows()).toHaveLength(4);
  });

  it.each([
    ['of something else', () => delta('W/"0"', 'W/"2"', { rows: [row('x')] })],
    ['that does not fit', () => delta('W/"1"', 'W/"2"', { order: ['a', 'nobody'] })],
    ['without rows', () => delta('W/"1"', 'W/"2"', { rows: null })],
  ])('%s: all of it is asked for, at once, and nothing is shown in between', async (_, answer) => {
    const whole = list(row('z'));
    const server = await shown(({ headers }) =>
      headers.has('If-None-Match') ? answer() : json(whole, { headers: { ETag: 'W/"2"' } }),
    );
    const before = server.asked.length;
    await refresh();
    const [first, second, ...more] = server.asked.slice(before);
    expect([first?.headers.get('A-IM'), second?.headers.get('A-IM')]).toEqual(['vpo-rows', null]);
    expect(second!.headers.has('If-None-Match')).toBe(false);
    expect(second!.at - first!.at).toBeLessThanOrEqual(250);
    expect(more).toEqual([]);
    expect(rows()).toEqual(['z.mkv']);
    expect(indicator()).toBe('Live');
  });

  it.each([
    [
      'no JSON',
      () =>
        new Response('{"base":', {
          status: 226,
          headers: { 'Content-Type': 'application/json', 'Delta-Base': 'W/"1"', ETag: 'W/"2"' },
        }),
    ],
    [
      'a page',
      () =>
        new Response('<p>', {
          status: 226,
          headers: { 'Content-Type': 'text/html', 'Delta-Base': 'W/"1"', ETag: 'W/"2"' },
        }),
    ],
    ['rows without keys', () => delta('W/"1"', 'W/"2"', { rows: [{ status: 'running' }] })],
  ])('that is %s is a failure, and what was shown stays', async (_, answer) => {
    await shown(answer);
    await refresh();
    expect(rows()).toEqual(['a.mkv', 'b.mkv', 'c.mkv']);
    expect(indicator()).toMatch(/^Reconnecting/);
  });

  it('shows what a fresh answer would, for any two answers', async () => {
    const answers = fc
      .uniqueArray(
        fc.record({
          id: fc.constantFrom(...'abcdefg'),
          state: fc.constantFrom('running', 'queued', 'failed'),
        }),
        {
          selector: ({ id }) => id,
          maxLength: 7,
        },
      )
      .map((all) => list(...all.map(({ id, state }) => row(id, state))));
    const server = await shown(() => status(304, { ETag: 'W/"1"' }));
    let now = ONE;
    let version = 1;
    await fc.assert(
      fc.asyncProperty(answers, async (next) => {
        const old = new Map(now.jobs.map((one) => [one.id, one]));
        const is = new Set(next.jobs.map(({ id }) => id));
        const body = {
          fields: { total: next.total },
          rows: next.jobs.filter((one) => JSON.stringify(old.get(one.id)) !== JSON.stringify(one)),
          removed: now.jobs.filter(({ id }) => !is.has(id)).map(({ id }) => id),
          order: next.jobs.map(({ id }) => id),
        };
        const base = `W/"${version++}"`;
        server.answer = () => delta(base, `W/"${version}"`, body);
        now = next;
        await refresh();
        expect(rows()).toEqual(next.jobs.map(({ id }) => `${id}.mkv`));
        expect(
          [...document.querySelectorAll<HTMLElement>('tbody tr')].map(({ dataset }) => dataset.status),
        ).toEqual(next.jobs.map((one) => one.status));
      }),
      { numRuns: 40 },
    );
  });
});
