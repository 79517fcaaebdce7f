// What the attributes of pages with turns and files ask for.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  at,
  fakeServer,
  json,
  page,
  pass,
  settle,
  setVisible,
  start,
  status,
  useFakePage,
} from '../support/page';
import { enliven, file, filesOf, gaps } from './support';

useFakePage();

const TREE = `<section id="files" data-vpo-src="/api/files" data-vpo-etag='W/"0"' data-vpo-rows="files" data-vpo-tree data-polling-policy="documents">
<ul data-vpo-each="children" data-vpo-key="path" data-vpo-use="node">
<li data-vpo-row="a" data-vpo-attr-data-path="{path}" data-vpo-attr-data-version="{version}" data-vpo-attr-data-change="{change}" data-path="a" data-version="1"><b data-vpo-text="{name}">a</b></li>
<li data-vpo-row="d/"><details><summary><b data-vpo-text="{name}">d</b><i data-vpo-show="changed" data-vpo-text="{changed}" hidden></i></summary>
<ul data-vpo-each="children" data-vpo-key="path" data-vpo-use="node"><li data-vpo-row="d/b" data-vpo-attr-data-path="{path}" data-vpo-attr-data-version="{version}" data-vpo-attr-data-change="{change}" data-path="d/b" data-version="1"><b data-vpo-text="{name}">b</b></li></ul></details></li></ul>
<div id="node" hidden><template data-vpo-when="kind=file"><li data-vpo-attr-data-path="{path}" data-vpo-attr-data-version="{version}" data-vpo-attr-data-change="{change}"><b data-vpo-text="{name}"></b></li></template>
<template data-vpo-when="kind=folder"><li><details><summary><b data-vpo-text="{name}"></b><i data-vpo-show="changed" data-vpo-text="{changed}"></i></summary><ul data-vpo-each="children" data-vpo-key="path" data-vpo-use="node"></ul></details></li></template></div></section>`;

/** `path change` of each row, in the order of the page. */
const rows = () =>
  [...document.querySelectorAll('#files li[data-path]')].map((row) =>
    `${row.getAttribute('data-path')} ${row.getAttribute('data-change') ?? ''}`.trim(),
  );

const CHAT = `<p id="connection-status" data-vpo-connection></p><section id="session" data-vpo-src="/api/transcript" data-polling-policy="turn">
<ol data-vpo-each="entries" data-vpo-key="id"><template><li data-vpo-attr-data-status="{status}" data-vpo-text="{text}"></li></template></ol>
<div data-vpo-pending hidden><p></p></div></section>
<form method="post" action="/api/turns" data-vpo-action="session" data-vpo-composer="session">
<textarea name="prompt"></textarea><button>Send</button><p data-vpo-message hidden></p></form>`;

const said = (active: boolean, ...texts: string[]): object => ({
  active,
  entries: texts.map((text, id) => ({ id, text })),
});

const field = () => at('textarea') as HTMLTextAreaElement;
const send = async (text: string): Promise<void> => {
  field().value = text;
  (at('form') as HTMLFormElement).requestSubmit();
  await settle();
};

describe('files as a tree', () => {
  beforeEach(enliven);

  it('marks what has changed since the page was opened, and keeps what was deleted', async () => {
    const server = fakeServer(() => status(304, { ETag: 'W/"0"' }));
    page(TREE);
    start();
    await pass(500);
    const folder = at('details') as HTMLDetailsElement;
    folder.open = true;
    server.answer = () => json(filesOf(file('a', 2), file('c'), file('d/new')));
    await pass(4000);
    expect(rows()).toEqual(['a modified', 'c created', 'd/b deleted', 'd/new created']);
    expect(at('details')).toBe(folder);
    expect(folder.open).toBe(true);
    expect(at('summary i').textContent).toBe('2');
    server.answer = () => json(filesOf(file('a', 1), file('d/b', 1)));
    await pass(4000);
    expect(rows()).toEqual(['a', 'd/b']);
    expect(at('summary i').hasAttribute('hidden')).toBe(true);
  });

  it('asks for deltas of the files, although it shows a tree', async () => {
    const server = fakeServer(() => json(filesOf(file('a'), file('d/b')), { headers: { ETag: 'W/"1"' } }));
    page(TREE);
    start();
    await pass(500);
    server.answer = ({ headers }) => {
      expect(headers.get('A-IM')).toBe('vpo-rows');
      const delta = { fields: {}, rows: [file('d/b', 2)], removed: ['a'] };
      return json(delta, { status: 226, headers: { ETag: 'W/"2"', 'Delta-Base': 'W/"1"' } });
    };
    await pass(4000);
    expect(rows()).toEqual(['a deleted', 'd/b modified']);
  });
});

