// What data may do to a link: fill in a part of it, or be a whole web address; never choose another scheme or host
// behind the template's back.

import { encode, encodePath, type FormatContext } from './formatters';
import { show, type Template } from './template';

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
  if (template._bare) return typeof values[0] === 'string' && WEB.test(values[0]) ? values[0] : null;
  let url = template._literals[0]!;
  for (const [i, field] of template._fields.entries()) {
    const text = show(field, values[i], context, false);
    const part = field._format === encodePath || text === null ? text : encodeField(text, url);
    // An empty segment joins its neighbours: "/{a}/{b}" would become "//b", another host.
    if (part === null || (!part && !inQuery(url))) return null;
    url += part + template._literals[i + 1]!;
  }
  return ELSEWHERE.test(url) && !WEB.test(url) ? null : url;
}

const inQuery = (url: string): boolean => /[?#]/.test(url);

/** In a query two dots are only dots; in a path they are a way out. */
const encodeField = (text: string, before: string): string | null =>
  /^\.\.?$/.test(text) && !inQuery(before) ? null : encode(text);
