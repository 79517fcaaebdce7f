// The event stream format: the cases of the HTML standard, and that it does not matter where the bytes are cut.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventStream } from '../../src/browser/event-stream';

type Seen = readonly [name: string, data: string, id: string];

/** What comes of these pieces; each event with the id that stands when it is told. */
function read(pieces: readonly (string | Uint8Array)[], id = '') {
  const seen: Seen[] = [];
  const stream = createEventStream(id, (name, data) => seen.push([name, data, stream._id]));
  const encoder = new TextEncoder();
  for (const piece of pieces) stream._push(typeof piece === 'string' ? encoder.encode(piece) : piece);
  return { seen, id: stream._id, retry: stream._retry };
}

const events = (text: string): Seen[] => read([text]).seen;

describe('an event stream', () => {
  it.each<[string, string, Seen[]]>([
    ['the default event', 'data: a\n\n', [['', 'a', '']]],
    ['a named event', 'event: jobs_update\ndata: a\n\n', [['jobs_update', 'a', '']]],
    ['several data lines', 'data: a\ndata\ndata:\ndata: b\n\n', [['', 'a\n\n\nb', '']]],
    [
      'one space after the colon only',
      'data:a\n\ndata:  b\n\n',
      [
        ['', 'a', ''],
        ['', ' b', ''],
      ],
    ],
    ['colons in a value', 'data: {"a":1}\n\n', [['', '{"a":1}', '']]],
    ['an empty data line', 'data\n\n', [['', '', '']]],
    ['no data, no event', 'event: x\n\ndata: a\n\n', [['', 'a', '']]],
    ['comments and unknown fields', ': hello\nfoo: bar\n data: no\nDATA: no\ndata: a\n\n', [['', 'a', '']]],
    [
      'ids, which stay',
      'id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n',
      [
        ['', 'a', '7'],
        ['', 'b', '7'],
        ['', 'c', ''],
      ],
    ],
    [
      'an id with a NUL is none',
      'id: 7\ndata: a\n\nid: 8\0\ndata: b\n\n',
      [
        ['', 'a', '7'],
        ['', 'b', '7'],
      ],
    ],
    ['a byte order mark', '\ufeffdata: a\n\n\ufeffdata: b\n\n', [['', 'a', '']]],
    [
      'every kind of line end',
      'data: a\r\rdata: b\r\n\r\ndata: c\n\r\ndata: d\r\n\n',
      ['a', 'b', 'c', 'd'].map((data) => ['', data, '']),
    ],
    ['no other line ends', 'data: a\u2028b\u0085c\vd\n\n', [['', 'a\u2028b\u0085c\vd', '']]],
    ['nothing that is cut off', 'data: a\n\ndata: b\n', [['', 'a', '']]],
  ])('has %s', (_, text, expected) => {
    expect(events(text)).toEqual(expected);
  });

  it('counts an id once its event is complete, also without data', () => {
    expect(read(['id: 7\n'], '6').id).toBe('6');
    expect(read(['id: 7\n', '\n'], '6')).toMatchObject({ id: '7', seen: [] });
  });

  it('knows when to come back, if that is a number', () => {
    expect(read(['retry: 2500\n\n']).retry).toBe(2500);
    expect(read(['retry: 2500\nretry: soon\nretry: -1\nretry\n\n']).retry).toBe(2500);
    expect(read(['data: a\n\n']).retry).toBeUndefined();
  });

  it('tells an event with the byte that completes it, also after a lone CR', () => {
    expect(read(['data: a\r', '\r']).seen).toHaveLength(1);
    expect(read(['data: a\r', '\n', '\r']).seen).toHaveLength(1);
    expect(read(['data: a\r', '\ndata: b\r', '\n', '\r', '\n']).seen).toEqual([['', 'a\nb', '']]);
  });

  it('refuses an event larger than we are willing to hold', () => {
    const piece = `data: ${'x'.repeat(2 ** 20)}\n`;
    expect(() => read(Array.from({ length: 17 }, () => piece))).toThrow();
    expect(() => read(Array.from({ length: 17 }, () => `${piece}\n`))).not.toThrow();
  });

  it('is the same however its bytes are cut', () => {
    const line = fc.oneof(
      fc.constantFrom('', '', ': x', 'data', 'data:', 'id: 1', 'id', 'event: e', 'retry: 5', 'x: y'),
      fc.tuple(fc.constantFrom('data: ', 'id:', 'event:', ':', ''), fc.string({ unit: 'binary' })).map(
        // Line ends are chosen below.
        ([field, value]) => field + value.replace(/[\r\n]/g, ''),
      ),
    );
    const text = fc
      .array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')))
      .map((lines) => lines.flat().join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat()), fc.boolean(), (text, cuts, hasMark) => {
        const bytes = new TextEncoder().encode((hasMark ? '\ufeff' : '') + text);
        const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
        const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        expect(read(pieces)).toEqual(read([bytes]));
        expect(read([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(read([bytes]));
      }),
    );
  });
});