describe('a conversation', () => {
  beforeEach(async () => {
    await enliven();
    vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run));
  });

  it('says whether it is followed', async () => {
    fakeServer(() => json(said(true, 'a')));
    page(CHAT);
    start();
    await pass(500);
    expect(at('#session').hasAttribute('data-vpo-live')).toBe(true);
    setVisible(false);
    await pass(2000);
    expect(at('#session').hasAttribute('data-vpo-live')).toBe(false);
  });

  it('shows what is being sent until the answer has it', async () => {
    const server = fakeServer(() => json(said(false, 'a')));
    page(CHAT);
    start();
    await pass(500);
    let answer: (response: Response) => void = () => {};
    server.answer = ({ method }) =>
      method === 'POST' ? new Promise((resolve) => (answer = resolve)) : json(said(false, 'a'));
    await send('Do it');
    await pass(100);
    expect(field().value).toBe('');
    expect(at('[data-vpo-pending]').hasAttribute('hidden')).toBe(false);
    expect(at('[data-vpo-pending] p').textContent).toBe('Do it');
    field().value = 'Next';
    server.answer = () => json(said(true, 'a', 'Do it'));
    answer(json({}, { status: 201 }));
    await pass(1000);
    expect(at('[data-vpo-pending]').hasAttribute('hidden')).toBe(true);
    expect(field().value).toBe('Next');
    expect(at('ol').textContent).toBe('aDo it');
    expect(JSON.parse(`${server.asked.find(({ method }) => method === 'POST')?.init.body}`)).toEqual({
      prompt: 'Do it',
    });
  });

  it('gives back what was refused, unless something else has been written', async () => {
    const server = fakeServer(({ method }) =>
      method === 'POST' ? json({ error: 'No agent is set' }, { status: 409 }) : json(said(false, 'a')),
    );
    page(CHAT);
    start();
    await pass(500);
    await send('Do it');
    await pass(500);
    expect(field().value).toBe('Do it');
    expect(at('[data-vpo-message]').textContent).toBe('No agent is set');
    expect(at('[data-vpo-pending]').hasAttribute('hidden')).toBe(true);
    let answer: (response: Response) => void = () => {};
    server.answer = ({ method }) =>
      method === 'POST' ? new Promise((resolve) => (answer = resolve)) : json(said(false, 'a'));
    await send('Again');
    await pass(50);
    field().value = 'Other';
    answer(json({ error: 'No' }, { status: 409 }));
    await pass(500);
    expect(field().value).toBe('Other');
  });

  it('leaves to the browser what nobody else sends', async () => {
    fakeServer(() => json(said(false, 'a')));
    page(CHAT.replace('data-vpo-action="session"', ''));
    start();
    await pass(500);
    field().value = 'Do it';
    at('form').dispatchEvent(new SubmitEvent('submit', { bubbles: true, cancelable: true }));
    await pass(100);
    expect(field().value, 'what a browser would send').toBe('Do it');
  });

  it('is sent by Ctrl+Enter, not by Enter, nor while a word is being composed', async () => {
    const server = fakeServer(() => json(said(false, 'a')));
    page(CHAT);
    start();
    await pass(500);
    const posts = () => server.asked.filter(({ method }) => method === 'POST').length;
    const press = async (init: KeyboardEventInit) => {
      field().value = 'Do it';
      field().dispatchEvent(
        new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init }),
      );
      await pass(600);
    };
    await press({});
    await press({ ctrlKey: true, isComposing: true });
    expect(posts()).toBe(0);
    await press({ ctrlKey: true });
    await press({ metaKey: true });
    expect(posts()).toBe(2);
  });

  it('waits for a quiet agent two minutes, and for the next prompt as long as it takes', async () => {
    const server = fakeServer(() => json(said(true, 'a')));
    page(CHAT);
    start();
    await pass(125_000);
    expect(at('#connection-status').textContent).toContain('Stopped waiting · resume');
    expect(at('#session').hasAttribute('data-vpo-live')).toBe(false);
    server.answer = () => json(said(false, 'a'));
    at('#connection-status').click();
    await pass(150_000);
    expect(at('#connection-status').textContent).toBe('Live');
    expect(gaps(server.asked).at(-1)).toBeLessThanOrEqual(5600);
    expect(gaps(server.asked).at(-1)).toBeGreaterThanOrEqual(4900);
  });
});

describe('events of a region', () => {
  it('tell of new data, which listeners may change before they are shown, and of the state', async () => {
    let answered = said(true, 'a');
    const server = fakeServer(() => json(answered));
    page(CHAT);
    const data = vi.fn(({ detail }: CustomEvent<{ data: { entries: object[] } }>) => {
      detail.data = { ...detail.data, entries: [...detail.data.entries, { id: 'mine', text: '!' }] };
    });
    const states: string[] = [];
    const onState = ({ detail }: CustomEvent) =>
      states.push(`${detail.type} ${detail.state} ${detail.isPolling}`);
    document.addEventListener('vpo:data', data as unknown as EventListener);
    document.addEventListener('vpo:state', onState as unknown as EventListener);
    start();
    await pass(1500);
    expect(at('ol').textContent).toBe('a!');
    answered = said(true, 'a', 'b');
    await pass(1500);
    expect(at('ol').textContent).toBe('ab!');
    expect(data, 'an answer that repeats what is shown is no news').toHaveBeenCalledTimes(2);
    server.answer = () => status(500);
    await pass(3000);
    expect(states).toContain('data connected true');
    expect(states.at(-1)).toBe('state reconnecting true');
    document.removeEventListener('vpo:data', data as unknown as EventListener);
    document.removeEventListener('vpo:state', onState as unknown as EventListener);
  });
});
