// A part is what one object of an answer paints: the region for the answer itself, a row for an item of a list.

import { type Binding, bindAttribute, bindShow, bindText } from './bindings';
import type { Paint, ViewContext } from './context';
import { createList, type List } from './each';

export interface Part {
  readonly _root: Element;
  /** How many lists it is in. */
  readonly _depth: number;
  /** Each with what it was written as. */
  readonly _bindings: [Binding, source: string][];
  readonly _lists: List[];
  readonly _undo: Set<() => void>;
  /** Its bindings as written: what tells one template's rows from another's. */
  _shape: string;
  /** The first element whose data-status is the part's status. */
  _status: Element | undefined;
}

/** Attributes that say nothing about data: lists and other files of the runtime read them. */
const OTHERS =
  /^(src|log|etag|key|row|when|use|gen|end|complete|refresh|connection|query|action|message|confirm|question|new|notify|notice|back|changed|origins|words|of|all|copy|rows|tree|composer|pending)$/;

export function createPart(root: Element, depth: number, context: ViewContext): Part {
  const part: Part = {
    _root: root,
    _depth: depth,
    _bindings: [],
    _lists: [],
    _undo: new Set(),
    _shape: '',
    _status: undefined,
  };
  bindAll(root, part, context);
  return part;
}

function bindAll(element: Element, part: Part, context: ViewContext): void {
  const isInner = element !== part._root;
  // A region inside a region is painted by its own view.
  if (isInner && element.hasAttribute('data-vpo-src')) return;
  for (const name of element.getAttributeNames()) {
    const kind = /^data-vpo-(.+)/.exec(name)?.[1];
    if (!kind || OTHERS.test(kind)) continue;
    const source = element.getAttribute(name)!;
    const binding = bind(element, kind, source, part, context);
    if (binding) part._bindings.push([binding, source]);
    part._shape += `${kind}=${source}\n`;
  }
  // A log has no data for bindings inside, and its lines are not ours.
  if (isInner && element.hasAttribute('data-vpo-log')) return;
  for (const child of element.children)
    if (!child.hasAttribute('data-vpo-row')) bindAll(child, part, context);
}

function bind(
  element: Element,
  kind: string,
  source: string,
  part: Part,
  context: ViewContext,
): Binding | undefined {
  if (kind === 'text') return bindText(element, source, part, context);
  if (kind === 'show') return bindShow(element, source);
  if (kind === 'each') {
    const list = createList(element, source, part._depth, context);
    if (list) part._lists.push(list);
  } else if (kind.startsWith('attr-')) return bindAttribute(element, kind.slice(5), source, part, context);
  else context.warn(`data-vpo-${kind}: unknown`);
  return undefined;
}

/** Whether `data` has all that a binding reads: the fields of a template, or the path of a condition or list. */
const isNamed = (source: string, data: object): boolean =>
  [...source.matchAll(/{/.test(source) ? /{\s*(\w+)/g : /^!?(\w+)/g)].every(([, name]) =>
    Object.hasOwn(data, name!),
  );

export function paintPart(part: Part, data: unknown, paint: Paint): void {
  // Rows are always whole.
  const isPart = paint._isPart && !part._depth;
  for (const [binding, source] of part._bindings)
    if (!isPart || isNamed(source, data as object)) binding(data, paint);
  for (const list of part._lists)
    if (!isPart || isNamed(list._source, data as object)) list._paint(data, paint);
}

export function disposePart(part: Part): void {
  for (const undo of part._undo) undo();
  for (const list of part._lists) list._dispose();
}
