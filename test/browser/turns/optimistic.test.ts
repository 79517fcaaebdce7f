// record.optimistic: shown at once, confirmed by the next answer, or taken back with a message.
import { describe, expect, it, vi } from 'vitest';
import { record as job, RECORD } from '../support/fixtures';
import { at, fakeServer, json, page, pass, settle, start, status, useFakePage } from '../support/page';
import { turnOf, turns } from './support';

useFakePage();
const SHOWN = RECORD('running', 'data-vpo-etag=\'W/"1"\'').replace(
  '</section>',
  '<b data-vpo-show="message" data-vpo-text="{message}" hidden></b><i data-vpo-message hidden></i></section>',
);
const status_ = () => at('#job').getAttribute('data-status');
const percent = () => at('#job p').textContent;

/** A write that the test ends. */
function write(): { promise: Promise<unknown>; done(result?: unknown): void; fail(error: unknown): void } {
  let [done, fail]: ((value?: unknown) => void)[] = [];
  const promise = new Promise<unknown>((resolve, reject) => {
    [done, fail] = [resolve, reject];
  });
  return { promise, done: done!, fail: fail! };
}

describe('an optimistic change', () => {
  it('is shown at once over a page that has never had an answer, and leaves the rest alone', async () => {
    fakeServer(() => status(304, { ETag: 'W/"1"' }));
    page(SHOWN);
    start();
    await pass(500);
    (await turns()).record(at('#job')).optimistic({ status: 'cancelled' });
    expect(status_()).toBe('cancelled');
    expect(percent()).toBe('10%');
  });

  it('stays over answers until its write is done, then the next answer decides', async () => {
    const server = fakeServer(({ at }) => json(job('running', { progress_percent: at % 90 })));
    page(SHOWN);
    start();
    await pass(500);
    const { promise, done } = write();
    const record = (await turns()).record(at('#job'));
    record.optimistic({ status: 'cancelled' }, promise);
    await pass(11_000);
    expect(status_(), 'answers of before the write do not take it back').toBe('cancelled');
    expect(percent()).not.toBe('10%');
    server.answer = () => json(job('completed', { progress_percent: 100 }));
    const { length } = server.asked;
    done(new Response('{}'));
    await pass(100);
    expect(server.asked, 'an own write is followed by a read at once').toHaveLength(length + 1);
    expect([status_(), percent()]).toEqual(['completed', '100%']);
  });

  it('is confirmed also by an answer that repeats what was there before', async () => {
    fakeServer(() => json(job('running'), { headers: { ETag: 'W/"2"' } }));
    page(SHOWN);
    start();
    await pass(500);
    (await turns()).record(at('#job')).optimistic({ status: 'cancelled' }, Promise.resolve());
    expect(status_()).toBe('cancelled');
    await pass(1000);
    expect(status_(), 'the server did not do it').toBe('running');
  });

  it.each([
    [
      'a rejection',
      (end: ReturnType<typeof write>) => end.fail(new Error('No more of them')),
      'No more of them',
    ],
    [
      'a refusal',
      (end: ReturnType<typeof write>) => end.done(new Response('', { status: 409 })),
      'The server refused the request.',
    ],
  ])('is taken back after %s, with a message', async (_name, end, message) => {
    fakeServer(() => json(job('running')));
    page(SHOWN);
    start();
    await pass(500);
    const one = write();
    const record = (await turns()).record(at('#job'));
    record.optimistic({ status: 'cancelled' }, one.promise);
    expect(status_()).toBe('cancelled');
    end(one);
    await settle();
    expect(status_()).toBe('running');
    expect(at('[data-vpo-message]').textContent).toBe(message);
    expect(at('[data-vpo-message]').hasAttribute('hidden')).toBe(false);
    expect(record.error?.message).toBe(message);
  });

  it('is taken back by a read where nobody knows what was there', async () => {
    const server = fakeServer(() => status(304, { ETag: 'W/"1"' }));
    page(SHOWN);
    start();
    await pass(500);
    const one = write();
    (await turns()).record(at('#job')).optimistic({ status: 'cancelled', progress_percent: 50 }, one.promise);
    expect(percent()).toBe('50%');
    server.answer = ({ headers }) =>
      headers.get('If-None-Match') ? status(304) : json(job('running', { progress_percent: 10 }));
    one.fail(new Error('no'));
    await pass(1000);
    expect([status_(), percent()]).toEqual(['running', '10%']);
  });

  it('of several, each goes for itself', async () => {
    fakeServer(() => json(job('running')));
    page(SHOWN);
    start();
    await pass(500);
    const record = (await turns()).record(at('#job'));
    const [first, second] = [write(), write()];
    record.optimistic({ status: 'cancelled' }, first.promise);
    record.optimistic({ message: 'Ending' }, second.promise);
    expect([status_(), at('b').textContent]).toEqual(['cancelled', 'Ending']);
    first.fail(new Error('no'));
    await settle();
    expect([status_(), at('b').textContent]).toEqual(['running', 'Ending']);
    second.done();
    await pass(600);
    expect(at('b').hasAttribute('hidden')).toBe(true);
  });

  it('of a followed turn is an update, and the undo is one too', async () => {
    page('');
    fakeServer(() => json(turnOf('running')));
    const onUpdate = vi.fn();
    const record = (await turns()).turn({ url: '/t', onUpdate });
    await pass(500);
    const undo = record.optimistic({ status: 'interrupted' });
    expect(record.data?.status).toBe('interrupted');
    undo();
    undo();
    expect(record.data?.status).toBe('running');
    expect(onUpdate.mock.calls.map(([{ status }]) => status)).toEqual(['running', 'interrupted', 'running']);
    record.stop();
  });
});
