// What new rows of a list are made from.

import { type Condition, parseCondition } from './condition';

export interface RowTemplate {
  readonly _root: Element;
  readonly _when: Condition;
}

/** The child templates, or the one elsewhere that `data-vpo-use` names (a tree's nodes contain their own list). */
export function findTemplates(container: Element): RowTemplate[] {
  const id = container.getAttribute('data-vpo-use');
  const found = id === null ? [...container.children] : [document.getElementById(id)];
  return found.flatMap((template) => {
    const root = (template as HTMLTemplateElement | null)?.content?.firstElementChild;
    const when = template?.getAttribute('data-vpo-when');
    return root ? { _root: root, _when: when ? parseCondition(when) : () => true } : [];
  });
}
