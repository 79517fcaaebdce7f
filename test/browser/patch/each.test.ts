import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mount, type Page, texts, writesOf } from './support';

const ROW = '<li data-vpo-attr-data-status="{status}"><b data-vpo-text="{name}"></b></li>';
const painted = (keys: string) =>
  [...keys].map(
    (key) =>
      `<li data-vpo-row="${key}" data-vpo-attr-data-status="{status}"><b data-vpo-text="{name}">${key}</b></li>`,
  );

const list = (keys: string): Page =>
  mount(
    `<div><ul data-vpo-each="jobs" data-vpo-key="id"><template>${ROW}</template>${painted(keys).join('')}</ul></div>`,
  );
const jobs = (keys: string) => ({ jobs: [...keys].map((key) => ({ id: key, name: key })) });
const shown = () => texts('li b').join('');
const rows = () => [...document.querySelectorAll('li')];
const nodeOf = (key: string) => document.querySelector(`[data-vpo-row="${key}"]`)!;

describe('keyed rows', () => {
  it('are adopted without a write', () => {
    expect(list('abc').paint(jobs('abc')).records).toHaveLength(0);
  });

  it('are inserted with one record, above others that keep their nodes and are not touched', () => {
    const page = list('bc');
    page.paint(jobs('bc'));
    const before = rows();
    const { records } = page.paint(jobs('abc'));
    expect(records).toHaveLength(1);
    expect(rows().slice(1)).toEqual(before);
    expect(rows()[0]!.outerHTML).toBe(
      '<li data-vpo-attr-data-status="{status}" data-vpo-row="a"><b data-vpo-text="{name}">a</b></li>',
    );
  });

  it('are removed with one record', () => {
    const page = list('abc');
    expect(page.paint(jobs('ac')).records).toHaveLength(1);
    expect(shown()).toBe('ac');
  });

  it('are moved with the fewest moves: the last to the top is one', () => {
    const page = list('abcde');
    page.paint(jobs('abcde'));
    const { records } = page.paint(jobs('eabcd'));
    expect(writesOf(records)).toBe(1);
    expect(new Set(records.flatMap(({ addedNodes }) => [...addedNodes]))).toEqual(new Set([nodeOf('e')]));
    expect(shown()).toBe('eabcd');
  });

  it('write only the row whose data changed', () => {
    const page = list('abc');
    page.paint(jobs('abc'));
    const data = jobs('abc');
    data.jobs[1]!.name = 'B';
    const { records } = page.paint(data);
    expect(records.map(({ target }) => target.textContent)).toEqual(['B']);
  });

  it('do not even look at a row whose data is the same object', () => {
    const page = list('abc');
    const reads: string[] = [];
    const get = (of: object, key: string) => {
      reads.push(key);
      return Reflect.get(of, key) as unknown;
    };
    const data = { jobs: jobs('abc').jobs.map((job) => new Proxy(job, { get } as ProxyHandler<typeof job>)) };
    page.paint(data);
    reads.length = 0;
    page.paint({ jobs: [...data.jobs] });
    expect(new Set(reads)).toEqual(new Set(['id']));
  });

  it('see what is new in a row of equal values: another field, one more, one that is gone', () => {
    const page = list('a');
    const paint = (item: object) => page.paint({ jobs: [item] });
    paint({ id: 'a', name: 'A' });
    expect(shown()).toBe('A');
    paint({ id: 'a', title: 'A' });
    expect(shown()).toBe('');
    paint({ id: 'a', title: 'A', name: 'B' });
    expect(shown()).toBe('B');
    paint({ id: 'a', name: 'B' });
    paint({ id: 'a' });
    expect(shown()).toBe('');
  });

  it('fill an empty list, empty it and fill it again', () => {
    const page = list('');
    page.paint(jobs('ab'));
    expect(shown()).toBe('ab');
    page.paint(jobs(''));
    expect(shown()).toBe('');
    page.paint({ jobs: null });
    page.paint(jobs('ba'));
    expect(shown()).toBe('ba');
  });

  it('end up right after any sequence of lists, as the same nodes, with the fewest moves', () => {
    const keys = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(keys, { minLength: 2, maxLength: 6 }), (sequence) => {
        const page = list(sequence[0]!.join(''));
        page.paint(jobs(sequence[0]!.join('')));
        for (const [i, wanted] of sequence.entries()) {
          const last = sequence[Math.max(0, i - 1)]!;
          const known = new Map(last.map((key) => [key, nodeOf(key)]));
          const { records } = page.paint(jobs(wanted.join('')));
          expect(shown()).toBe(wanted.join(''));
          for (const key of wanted) if (known.has(key)) expect(nodeOf(key)).toBe(known.get(key));
          const staying = wanted.filter((key) => last.includes(key)).map((key) => last.indexOf(key));
          const removed = last.filter((key) => !wanted.includes(key)).length;
          expect(writesOf(records)).toBe(removed + wanted.length - longestRise(staying));
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** By trying all of them: the oracle must not be the algorithm. */
function longestRise(numbers: readonly number[], above = -1): number {
  if (!numbers.length) return 0;
  const [first, ...rest] = numbers as [number, ...number[]];
  const without = longestRise(rest, above);
  return first > above ? Math.max(without, 1 + longestRise(rest, first)) : without;
}

describe('bad keys', () => {
  it('of which one is there twice keep the first, and say so once', () => {
    const page = list('');
    page.paint({
      jobs: [
        { id: 1, name: 'first' },
        { id: 1, name: 'second' },
        { id: '1', name: 'third' },
      ],
    });
    page.paint({
      jobs: [
        { id: 1, name: 'first' },
        { id: 1, name: 'second' },
      ],
    });
    expect(shown()).toBe('first');
    expect(page.warned).toHaveLength(1);
  });

  it('that are missing leave the item out', () => {
    const page = list('');
    page.paint({
      jobs: [{ name: 'x' }, null, 'text', { id: null }, { id: {} }, { id: '' }, { id: 0, name: 'zero' }],
    });
    expect(shown()).toBe('zero');
    expect(page.warned).toHaveLength(1);
  });

  it('painted twice leave one row', () => {
    const page = list('aab');
    const first = nodeOf('a');
    page.paint(jobs('ab'));
    expect(shown()).toBe('ab');
    expect(rows()[0]).toBe(first);
  });

  it('named like members of every object are ordinary keys', () => {
    const page = list('');
    page.paint({
      jobs: [
        { id: '__proto__', name: 'p' },
        { id: 'constructor', name: 'c' },
      ],
    });
    expect(shown()).toBe('pc');
  });
});

describe('wrong data and markup', () => {
  it.each(['text', 7, true, { a: 1 }])('a list that is %j leaves the rows as they are', (wrong) => {
    const page = list('ab');
    page.paint(jobs('ab'));
    expect(page.paint({ jobs: wrong }).records).toHaveLength(0);
    page.paint({ jobs: wrong });
    expect(page.warned).toHaveLength(1);
    page.paint(jobs('ba'));
    expect(shown()).toBe('ba');
  });

  it('a list without a template keeps what it has', () => {
    const page = mount(`<ul data-vpo-each="jobs" data-vpo-key="id">${painted('ab').join('')}</ul>`);
    page.paint(jobs('bcd'));
    expect(shown()).toBe('b');
    expect(page.warned).toHaveLength(1);
  });

  it('a list without a key is not live', () => {
    const page = mount(`<ul data-vpo-each="jobs"><template>${ROW}</template></ul>`);
    page.paint(jobs('a'));
    expect(rows()).toHaveLength(0);
    expect(page.warned).toHaveLength(1);
  });
});

describe('what scripts have added', () => {
  it('to a row or between rows stays', () => {
    const page = list('abc');
    page.paint(jobs('abc'));
    const inside = document.createElement('button');
    const between = document.createElement('hr');
    nodeOf('c').append(inside);
    nodeOf('a').after(between);
    page.paint(jobs('xcab'));
    expect(shown()).toBe('xcab');
    expect(nodeOf('c').contains(inside)).toBe(true);
    expect(between.isConnected).toBe(true);
  });

  it('after the last row stays behind it', () => {
    const page = list('ab');
    const footer = document.createElement('li');
    page.find('ul').append(footer);
    page.paint(jobs('abc'));
    expect(page.find('ul').lastElementChild).toBe(footer);
  });

  it('or taken out does not break later answers', () => {
    const page = list('abc');
    page.paint(jobs('abc'));
    nodeOf('c').remove();
    document.body.append(nodeOf('b'));
    page.paint(jobs('cab'));
    expect([...page.find('ul').querySelectorAll('b')].map((b) => b.textContent).join('')).toBe('cab');
    page.paint(jobs('bac'));
    expect([...page.find('ul').querySelectorAll('b')].map((b) => b.textContent).join('')).toBe('bac');
  });
});

describe('new rows held back', () => {
  it('are counted, and let in by the same data', () => {
    const page = list('bc');
    page.settings.holding = true;
    const data = jobs('abcd');
    expect(page.paint(data)._waiting).toBe(2);
    expect(page.paint(data)._waiting).toBe(2);
    expect(shown()).toBe('bc');
    page.settings.holding = false;
    expect(page.paint(data)._waiting).toBe(0);
    expect(shown()).toBe('abcd');
  });

  it('do not hold up updates, moves and removals of the others', () => {
    const page = list('abc');
    page.settings.holding = true;
    page.paint(jobs('xca'));
    expect(shown()).toBe('ca');
  });
});

describe('static children of a list', () => {
  it('belong to what is around it', () => {
    const page = mount(`<div><ul data-vpo-each="jobs" data-vpo-key="id"><template>${ROW}</template>
      <li id="none" data-vpo-show="!jobs"><b>nothing</b></li></ul></div>`);
    page.paint(jobs('a'));
    expect(page.find('#none').hidden).toBe(true);
    page.paint(jobs(''));
    expect(page.find('#none').hidden).toBe(false);
  });
});
