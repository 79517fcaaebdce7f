// What an HTTP answer means to a poll: decisions only, no requests. Bodies come in as `unknown` and are read once.
import { max, min } from './delay';
import type { Answer, Result } from './ports';
import { ACTIVE, TERMINAL } from './status';

/** A list may come back after any error; a record or log that is gone stays gone. */
export type Kind = 'list' | 'record' | 'log';

export interface HttpFacts {
  readonly status: number;
  /** Whether a redirect was followed. */
  readonly redirected: boolean;
  readonly headers: { get(name: string): string | null };
}

/** What each verdict means to the poll. Those that are not ok name the sentence that tells people why. */
export const RESULTS = {
  /** Read it. */
  body: 'ok',
  /** Nothing to parse or write. */
  unchanged: 'ok',
  failed: 'failed',
  gone: 'gone',
  signIn: 'refused',
  rejected: 'refused',
} as const satisfies Record<string, Result>;

export type Verdict = keyof typeof RESULTS;

export function classify({ status, redirected, headers }: HttpFacts, kind: Kind): Verdict {
  const isOk = (status > 199 && status < 207) || status === 226;
  if (status === 304 || status === 204) return 'unchanged';
  if (isOk && !/html/i.test(headers.get('Content-Type') ?? '')) return 'body';
  // A sign-in page at the end of a redirect is how many sites say 401.
  if (status === 401 || status === 403 || (isOk && redirected)) return 'signIn';
  const isGone = status === 404 || status === 410;
  if (isGone && kind !== 'list') return 'gone';
  return isGone || status < 400 || status > 499 || [408, 425, 429].includes(status) ? 'failed' : 'rejected';
}

/** A year: no answer is worth more patience, and sums with it stay exact. */
const LONGEST_RETRY_AFTER = 31_536_000_000;

/**
 * Retry-After (RFC 9110, 10.2.3) in milliseconds from now, null when absent or unreadable. A date is compared
 * with the server's own `Date`, since the clocks may disagree; `wallNow` stands in when there is none.
 */
export function retryAfterMs(
  value: string | null,
  serverDate: string | null,
  wallNow: number,
): number | null {
  const text = value?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? +text * 1000 : dateMs(text) - (dateMs(serverDate) || wallNow);
  return Number.isNaN(ms) ? null : max(0, min(ms, LONGEST_RETRY_AFTER));
}

/** An HTTP date; NaN for other notations, which depend on the reader's time zone. */
const dateMs = (text: string | null): number =>
  // biome-ignore lint/style/noRestrictedGlobals: parses a text, reads no clock.
  /GMT$/.test(text ?? '') ? Date.parse(text ?? '') : Number.NaN;

/** `status:completed,failed`: where to look in an answer and which values count. */
export interface Rule {
  readonly path: string;
  readonly values: readonly string[];
}

/** A turn has two statuses of its own. */
export const TERMINAL_RULE: Rule = { path: 'status', values: [...TERMINAL, 'interrupted'] };
export const ACTIVE_RULE: Rule = { path: 'status', values: [...ACTIVE, 'pending'] };

/** Null for a text that is no rule. */
export function parseRule(text: string): Rule | null {
  const [path, list] = text.split(':');
  return path && list ? { path, values: list.split(/\s*,\s*/) } : null;
}

/** Follows names through own properties of objects only: `constructor` or `length` of a text is not data. */
export const read = (data: unknown, path: readonly string[]): unknown =>
  path.reduce(
    (at: unknown, name) =>
      typeof at === 'object' && at && Object.hasOwn(at, name)
        ? (at as Record<string, unknown>)[name]
        : undefined,
    data,
  );

/** The same for a dotted path. */
export const own = (data: unknown, path: string): unknown => read(data, path.split('.'));

export type Facts = Omit<Answer, 'data' | 'news'>;

export interface Reading {
  readonly kind: 'list' | 'record';
  readonly terminal: Rule;
  readonly active: Rule;
}

const holds = ({ path, values }: Rule, data: unknown): boolean => values.includes(String(own(data, path)));

/** What the loop needs to know of a body; null when its shape is wrong, which is a failure. */
export function readFacts(body: unknown, { kind, terminal, active }: Reading): Facts | null {
  const isList = kind === 'list';
  if (typeof body !== 'object' || !body || (!isList && Array.isArray(body))) return null;
  return {
    terminal: !isList && holds(terminal, body),
    active: !isList || hasActive(body, active),
    more: false,
    attempt: String(own(body, 'attempt')),
  };
}

/** A list says so itself, since its active rows may be on another page; else its rows do. */
function hasActive(body: object, rule: Rule): boolean {
  if (holds(rule, body)) return true;
  const said = own(body, 'active');
  return typeof said === 'boolean'
    ? said
    : [body, ...Object.values(body)].some(
        (rows: unknown) => Array.isArray(rows) && rows.some((row) => holds(rule, row)),
      );
}
