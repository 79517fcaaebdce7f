import { describe, expect, it } from 'vitest';
import {
  ACTIVE_RULE,
  classify,
  type Kind,
  own,
  parseRule,
  RESULTS,
  readFacts,
  retryAfterMs,
  TERMINAL_RULE,
} from '../../src/core/index';

const JSON_TYPE = 'application/json; charset=utf-8';

function verdict(status: number, { kind = 'record' as Kind, type = JSON_TYPE, redirected = false } = {}) {
  const headers = { get: (name: string) => (name.toLowerCase() === 'content-type' ? type : null) };
  const reason = classify({ status, redirected, headers }, kind);
  const result = RESULTS[reason];
  return result === 'ok' || result === reason ? reason : `${result} ${reason}`;
}

describe('an HTTP answer', () => {
  it('with a body is read, without change is left alone', () => {
    expect([200, 206, 226].map((status) => verdict(status))).toEqual(['body', 'body', 'body']);
    expect([304, 204].map((status) => verdict(status))).toEqual(['unchanged', 'unchanged']);
    expect(verdict(200, { redirected: true })).toBe('body');
    expect(verdict(200, { kind: 'log', type: 'text/plain' })).toBe('body');
  });

  it('that asks to sign in ends the poll', () => {
    expect([401, 403].map((status) => verdict(status))).toEqual(['refused signIn', 'refused signIn']);
    expect(verdict(200, { redirected: true, type: 'text/html' })).toBe('refused signIn');
  });

  it('that is HTML without a redirect is a failure', () => {
    expect(verdict(200, { type: 'Text/HTML; charset=utf-8' })).toBe('failed');
    expect(verdict(502, { type: 'text/html', redirected: true })).toBe('failed');
  });

  it('404 and 410 end a record or a log, not a list', () => {
    for (const status of [404, 410]) {
      expect(verdict(status)).toBe('gone');
      expect(verdict(status, { kind: 'log' })).toBe('gone');
      expect(verdict(status, { kind: 'list' })).toBe('failed');
    }
  });

  it('that may pass is a failure, any other 4xx ends', () => {
    for (const status of [0, 408, 425, 429, 500, 502, 503, 504, 599, 208, 302])
      expect([status, verdict(status)]).toEqual([status, 'failed']);
    for (const status of [400, 402, 405, 406, 409, 418, 422, 451, 499])
      expect([status, verdict(status)]).toEqual([status, 'refused rejected']);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-22T03:00:00Z');
  const read = (value: string | null, date: string | null = null) => retryAfterMs(value, date, now);

  it('is seconds', () => {
    expect(['0', '1', ' 20 ', '3600'].map((value) => read(value))).toEqual([0, 1000, 20_000, 3_600_000]);
  });

  it('is a date, seen from the clock of the server that sent it', () => {
    expect(read('Sun, 22 Nov 2026 03:00:20 GMT')).toBe(20_000);
    expect(read('Sun, 22 Nov 2026 03:00:20 GMT', 'Sun, 22 Nov 2026 02:59:50 GMT')).toBe(30_000);
    expect(read('Sun, 22 Nov 2026 03:00:20 GMT', 'nonsense')).toBe(20_000);
    expect(read('Sun, 22 Nov 2026 02:00:00 GMT')).toBe(0);
  });

  it('is nothing when absent or unreadable', () => {
    for (const value of [null, '', '-5', '1.5', '1e3', 'soon', '2026-11-22', '20, 20'])
      expect([value, read(value)]).toEqual([value, null]);
  });

  it('stays finite', () => {
    expect(read('9'.repeat(400))).toBe(31_536_000_000);
  });
});

describe('a rule', () => {
  it('names a path and the values that count', () => {
    expect(parseRule('state.phase:done, failed')).toEqual({
      path: 'state.phase',
      values: ['done', 'failed'],
    });
    for (const text of ['', 'status', 'status:', ':done'])
      expect([text, parseRule(text)]).toEqual([text, null]);
  });
});

describe('a path', () => {
  it('leads through own properties only', () => {
    expect(own({ a: { b: [7] } }, 'a.b.0')).toBe(7);
    for (const path of ['constructor', '__proto__', 'a.constructor', 'a.b.c', 'x'])
      expect([path, own({ a: { b: null } }, path)]).toEqual([path, undefined]);
    expect(own(JSON.parse('{"__proto__": 5}'), '__proto__')).toBe(5);
    expect(own(null, 'a')).toBeUndefined();
    expect(own('text', 'length')).toBeUndefined();
  });
});

describe('the facts of a body', () => {
  const facts = (body: unknown, kind: 'record' | 'list', terminal = TERMINAL_RULE) =>
    readFacts(body, { kind, terminal, active: ACTIVE_RULE });

  it('a record is terminal by its status; its attempt is known', () => {
    expect(facts({ status: 'running', attempt: 2 }, 'record')).toMatchObject({
      terminal: false,
      active: true,
    });
    const ended = facts({ status: 'failed', attempt: 2 }, 'record');
    expect(ended).toMatchObject({ terminal: true });
    expect(ended?.attempt).toBe(facts({ status: 'queued', attempt: 2 }, 'record')?.attempt);
    expect(ended?.attempt).not.toBe(facts({ status: 'queued', attempt: 3 }, 'record')?.attempt);
    expect(facts({ s: { p: 'done' } }, 'record', { path: 's.p', values: ['done'] })?.terminal).toBe(true);
    expect(facts({}, 'record')).toMatchObject({ terminal: false });
  });

  it('the attempt of a hostile body is still one value', () => {
    const attempt = () => facts(JSON.parse('{"attempt": {"a": []}}'), 'record')?.attempt;
    expect(attempt()).toBe(attempt());
  });

  it('a list is active by a value of its own that the rule names', () => {
    const active = (text: string, body: unknown) =>
      readFacts(body, { kind: 'list', terminal: TERMINAL_RULE, active: parseRule(text)! })?.active;
    expect(active('busy:true', { busy: true, jobs: [] })).toBe(true);
    expect(active('busy:true', { busy: false, jobs: [] })).toBe(false);
    expect(active('watch.state:on,late', { watch: { state: 'late' }, jobs: [] })).toBe(true);
    expect(active('active:true', { active: false })).toBe(false);
  });

  it('a list never ends and is active by its own word, else by its rows', () => {
    expect(facts({ jobs: [{ status: 'completed' }] }, 'list')).toMatchObject({
      terminal: false,
      active: false,
    });
    expect(facts({ jobs: [{ status: 'completed' }, { status: 'queued' }] }, 'list')?.active).toBe(true);
    expect(facts({ active: true, jobs: [] }, 'list')?.active).toBe(true);
    expect(facts({ active: false, jobs: [{ status: 'queued' }] }, 'list')?.active).toBe(false);
    expect(facts([{ status: 'running' }], 'list')?.active).toBe(true);
    expect(facts({ jobs: [], status: 'completed' }, 'list')?.terminal).toBe(false);
    expect(facts({ jobs: [null, 3, 'x', []] }, 'list')?.active).toBe(false);
  });

  it('a wrong shape has none', () => {
    for (const body of [null, 3, 'text', true, undefined]) {
      expect(facts(body, 'record')).toBeNull();
      expect(facts(body, 'list')).toBeNull();
    }
    expect(facts([], 'record')).toBeNull();
  });
});
