// Forms and buttons: they act by fetch, and the regions they speak for are read at once.
import { expect, it, vi } from 'vitest';
import { LIST, list, RECORD, record, rows } from './support/fixtures';
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
  useDialogs,
  useFakePage,
} from './support/page';

useFakePage();
useDialogs();

const posts = (asked: readonly Asked[]): Asked[] => asked.filter(({ method }) => method === 'POST');

const FORM = `<form method="post" action="/api/jobs" data-vpo-action="jobs">
<input type="hidden" name="type" value="scan"><input name="path" value="/m"><input name="action" value="x">
<button type="submit" name="how" value="deep">Start</button><button id="other" formaction="/api/other">Other</button>
<p data-vpo-message hidden></p></form>`;

it('sends a form as JSON and reads its region at once', async () => {
  const server = fakeServer(({ method }) =>
    method === 'POST' ? json({ id: '9' }, { status: 201 }) : json(list(['a', 'running'])),
  );
  page(LIST + FORM);
  start();
  await pass(1000);
  expect(server.asked).toHaveLength(1);
  server.answer = ({ method }) =>
    method === 'POST' ? json({ id: 'b' }, { status: 201 }) : json(list(['b', 'queued'], ['a', 'running']));
  at('form [name=how]').click();
  at('form [name=how]').click();
  await pass(1000);
  const [post, ...others] = posts(server.asked);
  expect(others).toEqual([]);
  expect(post?.url.pathname).toBe('/api/jobs');
  expect(post?.headers.get('Accept')).toBe('application/json');
  expect(JSON.parse(String(post?.init.body))).toEqual({ type: 'scan', path: '/m', action: 'x', how: 'deep' });
  expect(server.asked).toHaveLength(3);
  expect(rows()).toEqual(['b.mkv', 'a.mkv']);
});

it('takes formaction from the button, and shows what the server says', async () => {
  const server = fakeServer(({ method }) =>
    method === 'POST'
      ? json({ error: 'Not there', code: 'X' }, { status: 403 })
      : json(list(['a', 'running'])),
  );
  page(LIST + FORM);
  start();
  await settle();
  at('#other').click();
  await settle();
  expect(posts(server.asked)[0]?.url.pathname).toBe('/api/other');
  expect(at('[data-vpo-message]').textContent).toBe('Not there');
  expect(at('[data-vpo-message]').hidden).toBe(false);
  server.answer = ({ method }) => (method === 'POST' ? status(204) : json(list()));
  await pass(1000);
  at('#other').click();
  await settle();
  expect(at('[data-vpo-message]').textContent).toBe('');
  expect(at('[data-vpo-message]').hidden).toBe(true);
});

it('an answer from before an own write is never shown after it', async () => {
  const server = fakeServer(({ method }) => (method === 'POST' ? status(204) : json(list(['a', 'running']))));
  page(LIST + LIST.replaceAll('id="', 'id="second-').replace('src="/api/jobs"', 'src="/api/jobs?x"') + FORM);
  start();
  await settle();
  const before = server.asked.length;
  at('form [name=how]').click();
  await settle();
  // Within the time in which answers are shared: the region is asked again all the same.
  await pass(600);
  expect(server.asked.slice(before).map(({ method, url }) => method + url.pathname + url.search)).toEqual([
    'POST/api/jobs',
    'GET/api/jobs',
  ]);
});

const ROW = `<form id="act" method="post" action="/api/delete" data-vpo-action="jobs"></form>`;
const withDelete = LIST.replaceAll(
  '</td></tr>',
  '</td><td><button form="act" name="id" data-vpo-attr-value="{id}" data-vpo-confirm="Delete it?">x</button></td></tr>',
);

it('asks first, and acts only on a yes', async () => {
  const server = fakeServer(({ method }) => (method === 'POST' ? status(204) : json(list(['a', 'running']))));
  page(withDelete + ROW);
  start();
  await settle();
  at('tr button').click();
  expect(at('dialog').textContent).toContain('Delete it?');
  at('dialog button').click();
  await settle();
  expect(posts(server.asked)).toHaveLength(0);
  expect(document.querySelector('dialog')).toBeNull();
  at('tr button').click();
  at('dialog button:last-child').click();
  await settle();
  expect(posts(server.asked).map(({ init }) => init.body)).toEqual(['{"id":"a"}']);
  at('tr button').click();
  expect(document.querySelector('dialog')).not.toBeNull();
  at('dialog button').click();
});

it('a question goes with its row, and a yes never falls on the row in its place', async () => {
  const server = fakeServer(({ method }) =>
    method === 'POST' ? status(204) : json(list(['a', 'completed'], ['b', 'running'])),
  );
  page(withDelete + ROW);
  start();
  await settle();
  at('[data-vpo-row="a"] button').click();
  const yes = at('dialog button:last-child');
  server.answer = ({ method }) => (method === 'POST' ? status(204) : json(list(['b', 'running'])));
  await pass(6000);
  expect(rows()[0]).toMatch(/^b/);
  expect(document.querySelector('dialog')).toBeNull();
  yes.click();
  await settle();
  expect(posts(server.asked)).toHaveLength(0);
});

