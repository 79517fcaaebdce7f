// The formatters of `{path|formatter}`. The server has the same ones; test/contract/formatters.json holds both.
// Null means "nothing to show".

import { toText } from './path';

export interface FormatContext {
  words(key: string): string | undefined;
  /** The server's wall clock in milliseconds. */
  now(): number;
}

export type Format = (value: unknown, context: FormatContext, local: boolean) => string | null;

const UNITS = [
  [86400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;

/** Whole, never negative: a clock that runs ahead must not show "-1 s". */
const amount = (value: unknown): number | null =>
  typeof value === 'number' && value <= Number.MAX_SAFE_INTEGER ? Math.max(0, Math.floor(value)) : null;

/** The largest unit that is not zero, and the one below it. */
function units(seconds: number): string[] {
  const first = UNITS.findIndex(([size]) => seconds >= size || size === 1);
  let rest = seconds;
  return UNITS.slice(first, first + 2).map(([size, name]) => {
    const count = Math.floor(rest / size);
    rest %= size;
    return `${count} ${name}`;
  });
}

/** Strict, because Date.parse takes "foo 1" for a date; a time without a zone is UTC. */
function instant(value: unknown): number | null {
  const match = typeof value === 'string' ? ISO.exec(value) : null;
  const ms = match ? Date.parse(match[2] ? match[0] : `${match[0]}Z`) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

const secondsSince = (value: unknown, context: FormatContext): number | null => {
  const ms = instant(value);
  return ms === null ? null : amount((context.now() - ms) / 1000);
};

let localFormat: Intl.DateTimeFormat | undefined;

/** Swedish dates are ISO dates: the same shape as the server's text, in the reader's zone, which it names. */
function localTime(ms: number): string {
  localFormat ??= new Intl.DateTimeFormat('sv', { dateStyle: 'short', timeStyle: 'long' });
  return localFormat.format(ms);
}

function bytes(value: unknown): string | null {
  const count = amount(value);
  if (count === null || count < 1000) return count === null ? null : `${count} B`;
  let unit = 1;
  let size = 1000;
  for (; count >= size * 1000; size *= 1000) unit++;
  const tenths = Math.floor(count / (size / 10));
  return `${tenths < 100 ? (tenths / 10).toFixed(1) : Math.floor(tenths / 10)} ${BYTE_UNITS[unit]}`;
}

function basename(value: unknown): string | null {
  const text = toText(value);
  // A backslash separates only where there is no slash: on Linux it is an ordinary character of a name.
  return (
    text &&
    (text
      .split(text.includes('/') ? '/' : '\\')
      .filter(Boolean)
      .pop() ??
      text)
  );
}

/** Null for half a surrogate pair (a file name that was not UTF-8): no URL can name it. */
export function encode(text: string): string | null {
  try {
    return encodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Percent-encoded segments, slashes kept. A dot segment would lead elsewhere. */
export function encodePath(value: unknown): string | null {
  const text = toText(value);
  if (text === null || /(^|\/)\.\.?(\/|$)/.test(text)) return null;
  return encode(text)?.replaceAll('%2F', '/') ?? null;
}

export const duration: Format = (value) => {
  const seconds = amount(value);
  return seconds === null ? null : units(seconds).join(' ');
};

export const ago: Format = (value, context) => {
  const seconds = secondsSince(value, context);
  if (seconds === null) return null;
  if (seconds < 10) return context.words('just now') ?? 'just now';
  return (context.words('ago') ?? '{} ago').replace('{}', units(seconds)[0]!);
};

export const elapsed: Format = (value, context, local) =>
  duration(secondsSince(value, context), context, local);

export const FORMATTERS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['duration', duration],
  ['ago', ago],
  ['elapsed', elapsed],
  ['bytes', bytes],
  ['basename', basename],
  ['path', encodePath],
  [
    'percent',
    (value) => {
      const percent = amount(value);
      return percent === null ? null : `${Math.min(100, percent)}%`;
    },
  ],
  [
    'word',
    (value, context) => {
      const text = toText(value);
      return text && (context.words(text) ?? text);
    },
  ],
  [
    'time',
    (value, _context, local) => {
      const ms = instant(value);
      if (ms === null) return null;
      return local ? localTime(ms) : `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
    },
  ],
]);
