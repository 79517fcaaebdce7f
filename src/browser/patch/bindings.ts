// One closure per bound text or attribute. It remembers the values it has seen, so that an answer that repeats them
// costs a few comparisons and touches no DOM; when they differ, the DOM itself says whether there is something to write.

import { isAllowed, isUrl, isWorded } from './attributes';
import { holds, parseCondition } from './condition';
import type { Paint, Shared } from './context';
import { setDisabled, settleControls } from './controls';
import type { Part } from './part';
import { read } from './path';
import { fill, parseTemplate, type Template } from './template';
import { fillUrl } from './urls';

/** Shows `data`; true when it could not yet and wants to be asked again with the same data. */
export type Binding = (data: unknown, paint: Paint) => boolean;

function compile(source: string, { _context, _templates }: Shared): Template | undefined {
  if (!_templates.has(source)) {
    const unknown = (name: string) => _context.warn(source, `unknown formatter "${name}" in "${source}"`);
    _templates.set(source, parseTemplate(source, unknown));
  }
  return _templates.get(source);
}

/** Reads the fields into `seen`; true if one of them is new. */
function look(template: Template, seen: unknown[], data: unknown, shared: Shared): boolean {
  const fields = template._fields;
  // Also true for a template without fields, once.
  let changed = !seen.length;
  if (changed) seen.length = fields.length || 1;
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i]!;
    const value = read(data, field._path);
    if (value === seen[i]) continue;
    seen[i] = value;
    changed = true;
    if (typeof value === 'object' && value !== null) {
      const path = field._path.join('.');
      shared._context.warn(path, `"${path}" is not a single value; nothing is shown for it`);
    }
  }
  return changed;
}

const textsOf = (element: Element): Text[] =>
  [...element.childNodes].filter((node): node is Text => node.nodeType === 3);

/** Only the text node is written: elements that scripts have put beside it stay. */
function writeText(element: Element, known: Text | undefined, text: string): Text | undefined {
  const node = known?.parentNode === element ? known : textsOf(element)[0];
  if (node) node.data = text;
  // The node was taken away (page translators wrap it): what stands there now is its replacement.
  else if (known) element.textContent = text;
  else element.prepend(text);
  return node ?? textsOf(element)[0];
}

export function bindText(element: Element, source: string, part: Part, shared: Shared): Binding | undefined {
  const { _context: context } = shared;
  const template = compile(source, shared);
  if (!template) return undefined;
  // Parsers split long texts.
  if (!element.firstElementChild && element.childNodes.length > 1) element.normalize();
  const texts = textsOf(element);
  if (texts.length !== 1 && element.firstChild) {
    context.warn(source, `data-vpo-text="${source}" needs an element with one text node`);
    return undefined;
  }
  let node = texts[0];
  const seen: unknown[] = [];
  const current = () => fill(template, seen, context, element.localName === 'time');
  const write = (text: string): boolean => {
    if (text === (node?.data ?? '') && (!node || node.parentNode === element)) return false;
    node = writeText(element, node, text);
    return true;
  };
  if (template._ticks) {
    const tick = (): boolean => {
      const text = element.closest('[hidden]') ? null : current();
      if (text !== null) write(text);
      return text !== null;
    };
    part._undo.push(context.ticker.add(tick));
  }
  return (data, paint) => {
    // What the server has painted of a running time was right then: the ticker goes on from there.
    const painted = template._ticks && !seen.length && node?.data;
    if (look(template, seen, data, shared) && !painted && write(current() ?? '')) paint._writes++;
    return false;
  };
}

export function bindAttribute(
  element: Element,
  name: string,
  source: string,
  part: Part,
  shared: Shared,
): Binding | undefined {
  const { _context: context } = shared;
  if (!isAllowed(element, name)) {
    context.warn(name, `data-vpo-attr-${name}: this attribute of <${element.localName}> is not written`);
    return undefined;
  }
  const template = compile(source, shared);
  if (!template) return undefined;
  const url = isUrl(element, name);
  const isStatus = name === 'data-status';
  if (isStatus) part._status ??= element;
  const seen: unknown[] = [];
  return (data, paint) => {
    if (!look(template, seen, data, shared)) return false;
    let value = url ? fillUrl(template, seen, context) : fill(template, seen, context, false);
    if (template._bare && typeof seen[0] === 'boolean' && !isWorded(name)) value = seen[0] ? '' : null;
    if (name === 'disabled') {
      if (setDisabled(element, value !== null)) paint._writes++;
      return false;
    }
    const shown = element.getAttribute(name);
    if (value === shown) return false;
    // Somebody is about to type: a new default value would change what they see.
    if (name === 'value' && element.matches('input:focus')) {
      seen.length = 0;
      return true;
    }
    if (value === null) element.removeAttribute(name);
    else element.setAttribute(name, value);
    paint._writes++;
    if (isStatus && shown !== null && value !== null) {
      const { _root, _isRow } = part;
      const change = { _root, _highlight: _isRow ? _root : element, _status: element };
      if (!paint._changes.has(part)) paint._changes.set(part, change);
    }
    return false;
  };
}

export function bindShow(element: Element, source: string): Binding {
  const condition = parseCondition(source);
  let shown: boolean | undefined;
  return (data, paint) => {
    const show = holds(condition, data);
    if (show === shown) return false;
    const isFirst = shown === undefined;
    const wasHidden = element.hasAttribute('hidden');
    shown = show;
    if (show === wasHidden) {
      element.toggleAttribute('hidden', !show);
      paint._writes++;
    }
    if (!isFirst || wasHidden || !show) paint._writes += settleControls(element, isFirst && wasHidden);
    return false;
  };
}