it('a refresh asks at once, at most once in half a second', async () => {
  const server = fakeServer(() => json(list(['a', 'running'])));
  page(LIST);
  start();
  await settle();
  for (let click = 0; click < 10; click++) {
    at('[data-vpo-refresh]').click();
    await pass(100, 100);
  }
  expect(server.asked.length).toBeGreaterThan(1);
  expect(server.asked.length).toBeLessThanOrEqual(4);
});

const QUERY = `<form data-vpo-query="jobs"><select name="status"><option value="">All</option><option>failed</option></select>
<input name="search"><input type="hidden" name="limit" value="20"></form>`;

it('a query form drives the region and the address, and a late answer of the old query is dropped', async () => {
  let release = () => {};
  const server = fakeServer(({ url }) =>
    url.searchParams.get('status')
      ? json(list(['f', 'failed']))
      : new Promise<Response>((resolve) => {
          release = () => resolve(json(list(['late', 'running'])));
        }),
  );
  page(LIST + QUERY);
  start();
  await settle();
  (at('select') as HTMLSelectElement).value = 'failed';
  at('select').dispatchEvent(new Event('change', { bubbles: true }));
  await pass(10, 10);
  expect(location.search).toBe('?status=failed&limit=20');
  expect(server.asked[1]?.url.search).toBe('?status=failed&limit=20');
  release();
  await settle();
  expect(rows()).toEqual(['f.mkv']);
  expect(at('#jobs').hasAttribute('aria-busy')).toBe(false);
});

it('typing waits for a pause, and busy rows stay until the answer', async () => {
  const server = fakeServer(() => json(list(['a', 'running'])));
  page(LIST + QUERY);
  start();
  await settle();
  server.answer = () => json(list(['a', 'running']), { headers: { ETag: '"old"' } });
  await pass(6000);
  server.asked.length = 1;
  server.answer = () => 'hang';
  const field = at('[name=search]') as HTMLInputElement;
  for (const letter of 'film') {
    field.value += letter;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await pass(100, 100);
  }
  expect(server.asked).toHaveLength(1);
  await pass(400, 100);
  expect(server.asked.map(({ url }) => url.search)).toEqual(['', '?search=film&limit=20']);
  expect(server.asked[1]?.headers.get('If-None-Match')).toBeNull();
  expect(at('#jobs').getAttribute('aria-busy')).toBe('true');
  expect(rows()).toEqual(['a.mkv']);
});

it('Back brings the former query and its fields', async () => {
  const server = fakeServer(() => json(list(['a', 'running'])));
  page(LIST + QUERY);
  start();
  await settle();
  const select = at('select') as HTMLSelectElement;
  select.value = 'failed';
  select.dispatchEvent(new Event('change', { bubbles: true }));
  await pass(700);
  history.replaceState(null, '', '/jobs');
  window.dispatchEvent(new PopStateEvent('popstate'));
  await settle();
  expect(select.value).toBe('');
  expect(server.asked.at(-1)?.url.search).toBe('');
});

it('Back ticks the choice of the address, and without one the choice that filters nothing', async () => {
  fakeServer(() => json(list(['a', 'running'])));
  page(`${LIST}<form data-vpo-query="jobs">
<input type="radio" name="status" value="" checked><input type="radio" name="status" value="failed"></form>`);
  start();
  const ticked = () => (at('form :checked') as HTMLInputElement).value;
  for (const [address, value] of [
    ['/jobs?status=failed', 'failed'],
    ['/jobs', ''],
    ['/jobs?status=', ''],
  ]) {
    history.replaceState(null, '', address);
    window.dispatchEvent(new PopStateEvent('popstate'));
    await settle();
    expect(ticked()).toBe(value);
  }
});

it('new rows wait behind a button while the reader is inside the list', async () => {
  const server = fakeServer(() => json(list(['a', 'running'])));
  page(`${LIST}<button data-vpo-new="jobs" hidden></button>`);
  start();
  await settle();
  vi.spyOn(at('tbody'), 'getBoundingClientRect').mockReturnValue({ top: -50 } as DOMRect);
  server.answer = () => json(list(['c', 'queued'], ['b', 'queued'], ['a', 'completed']));
  await pass(6000);
  expect(rows()).toEqual(['a.mkv']);
  expect(at('[data-vpo-row="a"]').getAttribute('data-status')).toBe('completed');
  expect(at('[data-vpo-new]').textContent).toBe('2 new');
  at('[data-vpo-new]').click();
  expect(rows()).toEqual(['c.mkv', 'b.mkv', 'a.mkv']);
  expect(at('[data-vpo-new]').hidden).toBe(true);
});

it('tells a person who asked for it that the job has ended', async () => {
  const told: string[] = [];
  vi.stubGlobal(
    'Notification',
    class {
      static requestPermission = async () => 'granted';
      constructor(text: string) {
        told.push(text);
      }
    },
  );
  document.title = 'Job 7';
  const server = fakeServer(() => json(record()));
  page(`${RECORD()}<button data-vpo-notify>Tell me</button>`);
  start();
  await settle();
  at('[data-vpo-notify]').click();
  await settle();
  expect(at('[data-vpo-notify]').getAttribute('aria-pressed')).toBe('true');
  expect(told).toEqual([]);
  server.answer = () => json(record('completed'));
  await pass(15_000);
  expect(indicator()).toBe('Finished');
  expect(told).toEqual(['Job 7']);
});
