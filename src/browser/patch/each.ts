// The keyed children of one element: painted ones are adopted, new ones cloned, all of them moved as little as possible.

import type { Paint, ViewContext } from './context';
import { settleNew } from './controls';
import { createPart, disposePart, type Part, paintPart } from './part';
import { type Path, parsePath, read, toText } from './path';
import { place, staying } from './reorder';
import { findTemplates, type RowTemplate } from './row-templates';

interface Row {
  _part: Part;
  /** Undefined while it is as the server has painted it. */
  _template?: RowTemplate | undefined;
  /** What it shows; undefined as long as it is as painted. */
  _item?: object;
}

/** Deeper data is not a tree that anybody reads. */
const DEEPEST = 50;

/** Whether an item has the values it had: then its bindings need not look. Parts of an item are never the same after a poll. */
function isSame(before: object, item: object): boolean {
  const names = Object.keys(item) as (keyof object)[];
  return names.length === Object.keys(before).length && names.every((name) => before[name] === item[name]);
}

export function createList(
  container: Element,
  source: string,
  depth: number,
  context: ViewContext,
): List | undefined {
  const key = container.getAttribute('data-vpo-key');
  if (key && depth < DEEPEST) return new List(container, source, parsePath(key), depth + 1, context);
  context.warn(`data-vpo-each="${source}": no data-vpo-key, or nested too deeply`);
  return undefined;
}

export class List {
  private readonly _path: Path;
  /** In their order. */
  private _rows = new Map<unknown, Row>();
  private _templates: RowTemplate[] | undefined;
  private _isHolding: boolean | undefined;

  constructor(
    private readonly _container: Element,
    readonly _source: string,
    private readonly _keyPath: Path,
    private readonly _depth: number,
    private readonly _context: ViewContext,
  ) {
    this._path = parsePath(_source);
    for (const child of _container.children) {
      const key = child.getAttribute('data-vpo-row');
      if (key === null) continue;
      // Of a key that is painted twice the first is kept; nothing in the data asks for the second.
      this._rows.set(this._rows.has(key) ? child : key, { _part: createPart(child, _depth, _context) });
    }
  }

  /** Before the first write, because the answer may need the layout. */
  _ask(): void {
    this._isHolding = this._context._holdNewRows?.(this._container);
  }

  _paint(data: unknown, paint: Paint): void {
    const items = read(data, this._path) ?? [];
    if (!Array.isArray(items)) {
      this._warn('not a list');
      return;
    }
    const keys = new Set<string>();
    const wanted = new Map<unknown, Row>();
    for (const item of items) {
      const key = toText(read(item, this._keyPath));
      if (!key || keys.has(key)) {
        this._warn('a key is missing or there twice');
        continue;
      }
      keys.add(key);
      const row = this._show(key, item, paint);
      if (row) wanted.set(key, row);
    }
    this._arrange([...this._rows.values()], [...wanted.values()], paint);
    this._rows = wanted;
  }

  _dispose(): void {
    for (const { _part } of this._rows.values()) disposePart(_part);
  }

  private _warn(trouble: string): void {
    this._context.warn(`data-vpo-each="${this._source}": ${trouble}`);
  }

  /** The row of this item, up to date; undefined when it has to wait or nothing says how to make it. */
  private _show(key: string, item: object, paint: Paint): Row | undefined {
    const row = this._rows.get(key);
    if (row && (row._item === item || (row._item && isSame(row._item, item)))) return row;
    // Looked up late: a template elsewhere may stand further down in the document.
    this._templates ??= findTemplates(this._container);
    const template = this._templates.find(({ _when }) => _when(item));
    if (row && (!template || this._isMadeFrom(row, template))) {
      paintPart(row._part, item, paint);
      return Object.assign(row, { _item: item, _template: template ?? row._template });
    }
    if (!template) this._warn('no <template> for a new row');
    else if (!row && this._isHolding) paint._waiting++;
    else return this._make(key, item, template, paint, row);
    return undefined;
  }

  /** `old` shows the item by another template: replaced where it is; a status that it showed counts as shown. */
  private _make(key: string, item: object, template: RowTemplate, paint: Paint, old: Row | undefined): Row {
    const root = document.importNode(template._root, true);
    root.setAttribute('data-vpo-row', key);
    const part = createPart(root, this._depth, this._context);
    const status = old?._part._status?.getAttribute('data-status');
    if (status) part._status?.setAttribute('data-status', status);
    paintPart(part, item, paint);
    const made = { _part: part, _template: template, _item: item };
    if (!old) return made;
    old._part._root.replaceWith(root);
    disposePart(old._part);
    settleNew(root);
    return Object.assign(old, made);
  }

  /** A painted row doesn't say which of several templates it was made from; its bindings do. */
  private _isMadeFrom({ _part, _template }: Row, template: RowTemplate): boolean {
    if (_template || this._templates!.length < 2) return _template === template || !_template;
    if (template._shape === undefined) {
      const sample = createPart(template._root, this._depth, this._context);
      disposePart(sample);
      template._shape = sample._shape;
    }
    return template._shape === _part._shape;
  }

  private _arrange(before: readonly Row[], wanted: readonly Row[], paint: Paint): void {
    if (before.length === wanted.length && before.every((row, i) => row === wanted[i])) return;
    const kept = new Set(wanted);
    const positions = new Map<Row, number>();
    let next: Node | null = null;
    before.forEach((row, i) => {
      const root = row._part._root;
      const isHere = root.parentNode === this._container;
      if (isHere) next = root.nextSibling;
      if (!kept.has(row)) {
        disposePart(row._part);
        root.remove();
      } else if (isHere) positions.set(row, i);
    });
    const stay = staying(
      wanted.map((row) => positions.get(row) ?? -1),
      paint._pinned.map((node) => wanted.findIndex((row) => row._part._root.contains(node))),
    );
    for (let i = wanted.length - 1; i >= 0; i--) {
      const root = wanted[i]!._part._root;
      if (!stay.has(i)) {
        place(this._container, root, next);
        settleNew(root);
      }
      next = root;
    }
  }
}
