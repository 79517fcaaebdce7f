// What survives a paint in a real browser, with moveBefore and without it.
import { expect, test } from '@playwright/test';
import { job, jobs, lost, openPatchPage, order, paint } from './support/patch-page';

const row = (id: number) => `tr[data-vpo-row="${id}"]`;

/** A new row on top, the last one moved up, the tenth removed, every fifth row further on: 50 rows. */
function update(): ReturnType<typeof jobs> {
  const rows = jobs(50).map((one) => (one.id % 5 === 0 ? { ...one, percent: 50 } : one));
  const last = rows.pop()!;
  rows.splice(10, 1);
  return [job(100), last, ...rows];
}

for (const moves of [true, false]) {
  test.describe(moves ? 'with moveBefore' : 'without moveBefore', () => {
    test.beforeEach(async ({ page }) => {
      await openPatchPage(page, moves);
      await paint(page, jobs(50));
      expect(await page.evaluate(() => 'moveBefore' in Element.prototype)).toBe(moves);
    });

    test('one table update keeps every row that stays, and writes what it has to', async ({ page }) => {
      await page.evaluate(() => {
        for (const one of document.querySelectorAll('tr')) (one as Element & { mine?: boolean }).mine = true;
      });
      const { writes, records } = await paint(page, update());
      // one inserted, one moved, one removed; nine percentages (0 to 45 without 10), shown twice each
      expect(writes).toBe(3 + 2 * 9);
      expect(records).toBe(4 + 2 * 9);
      expect((await order(page)).slice(0, 4)).toEqual(['100', '49', '0', '1']);
      const kept = await page
        .locator('tr')
        .evaluateAll((rows) => rows.filter((one) => (one as Element & { mine?: boolean }).mine).length);
      expect(kept).toBe(49);
      expect(await paint(page, update())).toEqual({ writes: 0, records: 0, placed: [] });
    });

    test('focus, caret and typed text of a row that moves', async ({ page }) => {
      const note = page.locator(`${row(49)} .note`);
      await note.fill('typed text');
      await note.evaluate((input: HTMLInputElement) => input.setSelectionRange(2, 5));
      await paint(page, update());
      await expect(note).toBeFocused();
      const field = await note.evaluate(({ value, selectionStart, selectionEnd }: HTMLInputElement) => [
        value,
        selectionStart,
        selectionEnd,
      ]);
      expect(field).toEqual(['typed text', 2, 5]);
      expect(await lost(page)).toEqual([]);
      expect((await order(page)).slice(0, 3)).toEqual(['100', '49', '0']);
    });

    test('focus of a row that others move around', async ({ page }) => {
      await page.locator(`${row(20)} button`).focus();
      await paint(page, update().reverse());
      await expect(page.locator(`${row(20)} button`)).toBeFocused();
      expect(await lost(page)).toEqual([]);
    });

    test('a text selection in a row that moves, and one over several rows', async ({ page }) => {
      const select = (from: number, to: number) =>
        page.evaluate(
          ([a, b]) => {
            const text = (id: number) => document.querySelector(`tr[data-vpo-row="${id}"] span`)!.firstChild!;
            getSelection()!.setBaseAndExtent(text(a!), 1, text(b!), 4);
          },
          [from, to],
        );
      const selected = () => page.evaluate(() => String(getSelection()));
      await select(49, 49);
      // The row stays: selecting may still be going on, and a selection that is set anew would end it.
      expect((await paint(page, update())).placed).not.toContain('49');
      expect(await selected()).toBe('ilm');
      expect((await order(page)).slice(0, 3)).toEqual(['100', '49', '0']);
      await select(20, 22);
      await paint(page, [...update().slice(2), job(100)]);
      expect(await selected()).toMatch(/^ilm 20[\s\S]*film 21[\s\S]*film$/);
    });

    test('a selection whose text changes', async ({ page }) => {
      await page.evaluate(() => {
        const text = document.querySelector('tr[data-vpo-row="5"] .percent')!.firstChild!;
        getSelection()!.setBaseAndExtent(text, 0, text, 2);
      });
      await paint(page, update());
      expect(await page.evaluate(() => String(getSelection()))).toBe('50');
    });

    test('ticked boxes, open details and scripts’ elements', async ({ page }) => {
      await page.locator(`${row(49)} input[type=checkbox]`).check();
      await page.locator(`${row(49)} summary`).click();
      await page.locator(`${row(3)} summary`).click();
      await page
        .locator(row(49))
        .evaluate((one) => one.firstElementChild!.append(document.createElement('mark')));
      await paint(page, update());
      await expect(page.locator(`${row(49)} input[type=checkbox]`)).toBeChecked();
      await expect(page.locator(`${row(49)} details`)).toHaveAttribute('open');
      await expect(page.locator(`${row(3)} details`)).toHaveAttribute('open');
      await expect(page.locator(`${row(49)} mark`)).toHaveCount(1);
    });

    test('the place that is scrolled to', async ({ page }) => {
      const top = () => page.locator(row(30)).evaluate((one) => one.getBoundingClientRect().top);
      await page.locator('#box').evaluate((box) => {
        box.scrollTop = 1000;
      });
      const before = await top();
      await paint(page, [...update(), job(101)]);
      await expect.poll(top).toBeCloseTo(before, 0);
    });

    test('a transition that runs', async ({ page }) => {
      const rows = jobs(50);
      rows[49]!.step = 1;
      await paint(page, rows);
      const transitions = () => page.evaluate(() => document.getAnimations().length);
      expect(await transitions()).toBe(1);
      const others = rows.slice(0, 49);
      // Around the row always; with the row only where it can be moved without being taken out.
      await paint(page, moves ? [rows[49]!, ...others] : [...others.reverse(), rows[49]!]);
      expect(await transitions()).toBe(1);
    });
  });
}
