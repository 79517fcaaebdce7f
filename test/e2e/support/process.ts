// Programs that a test starts: always on a free port, always ended, their output kept for the failure message.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect } from '@playwright/test';

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (!address || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

export interface Program {
  readonly child: ChildProcess;
  /** Everything it printed so far. */
  output(): string;
  /** Resolves to its exit code (or the signal that ended it). */
  readonly ended: Promise<number | string>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export function startProgram(
  command: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Program {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const keep = (chunk: Buffer): void => {
    printed += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = new Promise<number | string>((resolve) => {
    child.on('error', (error) => {
      printed += String(error);
      resolve(-1);
    });
    child.on('close', (code, signal) => resolve(code ?? signal ?? -1));
  });
  return {
    child,
    ended,
    output: () => printed,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await ended;
    },
  };
}

/** Waits until the address answers at all: however busy the machine is, a program that ended says so at once. */
export async function answers(url: string, program: Program): Promise<void> {
  const isHere = () =>
    fetch(url).then(
      (response) => response.status < 500,
      () => program.child.exitCode !== null,
    );
  try {
    await expect.poll(isHere, { timeout: 60_000, intervals: [50, 100, 200] }).toBe(true);
    expect(program.child.exitCode).toBeNull();
  } catch {
    throw new Error(`${url} does not answer; the program said:\n${program.output()}`);
  }
}
