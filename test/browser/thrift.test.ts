// Phones and people who save data are asked half as often, whoever asks.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LIST, LOG, list } from './support/fixtures';
import { fakeServer, json, page, pass, runtime, settle, start, status, useFakePage } from './support/page';

useFakePage();

afterEach(() => {
  Reflect.deleteProperty(navigator, 'connection');
});

const save = (saveData: boolean) =>
  Object.defineProperty(navigator, 'connection', { value: { saveData }, configurable: true });
const point = (pointer: string) =>
  vi.stubGlobal('matchMedia', (query: string) => ({ matches: query === `(pointer: ${pointer})` }));

describe.each<[string, number, () => void]>([
  ['with a mouse', 1, () => point('fine')],
  ['on a coarse pointer', 2, () => point('coarse')],
  ['with Save-Data', 2, () => save(true)],
  ['without Save-Data', 1, () => save(false)],
  ['with both', 2, () => [save(true), point('coarse')]],
])('%s intervals are %i times as long', (_, factor, set) => {
  // An interval plus a tenth of chance, and half a second of the steps in which the page lives.
  const isAbout = (gap: number, interval: number) => {
    expect(gap).toBeGreaterThanOrEqual(interval * factor);
    expect(gap).toBeLessThanOrEqual(interval * factor * 1.1 + 500);
  };

  it.each<[string, string, number, () => Response]>([
    ['a busy list', LIST, 5000, () => json(list(['a', 'running']))],
    ['a list at rest', LIST, 30_000, () => json(list(['a', 'completed']))],
    ['a log', LOG(), 15_000, () => status(304)],
  ])('of %s', async (_, html, interval, answer) => {
    set();
    const server = fakeServer(answer);
    page(html);
    start();
    await pass(interval * factor * 3.5);
    const times = server.asked.map(({ at }) => at);
    expect(times.length).toBeGreaterThan(2);
    for (const [i, time] of times.slice(1).entries()) isAbout(time - times[i]!, interval);
  });

  it('of a poll that a script registers', async () => {
    set();
    page('');
    const times: number[] = [];
    runtime.manager.register('key', () => times.push(Date.now()), 4000);
    await pass(8000 * factor);
    expect(times.length).toBe(2);
    isAbout(times[1]! - times[0]!, 4000);
    runtime.manager.unregister('key');
    await settle();
  });
});
