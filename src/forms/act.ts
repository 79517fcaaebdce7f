// Forms that act: sent by fetch, then the regions they speak for are read at once. Without the script they are
// ordinary forms, so everything is taken from the same attributes the browser would use.
import type { Tools } from '../browser/tools';

type Fields = Record<string, unknown>;

function message(form: Element, text: string): void {
  const home =
    form.querySelector('[data-vpo-message]') ??
    form.closest('[data-vpo-row],[data-vpo-src],body')?.querySelector('[data-vpo-message]');
  if (!home || home.textContent === text) return;
  home.textContent = text;
  home.toggleAttribute('hidden', !text);
}

/** The server's own sentence, else ours. */
function reasonOf(text: string, otherwise: string): string {
  try {
    const { error } = Object(JSON.parse(text)) as Fields;
    if (typeof error === 'string') return error;
  } catch {
    // Not JSON: a proxy's page says nothing that belongs here.
  }
  return otherwise;
}

/** A name that occurs twice is a list. */
function fieldsOf(data: FormData): Fields {
  const fields: Fields = {};
  for (const name of new Set(data.keys())) {
    const values = data.getAll(name);
    fields[name] = values.length > 1 ? values : values[0];
  }
  return fields;
}

/** Sends `form` as `button` would submit it. */
export async function act(
  form: HTMLFormElement,
  button: HTMLElement | null,
  { send, refresh, say }: Tools,
): Promise<void> {
  // By attribute: a field called "action" hides the form's property of that name.
  const at = (name: string) => button?.getAttribute(`form${name}`) ?? form.getAttribute(name);
  const url = new URL(at('action') ?? '', document.baseURI).href;
  const data = new FormData(form, button);
  if (form.hasAttribute('aria-busy')) return;
  form.setAttribute('aria-busy', 'true');
  message(form, '');
  const { ok, text, verdict } = await send(url, JSON.stringify(fieldsOf(data)));
  form.removeAttribute('aria-busy');
  form.dispatchEvent(new CustomEvent('vpo:sent', { bubbles: true, detail: { ok } }));
  if (!ok) message(form, reasonOf(text, say(verdict)));
  refresh(form, 'data-vpo-action', button ?? form);
}
