// A page with one region, a context that records, and the DOM records of one paint.
import {
  createTicker,
  createView,
  type PaintReport,
  type View,
  type ViewContext,
} from '../../../src/browser/patch/index';

export const NOW = Date.parse('2026-11-22T03:14:05.000Z');

export interface Page {
  readonly root: HTMLElement;
  readonly view: View;
  readonly context: ViewContext;
  readonly announced: string[];
  readonly warned: string[];
  readonly settings: { reduced: boolean; holding: boolean; now: number; words: Record<string, string> };
  /** Paints and returns what happened to the DOM meanwhile. */
  paint(data: unknown): PaintReport & { records: MutationRecord[] };
  find<T extends Element = HTMLElement>(selector: string): T;
}

export function mount(html: string): Page {
  document.body.innerHTML = html;
  const root = document.body.firstElementChild as HTMLElement;
  const settings: Page['settings'] = { reduced: false, holding: false, now: NOW, words: {} };
  const announced: string[] = [];
  const warned: string[] = [];
  const now = () => settings.now;
  const context: ViewContext = {
    now,
    _ticker: createTicker(now),
    words: (key) => settings.words[key],
    _reducedMotion: () => settings.reduced,
    announce: (text) => announced.push(text),
    warn: (message) => void (warned.includes(message) || warned.push(message)),
    _holdNewRows: () => settings.holding,
  };
  const view = createView(root, context);
  return {
    root,
    view,
    context,
    announced,
    warned,
    settings,
    paint(data) {
      let report!: PaintReport;
      const records = recordsOf(() => {
        report = view.paint(data);
      });
      return { ...report, records };
    },
    find: <T extends Element>(selector: string) => document.querySelector(selector) as unknown as T,
  };
}

export function recordsOf(act: () => void): MutationRecord[] {
  const observer = new MutationObserver(() => {});
  observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  act();
  const records = observer.takeRecords();
  observer.disconnect();
  return records;
}

/** Changed texts and attributes; elements inserted, moved or removed. */
export function writesOf(records: readonly MutationRecord[]): number {
  const nodes = records.flatMap(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes]);
  return records.filter(({ type }) => type !== 'childList').length + new Set(nodes).size;
}

export const texts = (selector: string): (string | null)[] =>
  [...document.querySelectorAll(selector)].map((element) => element.textContent);
