// Values that another program wrote to do harm, in rows, records and logs: text, and nothing but text.
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, type Page, test } from '@playwright/test';
import { startVpo, type Vpo } from './support/vpo.ts';
import { writeLibrary } from './support/wav.ts';

const PYTHON = join(import.meta.dirname, '..', '..', '.venv', 'bin', 'python');
const MARKUP = '<img src=x onerror=window.hacked=1>"\'><b onclick=alert(1)>&lt;{{7*7}}{id}';
const HOSTILE = [
  MARKUP,
  '\u202Egnp.exe\u2066 \u200F',
  `before\u0000after \u001B[31mred\u001B[0m\r\n\t\u0007`,
  'long'.repeat(262_144),
  '<script>window.hacked=1<\u2215script>{status|word}javascript:alert(1)',
];
const WRITE = `
import json, sqlite3, sys
path, texts = sys.argv[1], json.load(sys.stdin)
texts = [text.replace("long", "long" * 65536) if text == "long" else text for text in texts]
with sqlite3.connect(path) as db:
    ids = [row[0] for row in db.execute("SELECT id FROM jobs ORDER BY created_at, id")]
    for id, text in zip(ids, texts):
        for column in ("file_path", "summary", "error_message", "policy_name", "output_path"):
            db.execute(f"UPDATE jobs SET {column} = ? WHERE id = ?", (text, id))
        db.execute("UPDATE attempts SET error_message = ? WHERE job_id = ?", (text, id))
        for column in ("path", "filename", "error"):
            db.execute(f"UPDATE scan_errors SET {column} = ? WHERE job_id = ?", (text, id))
    db.execute("UPDATE revisions SET n = n + 1")
print(json.dumps(ids))
`;

let server: Vpo;
test.beforeEach(async () => {
  server = await startVpo({ env: { VPO_POLLING_INTERVAL_MS: '2000', VPO_POLLING_LOG_INTERVAL_MS: '2000' } });
  await writeLibrary(join(server.folder, 'small'), 2, 1);
  await writeFile(join(server.folder, 'small', 'broken.wav'), 'no sound');
});
test.afterEach(() => server.end());

/** Writes the texts into every column of the jobs, oldest first; the jobs' ids. */
async function overwrite(texts: readonly string[]): Promise<string[]> {
  const running = promisify(execFile)(PYTHON, ['-c', WRITE, join(server.folder, 'data', 'vpo.db')]);
  running.child.stdin?.end(JSON.stringify(texts));
  return JSON.parse((await running).stdout);
}

/** What must not happen on a page, as far as it happened. */
async function watched(page: Page): Promise<() => Promise<unknown[]>> {
  const seen: unknown[] = [];
  page.on('dialog', (dialog) => {
    seen.push(`dialog ${dialog.message()}`);
    return dialog.dismiss();
  });
  page.on('pageerror', (error) => seen.push(String(error)));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== server.url || request.url().endsWith('/x'))
      seen.push(request.url());
  });
  await page.addInitScript(() => {
    const violations: string[] = [];
    Object.assign(window, { violations });
    document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));
  });
  return async () => [
    ...seen,
    ...(await page.evaluate(() => {
      const { hacked, violations } = window as unknown as { hacked?: unknown; violations: string[] };
      const made = document.querySelectorAll('main img:not(.charts img), main script, main b[onclick]');
      return [...violations, ...(hacked ? ['hacked'] : []), ...[...made].map((element) => element.outerHTML)];
    })),
  ];
}

const refresh = (page: Page) => page.getByRole('button', { name: 'Refresh' }).click();

async function keepsItsLayout(page: Page): Promise<void> {
  for (const width of [320, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(beyond, `pixels beyond ${width}`).toBeLessThanOrEqual(0);
  }
}

test('rows of the list are painted and patched as text', async ({ page }) => {
  for (const _ of HOSTILE) await server.vpo('scan', join(server.folder, 'small'));
  const harm = await watched(page);
  await page.goto(`${server.url}/jobs`);
  await expect(page.locator('table.jobs tbody tr')).toHaveCount(HOSTILE.length);
  const [first, second] = await overwrite(HOSTILE);
  await refresh(page);
  // By the script, from an answer; then by the server, from a reload.
  for (const way of ['patched', 'painted']) {
    const name = page.locator(`tr[data-job-id="${first}"] th bdi:not([hidden])`);
    await expect(name, way).toHaveText(MARKUP);
    await expect(page.locator(`tr[data-job-id="${second}"] th bdi:not([hidden])`)).toHaveText(
      HOSTILE[1] ?? '',
    );
    expect(await name.evaluate((element) => getComputedStyle(element).unicodeBidi)).toBe('isolate');
    await expect(page.locator('table.jobs tbody tr')).toHaveCount(HOSTILE.length);
    await keepsItsLayout(page);
    expect(await harm()).toEqual([]);
    if (way === 'patched') await page.reload();
  }
  await overwrite(['/quiet']);
  // A write by another program is noticed a moment later.
  await expect(async () => {
    await refresh(page);
    await expect(page.locator(`tr[data-job-id="${first}"] th bdi:not([hidden])`)).toHaveText('quiet', {
      timeout: 500,
    });
  }).toPass({ timeout: 20_000 });
  expect(await harm()).toEqual([]);
});

test('a record and its log are painted and patched as text', async ({ page }) => {
  for (const _ of HOSTILE) await server.vpo('scan', join(server.folder, 'small'));
  const ids = await overwrite([]);
  for (const id of ids) {
    const log = join(server.folder, 'data', 'logs', id, '1.log');
    await rm(log.replace('.log', '.idx'), { force: true });
    await writeFile(log, `${HOSTILE.join('\n')}\n`);
  }
  const harm = await watched(page);
  await page.goto(`${server.url}/jobs/${ids[0]}`);
  await overwrite(HOSTILE);
  await refresh(page);
  for (const id of ids) {
    if (id !== ids[0]) await page.goto(`${server.url}/jobs/${id}`);
    await expect(page.locator('#log')).toContainText(MARKUP);
    if (id === ids[0]) await expect(page.locator('#job')).toContainText(MARKUP);
    await page.locator('details.errors summary').click();
    await expect(page.locator('details.errors tbody tr').first()).toBeVisible();
    await keepsItsLayout(page);
    expect(await harm(), id).toEqual([]);
  }
});
