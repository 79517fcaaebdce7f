// The formatters of `{path|formatter}`. The server has the same ones; test/contract/formatters.json holds both.
// Null means "nothing to show".

import { toText } from './path';

export interface FormatContext {
  words(key: string): string | undefined;
  /** The server's wall clock in milliseconds. */
  now(): number;
}

/** `local`: for a reader, inside an element that states the instant itself. */
export type Format = (value: unknown, context: FormatContext, local: boolean) => string | null;

const UNITS = [
  [86400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;

/** Whole, never negative: a clock that runs ahead must not show "-1 s". */
const ofAmount =
  (format: (amount: number, context: FormatContext) => string) =>
  (value: unknown, context: FormatContext): string | null =>
    typeof value === 'number' && value <= Number.MAX_SAFE_INTEGER
      ? format(Math.max(0, Math.floor(value)), context)
      : null;

const ofText =
  (format: (text: string, context: FormatContext) => string | null | undefined): Format =>
  (value, context) => {
    const text = toText(value);
    return text && (format(text, context) ?? null);
  };

/** Strict, because Date.parse takes "foo 1" for a date; a time without a zone is UTC. */
const ofInstant =
  (format: (ms: number, context: FormatContext, local: boolean) => string | null): Format =>
  (value, context, local) => {
    const [text, , zone] = ISO.exec(toText(value) ?? '') ?? [];
    const ms = Date.parse(zone ? text! : `${text}Z`);
    return Number.isNaN(ms) ? null : format(ms, context, local);
  };

/** The largest unit that is not zero, and the one below it. */
export function units(seconds: number): string[] {
  const first = UNITS.findIndex(([size]) => seconds >= size || size === 1);
  return UNITS.slice(first, first + 2).map(
    ([size, name], i) => `${Math.floor((i ? seconds % UNITS[first]![0] : seconds) / size)} ${name}`,
  );
}

const duration = ofAmount((seconds) => units(seconds).join(' '));

const ago = ofAmount((seconds, { words }) =>
  seconds < 10
    ? (words('just now') ?? 'just now')
    : (words('ago') ?? '{} ago').replace('{}', units(seconds)[0]!),
);

const since = (format: Format): Format =>
  ofInstant((ms, context, local) => format((context.now() - ms) / 1000, context, local));

let reader: Intl.DateTimeFormat | undefined;

/** Swedish dates are ISO dates: the same shape as the server's text, in the reader's zone, which it names. */
function localTime(ms: number): string {
  reader ??= new Intl.DateTimeFormat('sv', { dateStyle: 'short', timeStyle: 'long' });
  return reader.format(ms);
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
export const encodePath = ofText((text) =>
  /(^|\/)\.\.?(\/|$)/.test(text) ? null : encode(text)?.replaceAll('%2F', '/'),
);

function bytes(count: number): string {
  let unit = 0;
  let tenths = count * 10;
  for (; tenths >= 10_000; unit++) tenths = Math.floor(tenths / 1000);
  const size = tenths / 10;
  return `${unit && size < 10 ? size.toFixed(1) : Math.floor(size)} ${unit ? 'kMGTP'[unit - 1] : ''}B`;
}

export const FORMATTERS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['duration', duration],
  ['elapsed', since(duration)],
  ['ago', since(ago)],
  ['bytes', ofAmount(bytes)],
  ['percent', ofAmount((percent) => `${Math.min(100, percent)}%`)],
  ['path', encodePath],
  // A backslash separates only where there is no slash: on Linux it is an ordinary character of a name.
  [
    'basename',
    ofText(
      (text) =>
        text
          .split(text.includes('/') ? '/' : '\\')
          .filter(Boolean)
          .pop() ?? text,
    ),
  ],
  ['word', ofText((text, { words }) => words(text) ?? text)],
  [
    'time',
    ofInstant((ms, _context, local) =>
      local ? localTime(ms) : `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
    ),
  ],
]);
