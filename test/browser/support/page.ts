// A page under a fake clock with a server we own: what is asked, when, and what is left armed.
import { afterEach, beforeEach, expect, vi } from 'vitest';
import type * as Runtime from '../../../src/browser/index';

const immediate = globalThis.setImmediate;

/** Real turns of the event loop while the fake clock stands still: bodies are read in them. */
export async function settle(turns = 12): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise<void>((resolve) => immediate(resolve));
}

/** The runtime under test; loaded anew for each test, since a page is loaded anew too. */
export let runtime: typeof Runtime;
export const start = (root?: Element): void => runtime.start(root);

/** Lets the page live for `ms`, with the turns its requests need. */
export async function pass(ms: number, step = 500): Promise<void> {
  for (let done = 0; done < ms; done += step) {
    await vi.advanceTimersByTimeAsync(Math.min(step, ms - done));
    await settle();
  }
}

export interface Asked {
  readonly at: number;
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly init: RequestInit;
}

type Answerer = (asked: Asked, count: number) => Response | Promise<Response> | 'hang' | 'broken';

export interface FakeServer {
  readonly asked: Asked[];
  readonly inFlight: number;
  readonly most: number;
  answer: Answerer;
  /** Requests whose URL contains `part`. */
  of(part: string): Asked[];
  /** The most requests for one path that were under way at a time. */
  mostOf(path: string): number;
}

/** Stands in for the network: hanging, breaking and answering late are the point. */
export function fakeServer(answer: Answerer): FakeServer {
  const asked: Asked[] = [];
  const open = new Set<Asked>();
  const peaks = new Map<string, number>();
  let most = 0;
  const server: FakeServer = {
    asked,
    answer,
    get inFlight() {
      return open.size;
    },
    get most() {
      return most;
    },
    of: (part) => asked.filter(({ url }) => url.href.includes(part)),
    mostOf: (path) => peaks.get(path) ?? 0,
  };
  vi.stubGlobal('fetch', async (input: string, init: RequestInit = {}) => {
    const one: Asked = {
      at: Date.now(),
      url: new URL(input, location.href),
      method: init.method ?? 'GET',
      headers: new Headers(init.headers),
      init,
    };
    asked.push(one);
    open.add(one);
    const { pathname } = one.url;
    const together = [...open].filter(
      ({ url, init }) => url.pathname === pathname && !init.signal?.aborted,
    ).length;
    peaks.set(pathname, Math.max(peaks.get(pathname) ?? 0, together));
    most = Math.max(most, open.size);
    const aborted = new Promise<never>((_, reject) => {
      init.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
    });
    aborted.catch(() => {});
    try {
      const result = server.answer(one, asked.length);
      if (result === 'broken') throw new TypeError('Failed to fetch');
      return await Promise.race([result === 'hang' ? new Promise<never>(() => {}) : result, aborted]);
    } finally {
      open.delete(one);
    }
  });
  return server;
}

export const json = (body: unknown, init: ResponseInit = {}): Response =>
  new Response(JSON.stringify(body), {
    ...init,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...init.headers },
  });

export const status = (code: number, headers: Record<string, string> = {}): Response =>
  new Response(code === 204 || code === 304 ? null : '{"error":"no","code":"X"}', {
    status: code,
    headers: { 'Content-Type': 'application/json', ...headers },
  });

export const at = (selector: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`nothing matches ${selector}`);
  return found;
};

/** Asked often, and jsdom's selectors are slow. */
export const indicator = (): string => document.getElementById('connection-status')!.textContent ?? '';

/** Puts a page there. `body` gets the polling attributes of the test. */
export function page(html: string, attributes: Record<string, string> = {}): void {
  for (const { name } of [...document.body.attributes]) document.body.removeAttribute(name);
  for (const [name, value] of Object.entries(attributes)) document.body.setAttribute(name, value);
  document.body.innerHTML = html;
}

export function setVisible(visible: boolean): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visible ? 'visible' : 'hidden');
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(!visible);
  document.dispatchEvent(new Event('visibilitychange'));
}

export function setOnline(online: boolean): void {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(online);
  window.dispatchEvent(new Event(online ? 'online' : 'offline'));
}

/** Fake time for each test of the file, and a page with nothing left running after it. */
export function useFakePage(): void {
  beforeEach(async () => {
    vi.resetModules();
    runtime = await import('../../../src/browser/index');
    const { forms } = await import('../../../src/forms/index');
    runtime.use(forms);
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
      now: Date.UTC(2026, 10, 22, 3, 0, 0),
    });
    history.replaceState(null, '', '/jobs');
  });
  afterEach(async () => {
    runtime.stop();
    await settle();
    expect(vi.getTimerCount(), 'timers left after stop').toBe(0);
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
}

/** jsdom has <dialog> but not its methods. */
export function useDialogs(): void {
  beforeEach(() => {
    Object.assign(HTMLDialogElement.prototype, {
      showModal(this: HTMLDialogElement) {
        this.open = true;
      },
      close(this: HTMLDialogElement, value = '') {
        if (!this.open) return;
        this.open = false;
        this.returnValue = value;
        this.dispatchEvent(new Event('close'));
      },
    });
  });
}
