// One closure per bound text, attribute or condition. It remembers the values it has seen, so that an answer that
// repeats them costs a few comparisons and touches no DOM; when they differ, the DOM says whether there is something
// to write.

import { isAllowed, isUrl, isWorded } from './attributes';
import { parseCondition } from './condition';
import type { Paint, ViewContext } from './context';
import { setDisabled, settleControls } from './controls';
import type { Part } from './part';
import { read } from './path';
import { fill, parseTemplate, type Template } from './template';
import { fillUrl } from './urls';

export type Binding = (data: unknown, paint: Paint) => void;

function compile(source: string, { warn }: ViewContext): Template | undefined {
  const template = parseTemplate(source);
  if (!template) warn(`"${source}": unknown formatter`);
  return template;
}

/** Reads the fields into `seen`; true if one of them is new. */
function look({ _fields }: Template, seen: unknown[], data: unknown, { warn }: ViewContext): boolean {
  // A template without fields is news once.
  let changed = !seen.length;
  seen.length = _fields.length || 1;
  _fields.forEach(({ _path }, i) => {
    const value = read(data, _path);
    if (value === seen[i]) return;
    seen[i] = value;
    changed = true;
    if (value && typeof value === 'object') warn(`"${_path.join('.')}": not a single value`);
  });
  return changed;
}

const textsOf = (element: Element): Text[] => [...element.childNodes].filter((node) => node instanceof Text);

export function bindText(
  element: Element,
  source: string,
  part: Part,
  context: ViewContext,
): Binding | undefined {
  const template = compile(source, context);
  if (!template) return undefined;
  // Parsers split long texts.
  if (!element.firstElementChild) element.normalize();
  const texts = textsOf(element);
  if (element.firstChild && texts.length !== 1) {
    context.warn(`data-vpo-text="${source}": not exactly one text node`);
    return undefined;
  }
  let node = texts[0];
  const seen: unknown[] = [];
  const current = () => fill(template, seen, context, element.localName === 'time');
  const write = (text: string): void => {
    const here = node?.parentNode === element ? node : textsOf(element)[0];
    if (here ? here.data === text : !text && !node) return;
    // Only the text node is written: elements that scripts have put beside it stay. Without it, what stands there
    // now has replaced it (page translators do that).
    if (here) here.data = text;
    else if (node) element.textContent = text;
    else element.prepend(text);
    node = textsOf(element)[0];
  };
  // Painted instants are in UTC, also those of a page that never gets an answer with a body.
  const painted = /^\{[^|]+\|time\}$/.test(source) && element.getAttribute('datetime');
  if (painted) write(fill(template, [painted], context, true) ?? '');
  if (template._ticks) {
    const tick = (): boolean => {
      const text = element.closest('[hidden]') ? null : current();
      if (text !== null) write(text);
      return text !== null;
    };
    part._undo.add(context._ticker.add(tick));
  }
  return (data) => {
    // What the server has painted of a running time was right then: the ticker goes on from there.
    const painted = template._ticks && !seen.length && node?.data;
    if (look(template, seen, data, context) && !painted) write(current() ?? '');
  };
}

export function bindAttribute(
  element: Element,
  name: string,
  source: string,
  part: Part,
  context: ViewContext,
): Binding | undefined {
  const template = compile(source, context);
  if (!template) return undefined;
  if (!isAllowed(element, name)) {
    context.warn(`data-vpo-attr-${name}: not written on <${element.localName}>`);
    return undefined;
  }
  const isStatus = name === 'data-status';
  if (isStatus) part._status ??= element;
  const seen: unknown[] = [];
  const write = (): void => {
    let value = (isUrl(name) ? fillUrl : fill)(template, seen, context, false);
    if (template._bare && typeof seen[0] === 'boolean' && !isWorded(name)) value = seen[0] ? '' : null;
    if (name === 'disabled') setDisabled(element, value !== null);
    else if (value === element.getAttribute(name)) return;
    else if (name === 'value' && element.matches('input:focus'))
      // Somebody is about to type: a new default value would change what they see.
      element.addEventListener('blur', write, { once: true });
    else if (value === null) element.removeAttribute(name);
    else element.setAttribute(name, value);
  };
  return (data, paint) => {
    if (!look(template, seen, data, context)) return;
    const before = isStatus && element.getAttribute(name);
    write();
    const after = element.getAttribute(name);
    if (before && after && before !== after) paint._changes.set(part, element);
  };
}

export function bindShow(element: Element, source: string): Binding {
  const condition = parseCondition(source);
  let shown: boolean | undefined;
  return (data) => {
    const show = condition(data);
    if (show === shown) return;
    const isFirst = shown === undefined;
    const wasHidden = element.hasAttribute('hidden');
    shown = show;
    if (show === wasHidden) element.toggleAttribute('hidden', !show);
    if (!isFirst || wasHidden || !show) settleControls(element, isFirst && wasHidden);
  };
}
