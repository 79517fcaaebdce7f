// A log file with a writer, and the three kinds of servers that hand it out, each as honest as the real ones: ours
// by bytes, VPO's by lines, and a plain text file with and without ranges.
import { json } from './page';

export const KINDS = ['own', 'lines', 'ranges', 'whole'] as const;
export type Kind = (typeof KINDS)[number];

const NEWLINE = 10;
const textDecoder = new TextDecoder();
export const decode = (bytes: Uint8Array): string => textDecoder.decode(bytes);

/** The file of one attempt. */
export class LogFile {
  bytes = new Uint8Array();
  gen = '1-a';
  /** The writer has ended. */
  isClosed = false;

  write(more: Uint8Array): void {
    const grown = new Uint8Array(this.bytes.length + more.length);
    grown.set(this.bytes);
    grown.set(more, this.bytes.length);
    this.bytes = grown;
  }

  /** What a page that has read all of it shows; lines have no ends of their own. */
  shownBy(kind: Kind): string {
    const text = decode(this.bytes);
    return kind === 'lines' ? splitLines(text).join('\n') : text;
  }
}

function splitLines(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** Where an answer may end: after a line while the file is being written. */
function limitOf({ bytes, isClosed }: LogFile): number {
  return isClosed ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
}

function cut(bytes: Uint8Array, start: number, most: number, limit: number): number {
  if (start + most >= limit) return limit;
  const line = bytes.subarray(start, start + most).lastIndexOf(NEWLINE) + 1;
  let end = start + (line || most);
  while (!line && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return end;
}

function own(file: LogFile, url: URL, most: number): Response {
  const { bytes, gen } = file;
  const limit = limitOf(file);
  const wanted = Number(url.searchParams.get('start'));
  const reset = (url.searchParams.get('gen') ?? gen) !== gen || wanted > bytes.length;
  const start = reset ? 0 : wanted;
  const end = Math.max(start, cut(bytes, start, most, limit));
  return json({
    gen,
    start,
    end,
    size: bytes.length,
    first_line: 1,
    text: decode(bytes.subarray(start, end)),
    more: end < limit,
    complete: file.isClosed && end >= bytes.length,
    reset,
  });
}

function lines(file: LogFile, url: URL, most: number): Response {
  const all = splitLines(decode(file.bytes));
  const offset = Number(url.searchParams.get('offset') ?? 0);
  const count = Math.max(2, Math.floor(most / 20));
  const part = all.slice(offset, offset + count);
  const has_more = offset + part.length < all.length;
  return json({ job_id: '7', lines: part, total_lines: all.length, offset, has_more });
}

const TEXT = { 'Content-Type': 'text/plain' };

function ranges({ bytes }: LogFile, range: string | null): Response {
  const from = /^bytes=(\d+)-$/.exec(range ?? '')?.[1];
  // A page of its own, with a line end wherever one might be looked for.
  if (from && Number(from) >= bytes.length)
    return new Response('no\n'.repeat(100), { status: 416, headers: { 'Content-Type': 'text/html' } });
  return from
    ? new Response(bytes.slice(Number(from)), { status: 206, headers: TEXT })
    : new Response(bytes, { headers: TEXT });
}

/** `most`: bytes that one answer of ours holds; a line of VPO's counts as 20. */
export function answerOf(kind: Kind, file: LogFile, url: URL, headers: Headers, most: number): Response {
  if (kind === 'own') return own(file, url, most);
  if (kind === 'lines') return lines(file, url, most);
  return ranges(file, kind === 'ranges' ? headers.get('Range') : null);
}
