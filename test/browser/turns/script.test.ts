// The built scripts together, in either order.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as Api from '../../../src/browser/index';
import type { Turns } from '../../../src/turns/index';
import { fakeServer, json, page, settle } from '../support/page';
import { turnOf } from './support';

const run = (name: string) =>
  new Function(readFileSync(join(import.meta.dirname, '..', '..', '..', 'dist', name), 'utf8'))();
const here = window as unknown as { VPOPolling?: typeof Api & Turns; VPOTurns?: unknown };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
});
afterEach(() => {
  here.VPOPolling?.stop();
  delete here.VPOPolling;
  delete here.VPOTurns;
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe.each(['js', 'min.js'])('vpo-polling-turns.%s', (kind) => {
  const scripts = [`vpo-polling.${kind}`, `vpo-polling-turns.${kind}`];

  it.each([[scripts], [[...scripts].reverse()]])('%s', async (order) => {
    page('');
    fakeServer(() => json(turnOf('running')));
    for (const script of order) run(script);
    const onUpdate = vi.fn();
    const record = here.VPOPolling!.turn({ url: '/t', onUpdate });
    await settle();
    expect(onUpdate.mock.calls).toHaveLength(1);
    record.optimistic({ status: 'interrupted' });
    expect(record.data?.status).toBe('interrupted');
    record.stop();
    here.VPOPolling!.stop();
    await settle();
    expect(vi.getTimerCount()).toBe(0);
  });
});
