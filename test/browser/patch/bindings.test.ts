import { describe, expect, it, vi } from 'vitest';
import { createView } from '../../../src/browser/patch/index';
import { mount } from './support';

const JOB = `<section data-vpo-src="/api/jobs/1">
  <h1 data-vpo-text="{file_path|basename}">film.mkv</h1>
  <p id="count" data-vpo-text="{done} of {total} files" data-vpo-attr-title="{file_path}" title="/m/film.mkv">3 of 9 files</p>
  <progress data-vpo-attr-value="{percent}" data-vpo-attr-max="100" max="100" value="33"></progress>
  <p id="error" data-vpo-text="{error}"></p>
</section>`;
const DATA = { file_path: '/m/film.mkv', done: 3, total: 9, percent: 33, error: null };

describe('a region that the server has painted', () => {
  it('is adopted without one write when its first answer says the same', () => {
    const page = mount(JOB);
    const { records } = page.paint({ ...DATA });
    expect(records).toHaveLength(0);
    expect(page.warned).toEqual([]);
  });

  it('shows its painted instants in the zone of the reader at once, without an answer', () => {
    const page =
      mount(`<section><time datetime="2026-11-22T03:14:05.000Z" data-vpo-text="{at|time}">painted</time>
      <time id="end" data-vpo-text="{end|time}"></time></section>`);
    expect(page.find('time').textContent).toMatch(/^2026-11-2\d \d\d:\d\d:05 /);
    expect(page.paint({ at: '2026-11-22T03:14:05.000Z', end: null }).records).toHaveLength(0);
    expect(page.find('#end').textContent).toBe('');
  });

  it('is written once per text node and attribute that changed, and keeps its nodes', () => {
    const page = mount(JOB);
    const text = page.find('#count').firstChild;
    page.paint(DATA);
    const { records } = page.paint({ ...DATA, done: 4, percent: 44 });
    expect(records.map(({ type, target }) => [type, target])).toEqual([
      ['characterData', text],
      ['attributes', page.find('progress')],
    ]);
    expect(page.find('#count').textContent).toBe('4 of 9 files');
    expect(page.find('progress').getAttribute('value')).toBe('44');
    expect(page.paint({ ...DATA, done: 4, percent: 44 }).records).toHaveLength(0);
  });

  it('asks the DOM nothing when an answer repeats its values', () => {
    const page = mount(JOB);
    page.paint(DATA);
    const asked = [
      vi.spyOn(Element.prototype, 'getAttribute'),
      vi.spyOn(Node.prototype, 'childNodes', 'get'),
      vi.spyOn(CharacterData.prototype, 'data', 'get'),
    ];
    page.view.paint({ ...DATA });
    for (const one of asked) expect(one).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it('gets a text where there was none, and loses it again', () => {
    const page = mount(JOB);
    expect(page.paint({ ...DATA, error: 'no space left' }).records).toHaveLength(1);
    expect(page.find('#error').textContent).toBe('no space left');
    expect(page.paint(DATA).records).toHaveLength(1);
    expect(page.find('#error').textContent).toBe('');
    expect(page.paint({ ...DATA, error: 'again' }).records.map(({ type }) => type)).toEqual([
      'characterData',
    ]);
  });

  it('shows null and absent as nothing, and drops attributes made of nothing', () => {
    const page = mount(JOB);
    page.paint({ done: 0, total: null });
    expect(page.find('h1').textContent).toBe('');
    expect(page.find('#count').textContent).toBe('0 of  files');
    expect(page.find('#count').hasAttribute('title')).toBe(false);
    expect(page.find<HTMLProgressElement>('progress').position).toBe(-1);
    page.paint({ done: null });
    expect(page.find('#count').textContent).toBe('');
  });

  it('leaves an inner region and the lines of a log to their owners', () => {
    const page = mount(`<section data-vpo-src="/a"><b data-vpo-text="{x}">1</b>
      <div data-vpo-src="/b"><i data-vpo-text="{x}">1</i></div>
      <pre data-vpo-log="/c" data-vpo-show="has_logs"><i data-vpo-text="{x}">1</i></pre></section>`);
    page.paint({ x: 2, has_logs: false });
    expect(page.find('b').textContent).toBe('2');
    expect(page.find('div i').textContent).toBe('1');
    expect(page.find('pre i').textContent).toBe('1');
    expect(page.find('pre').hidden).toBe(true);
  });
});

describe('attributes', () => {
  const one = (attribute: string, tag = 'p') => {
    const page = mount(`<div><${tag} id="it" ${attribute}></${tag}></div>`);
    return { page, it: page.find('#it') };
  };

  it('of states are present or absent, of aria and data say true and false', () => {
    const { page, it } = one(
      'data-vpo-attr-disabled="{b}" data-vpo-attr-aria-busy="{b}" data-vpo-attr-data-b="{b}"',
      'button',
    );
    page.paint({ b: true });
    expect(it.outerHTML).toContain('disabled="" aria-busy="true" data-b="true"');
    page.paint({ b: false });
    expect(it.hasAttribute('disabled')).toBe(false);
    expect([it.getAttribute('aria-busy'), it.getAttribute('data-b')]).toEqual(['false', 'false']);
    page.paint({ b: null });
    expect([it.getAttribute('aria-busy'), it.getAttribute('data-b')]).toEqual([null, null]);
  });

  it.each([
    'onclick',
    'style',
    'class',
    'id',
    'srcdoc',
    'action',
    'formaction',
    'data-vpo-src',
    'data-polling-interval',
  ])('%s is not written, and that is said once', (name) => {
    const { page, it } = one(`data-vpo-attr-${name}="{x}"`);
    const before = it.outerHTML;
    expect(page.paint({ x: 'evil()' }).records).toHaveLength(0);
    page.paint({ x: 'other' });
    expect(it.outerHTML).toBe(before);
    expect(page.warned).toHaveLength(1);
  });

  it.each([
    ['a', 'href', true],
    ['area', 'href', true],
    ['img', 'src', true],
    ['iframe', 'src', false],
    ['script', 'src', false],
    ['base', 'href', false],
    ['link', 'href', false],
    ['input', 'src', false],
  ])('<%s %s> is a link that data may write: %s', (tag, name, allowed) => {
    const { page, it } = one(`data-vpo-attr-${name}="{u}"`, tag);
    page.paint({ u: 'https://ci.example/7' });
    expect(it.getAttribute(name)).toBe(allowed ? 'https://ci.example/7' : null);
    expect(page.warned).toHaveLength(allowed ? 0 : 1);
  });

  it('an icon follows its job', () => {
    document.head.innerHTML = '';
    const page = mount('<div><link rel="shortcut icon" data-vpo-attr-href="/icons/{status}.svg"></div>');
    page.paint({ status: 'running' });
    expect(page.find('link').getAttribute('href')).toBe('/icons/running.svg');
  });

  it('a link that turns bad is removed', () => {
    const { page, it } = one('data-vpo-attr-href="{u}"', 'a');
    page.paint({ u: 'https://ci.example/7' });
    page.paint({ u: 'javascript:alert(1)' });
    expect(it.hasAttribute('href')).toBe(false);
  });
});

describe('what a person is typing', () => {
  it('is not touched while the field has the focus, and the value comes afterwards', () => {
    const page = mount('<div><input data-vpo-attr-value="{name}" value="a"><button>b</button></div>');
    const input = page.find<HTMLInputElement>('input');
    const data = { name: 'b' };
    page.paint({ name: 'a' });
    input.focus();
    expect(page.paint(data).records).toHaveLength(0);
    expect(input.value).toBe('a');
    page.find('button').focus();
    page.paint(data);
    expect(input.value).toBe('b');
  });

  it('stays when the default changes', () => {
    const page = mount('<div><input data-vpo-attr-value="{name}" value="a"></div>');
    const input = page.find<HTMLInputElement>('input');
    input.value = 'typed';
    page.paint({ name: 'b' });
    expect(input.value).toBe('typed');
    expect(input.defaultValue).toBe('b');
  });
});

describe('mistakes change nothing and are said once', () => {
  it.each([
    ['an unknown attribute', '<p data-vpo-txet="{x}">old</p>', 'data-vpo-txet'],
    ['an unknown formatter', '<p data-vpo-text="{x|shout}">old</p>', 'shout'],
    ['a text binding around elements', '<p data-vpo-text="{x}"><b>old</b></p>', 'one text node'],
    ['a text binding around two texts', '<p data-vpo-text="{x}">ol<b></b>d</p>', 'one text node'],
  ])('%s', (_name, html, said) => {
    const page = mount(`<div>${html}${html}</div>`);
    expect(page.paint({ x: 'new' }).records).toHaveLength(0);
    page.paint({ x: 'newer' });
    expect(page.root.textContent).toBe('oldold');
    expect(page.warned).toHaveLength(1);
    expect(page.warned[0]).toContain(said);
  });

  it('an object where one value was expected shows nothing', () => {
    const page = mount('<div><p data-vpo-text="{x}">old</p></div>');
    page.paint({ x: { a: 1 } });
    page.paint({ x: { a: 2 } });
    expect(page.find('p').textContent).toBe('');
    expect(page.warned).toHaveLength(1);
  });

  it('a text of several pieces, as parsers make of long ones, is one text', () => {
    const page = mount('<div></div>');
    page.root.innerHTML = '<p data-vpo-text="{x}">long</p>';
    page.find('p').append(' text');
    const view = createView(page.root, page.context);
    view.paint({ x: 'new' });
    expect(page.find('p').textContent).toBe('new');
    expect(page.warned).toEqual([]);
  });
});

describe('foreign hands', () => {
  it('an element that a script put beside the text stays', () => {
    const page = mount('<div><p data-vpo-text="{x}">1</p></div>');
    page.paint({ x: 1 });
    const button = document.createElement('button');
    page.find('p').append(button);
    page.paint({ x: 2 });
    expect(page.find('p').innerHTML).toBe('2<button></button>');
    page.paint({ x: null });
    expect(page.find('p').contains(button)).toBe(true);
  });

  it('a text that a translator has wrapped is replaced as a whole', () => {
    const page = mount('<div><p data-vpo-text="{x}">one</p></div>');
    page.paint({ x: 'one' });
    page.find('p').innerHTML = '<font>eins</font>';
    page.paint({ x: 'two' });
    expect(page.find('p').textContent).toBe('two');
  });

  it('hostile data appears as text', () => {
    const page = mount('<div><p data-vpo-text="{x}" data-vpo-attr-title="{x}"></p></div>');
    const hostile = '<img src=x onerror=alert(1)>\u202e\u0000\u001b[31m&amp;"\'';
    page.paint({ x: hostile });
    expect(page.find('p').textContent).toBe(hostile);
    expect(page.find('p').title).toBe(hostile);
    expect(page.find('p').children).toHaveLength(0);
  });
});
