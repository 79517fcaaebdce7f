// Turns and files as a server tells of them, and the script that follows them.
import type { Turns } from '../../../src/turns/index';
import { type Asked, runtime } from '../support/page';

/** The three functions, on the runtime of the test. */
export async function turns(): Promise<Turns> {
  const { createTurns } = await import('../../../src/turns/index');
  return createTurns(runtime.tools);
}

/** What the script tag adds to a page; ends with the page. */
export async function enliven(): Promise<void> {
  const { enliven } = await import('../../../src/turns/index');
  runtime.use((_tools, signal) => enliven(signal));
}

export const block = (number: number, text: string, more: object = {}): object => ({
  id: `t1.${number}`,
  number,
  kind: 'content',
  text,
  ...more,
});

export const turnOf = (status: string, blocks: readonly object[] = [], more: object = {}): object => ({
  id: 't1',
  status,
  error: null,
  blocks,
  attempt: 1,
  ...more,
});

export const file = (path: string, version = 1): object => ({
  path,
  version,
  last_modified: '2026-11-22T03:00:00.000Z',
  size: 1,
});

export const filesOf = (...files: object[]): object => ({ files, total: files.length });

/** Milliseconds between requests. */
export const gaps = (asked: readonly Asked[]): number[] =>
  asked.slice(1).map(({ at }, i) => at - asked[i]!.at);
