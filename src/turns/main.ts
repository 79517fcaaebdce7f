// The script tag of pages with turns, before or after the page's own script.
import type { Extension } from '../browser/tools';
import { createTurns, enliven } from './index';

interface Here {
  VPOPolling?: { use(extension: Extension): void };
  VPOTurns?: Extension;
}

const here = window as Here;
const install: Extension = (tools, signal) => {
  Object.assign(here.VPOPolling!, createTurns(tools));
  enliven(signal);
};
if (here.VPOPolling) here.VPOPolling.use(install);
else here.VPOTurns = install;
