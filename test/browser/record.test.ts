// One job: it ends, it is gone, it is retried, and the page rests when there is nothing left to wait for.
import { expect, it, vi } from 'vitest';
import { LOG, RECORD, record } from './support/fixtures';
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
  status,
  useFakePage,
} from './support/page';

useFakePage();

it('a terminal status is read once more, then nothing is asked and nothing is armed', async () => {
  const server = fakeServer(() => json(record('running')));
  page(RECORD());
  start();
  await pass(1000);
  server.answer = () => json(record('completed', { progress_percent: 100 }));
  await pass(12_000);
  expect(at('#job').getAttribute('data-status')).toBe('completed');
  expect(indicator()).toBe('Finished');
  const before = server.asked.length;
  expect(before).toBe(3);
  await pass(120_000);
  expect(server.asked).toHaveLength(before);
  await pass(2000);
  expect(vi.getTimerCount()).toBe(0);
});

it('a record with rows of its own is asked at its interval although the first answer is only a 304', async () => {
  const server = fakeServer(() => status(304));
  const rows = '<ul data-vpo-each="errors" data-vpo-key="path"><template><li></li></template></ul>';
  page(RECORD('queued', 'data-vpo-etag=\'W/"1"\'').replace('</section>', `${rows}</section>`));
  start();
  await pass(12_500);
  expect(server.asked.length).toBeGreaterThanOrEqual(3);
});

it('a page that was painted finished sends nothing', async () => {
  const server = fakeServer(() => json(record('completed')));
  page(RECORD('completed') + LOG('data-vpo-complete'));
  start();
  await pass(60_000);
  expect(server.asked).toHaveLength(0);
  expect(indicator()).toBe('Finished');
  expect(vi.getTimerCount()).toBe(0);
});

it('a finished page looks once when it is shown again, and goes on if there is a new attempt', async () => {
  const server = fakeServer(() => json(record('completed')));
  page(RECORD('completed'));
  start();
  const flip = async () => {
    setVisible(false);
    await pass(2000);
    setVisible(true);
    await pass(1000);
  };
  await flip();
  expect(server.asked).toHaveLength(1);
  await pass(60_000);
  expect(server.asked).toHaveLength(1);
  server.answer = () => json(record('running', { attempt: 2 }));
  await flip();
  await pass(60_000);
  expect(server.asked.length).toBeGreaterThan(8);
  expect(indicator()).toBe('Live');
});

it.each([404, 410])('%s says "no longer exists" once, with the way back, and stops', async (code) => {
  const server = fakeServer(() => status(code));
  page(RECORD());
  start();
  await pass(60_000);
  expect(server.asked).toHaveLength(1);
  expect(document.querySelectorAll('[data-vpo-notice]')).toHaveLength(1);
  expect(at('[data-vpo-notice]').textContent).toMatch(/no longer exists/);
  expect(at('[data-vpo-notice] a').getAttribute('href')).toMatch(/\/jobs$/);
  expect(at('[data-vpo-notice] a').textContent).toBe('All jobs');
  expect(vi.getTimerCount()).toBe(0);
});

it('without a marked way back the parent of the page is offered', async () => {
  history.replaceState(null, '', '/prefix/jobs/7');
  fakeServer(() => status(404));
  page(RECORD().replace('data-vpo-back', ''));
  start();
  await settle();
  expect(at('[data-vpo-notice] a').getAttribute('href')).toBe('/prefix/jobs');
});

it('a region that states its painted status is a record, and tells nobody when it changes', async () => {
  const server = fakeServer(() => json(record('completed', { errors: [] })));
  const rows = '<ul data-vpo-each="errors" data-vpo-key="path"><template><li></li></template></ul>';
  const region = (painted: string) =>
    `<section data-vpo-src="/api/jobs/1/errors" data-vpo-etag='W/"1"' data-status="${painted}">${rows}</section>`;
  page(region('completed'));
  start();
  await pass(12_000);
  expect(server.asked, 'it had ended when it was painted').toHaveLength(0);
  page(region('running'));
  start();
  await pass(12_000);
  expect(server.asked.length, 'once for the end, once more to be sure').toBe(2);
  expect(at('body').textContent).not.toContain('Completed');
});
