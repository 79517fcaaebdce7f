// The server that builds are reported to, as far as a watcher sees it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

export interface StoredEvent {
  readonly type: string;
  readonly tags: Record<string, string>;
  readonly data: Record<string, unknown>;
}

export class FakeServer {
  readonly asked: Asked[] = [];
  builds: { job_id: string; target: string; watch: string }[] = [];
  readonly events = new Map<string, StoredEvent[]>();
  readonly records = new Map<string, Record<string, unknown>>();
  readonly logs = new Map<string, { text: string; complete: boolean }>();
  /** What is answered in place of everything whose method and path match, while this is set. */
  refuse: { readonly what: RegExp; readonly status: number; readonly body?: object } | null = null;
  private readonly held: ServerResponse[] = [];
  private readonly server = createServer((request, response) => void this.answer(request, response));

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

  /** Whoever waits for other builds hears that there are some. */
  ring(): void {
    for (const response of this.held.splice(0))
      response.writeHead(200, { etag: `"${this.asked.length}"` }).end('{"builds":[]}');
  }

  of(method: string, path: RegExp): Asked[] {
    return this.asked.filter((one) => one.method === method && path.test(one.path));
  }

  types(jobId: string): string[] {
    return (this.events.get(jobId) ?? []).map(({ type }) => type.replace('BUILD.', ''));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams: query } = new URL(request.url!, 'http://x');
    const { method = '', headers } = request;
    const asked = { method, path: pathname, query, body: Buffer.concat(chunks).toString(), headers };
    this.asked.push(asked);
    const send = (body: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const { refuse } = this;
    if (refuse?.what.test(`${method} ${pathname}`)) {
      send(refuse.body ?? { error: 'no' }, refuse.status);
      return;
    }
    const [, jobId = '', part = ''] = /^\/api\/jobs\/([^/]+)(?:\/(\w+))?$/.exec(pathname) ?? [];
    if (pathname === '/api/builds') this.held.push(response);
    else if (pathname === '/api/builds/claim') send({ lease_seconds: 30, builds: this.builds });
    else if (part === 'events' && method === 'POST') this.store(asked, jobId, send);
    else if (part === 'events') {
      const events = this.events.get(jobId) ?? [];
      send({ total: events.length, events });
    } else if (part === 'logs') this.append(asked, jobId, send);
    else if (part === 'watch') send({});
    else if (method === 'PUT') {
      const record = { ...this.recordOf(jobId), ...(JSON.parse(asked.body) as object) };
      this.records.set(jobId, record);
      send(record);
    } else send(this.recordOf(jobId));
  }

  private recordOf(jobId: string): Record<string, unknown> {
    return this.records.get(jobId) ?? { attempt: 1, completed_at: null, has_logs: false, stages: [] };
  }

  private store({ query, body }: Asked, jobId: string, send: (body: object, status?: number) => void): void {
    const known = this.events.get(jobId) ?? [];
    const after = Number(query.get('after'));
    if (after > known.length) {
      send({ error: 'gap', details: { after: known.length } }, 409);
      return;
    }
    const all = [...known, ...(JSON.parse(body) as StoredEvent[]).slice(known.length - after)];
    this.events.set(jobId, all);
    send({ total: all.length });
  }

  /** As the real one: whole lines only, unless it is the last piece. */
  private append({ query, body }: Asked, jobId: string, send: (body: object, status?: number) => void): void {
    const key = [jobId, query.get('attempt'), query.get('stage')].filter(Boolean).join(' ');
    const log = this.logs.get(key) ?? { text: '', complete: false };
    const offset = Number(query.get('offset'));
    if (offset > log.text.length) {
      send({ error: 'gap', details: { offset: log.text.length } }, 409);
      return;
    }
    const news = body.slice(log.text.length - offset);
    const complete = query.get('complete') === '1';
    const kept = complete ? news : news.slice(0, news.lastIndexOf('\n') + 1);
    const next = { text: log.text + kept, complete: log.complete || complete };
    this.logs.set(key, next);
    send({ offset: next.text.length, complete: next.complete });
  }
}
