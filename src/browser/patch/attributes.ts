// Which attributes data may write. Everything else (handlers, style, class, src of a script, srcdoc, …) is refused.

const PLAIN =
  /^(alt|title|value|max|min|datetime|hidden|disabled|for|lang|dir|aria-.+|data-(?!vpo-|polling-).+)$/;

export const isUrl = (element: Element, name: string): boolean =>
  name === 'href'
    ? /^(a|area)$/.test(element.localName) || (element.localName === 'link' && isIcon(element))
    : name === 'src' && element.localName === 'img';

const isIcon = (link: Element): boolean => /\bicon$/i.test(link.getAttribute('rel') ?? '');

export const isAllowed = (element: Element, name: string): boolean =>
  PLAIN.test(name) || isUrl(element, name);

/** Attributes in which true and false are words, not presence and absence. */
export const isWorded = (name: string): boolean => /^(aria|data)-/.test(name);
