// The quickstart's way in: uv installs a fresh clone and serves it, without Node.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { answers, freePort, startProgram } from '../e2e/support/process.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

test('uv pip install -e ".[dev]" and uv run vpo serve work on a fresh clone', async () => {
  test.setTimeout(240_000);
  const folder = await mkdtemp(join(tmpdir(), 'vpo-uv-'));
  const clone = join(folder, 'clone');
  const port = await freePort();
  const env = {
    ...process.env,
    HOME: folder,
    UV_CACHE_DIR: process.env.UV_CACHE_DIR ?? join(tmpdir(), 'vpo-uv-cache'),
    // Like every other program here, trust what this machine trusts.
    UV_SYSTEM_CERTS: '1',
  };
  await run('git', ['clone', '--quiet', ROOT, clone]);
  await run('uv', ['venv', '--quiet'], { cwd: clone, env });
  await run('uv', ['pip', 'install', '--quiet', '-e', '.[dev]'], { cwd: clone, env });
  const args = [
    'run',
    'vpo',
    'serve',
    '--port',
    String(port),
    '--data-dir',
    join(folder, 'data'),
    '--log-level',
    'debug',
  ];
  const server = startProgram('uv', args, { cwd: clone, env });
  await answers(`http://localhost:${port}/livez`, server);
  const page = await (await fetch(`http://localhost:${port}/jobs`)).text();
  expect(page).toContain('data-vpo-src="/api/jobs');
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
