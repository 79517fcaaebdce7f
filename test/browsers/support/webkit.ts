// WebKitGTK through its own WebDriver, by plain requests.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { freePort, startProgram } from '../../e2e/support/process.ts';
import type { Tab } from './tab.ts';

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
const KEYS = { Enter: '\uE007', Escape: '\uE00C', Home: '\uE011', End: '\uE010' };
/** Without a display a session is never answered. */
const PATIENCE_MS = 30_000;

/** The small browser that comes with WebKitGTK; null when it is missing. */
export function findMiniBrowser(): string | null {
  for (const library of readdirSync('/usr/lib', { withFileTypes: true }))
    for (const version of ['webkit2gtk-4.1', 'webkit2gtk-4.0']) {
      const path = join('/usr/lib', library.name, version, 'MiniBrowser');
      if (library.isDirectory() && existsSync(path)) return path;
    }
  return null;
}

type Send = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<unknown>;

const sendTo =
  (base: string): Send =>
  async (method, path, body) => {
    const response = await fetch(base + path, {
      method,
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }),
    });
    const { value } = (await response.json()) as { value: unknown };
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`);
    return value;
  };

const CAPABILITIES = (binary: string) => ({
  capabilities: {
    alwaysMatch: {
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary, args: ['--automation'] },
    },
  },
});

export async function openWebKit(): Promise<Tab> {
  const binary = findMiniBrowser();
  if (!binary) throw new Error('WebKitGTK is missing: apt-get install webkit2gtk-driver');
  const port = await freePort();
  const driver = startProgram('WebKitWebDriver', ['-p', `${port}`], { env: process.env });
  const root = sendTo(`http://127.0.0.1:${port}`);
  const isUp = () => root('GET', '/status').then(Boolean, () => false);
  await expect.poll(isUp, { timeout: PATIENCE_MS }).toBe(true);
  const { sessionId } = (await root('POST', '/session', CAPABILITIES(binary))) as { sessionId: string };
  const send = sendTo(`http://127.0.0.1:${port}/session/${sessionId}`);
  return tabOf(send, async () => {
    await send('DELETE', '');
    await driver.stop();
  });
}

function tabOf(send: Send, end: () => Promise<void>): Tab {
  const run: Tab['run'] = async (script, given) =>
    (await send('POST', '/execute/sync', {
      script: `return (${script})(arguments[0])`,
      args: [given ?? null],
    })) as never;
  const wide = () => send('POST', '/window/rect', { x: 0, y: 0, width: 1280, height: 1400 });
  return {
    run,
    open: async (url) => {
      await wide();
      await send('POST', '/url', { url });
    },
    click: async (selector) => {
      const found = await send('POST', '/element', { using: 'css selector', value: selector });
      await send('POST', `/element/${(found as Record<string, string>)[ELEMENT]}/click`);
    },
    press: async (key) => {
      const value = KEYS[key];
      const actions = ['keyDown', 'keyUp'].map((type) => ({ type, value }));
      await send('POST', '/actions', { actions: [{ type: 'key', id: 'keys', actions }] });
    },
    hide: async () => void (await send('POST', '/window/minimize')),
    show: async () => void (await wide()),
    // The protocol has no word for it, so the page is told what a browser would tell it.
    setOffline: (isOffline) =>
      run((off) => {
        Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => !off });
        dispatchEvent(new Event(off ? 'offline' : 'online'));
      }, isOffline),
    back: async () => void (await send('POST', '/back')),
    end,
  };
}
