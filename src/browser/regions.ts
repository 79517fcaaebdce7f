// Finds regions at the start and whenever the page adds or removes some.
import type { Undo } from '../core/index';
import { createRegion, regions } from './region';

const REGION = '[data-vpo-src],[data-vpo-log]';

const scan = (root: ParentNode): void => {
  const found = [...root.querySelectorAll(REGION)];
  if (root instanceof Element && root.matches(REGION)) found.unshift(root);
  for (const element of found) if (element.isConnected && !regions.has(element)) createRegion(element);
};

export const stopRegions = (root: Node): void => {
  for (const [element, region] of regions) if (root.contains(element)) region._stop();
};

/** Starts the regions of `root` and those that come; ends those that leave (a moved one is back in it by now). */
export function watchRegions(root: ParentNode & Node): Undo {
  const observer = new MutationObserver((records) => {
    for (const [element, region] of regions) if (!element.isConnected) region._stop();
    for (const { addedNodes } of records)
      for (const node of addedNodes) if (node instanceof Element) scan(node);
  });
  observer.observe(root, { childList: true, subtree: true });
  scan(root);
  return () => observer.disconnect();
}
