// A log and a server of it, as docs/http.md describes its answers; for tests of the pane without any other.

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const NEWLINE = 10;

export interface FakeLog {
  text: string;
  gen: string;
  /** The writer has closed. */
  isClosed: boolean;
}

/** What the server answers to `?start=…`, `?line=…` with `limit`; everything is clipped to `largest`. */
export function answerOf(log: FakeLog, params: URLSearchParams, largest = 1 << 20): Record<string, unknown> {
  const bytes = encoder.encode(log.text);
  const size = bytes.length;
  const shown = log.isClosed ? size : bytes.lastIndexOf(NEWLINE) + 1;
  const gen = params.get('gen') ?? log.gen;
  let start = Number(params.get('start') ?? 0);
  let reset = gen !== log.gen;
  if (params.has('line')) start = lineStart(bytes, Number(params.get('line')) - 1, shown);
  else if (start < 0) {
    start = Math.max(0, shown + start);
    if (start) {
      const cut = bytes.indexOf(NEWLINE, start - 1) + 1;
      start = cut && cut < shown ? cut : shown;
    }
  } else if (reset || start > size) {
    reset = true;
    start = 0;
  }
  let end = Math.min(shown, start + Math.min(largest, Number(params.get('limit') ?? largest)));
  if (end < shown) {
    const cut = bytes.subarray(start, end).lastIndexOf(NEWLINE) + 1;
    if (cut) end = start + cut;
    else while ((bytes[end]! & 0xc0) === 0x80) end--;
  }
  return {
    gen: log.gen,
    start,
    end,
    size,
    first_line: count(bytes.subarray(0, start)) + 1,
    total_lines: count(bytes.subarray(0, shown)) + Number(shown > 0 && bytes[shown - 1] !== NEWLINE),
    text: decoder.decode(bytes.subarray(start, end)),
    more: end < shown,
    complete: log.isClosed && end === size,
    reset,
  };
}

const count = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum + Number(byte === NEWLINE), 0);

function lineStart(bytes: Uint8Array, line: number, limit: number): number {
  let start = 0;
  for (let i = 0; i < line; i++) {
    start = bytes.indexOf(NEWLINE, start) + 1;
    if (!start) return limit;
  }
  return Math.min(start, limit);
}

/** What stands in the file, line by line. */
export const linesOf = ({ text, isClosed }: FakeLog): string[] => {
  const lines = text.split('\n');
  const rest = lines.pop();
  return isClosed && rest ? [...lines, rest] : lines;
};
