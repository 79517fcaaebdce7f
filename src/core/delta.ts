// Deltas of a list (RFC 3229, 226 IM Used): what changed since an answer that is still there.
import { own } from './answer';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && !!value && !Array.isArray(value);

/**
 * `data` with `{fields, rows, removed, order?}` applied: members that differ, whole rows that differ or are new, keys that are
 * gone, all keys where their order differs. The rows are `data[list]`, told apart by their member `key`. What did
 * not change stays the same object. Null when the two don't fit together.
 */
export function applyDelta(data: unknown, delta: unknown, list: string, key: string): Json | null {
  const before = own(data, list);
  if (!isObject(data) || !isObject(delta) || !Array.isArray(before)) return null;
  const { fields, rows, removed, order } = delta;
  if (!isObject(fields) || !Array.isArray(rows) || !Array.isArray(removed)) return null;
  // A Map: keys come from the server and may be called `__proto__`.
  const kept = new Map<unknown, unknown>(before.map((row) => [own(row, key), row]));
  for (const gone of removed) kept.delete(gone);
  for (const row of rows) kept.set(own(row, key), row);
  const keys: unknown[] = Array.isArray(order) ? order : [...kept.keys()];
  if (keys.length !== kept.size || !keys.every((name) => kept.has(name))) return null;
  return { ...data, ...fields, [list]: keys.map((name) => kept.get(name)) };
}
