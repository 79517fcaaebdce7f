// What a log that is polled must not do to its page and its reader: write where nothing is new, scroll what is not its
// own, take the focus, ask while nobody looks.
import { expect, it } from 'vitest';
import { LOG } from './support/fixtures';
import { answerOf, LogFile } from './support/log-servers';
import { at, fakeServer, page, pass, settle, setVisible, start, status, useFakePage } from './support/page';

useFakePage();

const encoder = new TextEncoder();
const PILL = '<button data-vpo-new="log" hidden></button>';

/** A log of ours with its ETag, in a pane that can be focused, inside a box that can be scrolled. */
async function openLog() {
  const file = new LogFile();
  const say = (text: string) => file.write(encoder.encode(text));
  const server = fakeServer(({ url, headers }) => {
    const etag = `"${file.gen}-${file.bytes.length}"`;
    if (headers.get('If-None-Match') === etag) return status(304, { ETag: etag });
    const answer = answerOf('own', file, url, headers, 1 << 20);
    answer.headers.set('ETag', etag);
    return answer;
  });
  say('line\n'.repeat(50));
  page(`<div id="box"><input>${PILL}${LOG('tabindex="0"')}</div>`);
  const log = at('#log');
  Object.defineProperty(log, 'clientHeight', { value: 100 });
  Object.defineProperty(log, 'scrollHeight', { get: () => log.textContent!.split('\n').length * 20 });
  start();
  await settle();
  expect(log.textContent).toBe('line\n'.repeat(50));
  return { server, say, log };
}

it('a poll without news writes nothing and moves nothing', async () => {
  const { server, log } = await openLog();
  const records: MutationRecord[] = [];
  const observer = new MutationObserver((more) => records.push(...more));
  observer.observe(at('#box'), { subtree: true, childList: true, characterData: true, attributes: true });
  const place = log.scrollTop;
  let moves = 0;
  Object.defineProperty(log, 'scrollTop', { get: () => place, set: () => moves++ });
  const before = server.of('logs').length;
  await pass(70_000, 5000);
  const asked = server.of('logs').slice(before);
  expect(asked.length).toBeGreaterThanOrEqual(3);
  // The first after news asks a new question; its answer's tag goes with all others.
  expect(asked.slice(1).every(({ headers }) => headers.has('If-None-Match'))).toBe(true);
  expect(records).toEqual([]);
  observer.disconnect();
  expect(moves).toBe(0);
});

it('new lines scroll the log alone, never what is around it', async () => {
  const { say, log } = await openLog();
  const moved: string[] = [];
  for (const around of [at('#box'), document.body, document.documentElement])
    Object.defineProperty(around, 'scrollTop', {
      configurable: true,
      get: () => 0,
      set: () => moved.push('set'),
    });
  for (const name of ['scrollIntoView', 'scrollTo', 'scrollBy', 'scroll'] as const)
    Object.assign(log, { [name]: () => moved.push(name) });
  try {
    say('new\n');
    await pass(17_000);
    expect(log.scrollTop).toBe(log.scrollHeight);
    at('button').click();
    expect(moved).toEqual([]);
    // jsdom reports the selection that came with the focus by a timer of its own.
    await pass(10);
  } finally {
    for (const around of [document.body, document.documentElement])
      Reflect.deleteProperty(around, 'scrollTop');
  }
});

it.each(['#log', 'input'])('the focus stays on %s while lines come', async (focused) => {
  const { say, log } = await openLog();
  at(focused).focus();
  const lost: string[] = [];
  for (const type of ['blur', 'focusout'])
    document.addEventListener(type, () => lost.push(type), { capture: true, once: true });
  log.scrollTop = 0;
  log.dispatchEvent(new Event('scroll'));
  say('new\n');
  await pass(17_000);
  expect(at('button').hidden).toBe(false);
  expect(document.activeElement).toBe(at(focused));
  expect(lost).toEqual([]);
});

it('a hidden page asks nothing of a log, and looks at once when it is shown', async () => {
  const { server, say, log } = await openLog();
  await pass(8000);
  setVisible(false);
  await pass(1500);
  const before = server.asked.length;
  say('while away\n');
  await pass(300_000, 10_000);
  expect(server.asked).toHaveLength(before);
  setVisible(true);
  await settle();
  expect(server.asked).toHaveLength(before + 1);
  expect(log.textContent).toContain('while away\n');
});
