/** The path of a browser, or null when there is none. */
export function findBrowser(): string | null;
/** Tries to get one; false when this machine may not install any. */
export function installBrowser(): boolean;
export function findFirefox(): string | null;
