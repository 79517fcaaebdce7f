// A part is what one object of an answer paints: the region for the answer itself, a row for an item of a list.

import { type Binding, bindAttribute, bindShow, bindText } from './bindings';
import type { Paint, Shared } from './context';
import { createList, type List } from './each';

export interface Part {
  readonly _root: Element;
  readonly _isRow: boolean;
  readonly _bindings: Binding[];
  readonly _lists: List[];
  readonly _undo: (() => void)[];
  /** Its bindings: what tells one template's rows from another's. */
  readonly _shape: string[];
  /** The element whose data-status is the part's status. */
  _status: Element | undefined;
}

const ATTRIBUTE = 'data-vpo-attr-';
/** Attributes that say nothing about data here: other files of the runtime, and the lists, read them. */
const OTHERS =
  /^data-vpo-(src|log|etag|key|row|when|use|refresh|connection|query|action|message|confirm|new|notify|changed|origins|words)$/;

export function createPart(root: Element, isRow: boolean, depth: number, shared: Shared): Part {
  const part: Part = {
    _root: root,
    _isRow: isRow,
    _bindings: [],
    _lists: [],
    _undo: [],
    _shape: [],
    _status: undefined,
  };
  bind(root, part, depth, shared);
  return part;
}

function bind(element: Element, part: Part, depth: number, shared: Shared): void {
  // A region inside a region is painted by its own view.
  if (element !== part._root && element.hasAttribute('data-vpo-src')) return;
  const isList = element.hasAttribute('data-vpo-each');
  for (const name of element.getAttributeNames()) {
    if (name.startsWith('data-vpo-')) bindOne(element, name, part, depth, shared);
  }
  // A log has no data of its own for bindings, but its lines are not ours either.
  if (element !== part._root && element.hasAttribute('data-vpo-log')) return;
  for (const child of element.children) {
    if (!isList || !child.hasAttribute('data-vpo-row')) bind(child, part, depth, shared);
  }
}

function bindOne(element: Element, name: string, part: Part, depth: number, shared: Shared): void {
  if (OTHERS.test(name)) return;
  const source = element.getAttribute(name)!;
  let binding: Binding | undefined;
  if (name === 'data-vpo-text') binding = bindText(element, source, part, shared);
  else if (name === 'data-vpo-show') binding = bindShow(element, source);
  else if (name === 'data-vpo-each') {
    const list = createList(element, source, depth, shared);
    if (list) part._lists.push(list);
  } else if (name.startsWith(ATTRIBUTE)) {
    binding = bindAttribute(element, name.slice(ATTRIBUTE.length), source, part, shared);
  } else shared._context.warn(name, `unknown attribute ${name}`);
  part._shape.push(`${element.localName} ${name}=${source}`);
  if (binding) part._bindings.push(binding);
}

/** True when something waits to be painted again from the same data. */
export function paintPart(part: Part, data: unknown, paint: Paint): boolean {
  let again = false;
  for (const binding of part._bindings) again = binding(data, paint) || again;
  for (const list of part._lists) again = list._paint(data, paint) || again;
  return again;
}

export function disposePart(part: Part): void {
  for (const undo of part._undo) undo();
  for (const list of part._lists) list._dispose();
}
