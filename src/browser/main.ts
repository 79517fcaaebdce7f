// The script tag: sets window.VPOPolling and starts the page.
import * as api from './index';

Object.assign(window, { VPOPolling: api });
if (document.body.hasAttribute('data-polling-debug')) api.setDebug(true);
api.start();
