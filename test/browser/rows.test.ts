// What a row's own controls do: its buttons, its box, the button that copies.
import { beforeEach, expect, it } from 'vitest';
import { list } from './support/fixtures';
import {
  at,
  fakeServer,
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

const ROW = `<tr data-vpo-attr-data-status="{status}"><td><input type="checkbox" name="id" form="several" data-vpo-attr-value="{id}"></td>
<th data-vpo-text="{file_path|basename}"></th><td>
<button form="one" name="id" formaction="/api/jobs/cancel" data-vpo-attr-value="{id}" data-vpo-confirm="Cancel this job?">Cancel job</button>
<button form="one" name="id" formaction="/api/jobs/retry" data-vpo-attr-value="{id}">Run again</button></td></tr>`;
const PAGE = `<section id="jobs" data-vpo-src="/api/jobs">
<form id="one" action="/api/jobs/none" data-vpo-action="jobs"><p data-vpo-message hidden></p></form>
<table><thead><tr><th><input type="checkbox" data-vpo-all="id"></th></tr></thead>
<tbody data-vpo-each="jobs" data-vpo-key="id"><template>${ROW}</template></tbody></table>
<form id="several" action="/api/jobs/cancel" data-vpo-action="jobs"><button formaction="/api/jobs/delete">Delete</button>
<p data-vpo-message hidden></p></form></section>`;

const THREE = list(['a', 'running'], ['b', 'running'], ['c', 'failed']);
let server: ReturnType<typeof fakeServer>;
const sent = () =>
  server.asked
    .filter(({ method }) => method === 'POST')
    .map(({ url, init }) => [url.pathname, JSON.parse(String(init.body))]);
const boxes = () => [...document.querySelectorAll<HTMLInputElement>('[name=id][type=checkbox]')];
const all = () => at('[data-vpo-all]') as HTMLInputElement;
const button = (row: string, action: string) =>
  at(`[data-vpo-row="${row}"] [formaction="/api/jobs/${action}"]`);

beforeEach(async () => {
  server = fakeServer(({ method }) => (method === 'POST' ? status(204) : json(THREE)));
  page(PAGE);
  start();
  await settle();
});

it('sends the row’s id alone to the button’s own address', async () => {
  for (const box of boxes()) box.checked = true;
  button('b', 'retry').click();
  await settle();
  expect(sent()).toEqual([['/api/jobs/retry', { id: 'b' }]]);
});

it('names the row in the question, and goes with it', async () => {
  button('a', 'cancel').click();
  expect(at('dialog').textContent).toMatch(/^Cancel this job\?\na\.mkv/);
  expect([...document.querySelectorAll('dialog button')].map((one) => one.textContent)).toEqual([
    'Go back',
    'Cancel job',
  ]);
  // The rows change places under the question: it stays with its own.
  server.answer = ({ method }) =>
    method === 'POST' ? status(204) : json(list(['c', 'failed'], ['b', 'running'], ['a', 'running']));
  await pass(6000);
  at('dialog button:last-child').click();
  await settle();
  expect(sent()).toEqual([['/api/jobs/cancel', { id: 'a' }]]);
  button('b', 'cancel').click();
  server.answer = () => json(list(['a', 'running']));
  await pass(6000);
  expect(document.querySelector('dialog')).toBeNull();
  expect(sent()).toHaveLength(1);
});

it('one box ticks all and follows them, and polls leave the boxes as they are', async () => {
  all().click();
  expect(boxes().map(({ checked }) => checked)).toEqual([true, true, true]);
  boxes()[1]?.click();
  expect(all().checked).toBe(false);
  server.answer = ({ method }) =>
    method === 'POST' ? status(204) : json(list(['a', 'completed'], ['b', 'running'], ['c', 'failed']));
  await pass(6000);
  expect(boxes().map(({ checked }) => checked)).toEqual([true, false, true]);
  boxes()[1]?.click();
  expect(all().checked).toBe(true);
  all().click();
  expect(boxes().some(({ checked }) => checked)).toBe(false);
});

it('acts on all that are ticked, and says what refused', async () => {
  all().click();
  server.answer = ({ method }) =>
    method === 'POST' ? json({ error: 'Refused by 2 of 3 jobs' }, { status: 409 }) : json(THREE);
  at('#several button').click();
  await settle();
  expect(sent()).toEqual([['/api/jobs/delete', { id: ['a', 'b', 'c'] }]]);
  expect(at('#several [data-vpo-message]').textContent).toBe('Refused by 2 of 3 jobs');
  expect(at('#one [data-vpo-message]').hidden).toBe(true);
});

const COPY = '<p><code>0123-abc</code> <button data-vpo-copy><b>Copy</b></button></p>';

it('copies the text beside the button, else marks it for a key', async () => {
  document.body.insertAdjacentHTML('beforeend', COPY);
  const copied: string[] = [];
  const clipboard = (value: unknown) =>
    Object.defineProperty(navigator, 'clipboard', { value, configurable: true });
  clipboard({ writeText: async (text: string) => void copied.push(text) });
  at('[data-vpo-copy] b').click();
  await settle();
  expect(copied).toEqual(['0123-abc']);
  expect(at('[data-vpo-copy]').hasAttribute('data-copied')).toBe(true);
  // As on a page by plain HTTP.
  Reflect.deleteProperty(navigator, 'clipboard');
  getSelection()?.removeAllRanges();
  at('[data-vpo-copy] b').click();
  await settle();
  expect(at('[data-vpo-copy]').hasAttribute('data-copied')).toBe(false);
  expect(getSelection()?.toString()).toBe('0123-abc');
  // jsdom tells of a selection by a timer.
  await pass(10, 10);
});
