// Whatever comes in whatever pieces and order: the lines at hand are the file's, none twice, none missing.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createContent } from '../../src/log/content';
import { PART } from '../../src/log/loader';
import { answerOf, type FakeLog, linesOf } from './support';

const line = fc.oneof(
  {
    arbitrary: fc.string({ unit: fc.constantFrom('a', 'é', '😀', ' ', '\r', '\t'), maxLength: 12 }),
    weight: 8,
  },
  {
    arbitrary: fc.constantFrom('##[group]g', '##[endgroup]', '##[error]e', '\u001b[31mred', 'b\u001b[0m'),
    weight: 2,
  },
);
const piece = fc
  .tuple(fc.array(line, { maxLength: 8 }), fc.boolean())
  .map(([lines, ends]) => lines.join('\n') + (ends ? '\n' : ''));
const step = fc.oneof(
  { arbitrary: fc.record({ do: fc.constant('write' as const), text: piece }), weight: 5 },
  {
    arbitrary: fc.record({ do: fc.constant('poll' as const), limit: fc.integer({ min: 4, max: 60 }) }),
    weight: 5,
  },
  {
    arbitrary: fc.record({
      do: fc.constant('jump' as const),
      to: fc.nat(60),
      limit: fc.integer({ min: 4, max: 60 }),
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({ do: fc.constant('skip' as const), bytes: fc.integer({ min: 1, max: 80 }) }),
    weight: 2,
  },
  {
    arbitrary: fc.record({ do: fc.constantFrom('truncate' as const, 'retry' as const, 'close' as const) }),
    weight: 1,
  },
  { arbitrary: fc.record({ do: fc.constant('fold' as const), at: fc.nat(60) }), weight: 1 },
);

/** The page's script and the pane as one client; `check` compares what it would show with the file. */
function client(log: FakeLog) {
  const content = createContent(() => false);
  let gen: string | null = null;
  let end = -20;
  /** The line of which only the beginning has come. */
  let open = 0;
  const ask = (params: Record<string, string | number>) =>
    answerOf(log, new URLSearchParams(Object.entries(params).map(([key, value]) => [key, `${value}`])));
  return {
    content,
    poll(limit: number) {
      const answer = ask({ start: end, limit, ...(gen && { gen }) });
      gen = `${answer.gen}`;
      end = content._take(answer) ?? Number(answer.end);
      const text = `${answer.text}`;
      if (text || answer.reset)
        open =
          text.endsWith('\n') || answer.complete
            ? 0
            : Number(answer.first_line) + text.split('\n').length - 1;
      return answer;
    },
    skip(bytes: number) {
      end = -bytes;
    },
    jump: (to: number, limit: number) => content._store(ask({ line: to, limit }), to),
    check() {
      const file = linesOf(log);
      for (let number = 1; number <= content._total; number++) {
        const { _text } = content._row(number);
        if (_text === undefined || _text.endsWith('…')) continue;
        if (number === open) expect(file[number - 1]?.slice(0, _text.length)).toBe(_text);
        else expect([number, _text]).toEqual([number, file[number - 1]]);
      }
      const shown = Array.from({ length: content._rows() }, (_, row) => content._lineAt(row));
      expect(shown).toEqual([...new Set(shown)].sort((a, b) => a - b));
      expect(shown.map((number) => content._lineAt(content._rowOf(number)))).toEqual(shown);
      expect(shown.at(-1) ?? 0).toBeLessThanOrEqual(content._total);
    },
  };
}

it('for any writing, polling, jumping, folding, truncation and retry', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const log: FakeLog = { text: '', gen: '1-a', isClosed: false };
      const reader = client(log);
      let isStale = false;
      for (const one of steps) {
        if (one.do === 'write' && !log.isClosed) log.text += one.text;
        else if (one.do === 'close') log.isClosed = true;
        else if (one.do === 'truncate' || one.do === 'retry') {
          const attempt = Number.parseInt(log.gen, 10);
          Object.assign(log, {
            text: '',
            gen: one.do === 'retry' ? `${attempt + 1}-b` : `${attempt}-${log.gen}t`,
            isClosed: false,
          });
          isStale = true;
        } else if (one.do === 'poll') {
          reader.poll(one.limit);
          isStale = false;
        } else if (one.do === 'skip') reader.skip(one.bytes);
        else if (one.do === 'jump' && one.to && one.to <= reader.content._total)
          reader.jump(one.to, one.limit);
        else if (one.do === 'fold') reader.content._toggle(one.at);
        // Between a new generation and the next poll the pane shows the old one.
        if (!isStale) reader.check();
      }
      // In the end everything can be read, and it is the file.
      log.isClosed = true;
      for (let i = 0; i < 400 && !reader.poll(1000).complete; i++);
      const { content } = reader;
      expect(content._total).toBe(linesOf(log).length);
      for (let number = 1; number <= content._total; number++) {
        if (content._row(number)._text === undefined) expect(reader.jump(number, 1000)).toBe(true);
      }
      expect(content._missing(1, content._total, false)).toBe(0);
      reader.check();
    }),
    { numRuns: 1500 },
  );
});

it('a style goes on in the next line, the next answer and across what was fetched later', () => {
  const log: FakeLog = {
    text: `${'x\n'.repeat(10)}\u001b[31mred\n${'still\n'.repeat(50)}`,
    gen: '1-a',
    isClosed: true,
  };
  const reader = client(log);
  reader.poll(1000);
  const style = () => reader.content._row(61)._style._ink;
  // The beginning of what is at hand is plain, until what comes before it says otherwise.
  expect(style()).toBeNull();
  expect(reader.jump(9, 1000)).toBe(true);
  expect(style()).toBe(1);
});

it('a long log that has run ahead is gone on with at its end, and what lies between is a gap', () => {
  const log: FakeLog = { text: 'first\n', gen: '1-a', isClosed: false };
  const reader = client(log);
  reader.poll(PART);
  log.text += 'line\n'.repeat(PART);
  expect(reader.content._take(answerOf(log, new URLSearchParams({ start: '6', limit: '1000' })))).toBe(-PART);
});

it('keeps a bounded part of a long log, and the end of it always', () => {
  const text = `${'x'.repeat(99)}\n`.repeat(1000);
  const content = createContent(() => false);
  for (let i = 0; i < 100; i++) {
    content._take({
      gen: '1-a',
      first_line: i * 1000 + 1,
      text,
      start: i * 100_000,
      end: (i + 1) * 100_000,
      size: 1e9,
      complete: false,
    });
    content._keep(1, 50);
  }
  expect(content._total).toBe(100_000);
  const kept = Array.from({ length: 100_000 }, (_, i) => content._row(i + 1)._text).filter(Boolean).length;
  expect(kept * 99).toBeLessThan(1 << 22);
  expect([content._row(50)._text, content._row(100_000)._text]).toEqual(['x'.repeat(99), 'x'.repeat(99)]);
});

it('a line longer than what can be shown is cut, and says so', () => {
  const content = createContent(() => false);
  const text = 'x'.repeat(1000);
  for (let i = 0; i < 50; i++)
    content._take({ gen: '1-a', first_line: 1, text, start: i * 1000, end: (i + 1) * 1000 });
  expect(content._total).toBe(1);
  expect(content._row(1)._text).toHaveLength((1 << 14) + 1);
  expect(content._row(1)._text?.at(-1)).toBe('…');
});
