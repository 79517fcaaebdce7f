// Forms that act: sent by fetch, then the regions they speak for are read at once. Without the script they are
// ordinary forms, so everything is taken from the same attributes the browser would use.
import { targetsOf } from './controls';
import { decode, forgetAnswers, request } from './http';
import type { Poll } from './polls';
import { judge } from './transport';
import { say } from './words';

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
function reasonOf(bytes: Uint8Array, otherwise: string): string {
  try {
    const { error } = Object(JSON.parse(decode(bytes))) as Fields;
    if (typeof error === 'string') return error;
  } catch {
    // Not JSON: a proxy's page says nothing that belongs here.
  }
  return say(otherwise);
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

/** Reads at once: nothing asked before this moment may answer. */
export function refreshAll(some: Iterable<Poll>): void {
  forgetAnswers();
  for (const { _loop } of some) _loop.dispatch({ type: 'refresh' });
}

/** Sends `form` as `button` would submit it. */
export async function act(form: HTMLFormElement, button: HTMLElement | null): Promise<void> {
  // By attribute: a field called "action" hides the form's property of that name.
  const at = (name: string) => button?.getAttribute(`form${name}`) ?? form.getAttribute(name);
  const url = new URL(at('action') ?? '', document.baseURI).href;
  const data = new FormData(form, button);
  const targets = targetsOf(form, 'data-vpo-action', button ?? form);
  if (form.hasAttribute('aria-busy')) return;
  form.setAttribute('aria-busy', 'true');
  message(form, '');
  const reply = await request(url, {
    method: 'POST',
    headers: { Accept: 'application/json', 'Content-Type': 'application/json' },
    body: JSON.stringify(fieldsOf(data)),
  });
  form.removeAttribute('aria-busy');
  const [verdict] = judge(url, reply, 'record');
  if (!reply.ok) message(form, reasonOf(reply._bytes, verdict));
  refreshAll(targets);
}
