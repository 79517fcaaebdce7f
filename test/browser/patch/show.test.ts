import { describe, expect, it } from 'vitest';
import { mount } from './support';

const FORM = `<form><div id="part" data-vpo-show="can_cancel"><button id="a">a</button><button id="b" disabled>b</button>
  <input id="c" data-vpo-attr-disabled="{locked}"><span data-vpo-show="extra"><select id="d"></select></span></div></form>`;

const off = (...ids: string[]) =>
  ids.filter((id) => document.getElementById(id)!.hasAttribute('disabled')).join('');

describe('a part that is shown on a condition', () => {
  it('is hidden with one write, its controls disabled, and comes back as it was', () => {
    const page = mount(FORM);
    page.paint({ can_cancel: true, extra: true });
    expect(off('a', 'b', 'c', 'd')).toBe('b');
    const { records } = page.paint({ can_cancel: false, extra: true });
    expect(page.find('#part').hidden).toBe(true);
    expect(records.map(({ attributeName }) => attributeName)).toEqual([
      'hidden',
      'disabled',
      'disabled',
      'disabled',
    ]);
    expect(off('a', 'b', 'c', 'd')).toBe('abcd');
    page.paint({ can_cancel: true, extra: true });
    expect(page.find('#part').hidden).toBe(false);
    expect(off('a', 'b', 'c', 'd')).toBe('b');
  });

  it('writes nothing while its condition stays', () => {
    const page = mount(FORM);
    page.paint({ can_cancel: 1 });
    expect(page.paint({ can_cancel: 2 }).records).toHaveLength(0);
  });

  it('that the server painted hidden and disabled is adopted, and usable once shown', () => {
    const page = mount('<div><button id="a" data-vpo-show="x" hidden disabled>a</button></div>');
    expect(page.paint({ x: false }).records).toHaveLength(0);
    expect(page.paint({ x: true }).records).toHaveLength(2);
    expect(page.find('#a').outerHTML).toBe('<button id="a" data-vpo-show="x">a</button>');
  });

  it('keeps a control disabled for its own reasons, which may change meanwhile', () => {
    const page = mount(FORM);
    page.paint({ can_cancel: true, extra: true, locked: true });
    page.paint({ can_cancel: false, extra: true, locked: true });
    page.paint({ can_cancel: false, extra: true, locked: false });
    expect(off('c')).toBe('c');
    page.paint({ can_cancel: true, extra: true, locked: false });
    expect(off('c')).toBe('');
    page.paint({ can_cancel: false, extra: true, locked: false });
    page.paint({ can_cancel: false, extra: true, locked: true });
    page.paint({ can_cancel: true, extra: true, locked: true });
    expect(off('c')).toBe('c');
  });

  it('inside another one stays disabled until both are shown', () => {
    const page = mount(FORM);
    page.paint({ can_cancel: false, extra: false });
    page.paint({ can_cancel: true, extra: false });
    expect(off('a', 'd')).toBe('d');
    page.paint({ can_cancel: false, extra: true });
    expect(off('a', 'd')).toBe('ad');
    page.paint({ can_cancel: true, extra: true });
    expect(off('a', 'd')).toBe('');
  });

  it('disables the controls of rows that come in while it is hidden', () => {
    const page = mount(`<div><div data-vpo-show="x"><ul data-vpo-each="rows" data-vpo-key="id">
      <template><li><button data-vpo-text="{id}"></button></li></template></ul></div></div>`);
    page.paint({ x: false, rows: [{ id: 1 }] });
    expect(page.find('button').outerHTML).toContain('disabled');
    page.paint({ x: true, rows: [{ id: 1 }] });
    expect(page.find('button').outerHTML).not.toContain('disabled');
  });
});
