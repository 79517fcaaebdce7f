// Hidden, frozen, offline, asleep, absent: nothing is sent, and the way back is short.
import { describe, expect, it, vi } from 'vitest';
import { LIST, list } from './support/fixtures';
import {
  at,
  fakeServer,
  indicator,
  json,
  page,
  pass,
  runtime,
  setOnline,
  settle,
  setVisible,
  start,
  status,
  useFakePage,
} from './support/page';

useFakePage();

const running = () => json(list(['a', 'running']));

describe('the page goes away and comes back', () => {
  it('a page loaded hidden sends nothing until it is shown', async () => {
    const server = fakeServer(running);
    page(LIST);
    setVisible(false);
    start();
    await pass(60_000);
    expect(server.asked).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
    setVisible(true);
    await settle();
    expect(server.asked).toHaveLength(1);
  });

  it('a prerendered page sends nothing until it is activated', async () => {
    Object.defineProperty(document, 'prerendering', { value: true, configurable: true });
    const server = fakeServer(running);
    page(LIST);
    start();
    await pass(20_000);
    expect(server.asked).toHaveLength(0);
    Object.defineProperty(document, 'prerendering', { value: false, configurable: true });
    document.dispatchEvent(new Event('prerenderingchange'));
    await settle();
    expect(server.asked).toHaveLength(1);
    Reflect.deleteProperty(document, 'prerendering');
  });

  it.each([0, 3000])('twenty tab flips %s ms after an answer cost no request', async (age) => {
    const server = fakeServer(running);
    page(LIST);
    start();
    await pass(age);
    await settle();
    for (let flip = 0; flip < 20; flip++) {
      setVisible(flip % 2 === 1);
      await pass(80, 80);
    }
    expect(server.asked).toHaveLength(1);
  });

  it('hidden for longer counts although timers of hidden tabs come late', async () => {
    const server = fakeServer(running);
    page(LIST);
    start();
    await settle();
    setVisible(false);
    await pass(600);
    vi.setSystemTime(Date.now() + 4000);
    setVisible(true);
    await pass(1, 1);
    expect(server.asked).toHaveLength(2);
  });

  it('hidden for longer: no timer, no request; shown: at once', async () => {
    const server = fakeServer(running);
    page(LIST);
    start();
    await settle();
    setVisible(false);
    await pass(1100);
    expect(vi.getTimerCount()).toBe(0);
    await pass(60_000);
    expect(server.asked).toHaveLength(1);
    expect(indicator()).toMatch(/^Paused/);
    setVisible(true);
    await settle();
    expect(server.asked).toHaveLength(2);
    expect(indicator()).toBe('Live');
  });

  it('a list at rest is read at once by whoever comes back to it', async () => {
    const server = fakeServer(() => json(list(['a', 'completed'])));
    page(LIST);
    start();
    await settle();
    setVisible(false);
    await pass(4000);
    setVisible(true);
    await settle();
    expect(server.asked).toHaveLength(2);
  });

  it('a person who is away pauses documents, any input brings them back; lists go on', async () => {
    const server = fakeServer(({ url }) =>
      json(url.pathname === '/docs' ? { x: 1 } : list(['a', 'running'])),
    );
    page(
      `${LIST}<div data-vpo-src="/docs" data-polling-policy="documents"><i data-vpo-text="{x}"></i></div>`,
    );
    start();
    await pass(250_000, 1000);
    document.dispatchEvent(new Event('keydown'));
    await pass(299_000, 1000);
    const [docs, lists] = [server.of('/docs').length, server.of('/api').length];
    expect(docs).toBeGreaterThan(150);
    await pass(60_000, 1000);
    expect(server.of('/docs').length - docs).toBeLessThanOrEqual(1);
    expect(server.of('/api').length - lists).toBeGreaterThan(9);
    expect(indicator()).toMatch(/^Paused/);
    document.dispatchEvent(new Event('pointerdown'));
    await settle();
    expect(indicator()).toBe('Live');
  });

  it('documents give up after their retries and go on when somebody asks', async () => {
    const server = fakeServer(() => status(500));
    page(
      `<button id="connection-status" data-vpo-connection></button><div data-vpo-src="/docs" data-polling-policy="documents"><i data-vpo-text="{x}"></i></div>`,
    );
    start();
    await pass(200_000, 1000);
    expect(server.asked).toHaveLength(6);
    expect(indicator()).toBe('Stopped waiting · resume');
    server.answer = () => json({ x: 1 });
    at('#connection-status').click();
    await settle();
    expect(indicator()).toBe('Live');
  });

  it('hide and show during slow requests never makes a second loop', async () => {
    const server = fakeServer(async () => {
      await new Promise((resolve) => setTimeout(resolve, 800));
      return running();
    });
    page(LIST, { 'data-polling-interval': '2500' });
    start();
    for (let round = 0; round < 10; round++) {
      await pass(400, 200);
      setVisible(false);
      await pass(round % 2 ? 1200 : 100, 100);
      setVisible(true);
      await pass(1500);
    }
    expect(server.most).toBe(1);
    const before = server.asked.length;
    await pass(30_000);
    expect(server.asked.length - before).toBeLessThanOrEqual(9);
    runtime.stop();
    await pass(1000);
  });

  it('frozen or in the back/forward cache everything is closed; it polls once when it is back', async () => {
    const server = fakeServer(() => 'hang');
    page(LIST);
    start();
    await settle();
    expect(server.inFlight).toBe(1);
    window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    setVisible(false);
    await settle();
    expect(server.inFlight).toBe(0);
    await pass(1100);
    expect(vi.getTimerCount()).toBe(0);
    server.answer = running;
    window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    setVisible(true);
    await settle();
    expect(server.asked).toHaveLength(2);
    document.dispatchEvent(new Event('freeze'));
    await pass(30_000);
    expect(server.asked).toHaveLength(2);
    document.dispatchEvent(new Event('resume'));
    await settle();
    expect(server.asked).toHaveLength(3);
  });

  it('offline sends nothing and says so; online asks within two seconds', async () => {
    const server = fakeServer(running);
    page(LIST);
    start();
    await settle();
    setOnline(false);
    await pass(30_000);
    expect(server.asked).toHaveLength(1);
    expect(indicator()).toMatch(/^Offline · updated \d+ s ago$/);
    setOnline(true);
    await pass(2000, 100);
    expect(server.asked).toHaveLength(2);
    expect(indicator()).toBe('Live');
  });

  it('after sleep what was in flight is closed and one poll is made', async () => {
    const server = fakeServer(() => 'hang');
    page(LIST);
    start();
    await settle();
    vi.setSystemTime(Date.now() + 3_600_000);
    server.answer = running;
    await pass(5100);
    expect(server.asked).toHaveLength(2);
    expect(server.inFlight).toBe(0);
    expect(indicator()).toBe('Live');
    await pass(4000);
    expect(server.asked).toHaveLength(2);
  });

  it('failures while the page is left do not reach the indicator', async () => {
    const server = fakeServer(running);
    page(LIST);
    start();
    await pass(4000);
    server.answer = () => 'broken';
    window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
    window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    await pass(900, 100);
    expect(server.asked).toHaveLength(2);
    expect(indicator()).toBe('Live');
  });
});
