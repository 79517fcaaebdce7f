// A form that drives a region's query string. The address bar follows, so that reload, links and Back agree with it;
// without the script it is an ordinary GET form.
import type { Tools } from '../browser/tools';

const QUERY = 'data-vpo-query';

/** The form's filled fields become the page's query. What it does not name (the page number) starts over. */
export function follow(form: HTMLFormElement, { aim }: Tools): void {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form))
    if (value && typeof value === 'string') query.append(name, value);
  const search = `${query}` && `?${query}`;
  if (search === location.search) return;
  history.pushState(null, '', location.pathname + search);
  aim(form, QUERY);
}

/** Back and forward: the fields follow the address. */
export function restore({ aim }: Tools): void {
  const query = new URLSearchParams(location.search);
  for (const form of document.querySelectorAll<HTMLFormElement>(`form[${QUERY}]`)) {
    for (const field of form.elements)
      if (field instanceof HTMLInputElement && /radio|checkbox/.test(field.type)) {
        const given = query.getAll(field.name);
        // The choice that filters nothing has no value, and is in no address.
        field.checked = given.length ? given.includes(field.value) : !field.value;
      } else if ('name' in field && 'value' in field && !(field instanceof HTMLButtonElement))
        field.value = query.get(`${field.name}`) ?? '';
    aim(form, QUERY);
  }
}
