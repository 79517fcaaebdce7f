// What the page tells people and the console: states, announcements, sentences, debug lines.
import { expect, it, vi } from 'vitest';
import { LIST, RECORD, record } from './support/fixtures';
import {
  at,
  fakeServer,
  indicator,
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

it('the console stays empty unless the page asks for more', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  fakeServer(() => json(record()));
  page(RECORD());
  start();
  await pass(6000);
  expect(log).not.toHaveBeenCalled();
  runtime.setDebug(true);
  await pass(6000);
  expect(log.mock.calls.every(([prefix]) => prefix === '[Polling]')).toBe(true);
  expect(log.mock.calls.flat().join(' ')).toMatch(/open.*waiting.*next in \d+ ms/);
});

it('sentences come from the catalogue of the page where it has them', async () => {
  fakeServer(() => json(record()));
  page(
    `${RECORD()}<script type="application/json" data-vpo-words>{"vpo.connected":"Aktuell","connected":"no"}</script>`,
  );
  start();
  await settle();
  expect(indicator()).toBe('Aktuell');
});

it('names the poll that fails, and shows the worst state whichever answers last', async () => {
  const server = fakeServer(({ url }) => (url.pathname === '/api/jobs' ? status(500) : json(record())));
  page(LIST + RECORD().replace(/<span.*?span>/, ''));
  start();
  await pass(6000);
  expect(server.asked.length).toBeGreaterThan(2);
  expect(indicator()).toMatch(/^Reconnecting \(jobs\)/);
  expect(at('#connection-status').getAttribute('data-state')).toBe('reconnecting');
  expect(at('#connection-status').getAttribute('role')).toBe('status');
});

it('sixty polls of progress announce nothing, the end once', async () => {
  let percent = 0;
  const server = fakeServer(() => json(record('running', { progress_percent: percent++ })));
  page(RECORD());
  start();
  const said: string[] = [];
  const observer = new MutationObserver(() => {
    for (const live of document.querySelectorAll('[role=status]'))
      if (live.id !== 'connection-status' && live.textContent && said.at(-1) !== live.textContent)
        said.push(live.textContent);
  });
  observer.observe(document.body, { childList: true, subtree: true, characterData: true });
  await pass(330_000, 5000);
  expect(percent).toBeGreaterThan(50);
  expect(said).toEqual([]);
  server.answer = () => json(record('completed', { progress_percent: 100 }));
  await pass(20_000);
  observer.disconnect();
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/completed/i);
});
