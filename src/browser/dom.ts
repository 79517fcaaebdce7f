// What several files do with the document.

/** An element with attributes and content. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string>,
  ...content: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]!);
  element.append(...content);
  return element;
}

/** Tells scripts of the page what happens in a region. What listeners change in `detail` counts. */
export function emit<T>(element: Element, name: string, detail: T): T {
  element.dispatchEvent(new CustomEvent(`vpo:${name}`, { bubbles: true, detail }));
  return detail;
}

/** Listens to events of these types (separated by spaces) until `signal` aborts. */
export function listen<E extends Event>(
  target: EventTarget,
  types: string,
  signal: AbortSignal,
  run: (event: E) => void,
): void {
  for (const type of types.split(' ')) target.addEventListener(type, run as EventListener, { signal });
}
