// A control inside a hidden part is disabled, so that its form neither submits it nor waits for it. What it would be
// if nothing hid it is kept beside it and comes back with the part.

const CONTROLS = 'button,input,select,textarea';
const HIDDEN = '[data-vpo-show][hidden]';

const own = new WeakMap<Element, boolean>();

/** Writes `disabled` as it has to be. */
function settle(control: Element): void {
  const disabled = own.get(control) || (control.matches(CONTROLS) && !!control.closest(HIDDEN));
  if (control.hasAttribute('disabled') !== disabled) control.toggleAttribute('disabled', disabled);
}

/** The control's own state, from its binding. */
export function setDisabled(control: Element, disabled: boolean): void {
  own.set(control, disabled);
  settle(control);
}

/**
 * A part was hidden or shown. `painted`: it was hidden when it was first seen, so that a disabled control in it is
 * taken to be disabled for that reason.
 */
export function settleControls(part: Element, painted: boolean): void {
  for (const control of [part, ...part.querySelectorAll(CONTROLS)]) {
    if (!own.has(control)) own.set(control, !painted && control.hasAttribute('disabled'));
    settle(control);
  }
}

/** Controls that have just come in with a new row. */
export function settleNew(row: Element): void {
  if (row.parentElement?.closest(HIDDEN)) settleControls(row, false);
}
