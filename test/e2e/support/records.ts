// Counts what a page writes into its DOM, by row.
import type { Page } from '@playwright/test';

export interface Writes {
  /** Text and attribute writes inside each row, by key; running times, which tick, are not counted. */
  readonly rows: Record<string, number>;
  /** Rows added and removed, by key ("+key", "-key"). */
  readonly moves: string[];
}

/** Starts counting below `selector`; call `writes` for what was counted since. */
export async function watchWrites(page: Page, selector: string): Promise<void> {
  await page.evaluate((within) => {
    const rows: Record<string, number> = {};
    const moves: string[] = [];
    const keyOf = (node: Node): string | null => {
      const element = node instanceof Element ? node : node.parentElement;
      return element?.closest('[data-vpo-row]')?.getAttribute('data-vpo-row') ?? null;
    };
    const root = document.querySelector(within);
    if (!root) throw new Error(`nothing matches ${within}`);
    new MutationObserver((records) => {
      for (const record of records) {
        if (record.type === 'childList') {
          for (const [sign, nodes] of [
            ['+', record.addedNodes],
            ['-', record.removedNodes],
          ] as const)
            for (const node of nodes)
              if (node instanceof Element && node.hasAttribute('data-vpo-row'))
                moves.push(`${sign}${keyOf(node)}`);
        } else if (!(record.target.parentElement ?? (record.target as Element)).closest('time')) {
          const key = keyOf(record.target) ?? '';
          rows[key] = (rows[key] ?? 0) + 1;
        }
      }
    }).observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
    Object.assign(window, { vpoWrites: { rows, moves } });
  }, selector);
}

export const writes = (page: Page): Promise<Writes> =>
  page.evaluate(() => (window as unknown as { vpoWrites: Writes }).vpoWrites);
