// A watcher of this checkout, as people start it beside a server.
import { join } from 'node:path';
import { type Program, startProgram } from './process.ts';

const COMMAND = join(import.meta.dirname, '..', '..', '..', 'dist', 'vpo-watch.mjs');

export const TOKEN = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789';

/** Watches GitHub at `platform` for the server at `url`, a look a second. */
export const startWatcher = (url: string, platform: string): Program =>
  startProgram(process.execPath, [COMMAND, 'serve', '--server', url], {
    env: {
      PATH: process.env.PATH,
      GITHUB_TOKEN: TOKEN,
      GITHUB_API_URL: platform,
      BUILD_POLL_INTERVAL: '1000',
    },
  });

export interface StoredEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What the server has of a build's events. */
export async function eventsOf(url: string, jobId: string): Promise<readonly StoredEvent[]> {
  const answer = await fetch(`${url}/api/jobs/${jobId}/events`);
  return ((await answer.json()) as { events: StoredEvent[] }).events;
}
