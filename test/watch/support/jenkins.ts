// A Jenkins that plays a story: each look at a build or a queue item is answered by the next scene.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface JenkinsScene {
  readonly build?: Record<string, unknown>;
  /** Instead of a build: it is still in the queue. */
  readonly item?: Record<string, unknown>;
  readonly stages?: readonly Record<string, unknown>[];
  /** All of the log so far. */
  readonly log?: string;
  readonly refuse?: { readonly status: number; readonly headers?: Record<string, string> };
}

const BUILD = {
  building: true,
  inProgress: true,
  result: null,
  timestamp: Date.parse('2026-11-26T10:00:00Z'),
  duration: 0,
  url: 'https://ci.example/job/folder/job/app/7/',
  artifacts: [],
};

export const stage = (id: number, status: string) => ({
  id: `${id}`,
  name: `stage ${id}`,
  status,
  startTimeMillis: BUILD.timestamp,
  durationMillis: 1000,
});

export class FakeJenkins {
  readonly asked: string[] = [];
  readonly authorizations = new Set<unknown>();
  hasStages = true;
  /** Bytes of logs that were sent. */
  logBytes = 0;
  private at = -1;
  private readonly server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    const path = url.pathname;
    this.asked.push(path);
    this.authorizations.add(request.headers.authorization);
    const isItem = path.startsWith('/ci/queue/');
    const isBuild = /\/\d+\/api\/json$/.test(path) && !isItem;
    if (isItem || isBuild) this.at = Math.min(this.at + 1, this.scenes.length - 1);
    const scene = this.scenes[this.at] ?? {};
    const send = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      const isText = typeof body === 'string';
      response.writeHead(status, { 'content-type': isText ? 'text/plain' : 'application/json', ...headers });
      response.end(isText ? body : JSON.stringify(body));
    };
    if ((isItem || isBuild) && scene.refuse) send(scene.refuse.status, 'no', scene.refuse.headers);
    else if (isItem) send(200, { inQueueSince: BUILD.timestamp, ...scene.item });
    else if (isBuild) send(200, { ...BUILD, ...scene.build });
    else if (path.endsWith('/wfapi/describe')) {
      if (this.hasStages) send(200, { stages: scene.stages ?? [] });
      else send(404, 'no');
    } else if (path.endsWith('/progressiveText')) {
      const log = Buffer.from(scene.log ?? '');
      const start = Number(url.searchParams.get('start'));
      const part = log.subarray(start > log.length ? 0 : start);
      this.logBytes += part.length;
      send(200, part.toString(), { 'x-text-size': `${log.length}` });
    } else send(404, 'no');
  });

  constructor(readonly scenes: readonly JenkinsScene[]) {}

  start(): Promise<string> {
    return new Promise((resolve) =>
      this.server.listen(0, '127.0.0.1', () =>
        resolve(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}/ci/`),
      ),
    );
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
