// The second script tag of a page with logs. Before or after the page's script: what that has made already is made again.
import { makePane } from './pane';

interface PageScript {
  stop(root: Element): void;
  start(): void;
}

Object.assign(window, { VPOLog: makePane });
const { VPOPolling } = window as { VPOPolling?: PageScript };
for (const log of document.querySelectorAll('[data-vpo-log]')) VPOPolling?.stop(log);
VPOPolling?.start();
