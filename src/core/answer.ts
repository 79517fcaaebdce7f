// What an HTTP answer means to a poll: decisions only, no requests. Bodies come in as `unknown` and are read once.
import { max, min } from './delay';
import type { Attempt } from './poll-state';
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

const isHtml = (facts: HttpFacts): boolean => /^text\/html\b/i.test(facts.header('Content-Type') ?? '');

export function classify(facts: HttpFacts, kind: Kind): Verdict {
  const { status } = facts;
  const isOk = status === 200 || status === 203 || status === 206;
  if (status === 304 || status === 204) return { result: 'unchanged', reason: '' };
  // A sign-in page at the end of a redirect is how many sites say 401.
  if (status === 401 || status === 403 || (isOk && facts.redirected && isHtml(facts)))
    return { result: 'refused', reason: 'signIn' };
  if (isOk && !isHtml(facts)) return { result: 'body', reason: '' };
  if ((status === 404 || status === 410) && kind !== 'list') return { result: 'gone', reason: 'gone' };
  const isPassing = [404, 408, 410, 425, 429].includes(status);
  return status >= 400 && status < 500 && !isPassing
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
  if (value === null) return null;
  const text = value.trim();
  const ms = /^\d+(\.\d+)?$/.test(text) ? +text * 1000 : untilDate(text, serverDate, wallNow);
  return ms === null ? null : min(max(ms, 0), LONGEST_RETRY_AFTER);
}

function untilDate(text: string, serverDate: string | null, wallNow: number): number | null {
  const until = dateMs(text);
  return until === null ? null : until - (dateMs(serverDate ?? '') ?? wallNow);
}

/** An HTTP date; other notations depend on the reader's time zone and are not accepted. */
function dateMs(text: string): number | null {
  // biome-ignore lint/style/noRestrictedGlobals: parses a text, reads no clock.
  const ms = /^\w+, .*GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

/** `status:completed,failed`: where to look in an answer and which values count. */
export interface Rule {
  readonly path: string;
  readonly values: readonly string[];
}

export const TERMINAL_RULE: Rule = { path: 'status', values: TERMINAL };
export const ACTIVE_RULE: Rule = { path: 'status', values: ACTIVE };

/** Null for a text that is no rule. */
export function parseRule(text: string): Rule | null {
  const [, path, list] = /^([^:]+):(.+)$/.exec(text) ?? [];
  const values = list?.split(',').map((value) => value.trim()) ?? [];
  return path ? { path: path.trim(), values } : null;
}

/** Follows a dotted path through own properties only, so that no inherited name is ever read. */
export function own(data: unknown, path: string): unknown {
  let at = data;
  for (const key of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

export interface Facts {
  readonly terminal: boolean;
  readonly active: boolean;
  readonly more: boolean;
  readonly attempt: Attempt;
}

export interface Reading {
  readonly kind: Kind;
  readonly terminal: Rule;
  readonly active: Rule;
}

const holds = (rule: Rule, data: unknown): boolean => {
  const value = own(data, rule.path);
  return value !== undefined && rule.values.includes(String(value));
};

/** What the loop needs to know of a body; null when its shape is wrong, which is a failure. */
export function readFacts(body: unknown, { kind, terminal, active }: Reading): Facts | null {
  if (typeof body !== 'object' || body === null) return null;
  if (kind === 'list')
    return { terminal: false, active: hasActive(body, active), more: false, attempt: null };
  if (Array.isArray(body)) return null;
  const attempt = own(body, kind === 'log' ? 'gen' : 'attempt');
  const isLog = kind === 'log';
  return {
    terminal: isLog ? own(body, 'complete') === true : holds(terminal, body),
    active: true,
    more: isLog && (own(body, 'more') === true || own(body, 'has_more') === true),
    attempt: typeof attempt === 'string' || typeof attempt === 'number' ? attempt : null,
  };
}

/** A list says so itself, since its active rows may be on another page; else its rows do. */
function hasActive(body: object, rule: Rule): boolean {
  const said = own(body, 'active');
  if (typeof said === 'boolean') return said;
  const lists = Array.isArray(body) ? [body] : Object.values(body).filter(Array.isArray);
  return lists.some((rows: unknown[]) => rows.some((row) => holds(rule, row)));
}
