// A form that drives a region's query string. The address bar follows, so that reload, links and Back agree with it;
// without the script it is an ordinary GET form.
import { targetsOf } from './controls';
import { regions } from './region';

/** Asks the regions of `form` for what the address bar says. */
function aim(form: Element): void {
  for (const poll of targetsOf(form, 'data-vpo-query')) {
    const json = regions.get(poll._element!)?._json;
    if (!json) continue;
    const url = new URL(json._url());
    url.search = location.search;
    json._aim(url.href);
    poll._element!.setAttribute('aria-busy', 'true');
    poll._loop.dispatch({ type: 'retarget' });
  }
}

/** The form's filled fields become the page's query. What it does not name (the page number) starts over. */
export function follow(form: HTMLFormElement): void {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form))
    if (value && typeof value === 'string') query.append(name, value);
  const search = `${query}` && `?${query}`;
  if (search === location.search) return;
  history.pushState(null, '', location.pathname + search);
  aim(form);
}

/** Back and forward: the fields follow the address. */
export function restore(): void {
  const query = new URLSearchParams(location.search);
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-vpo-query]')) {
    for (const field of form.elements)
      if (field instanceof HTMLInputElement && /radio|checkbox/.test(field.type))
        field.checked = query.getAll(field.name).includes(field.value);
      else if ('name' in field && 'value' in field && !(field instanceof HTMLButtonElement))
        field.value = query.get(`${field.name}`) ?? '';
    aim(form);
  }
}
