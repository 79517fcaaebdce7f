// Elements elsewhere on the page that show a region's data: its title and its icon.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LIST, list } from './support/fixtures';
import {
  at,
  fakeServer,
  json,
  page,
  pass,
  runtime,
  settle,
  start,
  status,
  useFakePage,
} from './support/page';

useFakePage();

const HEAD = `<title data-vpo-of="jobs" data-vpo-text="{total} jobs">1 jobs</title>
<link rel="icon" data-vpo-of="jobs" data-vpo-attr-href="/icon.svg?running={total}">
<meta data-vpo-of="other" data-vpo-attr-data-total="{total}">`;

beforeEach(() => {
  document.head.innerHTML = HEAD;
});
afterEach(() => {
  document.head.innerHTML = '';
});

const icon = () => document.querySelector('link')?.getAttribute('href');

it('are painted with the region, written only when they change, and left alone by others', async () => {
  const server = fakeServer(() => json(list(['a', 'running']), { headers: { ETag: '"1"' } }));
  page(LIST);
  start();
  await settle();
  expect([document.title, icon()]).toEqual(['1 jobs', '/icon.svg?running=1']);
  const written: MutationRecord[] = [];
  const observer = new MutationObserver((records) => written.push(...records));
  observer.observe(document.head, { subtree: true, childList: true, attributes: true, characterData: true });
  server.answer = ({ headers }) => (headers.get('If-None-Match') ? status(304) : json(list()));
  await pass(11_000);
  expect(server.asked.length).toBeGreaterThan(1);
  expect(written).toEqual([]);
  server.answer = () => json(list(['b', 'running'], ['a', 'completed']));
  await pass(6000);
  expect([document.title, icon()]).toEqual(['2 jobs', '/icon.svg?running=2']);
  expect(written).toHaveLength(2);
  observer.disconnect();
  expect(document.querySelector('meta')?.hasAttribute('data-total')).toBe(false);
});

it('end with their region and begin with it again', async () => {
  const server = fakeServer(() => json(list(['a', 'running'])));
  page(LIST);
  start();
  await settle();
  runtime.stop();
  server.answer = () => json(list());
  await pass(10_000);
  expect(document.title).toBe('1 jobs');
  start();
  await settle();
  expect(document.title).toBe('0 jobs');
  at('#jobs').remove();
  await pass(10_000);
  expect(document.title).toBe('0 jobs');
});
