// `[!]path[=value value…]` of data-vpo-show and data-vpo-when.

import { parsePath, read, toText } from './path';

export type Condition = (data: unknown) => boolean;

/** Without values: anything but null, absent, false, 0, the empty text and the empty array. */
export function parseCondition(source: string): Condition {
  const [, not, path, values] = /^(!?)([^=]*)=?(.*)$/s.exec(source)!;
  const where = parsePath(path!);
  const wanted = path!.length + not!.length < source.length && values!.trim().split(/\s+/);
  return (data) => {
    const value = read(data, where);
    const met = wanted
      ? wanted.includes(toText(value) ?? '')
      : Array.isArray(value)
        ? value.length > 0
        : !!value;
    return met !== !!not;
  };
}
