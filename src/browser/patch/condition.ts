// `[!]path[=value value…]` of data-vpo-show and data-vpo-when.

import { type Path, parsePath, read, toText } from './path';

export interface Condition {
  readonly _path: Path;
  readonly _values: readonly string[] | undefined;
  readonly _negated: boolean;
}

export function parseCondition(source: string): Condition {
  const negated = source.startsWith('!');
  const [path, ...values] = source.slice(negated ? 1 : 0).split('=');
  return {
    _path: parsePath(path!),
    _values: values.length ? values.join('=').trim().split(/\s+/) : undefined,
    _negated: negated,
  };
}

/** Without values: anything but null, absent, false, 0, the empty text and the empty array. */
export function holds(condition: Condition, data: unknown): boolean {
  const value = read(data, condition._path);
  const met = condition._values
    ? condition._values.includes(toText(value) ?? '')
    : Array.isArray(value)
      ? value.length > 0
      : Boolean(value);
  return met !== condition._negated;
}
