import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mount, NOW, recordsOf } from './support';

const row = (id: number, status: string) =>
  `<tr data-vpo-row="${id}" data-vpo-attr-data-status="{status}" data-status="${status}"><th data-vpo-text="{name}">film ${id}</th>
   <td><b data-vpo-attr-data-status="{status}" data-status="${status}" data-vpo-text="{percent|percent}">5%</b></td></tr>`;
const TABLE = `<table><tbody data-vpo-each="jobs" data-vpo-key="id">
  <template>${row(0, '').replace(/ data-status=""| data-vpo-row="0"|film 0|5%/g, '')}</template>${[1, 2, 3, 4, 5].map((id) => row(id, 'running')).join('')}</tbody></table>`;

const data = (...statuses: string[]) => ({
  jobs: statuses.map((status, i) => ({ id: i + 1, name: `film ${i + 1}`, status, percent: 5 })),
});
const five = (status: string) => data(status, status, status, status, status);
const lit = () =>
  [...document.querySelectorAll('[data-vpo-changed]')].map((one) => one.getAttribute('data-vpo-row'));

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a status that changes', () => {
  it('lights up its row and says so once', () => {
    const page = mount(TABLE);
    expect(page.paint(five('running'))._statusChanges).toBe(0);
    page.settings.words = { completed: 'Completed' };
    const { records, _statusChanges } = page.paint(
      data('completed', 'running', 'running', 'running', 'running'),
    );
    expect(_statusChanges).toBe(1);
    expect(lit()).toEqual(['1']);
    expect(page.announced).toEqual(['film 1: Completed']);
    expect(records.filter(({ attributeName }) => attributeName === 'data-vpo-changed')).toHaveLength(1);
    expect(records).toHaveLength(3);
  });

  it('goes dark by itself with one more write, and leaves no timer', () => {
    const page = mount(TABLE);
    page.paint(five('running'));
    page.paint(five('completed'));
    const records = recordsOf(() => vi.advanceTimersByTime(10_000));
    expect(records).toHaveLength(5);
    expect(lit()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('while it is lit is not lit again', () => {
    const page = mount(TABLE);
    page.paint(five('queued'));
    page.paint(five('running'));
    vi.advanceTimersByTime(1000);
    const { records } = page.paint(five('failed'));
    expect(records.some(({ attributeName }) => attributeName === 'data-vpo-changed')).toBe(false);
    expect(lit()).toHaveLength(5);
    vi.advanceTimersByTime(1000);
    expect(lit()).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is the difference to what the server painted, too', () => {
    const page = mount(TABLE);
    expect(page.paint(data('failed', 'running', 'running', 'running', 'running'))._statusChanges).toBe(1);
    expect(page.announced).toEqual(['film 1: failed']);
  });

  it('of many rows is one message that names three', () => {
    const page = mount(TABLE);
    page.paint(five('failed'));
    expect(page.announced).toEqual(['film 1: failed, film 2: failed, film 3: failed, +2']);
  });

  it('does not flash for those who want less motion, but is announced', () => {
    const page = mount(TABLE);
    page.settings.reduced = true;
    page.paint(five('failed'));
    expect(lit()).toEqual([]);
    expect(page.announced).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of a record lights up the element that shows it', () => {
    const page = mount(
      '<main aria-label="Job 7"><b data-vpo-attr-data-status="{status}" data-status="queued"></b></main>',
    );
    page.paint({ status: 'running' });
    expect(page.find('b').hasAttribute('data-vpo-changed')).toBe(true);
    expect(page.announced).toEqual(['Job 7: running']);
  });

  it('goes dark when the view goes', () => {
    const page = mount(TABLE);
    page.paint(five('failed'));
    page.view._dispose();
    expect(lit()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('progress', () => {
  it('of sixty polls is neither lit nor announced', () => {
    const page = mount(TABLE);
    page.paint(five('running'));
    for (let percent = 1; percent <= 60; percent++) {
      const next = five('running');
      for (const job of next.jobs) job.percent = percent;
      page.paint(next);
    }
    expect(page.announced).toEqual([]);
    expect(lit()).toEqual([]);
  });

  it('and a new row are no news of a status', () => {
    const page = mount(TABLE);
    page.paint(five('running'));
    page.paint(data('running', 'running', 'running', 'running', 'running', 'queued'));
    expect(document.querySelectorAll('tbody tr')).toHaveLength(6);
    expect(page.announced).toEqual([]);
  });
});
