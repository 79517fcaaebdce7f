// The real server, on a free port, with a data directory of its own.
import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answers, freePort, type Program, startProgram } from './process.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const VPO = join(ROOT, '.venv', 'bin', 'vpo');
const run = promisify(execFile);

export interface Vpo {
  readonly url: string;
  readonly port: number;
  /** Holds `data/` (the server's) and whatever the test puts beside it; it is the scan root. */
  readonly folder: string;
  /** A `vpo` command (`scan`, `token create`) against this server's data directory; resolves to what it printed. */
  vpo(command: string, ...args: string[]): Promise<string>;
  /** Queues a scan of a folder beside the data, as a person would in a terminal; the job's id. */
  scan(name: string, ...flags: string[]): Promise<string>;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Stops the server and removes its folder. */
  end(): Promise<void>;
}

/** `config`: of the settings file, for a server whose folder this is. */
export async function startVpo(
  options: {
    args?: string[];
    env?: Record<string, string>;
    prefix?: string;
    config?: (folder: string) => string;
  } = {},
): Promise<Vpo> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'vpo-e2e-')));
  const { args = [] } = options;
  if (options.config) {
    await writeFile(join(folder, 'vpo.toml'), options.config(folder));
    args.push('--config', join(folder, 'vpo.toml'));
  }
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const data = join(folder, 'data');
  const env = { PATH: process.env.PATH ?? '', HOME: folder, ...options.env };
  let program: Program | undefined;
  const server: Vpo = {
    url,
    port,
    folder,
    vpo: async (command, ...args) =>
      (await run(VPO, [...command.split(' '), '--data-dir', data, ...args], { cwd: folder, env })).stdout,
    scan: async (name, ...flags) => {
      const printed = await server.vpo('scan', join(folder, name), '--async', ...flags);
      const id = /[0-9a-f-]{36}/.exec(printed)?.[0];
      if (!id) throw new Error(`vpo scan --async printed no job id, but: ${printed}`);
      return id;
    },
    start: async () => {
      program = startProgram(VPO, ['serve', '--port', String(port), '--data-dir', data, ...args], {
        cwd: folder,
        env,
      });
      await answers(`${url}${options.prefix ?? ''}/livez`, program);
    },
    stop: async (signal) => program?.stop(signal),
    end: async () => {
      await program?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}
