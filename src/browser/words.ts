// The runtime's own sentences. A page replaces any of them by the key `vpo.…` in its word catalogue
// (`<script type="application/json" data-vpo-words>`), which also holds the words of its data.
import { warn } from './debug';

const ENGLISH: Record<string, string> = {
  connecting: 'Connecting',
  connected: 'Live',
  reconnecting: 'Reconnecting',
  error: 'Connection lost',
  offline: 'Offline',
  paused: 'Paused',
  finished: 'Finished',
  gaveUp: 'Stopped waiting · resume',
  retrying: ' – retrying in {} s',
  retryAt: ' – retrying at {}',
  updated: ' · updated {}',
  gone: 'This no longer exists.',
  back: 'Back',
  signIn: 'Please sign in again.',
  build: 'new version ·',
  reload: 'reload',
  new: '{} new',
  newLines: 'New lines: {}',
  cancel: 'Go back',
  rejected: 'The server refused the request.',
  failed: 'That did not work.',
};

let catalogue: Map<string, unknown> | undefined;

/** The page's word for `key`, if it has one. The catalogue is read once, when the first word is asked for. */
export function word(key: string): string | undefined {
  if (!catalogue) {
    catalogue = new Map();
    try {
      const text = document.querySelector('script[data-vpo-words]')?.textContent || '{}';
      catalogue = new Map(Object.entries(JSON.parse(text)));
    } catch {
      warn('data-vpo-words is not JSON');
    }
  }
  return catalogue.get(key) as string | undefined;
}

/** A sentence of the runtime; `{}` in it becomes `value`. Those of another script bring their English along. */
export const say = (key: string, value: unknown = '', english = ENGLISH[key]): string =>
  `${word(`vpo.${key}`) ?? english}`.replace('{}', () => `${value}`);
