// One question before an action, bound to the row it was asked about: when the row goes, so does the question, and
// a "yes" never falls on whatever took the row's place.
import type { Tools } from '../browser/tools';

let agreed: Element | null = null;

/** True when `button` needs no question, or it has just been answered; else asks and submits again later. */
export function isConfirmed(form: HTMLFormElement, button: HTMLElement | null, { say }: Tools): boolean {
  const question = button?.getAttribute('data-vpo-confirm');
  const isAgreed = agreed === button;
  agreed = null;
  if (!button || !question || isAgreed) return true;
  if (!document.querySelector('dialog[data-vpo-question][open]')) ask(form, button, question, say('cancel'));
  return false;
}

function ask(form: HTMLFormElement, button: HTMLElement, question: string, no: string): void {
  const row = button.closest('[data-vpo-row]');
  const key = row?.getAttribute('data-vpo-row');
  const isSame = () => button.isConnected && row?.getAttribute('data-vpo-row') === key;
  const dialog = document.createElement('dialog');
  dialog.setAttribute('data-vpo-question', '');
  dialog.setAttribute('aria-label', question);
  // Which row it is: others move while the question stands.
  const name = row?.querySelector('th')?.textContent?.trim();
  dialog.append(name ? `${question}\n${name}` : question);
  // A yes is named as the button that was pressed: "Delete" says more than "OK".
  for (const answer of ['', button.textContent || (button as HTMLInputElement).value]) {
    const choice = document.createElement('button');
    choice.textContent = answer || no;
    choice.onclick = () => dialog.close(answer);
    dialog.append(' ', choice);
  }
  const observer = new MutationObserver(() => isSame() || dialog.close());
  observer.observe(document, { childList: true, subtree: true, attributeFilter: ['data-vpo-row'] });
  dialog.onclose = () => {
    observer.disconnect();
    dialog.remove();
    if (!dialog.returnValue || !isSame()) return;
    agreed = button;
    form.requestSubmit(button);
  };
  document.body.append(dialog);
  dialog.showModal();
}
