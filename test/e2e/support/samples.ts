// The real server with the fixed jobs of scripts/sample_jobs.py, which stays as the program that reports the running ones.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from '@playwright/test';
import { startVpo, type Vpo } from './vpo.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

export interface Samples {
  readonly server: Vpo;
  /** A job that runs and writes, one that failed at its second attempt, one that waits, one that succeeded. */
  readonly ids: Readonly<Record<'running' | 'broken' | 'queued' | 'done', string>>;
  end(): Promise<void>;
}

/** Its only worker is kept busy, so that what waits goes on waiting. `old`: how many finished ones there are besides. */
export async function startSamples(old = 5): Promise<Samples> {
  const server = await startVpo({ args: ['--workers', '1'], env: { VPO_POLLING_INTERVAL_MS: '2000' } });
  const busy = 'watch-inbox';
  await writeFile(join(server.folder, busy), '#!/bin/sh\necho Watching the inbox\nexec sleep 3600\n', {
    mode: 0o755,
  });
  await server.vpo('run', '--async', `./${busy}`);
  const running = async () => (await (await fetch(`${server.url}/api/jobs?status=running`)).json()).total;
  await expect.poll(running, { timeout: 20_000 }).toBe(1);
  const program = spawn(
    join(ROOT, '.venv', 'bin', 'python'),
    [join(ROOT, 'scripts', 'sample_jobs.py'), join(server.folder, 'data'), `${old}`],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = once(program, 'close');
  const [line] = await Promise.race([
    once(createInterface(program.stdout), 'line'),
    ended.then(([code]) => {
      throw new Error(`sample_jobs.py ended with ${code} before it printed the ids`);
    }),
  ]);
  return {
    server,
    ids: JSON.parse(line),
    end: async () => {
      program.stdin.end();
      await ended;
      await server.end();
    },
  };
}
