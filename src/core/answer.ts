// What an HTTP answer means to a poll: decisions only, no requests. Bodies come in as `unknown` and are read once.
import { min } from './delay';
import type { Answer } from './ports';
import { ACTIVE, TERMINAL } from './status';

/** A list may come back after any error; a record or log that is gone stays gone. */
export type Kind = 'list' | 'record' | 'log';

export interface HttpFacts {
  readonly status: number;
  /** Whether a redirect was followed. */
  readonly redirected: boolean;
  header(name: string): string | null;
}

export interface Verdict {
  /** body: read it. unchanged: nothing to parse or write. The others as in `Outcome`. */
  readonly result: 'body' | 'unchanged' | 'failed' | 'gone' | 'refused';
  /** Names the sentence that tells people why; empty when there is nothing to tell. */
  readonly reason: '' | 'signIn' | 'gone' | 'rejected' | 'failed';
}

export function classify({ status, redirected, header }: HttpFacts, kind: Kind): Verdict {
  const isOk = status > 199 && status < 207;
  const isHtml = /html/i.test(header('Content-Type') ?? '');
  if (status === 304 || status === 204) return { result: 'unchanged', reason: '' };
  if (isOk && !isHtml) return { result: 'body', reason: '' };
  // A sign-in page at the end of a redirect is how many sites say 401.
  if (status === 401 || status === 403 || (isOk && redirected))
    return { result: 'refused', reason: 'signIn' };
  if (kind !== 'list' && (status === 404 || status === 410)) return { result: 'gone', reason: 'gone' };
  return status > 399 && status < 500 && ![404, 408, 410, 425, 429].includes(status)
    ? { result: 'refused', reason: 'rejected' }
    : { result: 'failed', reason: 'failed' };
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
  return ms > 0 ? min(ms, LONGEST_RETRY_AFTER) : ms <= 0 ? 0 : null;
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

export const TERMINAL_RULE: Rule = { path: 'status', values: TERMINAL };
export const ACTIVE_RULE: Rule = { path: 'status', values: ACTIVE };

/** Null for a text that is no rule. */
export function parseRule(text: string): Rule | null {
  const [path, list] = text.split(':');
  return path && list ? { path, values: list.split(/\s*,\s*/) } : null;
}

/** Follows a dotted path through own properties only, so that no inherited name is ever read. */
export const own = (data: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce(
      (at: unknown, key) =>
        typeof at === 'object' && at && Object.hasOwn(at, key)
          ? (at as Record<string, unknown>)[key]
          : undefined,
      data,
    );

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
  const said = own(body, 'active');
  return typeof said === 'boolean'
    ? said
    : [body, ...Object.values(body)].some(
        (rows: unknown) => Array.isArray(rows) && rows.some((row) => holds(rule, row)),
      );
}
