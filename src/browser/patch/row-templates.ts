// What new rows of a list are made from.

import { type Condition, parseCondition } from './condition';

export interface RowTemplate {
  readonly _root: Element;
  readonly _when: Condition;
  /** The shape of its parts, once somebody has asked for it. */
  _shape?: string;
}

/** Those that many lists use are looked up once. */
const shared = new WeakMap<Element, RowTemplate[]>();

/**
 * The child templates, or those that `data-vpo-use` names: one elsewhere, or an element that holds several (a tree's nodes
 * contain their own list).
 */
export function findTemplates(container: Element): RowTemplate[] {
  const id = container.getAttribute('data-vpo-use');
  const home = id === null ? container : document.getElementById(id);
  const known = home && shared.get(home);
  if (known) return known;
  const found = [home, ...(home?.children ?? [])].flatMap((template) => {
    const root = (template as HTMLTemplateElement | null)?.content?.firstElementChild;
    const when = template?.getAttribute('data-vpo-when');
    return root ? { _root: root, _when: when ? parseCondition(when) : () => true } : [];
  });
  if (home && id) shared.set(home, found);
  return found;
}
