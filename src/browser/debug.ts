// The console stays empty unless the page asks for more: setDebug(true) or `data-polling-debug`.
// Mistakes in the page's own attributes are said once each, always.

let on = false;
const said = new Set<string>();

export const setDebug = (value: unknown): void => {
  on = !!value;
};

export const debug = (...what: unknown[]): void => {
  if (on) console.log('[Polling]', ...what);
};

/** Says `message` once. */
export const warn = (message: string): void => {
  if (said.has(message)) return;
  said.add(message);
  console.warn('[Polling]', message);
};
