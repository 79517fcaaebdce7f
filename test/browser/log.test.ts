// A log pane against the three kinds of servers: every byte once, in order, to the last one.
import { expect, it } from 'vitest';
import { LOG, RECORD, record } from './support/fixtures';
import {
  type Asked,
  at,
  fakeServer,
  indicator,
  json,
  page,
  pass,
  settle,
  start,
  status,
  useFakePage,
} from './support/page';

useFakePage();

const encoder = new TextEncoder();

/** A log that grows, served by bytes as our server does. */
function bytesLog(limit = 1 << 20) {
  const log = { text: '', gen: '1-a', complete: false };
  const answer = ({ url }: Asked) => {
    const bytes = encoder.encode(log.text);
    const wanted = Number(url.searchParams.get('start') ?? 0);
    const reset = wanted > bytes.length || (url.searchParams.get('gen') ?? log.gen) !== log.gen;
    const start = reset ? 0 : wanted;
    const end = Math.min(bytes.length, start + limit);
    return json({
      job_id: '7',
      gen: log.gen,
      start,
      end,
      size: bytes.length,
      first_line: 1,
      text: new TextDecoder().decode(bytes.slice(start, end)),
      more: end < bytes.length,
      complete: log.complete && end === bytes.length,
      reset,
    });
  };
  return { log, answer };
}

const pane = (): string => at('#log').textContent ?? '';

it('appends only what is new and ends when the log is complete', async () => {
  const { log, answer } = bytesLog();
  const server = fakeServer(answer);
  log.text = 'one\nzwölf\n';
  page(`<span id="connection-status"></span>${LOG()}`);
  start();
  await settle();
  expect(pane()).toBe(log.text);
  const first = at('#log').firstChild?.firstChild;
  log.text += 'three\n';
  await pass(17_000);
  expect(pane()).toBe(log.text);
  expect(server.asked[1]?.url.search).toBe('?start=11&gen=1-a');
  expect(at('#log').firstChild?.firstChild).toBe(first);
  log.text += 'the end';
  log.complete = true;
  await pass(17_000);
  expect(pane()).toBe(log.text);
  expect(indicator()).toBe('Finished');
  const before = server.asked.length;
  await pass(60_000);
  expect(server.asked).toHaveLength(before);
});

it('catches up with a long log without waiting', async () => {
  const { log, answer } = bytesLog(1000);
  const server = fakeServer(answer);
  log.text = `${'x'.repeat(99)}\n`.repeat(50);
  page(LOG());
  start();
  await pass(100, 10);
  expect(server.asked).toHaveLength(5);
  expect(pane()).toBe(log.text);
});

it('goes on behind what the server painted', async () => {
  const { log, answer } = bytesLog();
  const server = fakeServer(answer);
  log.text = 'one\ntwo\n';
  page(LOG('data-vpo-gen="1-a" data-vpo-end="4"').replace('></pre>', '><div>one\n</div></pre>'));
  start();
  await settle();
  expect(server.asked[0]?.url.search).toBe('?start=4&gen=1-a');
  expect(pane()).toBe(log.text);
});

it.each(['a new attempt', 'a log that shrank'])('%s begins anew', async (kind) => {
  const { log, answer } = bytesLog();
  fakeServer(answer);
  log.text = 'one\ntwo\n';
  page(LOG());
  start();
  await settle();
  log.text = 'new\n';
  if (kind === 'a new attempt') log.gen = '2-b';
  await pass(17_000);
  expect(pane()).toBe('new\n');
});

it('a long log that begins anew loses no line of the next', async () => {
  const { log, answer } = bytesLog();
  fakeServer(answer);
  log.text = `${'x'.repeat(99)}\n`.repeat(1000);
  page(LOG());
  start();
  await settle();
  Object.assign(log, { gen: '2-b', text: 'first\nsecond\n' });
  await pass(17_000);
  expect(pane()).toBe(log.text);
});

it('an answer for another place is a failure, not a gap', async () => {
  const { log, answer } = bytesLog();
  const server = fakeServer(answer);
  log.text = 'one\n';
  page(LOG());
  start();
  await settle();
  server.answer = () => json({ gen: '1-a', start: 9, end: 12, size: 12, text: 'two', complete: false });
  await pass(17_000);
  expect(pane()).toBe('one\n');
  log.text += 'two\n';
  server.answer = answer;
  await pass(60_000);
  expect(pane()).toBe('one\ntwo\n');
});

it('markup, ANSI, bidi and NUL in a line are text', async () => {
  const { log, answer } = bytesLog();
  fakeServer(answer);
  log.text = '<img src=x onerror=alert(1)>\u001b[31m\u202e\u0000&amp;\n';
  page(LOG());
  start();
  await settle();
  expect(pane()).toBe(log.text);
  expect(at('#log').querySelector('img')).toBeNull();
});

