// A GitHub that plays a story: each look at a run is answered by the next scene. Its objects begin as GitHub's own published ones.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

type Published = readonly {
  readonly name: string;
  readonly examples: readonly Readonly<Record<string, Record<string, unknown>>>[];
}[];
const PUBLISHED = createRequire(import.meta.url)('@octokit/webhooks-examples') as Published;

/** What GitHub says of a `workflow_run` or `workflow_job` that has ended. */
function published(name: string): Record<string, unknown> {
  const found = PUBLISHED.find((event) => event.name === name)!.examples;
  return found.find((example) => (example.action as unknown) === 'completed')![name]!;
}

export interface Scene {
  readonly run?: Record<string, unknown>;
  readonly jobs?: readonly Record<string, unknown>[];
  /** Of the answer with the run. */
  readonly headers?: Record<string, string>;
  /** Instead of the run. */
  readonly refuse?: {
    readonly status: number;
    readonly headers?: Record<string, string>;
    readonly message?: string;
  };
}

export const RUN = {
  ...published('workflow_run'),
  display_title: 'Update the parser',
  path: '.github/workflows/ci.yml',
  id: 123,
  status: 'in_progress',
  conclusion: null,
  run_attempt: 1,
  created_at: '2026-11-26T10:00:00Z',
  run_started_at: '2026-11-26T10:00:05Z',
  updated_at: '2026-11-26T10:03:05Z',
  html_url: 'https://github.com/octo/repo/actions/runs/123',
  // Where `gh` finds the jobs.
  jobs_url: 'http://api.github.localhost/repos/octo/repo/actions/runs/123/jobs',
};

export const job = (id: number, status: string, conclusion: string | null = null, more: object = {}) => ({
  ...published('workflow_job'),
  id,
  name: `job ${id}`,
  status,
  conclusion,
  started_at: '2026-11-26T10:00:10Z',
  completed_at: conclusion && '2026-11-26T10:01:10Z',
  steps: [],
  ...more,
});

export class FakeGitHub {
  readonly asked: string[] = [];
  /** Answers that had a body. */
  readonly answered: string[] = [];
  readonly authorizations = new Set<string>();
  logs = new Map<string, string>();
  annotations: object[] = [];
  /** What a search for runs finds, and what was searched for. */
  runs: object[] = [{ id: 123 }];
  readonly filters: string[] = [];
  /** Of requests that are let in, if not all of them are; and tokens that are given to an app's installation. */
  accepts: Set<string> | null = null;
  /** Whether answers have an ETag. */
  hasTags = true;
  readonly given: string[] = [];
  private scene = -1;
  private readonly server = createServer((request, response) => this.answer(request, response));
  private readonly blobs = createServer((request, response) => {
    this.asked.push(`blob ${request.url}`);
    if (request.headers.authorization) this.authorizations.add('at the blob store');
    response.end(this.logs.get(request.url!.slice(1)) ?? '');
  });

  constructor(readonly scenes: readonly Scene[]) {}

  /** Plays this one from now on. */
  show(scene: Scene): void {
    this.shown = scene;
  }
  private shown: Scene | undefined;

  async start(): Promise<string> {
    const listen = (server: typeof this.server) =>
      new Promise<number>((resolve) =>
        server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
      );
    this.blobPort = await listen(this.blobs);
    return `http://127.0.0.1:${await listen(this.server)}`;
  }
  private blobPort = 0;

  async stop(): Promise<void> {
    for (const server of [this.server, this.blobs]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url!, 'http://x');
    this.asked.push(pathname);
    if (request.headers.authorization) this.authorizations.add(request.headers.authorization);
    if (/\/app\/installations\/\d+\/access_tokens$/.test(pathname)) {
      const token = `ghs_${this.given.length}${'x'.repeat(30)}`;
      this.given.push(token);
      const expires_at = new Date(Date.now() + 3_600_000).toISOString();
      this.send(request, response, { token, expires_at, permissions: {} }, 201);
      return;
    }
    if (this.accepts && !this.accepts.has(request.headers.authorization ?? '')) {
      this.send(request, response, { message: 'Bad credentials' }, 401);
      return;
    }
    const isRun = /\/runs\/\d+$/.test(pathname);
    if (isRun) this.scene = Math.min(this.scene + 1, this.scenes.length - 1);
    const scene = this.shown ?? this.scenes[this.scene] ?? {};
    const list = /\/actions\/runs$/.test(pathname);
    const log = /\/jobs\/(\d+)\/logs$/.exec(pathname)?.[1];
    if (isRun && scene.refuse) {
      const { status, headers = {}, message = 'no' } = scene.refuse;
      this.send(request, response, { message }, status, headers);
    } else if (list) {
      this.filters.push(`${new URL(request.url!, 'http://x').searchParams}`);
      this.send(request, response, { total_count: this.runs.length, workflow_runs: this.runs });
    } else if (/\/actions\/workflows\/\d+$/.test(pathname))
      this.send(request, response, { id: 1, name: 'CI', path: '.github/workflows/ci.yml', state: 'active' });
    else if (/\/pulls\/\d+$/.test(pathname)) this.send(request, response, { head: { sha: 'f'.repeat(40) } });
    else if (isRun) this.send(request, response, { ...RUN, ...scene.run }, 200, scene.headers);
    else if (pathname.endsWith('/jobs'))
      this.send(request, response, { total_count: scene.jobs?.length ?? 0, jobs: scene.jobs ?? [] });
    else if (log !== undefined && this.logs.has(log)) {
      response.writeHead(302, { location: `http://127.0.0.1:${this.blobPort}/${log}` }).end();
    } else if (pathname.endsWith('/artifacts')) {
      const artifact = {
        ...{ id: 9, node_id: 'A', url: 'https://x/9', expired: false, created_at: null, updated_at: null },
        name: 'dist',
        archive_download_url: 'https://x/zip',
        size_in_bytes: 7,
        expires_at: null,
      };
      this.send(request, response, { total_count: 1, artifacts: [artifact] });
    } else if (pathname.endsWith('/annotations')) this.send(request, response, this.annotations);
    else this.send(request, response, { message: 'Not Found' }, 404);
  }

  private send(
    request: IncomingMessage,
    response: ServerResponse,
    body: unknown,
    status = 200,
    headers: Record<string, string> = {},
  ): void {
    const text = JSON.stringify(body);
    const etag = `"${createHash('sha1').update(text).digest('hex')}"`;
    if (status === 200 && request.headers['if-none-match'] === etag) {
      response.writeHead(304, { etag }).end();
      return;
    }
    this.answered.push(request.url!);
    const tag = this.hasTags ? { etag } : {};
    response.writeHead(status, { 'content-type': 'application/json', ...tag, ...headers }).end(text);
  }
}
