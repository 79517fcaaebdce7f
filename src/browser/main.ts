// The script tag: sets window.VPOPolling and starts the page.
import * as api from './index';
import type { Extension } from './tools';

const { VPOForms } = window as { VPOForms?: Extension };
Object.assign(window, { VPOPolling: api });
if (document.body.hasAttribute('data-polling-debug')) api.setDebug(true);
if (VPOForms) api.use(VPOForms);
api.start();
