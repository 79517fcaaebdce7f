import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTicker } from '../../../src/browser/patch/index';
import { mount, NOW, type Page, recordsOf } from './support';

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const TIMES = `<div><time data-vpo-attr-datetime="{started_at}" datetime="2026-11-22T03:14:00.000Z" data-vpo-show="status=running"
  data-vpo-text="running for {started_at|elapsed}">running for 4 s</time><i data-vpo-text="{percent}">1</i></div>`;
const DATA = { status: 'running', started_at: '2026-11-22T03:14:00.000Z', percent: 1 };

const pass = (page: Page, ms: number) => {
  page.settings.now += ms;
  vi.advanceTimersByTime(ms);
};
const turn = (hidden: boolean) => {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(hidden);
  document.dispatchEvent(new Event('visibilitychange'));
};

describe('running times', () => {
  it('are not compared with what the server painted, and go on from there', () => {
    const page = mount(TIMES);
    expect(page.paint(DATA).records).toHaveLength(0);
    pass(page, 1000);
    expect(page.find('time').textContent).toBe('running for 6 s');
    pass(page, 60_000);
    expect(page.find('time').textContent).toBe('running for 1 min 6 s');
  });

  it('write one text node a second and nothing on a poll', () => {
    const page = mount(TIMES);
    page.paint(DATA);
    pass(page, 1000);
    expect(recordsOf(() => pass(page, 1000)).map(({ type }) => type)).toEqual(['characterData']);
    expect(page.paint({ ...DATA }).records).toHaveLength(0);
  });

  it('show a new start at once', () => {
    const page = mount(TIMES);
    page.paint(DATA);
    page.paint({ ...DATA, started_at: '2026-11-22T03:14:05.000Z' });
    expect(page.find('time').textContent).toBe('running for 0 s');
  });

  it('stand still without a timer when their part is hidden, and wake with it', () => {
    const page = mount(TIMES);
    page.paint(DATA);
    page.paint({ ...DATA, status: 'completed' });
    pass(page, 2000);
    expect(vi.getTimerCount()).toBe(0);
    expect(recordsOf(() => pass(page, 60_000))).toHaveLength(0);
    page.paint(DATA);
    pass(page, 1000);
    expect(page.find('time').textContent).toBe('running for 1 min 8 s');
  });

  it('of removed rows leave no timer', () => {
    const page = mount(
      `<ul data-vpo-each="jobs" data-vpo-key="id"><template><li data-vpo-text="{at|ago}"></li></template></ul>`,
    );
    page.paint({ jobs: [{ id: 1, at: '2026-11-22T03:13:05.000Z' }] });
    expect(page.find('li').textContent).toBe('1 min ago');
    expect(vi.getTimerCount()).toBe(1);
    page.paint({ jobs: [] });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leave nothing behind when the view goes', () => {
    const remove = vi.spyOn(document, 'removeEventListener');
    const page = mount(TIMES);
    page.paint(DATA);
    page.view._dispose();
    expect(vi.getTimerCount()).toBe(0);
    expect(remove).toHaveBeenCalledWith('visibilitychange', expect.any(Function));
  });
});

describe('the ticker', () => {
  it('has one timer for all, on the full second', () => {
    let now = NOW + 250;
    const ticker = createTicker(() => now);
    const ticked: string[] = [];
    const undo = ['a', 'b'].map((name) => ticker.add(() => ticked.push(name) > 0));
    expect(vi.getTimerCount()).toBe(1);
    now += 749;
    vi.advanceTimersByTime(749);
    expect(ticked).toEqual([]);
    now += 1;
    vi.advanceTimersByTime(1);
    expect(ticked).toEqual(['a', 'b']);
    for (const one of undo) one();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stands still while the page is hidden', () => {
    const ticker = createTicker(Date.now);
    let ticks = 0;
    const undo = ticker.add(() => ++ticks > 0);
    turn(true);
    expect(vi.getTimerCount()).toBe(0);
    ticker.wake();
    expect(vi.getTimerCount()).toBe(0);
    turn(false);
    vi.advanceTimersByTime(1000);
    expect(ticks).toBe(1);
    undo();
  });

  it('stops when nothing wants to tick, until it is woken', () => {
    const ticker = createTicker(Date.now);
    let wanted = false;
    const undo = ticker.add(() => wanted);
    vi.advanceTimersByTime(1000);
    expect(vi.getTimerCount()).toBe(0);
    wanted = true;
    ticker.wake();
    vi.advanceTimersByTime(5000);
    expect(vi.getTimerCount()).toBe(1);
    undo();
  });
});
