// Which attributes data may write. Everything else (handlers, style, class, the source of a script, …) is refused.

const PLAIN =
  /^(alt|title|value|max|min|datetime|hidden|disabled|for|lang|dir|aria-.+|data-(?!vpo-|polling-).+)$/;
const URLS = new Map([
  ['href', 'a,area,link[rel$=icon i]'],
  ['src', 'img'],
]);

export const isUrl = (name: string): boolean => URLS.has(name);

export const isAllowed = (element: Element, name: string): boolean =>
  isUrl(name) ? element.matches(URLS.get(name)!) : PLAIN.test(name);

/** Attributes in which true and false are words, not presence and absence. */
export const isWorded = (name: string): boolean => /^(aria|data)-/.test(name);
