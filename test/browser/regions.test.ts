// Regions of a page: they come and go, share requests and slots, keep to allowed origins, and leave nothing.
import { expect, it, vi } from 'vitest';
import { LIST, LOG, list, RECORD, record } from './support/fixtures';
import {
  at,
  fakeServer,
  json,
  page,
  pass,
  runtime,
  settle,
  setVisible,
  start,
  useFakePage,
} from './support/page';

useFakePage();

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
