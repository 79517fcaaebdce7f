// For people who bundle the runtime themselves: nothing happens on import.
import type { Undo } from '../core/index';
import { watchControls } from './events';
import { stopRegions, watchRegions } from './regions';

export { setDebug } from './debug';
export { setConnectionStatus } from './indicator';
export { CONFIG } from './settings';
export {
  BACKOFF,
  CONNECTION_STATUS,
  create,
  loadConfig,
  onCleanup,
  onVisibilityChange,
  type Poller,
  type PollerOptions,
} from './vpo';

const watches = new Map<Node, Undo>();
let controls: AbortController | undefined;

/** Starts the regions of `root`, also those that come later. */
export function start(root: Document | Element = document): void {
  controls ??= new AbortController();
  if (!watches.size) watchControls(controls.signal);
  watches.get(root)?.();
  watches.set(root, watchRegions(root));
}

/** Stops the regions of `root`. After stop() of the document nothing is left running. */
export function stop(root: Document | Element = document): void {
  for (const [node, undo] of watches)
    if (root.contains(node)) {
      watches.delete(node);
      undo();
    }
  stopRegions(root);
  if (watches.size) return;
  controls?.abort();
  controls = undefined;
}
