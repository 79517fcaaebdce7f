// Where a value is found in an answer, and what it looks like as text.

export { read } from '../../core/index';

export type Path = readonly string[];

/** `a.b.0.c`; a single dot is the value itself, so that a list of plain texts can be shown. */
export const parsePath = (source: string): Path => source.trim().split('.').filter(Boolean);

/** Null when there is nothing to show: null, absent, or an object where one value was expected. */
export const toText = (value: unknown): string | null =>
  value == null || typeof value === 'object' ? null : String(value);
