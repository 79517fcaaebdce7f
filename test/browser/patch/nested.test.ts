import { describe, expect, it } from 'vitest';
import { mount, texts } from './support';

const GROUPS = `<div data-vpo-each="groups" data-vpo-key="id"><template>
  <section><h2 data-vpo-text="{name}"></h2><ul data-vpo-each="items" data-vpo-key="id"><template>
    <li data-vpo-text="{name}"></li>
  </template></ul></section></template></div>`;

describe('lists in lists', () => {
  it('follow their own keys', () => {
    const page = mount(GROUPS);
    page.paint({
      groups: [
        {
          id: 1,
          name: 'one',
          items: [
            { id: 1, name: '1a' },
            { id: 2, name: '1b' },
          ],
        },
        { id: 2, name: 'two', items: [] },
      ],
    });
    const kept = document.querySelectorAll('li')[0];
    const { records } = page.paint({
      groups: [
        {
          id: 1,
          name: 'one',
          items: [
            { id: 2, name: '1b' },
            { id: 1, name: '1a' },
          ],
        },
        { id: 2, name: 'two', items: [{ id: 1, name: '2a' }] },
      ],
    });
    expect(texts('li')).toEqual(['1b', '1a', '2a']);
    expect([...document.querySelectorAll('li')]).toContain(kept);
    expect(records.length).toBeLessThanOrEqual(3);
  });

  it('become empty when their member is gone', () => {
    const page = mount(GROUPS);
    page.paint({ groups: [{ id: 1, name: 'one', items: [{ id: 1, name: 'x' }] }] });
    page.paint({ groups: [{ id: 1, name: 'one' }] });
    expect(texts('li')).toEqual([]);
    expect(page.warned).toEqual([]);
  });

  it('in new rows are never held back', () => {
    const page = mount(GROUPS);
    page.paint({ groups: [{ id: 1, name: 'one', items: [] }] });
    page.settings.holding = true;
    const report = page.paint({ groups: [{ id: 1, name: 'one', items: [{ id: 1, name: 'x' }] }, { id: 2 }] });
    expect(texts('li')).toEqual(['x']);
    expect(report._waiting).toBe(1);
  });

  it('of plain texts use the dot', () => {
    const page = mount(
      '<ul data-vpo-each="tags" data-vpo-key="."><template><li data-vpo-text="#{.}"></li></template></ul>',
    );
    page.paint({ tags: ['a', 'b'] });
    expect(texts('li')).toEqual(['#a', '#b']);
  });
});

const TREE = `<div><ul data-vpo-each="nodes" data-vpo-key="id" data-vpo-use="node"></ul>
  <template id="node"><li><b data-vpo-text="{id}"></b>
    <ul data-vpo-each="nodes" data-vpo-key="id" data-vpo-use="node"></ul></li></template></div>`;

interface Node {
  id: number;
  nodes?: Node[];
}

