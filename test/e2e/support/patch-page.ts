// The patching alone in a real browser: bundled in memory, painted from the test, its DOM records counted.
import type { Page } from '@playwright/test';
import { build } from 'esbuild';

const ROW = `<tr data-vpo-attr-data-status="{status}">
  <th><input type="checkbox"><input class="note" size="5"><span data-vpo-text="{name}"></span></th>
  <td><details><summary>more</summary><p data-vpo-text="{path}"></p></details></td>
  <td><progress max="100" data-vpo-attr-value="{percent}"></progress><div class="bar" data-vpo-attr-data-step="{step}"></div></td>
  <td class="percent" data-vpo-text="{percent|percent}"></td>
  <td><button data-vpo-show="status=running">Cancel</button></td></tr>`;

const HTML = `<!doctype html><meta charset="utf-8"><title>patch</title>
<style>.bar { width: 10px; height: 4px; transition: width 60s linear } .bar[data-step="1"] { width: 500px }
  #box { height: 300px; overflow: auto; overflow-anchor: auto } tr { height: 40px }</style>
<div id="box"><table><tbody data-vpo-each="jobs" data-vpo-key="id"><template>${ROW}</template></tbody></table></div>`;

let bundle: Promise<string> | undefined;

const patching = (): Promise<string> => {
  const options = {
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'Patch',
    target: 'es2020',
  } as const;
  bundle ??= build({ ...options, entryPoints: ['src/browser/patch/index.ts'] }).then(
    ({ outputFiles }) => outputFiles[0]!.text,
  );
  return bundle;
};

export interface Job {
  id: number;
  name: string;
  path: string;
  percent: number;
  status: string;
  step: number;
}

export const job = (id: number, more: Partial<Job> = {}): Job => ({
  id,
  name: `film ${id}`,
  path: `/media/film ${id}.mkv`,
  percent: 5,
  status: 'running',
  step: 0,
  ...more,
});

export const jobs = (count: number): Job[] => Array.from({ length: count }, (_, id) => job(id));

/** Without `moveBefore` when `moves` is false: as in browsers that don't have it yet. */
export async function openPatchPage(page: Page, moves: boolean): Promise<void> {
  await page.setContent(HTML);
  await page.evaluate((keep) => {
    if (!keep)
      for (const type of [Element, Document, DocumentFragment])
        Reflect.deleteProperty(type.prototype, 'moveBefore');
  }, moves);
  await page.addScriptTag({ content: await patching() });
  await page.evaluate(() => {
    const { Patch } = window as unknown as { Patch: typeof import('../../../src/browser/patch/index') };
    const now = () => Date.now();
    const view = Patch.createView(document.body, {
      now,
      words: () => undefined,
      _ticker: Patch.createTicker(now),
      _reducedMotion: () => true,
      announce: () => {},
      warn: (message) => console.error(message),
    });
    const lost: string[] = [];
    for (const type of ['blur', 'focusout']) {
      document.addEventListener(
        type,
        ({ target }) => lost.push(`${type} ${(target as Element).localName}`),
        true,
      );
    }
    Object.assign(window, {
      lost,
      paint(rows: unknown) {
        const observer = new MutationObserver(() => {});
        observer.observe(document.body, {
          subtree: true,
          childList: true,
          attributes: true,
          characterData: true,
        });
        view.paint({ jobs: rows });
        const records = observer.takeRecords();
        const placed = records.flatMap(({ addedNodes }) => [...addedNodes] as Element[]);
        const nodes = records.flatMap(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes]);
        return {
          writes: records.filter(({ type }) => type !== 'childList').length + new Set(nodes).size,
          records: records.length,
          placed: placed.map((one) => one.getAttribute('data-vpo-row')),
        };
      },
    });
  });
}

export interface Painted {
  writes: number;
  records: number;
  /** Keys of the rows that were inserted or moved. */
  placed: string[];
}

export const paint = (page: Page, rows: readonly Job[]): Promise<Painted> =>
  page.evaluate((data) => (window as unknown as { paint(rows: unknown): Painted }).paint(data), rows);

export const lost = (page: Page): Promise<string[]> =>
  page.evaluate(() => (window as unknown as { lost: string[] }).lost);

export const order = (page: Page): Promise<string[]> =>
  page.locator('tr').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-vpo-row')!));