it('when the job has ended the log is read at once, and "Finished" comes after its last byte', async () => {
  const { log, answer } = bytesLog();
  let job = record('running');
  const server = fakeServer((asked) => (asked.url.pathname.endsWith('logs') ? answer(asked) : json(job)));
  log.text = 'one\n';
  page(RECORD() + LOG());
  start();
  await pass(2000);
  const before = server.of('logs').length;
  job = record('completed');
  log.text += 'two\n';
  await pass(4000);
  expect(at('#job').getAttribute('data-status')).toBe('completed');
  expect(server.of('logs').length).toBe(before + 1);
  expect(pane()).toBe(log.text);
  await pass(6000);
  expect(indicator()).not.toBe('Finished');
  log.text += 'last';
  log.complete = true;
  await pass(17_000);
  expect(pane()).toBe(log.text);
  expect(indicator()).toBe('Finished');
});

it("VPO's lines are read to their end: nothing more offered, two reads agree", async () => {
  const lines = Array.from({ length: 1200 }, (_, i) => `line ${i}`);
  let job = record('running');
  const server = fakeServer(({ url }) => {
    if (!url.pathname.endsWith('logs')) return json(job);
    const offset = Number(url.searchParams.get('offset') ?? 0);
    const part = lines.slice(offset, offset + Number(url.searchParams.get('lines') ?? 500));
    return json({
      job_id: '7',
      lines: part,
      total_lines: lines.length,
      offset,
      has_more: offset + part.length < lines.length,
    });
  });
  page(RECORD() + LOG());
  start();
  await pass(1000, 100);
  expect(pane()).toBe(lines.join('\n'));
  lines.push('more');
  job = record('failed');
  // Read at once, and again an interval later: a writer may still have had something in its hands.
  await pass(25_000);
  expect(pane()).toBe(lines.join('\n'));
  expect(indicator()).toBe('Finished');
  const before = server.asked.length;
  await pass(60_000);
  expect(server.asked).toHaveLength(before);
});

function textFile(ranges: boolean) {
  const file = { text: '' };
  let job = record('running');
  const server = fakeServer(({ url, headers }) => {
    if (!url.pathname.endsWith('logs')) return json(job);
    const bytes = encoder.encode(file.text);
    const from = Number(/bytes=(\d+)-/.exec(headers.get('Range') ?? '')?.[1] ?? 0);
    if (!ranges || !headers.has('Range'))
      return new Response(bytes, { headers: { 'Content-Type': 'text/plain' } });
    if (from >= bytes.length) return status(416);
    return new Response(bytes.slice(from), { status: 206, headers: { 'Content-Type': 'text/plain' } });
  });
  return {
    file,
    server,
    end: () => {
      job = record('completed');
    },
  };
}

it.each([
  ['that knows ranges', true],
  ['that does not', false],
])('a plain text URL on a server %s: no byte twice, the last line too', async (_, ranges) => {
  const { file, server, end } = textFile(ranges);
  file.text = 'eins\nzwölf\nhal';
  page(RECORD() + LOG());
  start();
  await settle();
  expect(pane()).toBe('eins\nzwölf\n');
  file.text += 'b\n';
  await pass(17_000);
  expect(pane()).toBe(file.text);
  file.text += `${'x'.repeat(99)}\n`;
  await pass(17_000);
  file.text += 'no newline';
  end();
  await pass(25_000);
  const asked = server.of('logs').at(-1)?.headers.get('Range');
  expect(asked).toBe(ranges ? `bytes=${encoder.encode(file.text).length - 64}-` : asked);
  expect(pane()).toBe(file.text);
  expect(indicator()).toBe('Finished');
});

it('a file of lines that is replaced between two answers is read anew, not from an answer that was given before', async () => {
  let lines: string[] = [];
  const server = fakeServer(({ url }) => {
    const offset = Number(url.searchParams.get('offset') ?? 0);
    const part = lines.slice(offset, offset + 2);
    const has_more = offset + 2 < lines.length;
    // It is replaced as soon as its beginning has been read.
    if (lines[0] === 'one') lines = ['un', 'deux', 'trois'];
    return json({ lines: part, total_lines: lines.length, offset, has_more });
  });
  page(LOG());
  start();
  await settle();
  lines = ['one', 'two', 'three'];
  await pass(17_000);
  expect(pane()).toBe('un\ndeux\ntrois');
  expect(server.asked.map(({ url }) => url.searchParams.get('offset'))).toEqual([null, '0', '1', '0', '1']);
});

it('a plain text file that was replaced begins anew', async () => {
  const { file } = textFile(true);
  file.text = 'one\ntwo\nthree\n';
  page(LOG());
  start();
  await settle();
  file.text = 'new\n';
  await pass(17_000, 100);
  expect(pane()).toBe('new\n');
});

/** jsdom has no layout: a pane of 100 px whose text is 20 px a line. */
function layout(): HTMLElement {
  const log = at('#log');
  Object.defineProperty(log, 'clientHeight', { value: 100 });
  Object.defineProperty(log, 'scrollHeight', { get: () => (log.textContent?.split('\n').length ?? 0) * 20 });
  return log;
}

