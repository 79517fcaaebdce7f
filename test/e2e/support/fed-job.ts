// A job that says exactly what the test feeds it, and ends when the test says so: `cat` reads from a named pipe.
import { execFile } from 'node:child_process';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Vpo } from './vpo.ts';

export interface FedJob {
  readonly id: string;
  readonly url: string;
  /** The log of an attempt on disk; that of the first by default. */
  file(attempt?: number): string;
  text(attempt?: number): Promise<string>;
  /** Waits for the job (its next attempt too) to read, and gives it the text to say. */
  feed(text: string): Promise<void>;
  /** The job has heard everything and ends. */
  end(): Promise<void>;
}

/** Queues a job that runs until its `end`. `name` is its own in the server's folder. */
export async function startFedJob(server: Vpo, name: string): Promise<FedJob> {
  const pipe = join(server.folder, name);
  await promisify(execFile)('mkfifo', [pipe]);
  const printed = await server.vpo('run', '--async', 'cat', pipe);
  const id = /[0-9a-f-]{36}/.exec(printed)?.[0];
  if (!id) throw new Error(`vpo run --async printed no job id, but: ${printed}`);
  const file = (attempt = 1) => join(server.folder, 'data', 'logs', id, `${attempt}.log`);
  let writer: FileHandle | undefined;
  return {
    id,
    url: `${server.url}/jobs/${id}`,
    file,
    text: (attempt) => readFile(file(attempt), 'utf8'),
    feed: async (text) => {
      // Opening a pipe waits for its reader.
      writer ??= await open(pipe, 'w');
      await writer.writeFile(text);
    },
    end: async () => {
      await writer?.close();
      writer = undefined;
    },
  };
}
