// For people who bundle the runtime themselves: nothing happens on import.
import type { Undo } from '../core/index';
import { watchControls } from './events';
import { findRegions, stopRegions } from './region';
import { type Extension, tools } from './tools';

export { setDebug } from './debug';
export { setConnectionStatus } from './indicator';
export { manager, type PollFunction, type PollingManager } from './manager';
export { CONFIG } from './settings';
export type { Extension, Tools } from './tools';
export { tools } from './tools';
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
const extensions: Extension[] = [];
let controls: AbortController | undefined;

/** Adds what another script does on the page; it ends with stop() and begins again with start(). */
export function use(extension: Extension): void {
  extensions.push(extension);
  if (controls) extension(tools, controls.signal);
}

/** Starts the regions of `root`, those that come later, and ends those that leave. */
export function start(root: Document | Element = document): void {
  if (!controls) {
    controls = new AbortController();
    for (const extension of [watchControls, ...extensions]) extension(tools, controls.signal);
  }
  findRegions(root);
  if (watches.has(root)) return;
  const observer = new MutationObserver((records) => {
    // A region that was only moved is in the document again by now.
    stopRegions((element) => !element.isConnected);
    for (const { addedNodes } of records)
      for (const node of addedNodes) if (node instanceof Element) findRegions(node);
  });
  observer.observe(root, { childList: true, subtree: true });
  watches.set(root, () => observer.disconnect());
}

/** Stops the regions of `root`. After stop() of the document nothing is left running. */
export function stop(root: Document | Element = document): void {
  for (const [node, undo] of watches)
    if (root.contains(node)) {
      watches.delete(node);
      undo();
    }
  stopRegions((element) => root.contains(element));
  if (watches.size) return;
  controls?.abort();
  controls = undefined;
}
