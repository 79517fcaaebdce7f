// One job: it ends, it is gone, it is retried, and the page rests when there is nothing left to wait for.
import { expect, it, vi } from 'vitest';
import { LIST, LOG, list, RECORD, record } from './support/fixtures';
import {
  at,
  fakeServer,
  indicator,
  json,
  page,
  pass,
  runtime,
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

it('regions that come later start, those that leave stop, a moved one goes on', async () => {
  const server = fakeServer(({ url }) =>
    json(url.pathname.endsWith('/7') ? record() : list(['a', 'running'])),
  );
  page('<div id="place"></div><div id="other"></div>');
  start();
  await pass(1000);
  expect(server.asked).toHaveLength(0);
  at('#place').innerHTML = LIST;
  await settle();
  expect(server.asked).toHaveLength(1);
  at('#other').append(at('#jobs'));
  await pass(5600);
  expect(server.asked).toHaveLength(2);
  at('#jobs').remove();
  await pass(30_000);
  expect(server.asked).toHaveLength(2);
});

it('stop(root) ends what is inside and start(root) begins it again', async () => {
  const server = fakeServer(({ url }) =>
    json(url.pathname.endsWith('/7') ? record() : list(['a', 'running'])),
  );
  page(`<main>${LIST}</main>${RECORD().replace(/<span.*?span>/, '')}`);
  start();
  await settle();
  expect(server.asked).toHaveLength(2);
  runtime.stop(at('main'));
  await pass(5600);
  expect(server.of('/api/jobs/7')).toHaveLength(2);
  expect(server.asked).toHaveLength(3);
  start(at('main'));
  await settle();
  expect(server.asked).toHaveLength(4);
});

it('nothing stays armed after stop: timers, listeners, observers, requests', async () => {
  const listeners = new Set<string>();
  for (const target of [window, document, at('body')] as EventTarget[]) {
    const add = target.addEventListener.bind(target);
    const remove = target.removeEventListener.bind(target);
    vi.spyOn(target, 'addEventListener').mockImplementation((type, run, options) => {
      listeners.add(type);
      const { signal } = Object(options) as { signal?: AbortSignal };
      signal?.addEventListener('abort', () => listeners.delete(type));
      add(type, run, options);
    });
    vi.spyOn(target, 'removeEventListener').mockImplementation((type, run, options) => {
      listeners.delete(type);
      remove(type, run, options);
    });
  }
  let observers = 0;
  const Native = MutationObserver;
  vi.stubGlobal(
    'MutationObserver',
    class extends Native {
      override observe(...all: Parameters<MutationObserver['observe']>) {
        observers++;
        super.observe(...all);
      }
      override disconnect() {
        observers--;
        super.disconnect();
      }
    },
  );
  const server = fakeServer(() => 'hang');
  page(LIST + RECORD() + LOG());
  start();
  await settle();
  expect(listeners.size).toBeGreaterThan(5);
  expect(observers).toBeGreaterThan(0);
  expect(server.inFlight).toBe(3);
  runtime.stop();
  await settle();
  expect([...listeners]).toEqual([]);
  expect(observers).toBe(0);
  expect(server.inFlight).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  const before = server.asked.length;
  setVisible(false);
  setVisible(true);
  await pass(60_000);
  expect(server.asked).toHaveLength(before);
});

it('three short requests at a time; what a person asks for goes first', async () => {
  const server = fakeServer(() => 'hang');
  const region = (n: number) => `<div id="r${n}" data-vpo-src="/api/${n}"><i data-vpo-text="{x}"></i></div>`;
  page(`${[1, 2, 3, 4, 5].map(region).join('')}<button data-vpo-refresh="r5"></button>`);
  start();
  await settle();
  expect(server.asked.map(({ url }) => url.pathname)).toEqual(['/api/1', '/api/2', '/api/3']);
  at('[data-vpo-refresh]').click();
  await pass(1000);
  server.answer = () => json({ x: 1 });
  runtime.stop(at('#r1'));
  await settle();
  expect(server.most).toBe(3);
  expect(server.asked.map(({ url }) => url.pathname).slice(3)).toEqual(['/api/5', '/api/4']);
});

it('two regions of one URL share one request', async () => {
  const server = fakeServer(() => json({ x: 1 }));
  const region = '<div data-vpo-src="/api/x"><i data-vpo-text="{x}"></i></div>';
  page(region + region);
  start();
  await settle();
  expect(server.asked).toHaveLength(1);
  expect([...document.querySelectorAll('i')].map((i) => i.textContent)).toEqual(['1', '1']);
});

it('other origins are polled only when the script tag allows them, and only by simple requests', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const server = fakeServer(() => json({ x: 1 }, { headers: { ETag: '"1"' } }));
  const region = (host: string, more = '') =>
    `<div data-vpo-src="https://${host}/x" ${more}><i data-vpo-text="{x}"></i></div>`;
  page(
    `<script type="text/plain" data-vpo-origins="https://good.example https://etag.example"></script>` +
      region('good.example') +
      region('etag.example', 'data-polling-headers="etag"') +
      region('bad.example'),
  );
  start();
  await pass(6000);
  expect(server.of('bad.example')).toHaveLength(0);
  expect(warn).toHaveBeenCalledTimes(1);
  const [, second] = server.of('good.example');
  expect([...(second?.headers.keys() ?? [])]).toEqual(['accept']);
  expect(second?.init).toMatchObject({ cache: 'no-cache', credentials: 'same-origin' });
  expect(server.of('etag.example')[1]?.headers.get('If-None-Match')).toBe('"1"');
});

it('a newer build is said once', async () => {
  const meta = document.createElement('meta');
  meta.name = 'vpo-build';
  meta.content = '1.0-a';
  document.head.append(meta);
  const server = fakeServer(() => json(record(), { headers: { 'VPO-Build': '1.0-a' } }));
  page(RECORD());
  start();
  await settle();
  expect(document.querySelector('[data-vpo-notice]')).toBeNull();
  server.answer = () => json(record(), { headers: { 'VPO-Build': '1.1-b' } });
  await pass(20_000);
  expect(document.querySelectorAll('[data-vpo-notice]')).toHaveLength(1);
  expect(at('[data-vpo-notice]').textContent).toBe('new version · reload');
  meta.remove();
});

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
