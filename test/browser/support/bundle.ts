// Runs the built bundle in this jsdom page, the way a script tag would: `new Function` sees the page's globals.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as Api from '../../../src/browser/index';

const file = (name: string) =>
  readFileSync(join(import.meta.dirname, '..', '..', '..', 'dist', name), 'utf8');

export const BUNDLES = ['vpo-polling.js', 'vpo-polling.min.js'] as const;

/** The interface that the script sets. Stop it at the end of the test. */
export function runBundle(name: (typeof BUNDLES)[number] = 'vpo-polling.min.js'): typeof Api {
  new Function(file(name))();
  return (window as unknown as { VPOPolling: typeof Api }).VPOPolling;
}
