// What data may do to a link: fill in a part of it, or be a whole web address; never choose another scheme or host
// behind the template's back.

import { encode, encodePath, type FormatContext } from './formatters';
import type { Template } from './template';

const WEB = /^https?:\/\//i;
// Another scheme, or a host without one. Control characters cannot hide a scheme here: data is encoded, and a
// bare field has to begin with http.
const ELSEWHERE = /^\/\/|^[^/?#]*:/;

/** Null when a field is missing or the result would lead elsewhere. */
export function fillUrl(
  template: Template,
  values: readonly unknown[],
  context: FormatContext,
): string | null {
  const { _literals, _fields, _bare } = template;
  let url = _literals[0]!;
  for (const [i, { _format }] of _fields.entries()) {
    const text = _format(values[i], context, false);
    if (text === null) return null;
    // In a query two dots are only dots, and nothing is nothing. In a path dots are a way out, and an empty
    // segment joins its neighbours: "/{a}/{b}" would become "//b", another host.
    if (!_bare && !/[?#]/.test(url) && /^\.{0,2}$/.test(text)) return null;
    const part = _bare || _format === encodePath ? text : encode(text);
    if (part === null) return null;
    url += part + _literals[i + 1]!;
  }
  return (_bare || ELSEWHERE.test(url)) && !WEB.test(url) ? null : url;
}
