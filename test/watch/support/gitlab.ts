// A GitLab that plays a story: each look at a pipeline is answered by the next scene.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface GitLabScene {
  readonly pipeline?: Record<string, unknown>;
  readonly jobs?: readonly Record<string, unknown>[];
  readonly bridges?: readonly Record<string, unknown>[];
  readonly refuse?: { readonly status: number; readonly headers?: Record<string, string> };
}

const PIPELINE = {
  id: 45,
  status: 'running',
  created_at: '2026-11-26T10:00:00Z',
  started_at: '2026-11-26T10:00:05Z',
  finished_at: '2026-11-26T10:03:05Z',
  duration: 170,
  web_url: 'https://gitlab.com/group/project/-/pipelines/45',
};

export const gitlabJob = (id: number, status: string, more: object = {}) => ({
  id,
  name: `job ${id}`,
  status,
  allow_failure: false,
  started_at: '2026-11-26T10:00:10Z',
  finished_at: null,
  ...more,
});

export class FakeGitLab {
  readonly asked: string[] = [];
  readonly answered: string[] = [];
  readonly tokens = new Set<unknown>();
  logs = new Map<string, string>();
  /** What a search for pipelines finds, and what was searched for. */
  pipelines: object[] = [{ id: 45 }];
  readonly searches: string[] = [];
  private scene = -1;
  private readonly server = createServer((request, response) => {
    // As it was sent: a slash in a project's name is encoded.
    const [path = ''] = (request.url ?? '').split('?');
    this.asked.push(path);
    this.tokens.add(request.headers['private-token']);
    const isPipeline = /\/pipelines\/\d+$/.test(path);
    if (isPipeline) this.scene = Math.min(this.scene + 1, this.scenes.length - 1);
    const scene = this.scenes[this.scene] ?? {};
    const trace = /\/jobs\/(\d+)\/trace$/.exec(path)?.[1];
    const send = (body: unknown, status = 200, headers: Record<string, string> = {}) => {
      const isText = typeof body === 'string';
      const text = isText ? body : JSON.stringify(body);
      const etag = `W/"${createHash('sha1').update(text).digest('hex')}"`;
      if (status === 200 && request.headers['if-none-match'] === etag) {
        response.writeHead(304, { etag }).end();
        return;
      }
      this.answered.push(path);
      const type = isText ? 'text/plain' : 'application/json';
      response.writeHead(status, { 'content-type': type, etag, ...headers }).end(text);
    };
    const list = /\/(?:merge_requests\/\d+\/)?pipelines$/.exec(path)?.[0];
    if (list) {
      this.searches.push(`${list}?${(request.url ?? '').split('?')[1] ?? ''}`);
      send(this.pipelines);
    } else if (isPipeline && scene.refuse) send({ message: 'no' }, scene.refuse.status, scene.refuse.headers);
    else if (isPipeline) send({ ...PIPELINE, ...scene.pipeline });
    else if (path.endsWith('/jobs')) send(scene.jobs ?? []);
    else if (path.endsWith('/bridges')) send(scene.bridges ?? []);
    else if (trace && this.logs.has(trace)) send(this.logs.get(trace));
    else send({ message: '404 Not found' }, 404);
  });

  constructor(readonly scenes: readonly GitLabScene[]) {}

  start(): Promise<string> {
    return new Promise((resolve) =>
      this.server.listen(0, '127.0.0.1', () =>
        resolve(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`),
      ),
    );
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
