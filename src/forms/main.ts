// The script tag of pages with forms, before or after the page's own script.
import type { Extension } from '../browser/tools';
import { forms } from './index';

const here = window as { VPOPolling?: { use(extension: Extension): void }; VPOForms?: Extension };
if (here.VPOPolling) here.VPOPolling.use(forms);
else here.VPOForms = forms;
