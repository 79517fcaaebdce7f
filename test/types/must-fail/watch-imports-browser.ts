// The watcher knows the engine, and no page.
import * as page from '../browser/index';

export const names = Object.keys(page);
