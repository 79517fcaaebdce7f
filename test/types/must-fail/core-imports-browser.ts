// core imports nothing outside core.
import * as page from '../browser/index';

export const names = Object.keys(page);