describe('a tree', () => {
  it('is made of one template that uses itself', () => {
    const page = mount(TREE);
    page.paint({ nodes: [{ id: 1, nodes: [{ id: 2, nodes: [{ id: 3 }] }] }, { id: 4 }] });
    expect(texts('b')).toEqual(['1', '2', '3', '4']);
    const third = document.querySelectorAll('b')[2];
    page.paint({ nodes: [{ id: 1, nodes: [{ id: 2, nodes: [{ id: 5 }, { id: 3 }] }] }, { id: 4 }] });
    expect(texts('b')).toEqual(['1', '2', '5', '3', '4']);
    expect(document.querySelectorAll('b')[3]).toBe(third);
  });

  it('is made of several templates, each node of the one whose condition holds', () => {
    const page = mount(`<div><div data-vpo-each="nodes" data-vpo-key="id" data-vpo-use="kinds"></div>
      <div id="kinds" hidden><template data-vpo-when="kind=text"><span data-vpo-text="{text}"></span></template>
      <template data-vpo-when="kind=bold"><b data-vpo-each="nodes" data-vpo-key="id" data-vpo-use="kinds"></b></template></div></div>`);
    const text = (id: number, text: string) => ({ id, kind: 'text', text });
    const home = () =>
      document.querySelector('div > div')?.innerHTML.replaceAll(/ data-[a-z-]+="[^"]*"/g, '');
    page.paint({ nodes: [text(0, 'a'), { id: 1, kind: 'bold', nodes: [text(0, 'b')] }] });
    expect(home()).toBe('<span>a</span><b><span>b</span></b>');
    const bold = document.querySelector('b');
    page.paint({ nodes: [text(0, 'a'), { id: 1, kind: 'bold', nodes: [text(0, 'b'), text(1, 'c')] }] });
    expect(home()).toBe('<span>a</span><b><span>b</span><span>c</span></b>');
    expect(document.querySelector('b')).toBe(bold);
    page.paint({ nodes: [text(0, 'a'), text(1, 'b'), { id: 2, kind: 'other' }] });
    expect(home()).toBe('<span>a</span><span>b</span>');
  });

  it('of a thousand levels is cut, and that is said once', () => {
    const page = mount(TREE);
    const top: Node = { id: 0 };
    for (let id = 1, node = top; id < 1000; id++) {
      node.nodes = [{ id }];
      node = node.nodes[0]!;
    }
    page.paint({ nodes: [top] });
    expect(document.querySelectorAll('b').length).toBe(50);
    expect(page.warned).toHaveLength(1);
  });
});

const KINDS = `<div data-vpo-each="jobs" data-vpo-key="id">
  <template data-vpo-when="status=queued running"><p data-vpo-attr-data-status="{status}"><i data-vpo-text="{status}"></i></p></template>
  <template><p data-vpo-attr-data-status="{status}"><b data-vpo-text="{name}"></b></p></template>`;
const running = { id: 1, status: 'running', name: 'film' };
const done = { ...running, status: 'completed' };

describe('a choice of templates', () => {
  it('is the first whose condition holds', () => {
    const page = mount(`${KINDS}</div>`);
    page.paint({ jobs: [running, { ...done, id: 2 }] });
    expect(texts('i')).toEqual(['running']);
    expect(texts('b')).toEqual(['film']);
  });

  it('makes a row anew when another one holds, in its place, as a change of status', () => {
    const page = mount(`${KINDS}</div>`);
    page.paint({ jobs: [{ ...running, id: 0 }, running, { ...running, id: 2 }] });
    const [first, , last] = document.querySelectorAll('p');
    const { records, _statusChanges } = page.paint({
      jobs: [{ ...running, id: 0 }, done, { ...running, id: 2 }],
    });
    expect(document.querySelectorAll('p')[0]).toBe(first);
    expect(document.querySelectorAll('p')[1]!.textContent).toBe('film');
    expect(document.querySelectorAll('p')[2]).toBe(last);
    expect(records.filter(({ type }) => type === 'childList')).toHaveLength(1);
    expect(_statusChanges).toBe(1);
    expect(page.announced).toEqual(['completed']);
  });

  const paintedRow = `<p data-status="running" data-vpo-attr-data-status="{status}" data-vpo-row="1"><i data-vpo-text="{status}">running</i></p></div>`;

  it('finds out what a painted row was made from', () => {
    const page = mount(KINDS + paintedRow);
    const row = page.find('[data-vpo-row]');
    expect(page.paint({ jobs: [running] }).records).toHaveLength(0);
    expect(page.find('[data-vpo-row]')).toBe(row);
  });

  it('replaces a painted row when its first answer wants another one', () => {
    const page = mount(KINDS + paintedRow);
    expect(page.paint({ jobs: [done] })._statusChanges).toBe(1);
    expect(page.find('[data-vpo-row]').textContent).toBe('film');
  });
});
