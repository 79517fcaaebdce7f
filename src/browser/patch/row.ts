// One row of a list: which template it is made from, made, adopted, brought up to date.

import { type Condition, holds, parseCondition } from './condition';
import type { Paint, Shared } from './context';
import { settleNew } from './controls';
import { createPart, disposePart, type Part, paintPart } from './part';

export interface RowTemplate {
  readonly _root: Element;
  readonly _when: Condition | undefined;
}

export interface Row {
  readonly _key: string;
  _part: Part;
  /** Undefined until a painted row has been seen with its data. */
  _template: RowTemplate | undefined;
  _item: unknown;
  _again: boolean;
}

/** The child templates, or the one elsewhere that `data-vpo-use` names (a tree's nodes contain their own list). */
export function findTemplates(container: Element): RowTemplate[] {
  const id = container.getAttribute('data-vpo-use');
  const found = id === null ? [...container.children] : [document.getElementById(id)];
  const templates: RowTemplate[] = [];
  for (const template of found) {
    const root = template instanceof HTMLTemplateElement && template.content.firstElementChild;
    if (!root) continue;
    const when = template.getAttribute('data-vpo-when');
    templates.push({ _root: root, _when: when === null ? undefined : parseCondition(when) });
  }
  return templates;
}

export const choose = (templates: readonly RowTemplate[], item: unknown): RowTemplate | undefined =>
  templates.find(({ _when }) => !_when || holds(_when, item));

export function makeRow(key: string, template: RowTemplate, depth: number, shared: Shared): Row {
  const root = document.importNode(template._root, true);
  root.setAttribute('data-vpo-row', key);
  return { ...adoptRow(key, root, depth, shared), _template: template };
}

export const adoptRow = (key: string, root: Element, depth: number, shared: Shared): Row => ({
  _key: key,
  _part: createPart(root, true, depth, shared),
  _template: undefined,
  _item: undefined,
  _again: true,
});

/** Shows `item`; a row that is shown with it already is not looked at. */
export function updateRow(row: Row, item: unknown, paint: Paint): void {
  if (row._item === item && !row._again) return;
  row._item = item;
  row._again = paintPart(row._part, item, paint);
}

/** Whether the row has the markup of another template. A painted row doesn't say which one it was made from. */
export function isMadeFrom(row: Row, template: RowTemplate, shared: Shared): boolean {
  if (row._template) return row._template === template;
  const sample = createPart(template._root, true, 0, shared);
  disposePart(sample);
  return shape(sample) === shape(row._part);
}

const shape = (part: Part): string => part._shape.sort().join();

/** Made anew, in the place of the old one; a status that was shown and differs counts as changed. */
export function rebuildRow(row: Row, made: Row, item: unknown, paint: Paint): void {
  const { _part: old } = row;
  const status = old._status?.getAttribute('data-status');
  if (status) made._part._status?.setAttribute('data-status', status);
  updateRow(made, item, { ...paint });
  old._root.replaceWith(made._part._root);
  disposePart(old);
  paint._writes += 1 + settleNew(made._part._root);
  Object.assign(row, made);
}
