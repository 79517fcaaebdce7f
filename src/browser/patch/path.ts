// Where a value is found in an answer, and what it looks like as text.

export type Path = readonly string[];

/** `a.b.0.c`; a single dot is the value itself, so that a list of plain texts can be shown. */
export const parsePath = (source: string): Path => source.trim().split('.').filter(Boolean);

/** Own properties of objects only: `constructor` or `length` of a text in an answer is not data. */
export function read(data: unknown, path: Path): unknown {
  let value = data;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** Null when there is nothing to show: null, absent, or an object where one value was expected. */
export const toText = (value: unknown): string | null =>
  value == null || typeof value === 'object' ? null : String(value);
