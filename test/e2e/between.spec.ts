// What stands between page and server bends what they say to each other; the page ends as a fresh answer has it.
import { expect, type Page, test } from '@playwright/test';
import { type Bend, openGate } from '../browsers/support/gate.ts';
import { startVpo, type Vpo } from './support/vpo.ts';

let server: Vpo;
test.beforeAll(async () => {
  server = await startVpo({ env: { VPO_POLLING_INTERVAL_MS: '2000', VPO_WORKERS: '8' } });
  await begin();
});
test.afterAll(() => server.end());

/** A job that goes on, so that the list is asked for at its interval; its id. */
async function begin(): Promise<string> {
  const printed = await server.vpo('run', '--async', 'sleep', '600');
  return /[0-9a-f-]{36}/.exec(printed)?.[0] ?? '';
}

const HELD = { ms: 3_500, status: 0 };
const GATES: Record<string, { bend: Bend; seconds: number }> = {
  'takes `Prefer` away': { bend: { request: (headers) => delete headers.prefer }, seconds: 1 },
  'takes `Preference-Applied` away': {
    bend: { answer: (headers) => delete headers['preference-applied'] },
    seconds: 1,
  },
  'knows nothing of `A-IM`': { bend: { request: (headers) => delete headers['a-im'] }, seconds: 1 },
  'takes tags away': {
    bend: {
      request: (headers) => delete headers['if-none-match'],
      answer: (headers) => delete headers.etag,
    },
    seconds: 5,
  },
  'gives whole answers on': { bend: { isBuffering: true }, seconds: 1 },
  'cuts off what takes long': { bend: { impatient: HELD }, seconds: 12 },
  'answers 504 to what takes long': { bend: { impatient: { ...HELD, status: 504 } }, seconds: 12 },
};

/** What the rows say, and what a fresh answer says. */
async function isRight(page: Page): Promise<void> {
  const fresh = async () => {
    const { jobs } = await (await fetch(`${server.url}/api/jobs`)).json();
    return jobs.map(({ id, status }: { id: string; status: string }) => `${id} ${status}`);
  };
  const shown = () =>
    page
      .locator('tr[data-job-id]')
      .evaluateAll((rows) =>
        rows.map((row) => `${row.getAttribute('data-job-id')} ${row.getAttribute('data-status')}`),
      );
  await expect(async () => expect(await shown()).toEqual(await fresh())).toPass({ timeout: 15_000 });
}

for (const [what, { bend, seconds }] of Object.entries(GATES))
  test(`a proxy that ${what}: the page stays live`, async ({ page }) => {
    const gate = await openGate(server.port, bend);
    const said: (string | null)[] = [];
    await page.goto(`${gate.url}/jobs`);
    await expect(page.locator('#connection-status')).toHaveText('Live');
    for (let i = 0; i < seconds; i++) {
      said.push(await page.locator('#connection-status').textContent());
      await page.waitForTimeout(1_000);
    }
    expect(
      said.filter((text) => !text?.startsWith('Live')),
      'cuts of held polls are no failures',
    ).toEqual([]);
    await begin();
    await isRight(page);
    gate.forget();
    await page.waitForTimeout(2_000);
    expect(gate.asked.length, 'requests in two seconds').toBeLessThan(8);
    await gate.end();
  });

test('two builds behind one proxy: said once, polled at the interval, right in the end', async ({ page }) => {
  let turn = 0;
  let isNew = false;
  // Every other answer comes from a newer build, whose tags are others.
  const gate = await openGate(server.port, {
    request(headers) {
      isNew = ++turn % 2 === 0;
      const asked = headers['if-none-match'] ?? '';
      if (isNew) headers['if-none-match'] = asked.includes('"new.') ? asked.replace('new.', '') : '"none"';
    },
    answer(headers) {
      if (!isNew) return;
      headers['vpo-build'] = 'newer';
      if (headers.etag) headers.etag = headers.etag.replace('"', '"new.');
    },
  });
  await page.goto(`${gate.url}/jobs`);
  await begin();
  await isRight(page);
  await expect(page.getByText(/new version/i)).toHaveCount(1);
  await page.waitForTimeout(3_000);
  gate.forget();
  await page.waitForTimeout(6_000);
  expect(gate.asked.length, 'requests in six seconds').toBeLessThan(16);
  await begin();
  await isRight(page);
  await expect(page.getByText(/new version/i)).toHaveCount(1);
  await gate.end();
});
