// The keyed children of one element: painted ones are adopted, new ones cloned, all of them moved as little as possible.

import type { Paint, Shared } from './context';
import { settleNew } from './controls';
import { disposePart } from './part';
import { type Path, parsePath, read, toText } from './path';
import { place, staying } from './reorder';
import {
  adoptRow,
  choose,
  findTemplates,
  isMadeFrom,
  makeRow,
  type Row,
  type RowTemplate,
  rebuildRow,
  updateRow,
} from './row';

/** Deeper data is not a tree that anybody reads. */
const DEEPEST = 50;

export function createList(
  container: Element,
  source: string,
  depth: number,
  shared: Shared,
): List | undefined {
  const key = container.getAttribute('data-vpo-key');
  if (key && depth < DEEPEST) return new List(container, source, parsePath(key), depth, shared);
  const trouble = key ? 'is nested too deeply' : 'needs a data-vpo-key';
  shared._context.warn(source, `data-vpo-each="${source}" ${trouble}`);
  return undefined;
}

export class List {
  private readonly _path: Path;
  private readonly _rows = new Map<string, Row>();
  private _order: Row[] = [];
  private _found: RowTemplate[] | undefined;
  private _holding = false;

  constructor(
    private readonly _container: Element,
    private readonly _source: string,
    private readonly _keyPath: Path,
    private readonly _depth: number,
    private readonly _shared: Shared,
  ) {
    this._path = parsePath(_source);
    for (const child of _container.children) {
      const key = child.getAttribute('data-vpo-row');
      if (key === null) continue;
      const row = adoptRow(key, child, _depth + 1, _shared);
      // Of a key that is painted twice the first is kept; the second is in the order only, and goes.
      if (!this._rows.has(key)) this._rows.set(key, row);
      this._order.push(row);
    }
  }

  /** To be asked before the first write: the answer may need the layout. */
  _ask(): void {
    this._holding = this._shared._context.holdNewRows?.(this._container) ?? false;
  }

  /** True when rows wait outside, or something in a row wants to be painted again. */
  _paint(data: unknown, paint: Paint): boolean {
    const items = read(data, this._path) ?? [];
    if (!Array.isArray(items)) {
      this._warn('is not a list in the data');
      return false;
    }
    let again = false;
    const wanted: Row[] = [];
    const keys = new Set<string>();
    for (const item of items) {
      const key = toText(read(item, this._keyPath));
      if (!key || keys.has(key)) {
        this._warn(key ? `has the key "${key}" twice` : 'has an item without a key');
        continue;
      }
      keys.add(key);
      const row = this._show(key, item, paint);
      again ||= !row || row._again;
      if (row) wanted.push(row);
    }
    this._arrange(wanted, paint);
    return again;
  }

  _dispose(): void {
    for (const row of this._order) disposePart(row._part);
  }

  private _warn(trouble: string): void {
    this._shared._context.warn(this._source + trouble, `data-vpo-each="${this._source}" ${trouble}`);
  }

  /** The row of this item, up to date; undefined when it has to wait or nothing says how to make it. */
  private _show(key: string, item: unknown, paint: Paint): Row | undefined {
    const row = this._rows.get(key);
    if (row && row._item === item && !row._again) return row;
    // Looked up late: a template elsewhere may stand further down in the document.
    this._found ??= findTemplates(this._container);
    const template = choose(this._found, item);
    if (row) {
      this._update(row, item, template, paint);
      return row;
    }
    if (!template) this._warn('has no <template> for a new row');
    else if (this._holding) paint._waiting++;
    else return this._add(key, item, template);
    return undefined;
  }

  private _update(row: Row, item: unknown, template: RowTemplate | undefined, paint: Paint): void {
    if (template && this._found!.length > 1 && !isMadeFrom(row, template, this._shared)) {
      rebuildRow(row, makeRow(row._key, template, this._depth + 1, this._shared), item, paint);
    }
    if (template) row._template = template;
    updateRow(row, item, paint);
  }

  private _add(key: string, item: unknown, template: RowTemplate): Row {
    const row = makeRow(key, template, this._depth + 1, this._shared);
    this._rows.set(key, row);
    updateRow(row, item, { _writes: 0, _waiting: 0, _changes: new Map(), _pinned: [] });
    return row;
  }

  private _arrange(wanted: Row[], paint: Paint): void {
    const before = this._order;
    if (before.length === wanted.length && before.every((row, i) => row === wanted[i])) return;
    this._order = wanted;
    const kept = new Set(wanted);
    const positions = new Map<Row, number>();
    let next: Node | null = null;
    before.forEach((row, i) => {
      const root = row._part._root;
      const isHere = root.parentNode === this._container;
      if (isHere) next = root.nextSibling;
      if (!kept.has(row)) this._remove(row, paint);
      else if (isHere) positions.set(row, i);
    });
    // The anchor can only be lost when a script has shuffled the rows.
    if ((next as Node | null)?.parentNode !== this._container) next = null;
    const stay = staying(
      wanted.map((row) => positions.get(row) ?? -1),
      paint._pinned.map((node) => wanted.findIndex((row) => row._part._root.contains(node))),
    );
    for (let i = wanted.length - 1; i >= 0; i--) {
      const root = wanted[i]!._part._root;
      if (!stay.has(i)) {
        place(this._container, root, next);
        paint._writes += 1 + settleNew(root);
      }
      next = root;
    }
  }

  private _remove(row: Row, paint: Paint): void {
    if (this._rows.get(row._key) === row) this._rows.delete(row._key);
    disposePart(row._part);
    row._part._root.remove();
    paint._writes++;
  }
}
