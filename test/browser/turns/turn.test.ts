// VPOPolling.turn: callbacks, intervals, ends, and what goes wrong.
import { describe, expect, it, vi } from 'vitest';
import { fakeServer, json, page, pass, settle, setVisible, status, useFakePage } from '../support/page';
import { block, gaps, turnOf, turns } from './support';

useFakePage();
const URL_OF_TURN = '/api/projects/p/sessions/s/turns/t1';

describe('a followed turn', () => {
  it('tells of each new answer, and of its end once', async () => {
    page('');
    const server = fakeServer(() => json(turnOf('running', [block(1, 'A')])));
    const [onUpdate, onComplete, onError] = [vi.fn(), vi.fn(), vi.fn()];
    const record = (await turns()).turn({ url: URL_OF_TURN, onUpdate, onComplete, onError });
    expect(record.data).toBeNull();
    await settle();
    expect(record.isPolling).toBe(true);
    await pass(3000);
    expect(onUpdate, 'the same answer is no update').toHaveBeenCalledTimes(1);
    server.answer = () => json(turnOf('running', [block(1, 'AB')]));
    await pass(1500);
    server.answer = () => json(turnOf('completed', [block(1, 'AB')]));
    await pass(5000);
    expect(onUpdate.mock.calls.map(([{ status, blocks }]) => [status, blocks[0].text])).toEqual([
      ['running', 'A'],
      ['running', 'AB'],
      ['completed', 'AB'],
    ]);
    expect(onComplete).toHaveBeenCalledTimes(1);
    expect(onComplete.mock.calls[0]![0]).toMatchObject({ status: 'completed' });
    expect(onError).not.toHaveBeenCalled();
    expect(record.isPolling).toBe(false);
    const { length } = server.asked;
    await pass(60_000);
    expect(server.asked).toHaveLength(length);
    record.stop();
  });

  it.each(['completed', 'failed', 'interrupted', 'cancelled'])(
    'ends when it is %s, without a new block',
    async (end) => {
      page('');
      const server = fakeServer(() => json(turnOf('running', [block(1, 'A')])));
      const [onComplete, onError] = [vi.fn(), vi.fn()];
      const record = (await turns()).turn({ url: URL_OF_TURN, onComplete, onError });
      await pass(1500);
      server.answer = () =>
        json(turnOf(end, [block(1, 'A')], { error: end === 'failed' ? 'It broke' : null }));
      await pass(4000);
      expect(onComplete.mock.calls).toHaveLength(1);
      expect(onError.mock.calls.map(([{ message }]) => message)).toEqual(
        end === 'failed' ? ['It broke'] : [],
      );
      expect(record.isPolling).toBe(false);
      record.stop();
    },
  );

  it('asks every second for 30 s, then less often, down to every 5 s', async () => {
    page('');
    const server = fakeServer(() => json(turnOf('running')));
    const record = (await turns()).turn({ url: URL_OF_TURN });
    await pass(29_000, 50);
    for (const gap of gaps(server.asked)) expect(gap).toBeGreaterThanOrEqual(900);
    for (const gap of gaps(server.asked)) expect(gap).toBeLessThanOrEqual(1250);
    await pass(60_000, 50);
    const last = gaps(server.asked).slice(-3);
    for (const gap of last) expect(gap).toBeGreaterThanOrEqual(4500);
    for (const gap of last) expect(gap).toBeLessThanOrEqual(5600);
    record.stop();
  });

  it.each([
    [3000, 3000],
    [500, 2000],
  ])('keeps to an interval of %i ms as one of %i', async (interval, expected) => {
    page('');
    const server = fakeServer(() => json(turnOf('running')));
    const record = (await turns()).turn({ url: URL_OF_TURN, interval });
    await pass(60_000, 50);
    for (const gap of gaps(server.asked)) expect(Math.abs(gap - expected)).toBeLessThanOrEqual(expected / 8);
    record.stop();
  });

  it('gives up after five retries that back off, says so, and goes on when it is asked to', async () => {
    page('');
    const server = fakeServer(() => status(500));
    const onError = vi.fn();
    const record = (await turns()).turn({ url: URL_OF_TURN, onError });
    await pass(200_000);
    expect(server.asked).toHaveLength(6);
    expect(onError).toHaveBeenCalledTimes(6);
    expect(record.isPolling).toBe(false);
    expect(record.error?.message).toMatch(/Stopped waiting/);
    server.answer = () => json(turnOf('running'));
    record.refresh();
    await pass(3000);
    expect(record.error).toBeNull();
    expect(record.isPolling).toBe(true);
    expect(server.asked.length).toBeGreaterThan(7);
    record.stop();
  });

  it('stops waiting after two minutes without news', async () => {
    page('');
    fakeServer(() => json(turnOf('running')));
    const onError = vi.fn();
    const record = (await turns()).turn({ url: URL_OF_TURN, onError });
    await pass(118_000);
    expect(record.isPolling).toBe(true);
    await pass(4000);
    expect(record.isPolling).toBe(false);
    expect(onError.mock.calls.map(([{ message }]) => message)).toEqual(['Stopped waiting · resume']);
    record.stop();
  });

  it('an empty answer (204) is no reason to ask more often', async () => {
    page('');
    const server = fakeServer(() => status(204));
    const record = (await turns()).turn({ url: URL_OF_TURN });
    await pass(20_000, 50);
    for (const gap of gaps(server.asked)) expect(gap).toBeGreaterThanOrEqual(900);
    record.stop();
  });

  it('never asks again for what is not there', async () => {
    page('');
    const server = fakeServer(() => status(404));
    const onError = vi.fn();
    const record = (await turns()).turn({ url: URL_OF_TURN, onError });
    await pass(120_000);
    expect(server.asked).toHaveLength(1);
    expect(onError.mock.calls.map(([{ message }]) => message)).toEqual(['This no longer exists.']);
    expect(record.isPolling).toBe(false);
    record.stop();
  });

  it('rests while the page is hidden, and asks at once when it is shown', async () => {
    page('');
    const server = fakeServer(() => json(turnOf('running')));
    const record = (await turns()).turn({ url: URL_OF_TURN });
    await pass(2000);
    setVisible(false);
    await pass(2000);
    const { length } = server.asked;
    expect(record.isPolling).toBe(false);
    await pass(60_000);
    expect(server.asked).toHaveLength(length);
    setVisible(true);
    await pass(100);
    expect(server.asked).toHaveLength(length + 1);
    expect(record.isPolling).toBe(true);
    record.stop();
  });

  it('asks nothing while it is not enabled, except when it is told to', async () => {
    page('');
    const server = fakeServer(() => json(turnOf('running')));
    const onUpdate = vi.fn();
    const record = (await turns()).turn({ url: URL_OF_TURN, enabled: false, onUpdate });
    await pass(10_000);
    expect(server.asked).toHaveLength(0);
    record.refresh();
    await pass(10_000);
    expect(server.asked).toHaveLength(1);
    expect(onUpdate).toHaveBeenCalledTimes(1);
    record.stop();
  });

  it('says nothing after stop, also where an answer is on its way', async () => {
    page('');
    let answer: (response: Response) => void = () => {};
    fakeServer(() => new Promise<Response>((resolve) => (answer = resolve)));
    const [onUpdate, onError, onChange] = [vi.fn(), vi.fn(), vi.fn()];
    const record = (await turns()).turn({ url: URL_OF_TURN, onUpdate, onError, onChange });
    await settle();
    record.stop();
    onChange.mockClear();
    answer(json(turnOf('running')));
    await pass(5000);
    for (const callback of [onUpdate, onError, onChange]) expect(callback).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('refuses another origin, and shows in the indicator like any other poll', async () => {
    page('<p id="connection-status"></p>');
    fakeServer(() => status(500));
    const { turn } = await turns();
    expect(() => turn({ url: 'https://elsewhere.example/t' })).toThrow(TypeError);
    const record = turn({ url: URL_OF_TURN });
    await pass(200_000);
    expect(document.getElementById('connection-status')?.textContent).toContain('Stopped waiting · resume');
    record.stop();
  });

  it('a callback that throws keeps nothing from going on', async () => {
    page('');
    const server = fakeServer(({ at }) => json(turnOf('running', [block(1, `${at}`)])));
    const reported: unknown[] = [];
    const report = (event: ErrorEvent) => {
      event.preventDefault();
      reported.push(event.error);
    };
    window.addEventListener('error', report);
    const onUpdate = vi.fn(() => {
      throw new Error('mine');
    });
    const record = (await turns()).turn({ url: URL_OF_TURN, onUpdate });
    await pass(3500);
    window.removeEventListener('error', report);
    expect(onUpdate.mock.calls.length).toBeGreaterThanOrEqual(3);
    expect(server.asked.length).toBeGreaterThanOrEqual(3);
    expect(reported.length).toBe(onUpdate.mock.calls.length);
    record.stop();
  });
});