it('follows the end only while the reader is there, and says how many lines are new', async () => {
  const { log, answer } = bytesLog();
  fakeServer(answer);
  log.text = 'x\n'.repeat(50);
  page(`${LOG()}<button data-vpo-new="log" hidden></button>`);
  const element = layout();
  start();
  await settle();
  expect(element.scrollTop).toBe(element.scrollHeight);
  // A late scroll event of our own scrolling changes nothing.
  element.dispatchEvent(new Event('scroll'));
  log.text += 'y\n';
  await pass(17_000);
  expect(element.scrollTop).toBe(element.scrollHeight);

  element.scrollTop = 300;
  element.dispatchEvent(new Event('scroll'));
  log.text += 'y\ny\ny\n';
  await pass(17_000);
  expect(element.scrollTop).toBe(300);
  expect(at('button').hidden).toBe(false);
  expect(at('button').textContent).toBe('New lines: 3');
  at('button').click();
  expect(element.scrollTop).toBe(element.scrollHeight);
  expect(at('button').hidden).toBe(true);
});

it('loading a long finished log is no news, and what was new of the former log is not of the next', async () => {
  const { log, answer } = bytesLog(1000);
  let job = record('completed');
  fakeServer((asked) => (asked.url.pathname.endsWith('logs') ? answer(asked) : json(job)));
  log.text = `${'x'.repeat(99)}\n`.repeat(50);
  log.complete = true;
  page(`${RECORD('completed')}${LOG()}<button data-vpo-new="log" hidden></button><i data-vpo-refresh></i>`);
  const element = layout();
  start();
  await pass(17_000);
  expect(pane()).toBe(log.text);
  expect(element.scrollTop).toBe(0);
  expect(at('button').hidden).toBe(true);
  // The job is run again: the old log stands, and is asked for, until the new attempt's begins.
  job = record('queued');
  at('i').click();
  await pass(40_000);
  job = record('running', { attempt: 2 });
  Object.assign(log, { gen: '2-b', text: 'new\n', complete: false });
  await pass(20_000);
  expect(pane()).toBe('new\n');
  expect(at('button').hidden).toBe(true);
});

it('counts a last line without an end, and a half-written one once', async () => {
  const lines = Array.from({ length: 50 }, (_, i) => `line ${i}`);
  fakeServer(({ url }) => {
    const offset = Number(url.searchParams.get('offset') ?? 0);
    return json({ lines: lines.slice(offset), total_lines: lines.length, offset, has_more: false });
  });
  page(`${LOG()}<button data-vpo-new="log" hidden></button>`);
  const element = layout();
  start();
  await settle();
  element.scrollTop = 300;
  element.dispatchEvent(new Event('scroll'));
  lines.push('whole', 'hal');
  await pass(17_000);
  lines[51] = 'half';
  lines.push('last');
  await pass(17_000);
  expect(pane()).toBe(lines.join('\n'));
  expect(at('button').textContent).toBe('New lines: 3');
});

const PAINTED = `${'x\n'.repeat(50)}</pre>`;
const painted = (status: string) =>
  RECORD(status) + LOG('data-vpo-gen="1-a" data-vpo-end="100"').replace('</pre>', PAINTED);

it('starts at the tail of what is painted of a running job, and follows', async () => {
  const { log, answer } = bytesLog();
  fakeServer((asked) => (asked.url.pathname.endsWith('logs') ? answer(asked) : json(record())));
  log.text = 'x\n'.repeat(50);
  page(painted('running'));
  const element = layout();
  start();
  expect(element.scrollTop).toBe(element.scrollHeight);
  await settle();
  log.text += 'y\n';
  await pass(17_000);
  expect(pane()).toBe(log.text);
  expect(element.scrollTop).toBe(element.scrollHeight);
});

it('stays at the beginning of what is painted of a finished job', async () => {
  const { log, answer } = bytesLog();
  fakeServer((asked) => (asked.url.pathname.endsWith('logs') ? answer(asked) : json(record('completed'))));
  log.text = 'x\n'.repeat(50);
  page(painted('completed'));
  const element = layout();
  start();
  await pass(17_000);
  expect(element.scrollTop).toBe(0);
});

it('does not scroll under a selection', async () => {
  const { log, answer } = bytesLog();
  fakeServer(answer);
  log.text = 'x\n'.repeat(50);
  page(LOG());
  const element = layout();
  start();
  await settle();
  const before = element.scrollTop;
  getSelection()?.selectAllChildren(element);
  log.text += 'y\n';
  await pass(17_000);
  expect(pane()).toBe(log.text);
  expect(element.scrollTop).toBe(before);
  getSelection()?.removeAllRanges();
  // jsdom reports a changed selection by a timer of its own.
  await pass(10);
});
