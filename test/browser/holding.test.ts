// When new rows wait: each reason alone holds them, and its end lets them in.
import { expect, it, vi } from 'vitest';
import { LIST, list, rows } from './support/fixtures';
import { at, fakeServer, json, page, pass, settle, start, useFakePage } from './support/page';

useFakePage();

const PAGE = `${LIST.replaceAll('<td', '<td><input type="checkbox"></td><td tabindex="0"')}<button data-vpo-new="jobs" hidden></button>`;
const held = () => !at('[data-vpo-new]').hidden;

async function open(src = '/api/jobs') {
  const server = fakeServer(() => json(list(['a', 'running'])));
  page(PAGE.replace('data-vpo-src="/api/jobs"', `data-vpo-src="${src}"`));
  start();
  await settle();
  server.answer = () => json(list(['b', 'queued'], ['a', 'running']));
  return server;
}

const REASONS: Record<string, () => () => void> = {
  'it is scrolled into': () => {
    const spy = vi.spyOn(at('tbody'), 'getBoundingClientRect').mockReturnValue({ top: -1 } as DOMRect);
    return () => spy.mockRestore();
  },
  'the pointer is over it': () => {
    const list = at('tbody');
    const matches = list.matches.bind(list);
    const spy = vi.spyOn(list, 'matches').mockImplementation((what) => what === ':hover' || matches(what));
    return () => spy.mockRestore();
  },
  'a box in it is ticked': () => {
    const box = at('tbody tr input') as HTMLInputElement;
    box.checked = true;
    return () => {
      box.checked = false;
    };
  },
  'the focus is in it': () => {
    at('tbody tr td[tabindex]').focus();
    return () => (document.activeElement as HTMLElement).blur();
  },
  'text in it is marked': () => {
    getSelection()?.selectAllChildren(at('tbody tr td[tabindex]'));
    return () => getSelection()?.removeAllRanges();
  },
};

it.each(Object.keys(REASONS))('new rows wait while %s', async (reason) => {
  await open();
  const end = REASONS[reason]!();
  await pass(6000);
  expect([rows().length, held()]).toEqual([1, true]);
  await pass(6000);
  expect([rows().length, held()]).toEqual([1, true]);
  end();
  await pass(6000);
  expect([rows().length, held()]).toEqual([2, false]);
});

it('the button lets them in at once', async () => {
  await open();
  REASONS['a box in it is ticked']!();
  await pass(6000);
  expect([rows().length, held()]).toEqual([1, true]);
  at('[data-vpo-new]').click();
  expect([rows().length, held()]).toEqual([2, false]);
});

it('an answer without the ticked rows lets the others in', async () => {
  const server = await open();
  REASONS['a box in it is ticked']!();
  await pass(6000);
  expect(rows()).toEqual(['a.mkv']);
  server.answer = () => json(list(['c', 'queued'], ['b', 'queued']));
  await pass(6000);
  expect(rows()).toEqual(['c.mkv', 'b.mkv']);
  expect(held()).toBe(false);
});

it('what is chosen in a menu of a row is no tick', async () => {
  await open();
  at('tbody tr td').insertAdjacentHTML('beforeend', '<select><option selected>one</option></select>');
  await pass(6000);
  expect([rows().length, held()]).toEqual([2, false]);
});

it.each(['offset=50', 'cursor=a1.0', 'status=failed&cursor=b7.x'])(
  'new rows wait on a later page: %s',
  async (query) => {
    await open(`/api/jobs?${query}`);
    await pass(6000);
    expect([rows().length, held()]).toEqual([1, true]);
  },
);

it.each(['', '?offset=0', '?status=failed', '?cursor='])(
  'new rows come at once on the first page: %s',
  async (query) => {
    await open(`/api/jobs${query}`);
    await pass(6000);
    expect([rows().length, held()]).toEqual([2, false]);
  },
);

it('marks elsewhere, and a caret, hold nothing', async () => {
  await open();
  document.body.insertAdjacentHTML('beforeend', '<p id="text">text</p>');
  getSelection()?.selectAllChildren(at('#text'));
  await pass(6000);
  expect(rows()).toHaveLength(2);
});

it('a list tells who asked for it once, when nothing is active any more', async () => {
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
  document.title = 'Jobs';
  const server = fakeServer(() => json({ ...list(['a', 'running'], ['b', 'running']), active: true }));
  page(`${LIST}<button data-vpo-notify="jobs">Tell me</button>`);
  start();
  await settle();
  at('[data-vpo-notify]').click();
  await settle();
  server.answer = () => json({ ...list(['a', 'completed'], ['b', 'running']), active: true });
  await pass(6000);
  expect(told).toEqual([]);
  server.answer = () => json({ ...list(['a', 'completed'], ['b', 'failed']), active: false });
  await pass(6000);
  expect(told).toEqual(['Jobs']);
  server.answer = () => json({ ...list(['a', 'completed'], ['b', 'cancelled']), active: false });
  await pass(70_000);
  expect(told).toEqual(['Jobs']);
});
