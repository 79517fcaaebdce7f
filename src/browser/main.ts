// The script tag: sets window.VPOPolling and starts the page.
import * as api from './index';
import type { Extension } from './tools';

const { VPOForms, VPOTurns } = window as { VPOForms?: Extension; VPOTurns?: Extension };
Object.assign(window, { VPOPolling: api });
if (document.body.hasAttribute('data-polling-debug')) api.setDebug(true);
for (const extension of [VPOForms, VPOTurns]) if (extension) api.use(extension);
api.start();
