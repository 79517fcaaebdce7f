// Servers that know nothing of this project, each with the same two jobs: what an existing application has.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';

export const SCRIPT = readFileSync(join(import.meta.dirname, '..', '..', '..', 'dist', 'vpo-polling.min.js'));

export interface Job {
  id: string;
  status: string;
  file_path: string;
  progress_percent: number;
}

/** What a served page shows; `data` is where its JSON comes from. */
export function pageOf(data: string, origins = ''): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Jobs</title>
<script src="/vpo-polling.min.js" defer${origins && ` data-vpo-origins="${origins}"`}></script></head>
<body data-polling-interval="2000"><span id="connection-status" data-vpo-connection></span>
<table data-vpo-src="${data}"><caption><b data-vpo-text="{total}"></b> jobs</caption>
<tbody data-vpo-each="jobs" data-vpo-key="id"><template><tr data-vpo-attr-data-status="{status}">
<td data-vpo-text="{file_path|basename}"></td><td data-vpo-text="{progress_percent|percent}"></td></tr></template></tbody></table></body></html>`;
}

export interface PlainServer {
  readonly url: string;
  /** Every request for the JSON: method and status of its answer. */
  readonly seen: { method: string; status: number; headers: IncomingMessage['headers'] }[];
  set(jobs: Job[]): Promise<void> | void;
  close(): Promise<void>;
}

export async function listen(handler: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('no port was given');
  return { server, url: `http://localhost:${address.port}` };
}

export const close = async (server: Server): Promise<void> => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
};

const listOf = (jobs: Job[]): object => ({
  jobs,
  total: jobs.length,
  limit: 50,
  offset: 0,
  has_filters: false,
  max_page_size: 100,
});

export function send(
  response: ServerResponse,
  type: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): void {
  response.writeHead(200, { 'content-type': type, ...headers }).end(body);
}

/** Serves the page and the script, and hands everything else to `json`. */
async function serve(
  page: (url: string) => string,
  json: RequestListener,
  seen: PlainServer['seen'],
): Promise<{ server: Server; url: string }> {
  const site = await listen((request, response) => {
    if (request.url === '/') return send(response, 'text/html; charset=utf-8', page(site.url));
    if (request.url === '/vpo-polling.min.js') return send(response, 'text/javascript', SCRIPT);
    response.on('finish', () =>
      seen.push({ method: request.method ?? '', status: response.statusCode, headers: request.headers }),
    );
    return json(request, response);
  });
  return site;
}

/** The contract of VPO's own server: always 200, no ETag, no Cache-Control. `page` stands in for the usual one. */
export async function contractServer(page = pageOf('/api/jobs')): Promise<PlainServer> {
  let jobs: Job[] = [];
  const seen: PlainServer['seen'] = [];
  const json: RequestListener = (_, response) =>
    send(response, 'application/json; charset=utf-8', JSON.stringify(listOf(jobs)));
  const { server, url } = await serve(() => page, json, seen);
  return {
    url,
    seen,
    set: (next) => {
      jobs = next;
    },
    close: () => close(server),
  };
}

/** A folder with a JSON file that some other program rewrites. */
export async function staticServer(): Promise<PlainServer> {
  const folder = await mkdtemp(join(tmpdir(), 'vpo-static-'));
  const seen: PlainServer['seen'] = [];
  const json: RequestListener = async (_, response) =>
    send(response, 'application/json', await readFile(join(folder, 'jobs.json')));
  const { server, url } = await serve(() => pageOf('/jobs.json'), json, seen);
  return {
    url,
    seen,
    set: (jobs) => writeFile(join(folder, 'jobs.json'), JSON.stringify(listOf(jobs))),
    close: async () => {
      await close(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** JSON on another origin that allows reading but answers no preflight. */
export async function foreignServer(): Promise<PlainServer> {
  let jobs: Job[] = [];
  const seen: PlainServer['seen'] = [];
  const api = await listen((request, response) => {
    response.on('finish', () =>
      seen.push({ method: request.method ?? '', status: response.statusCode, headers: request.headers }),
    );
    if (request.method !== 'GET') return response.writeHead(405).end();
    return send(response, 'application/json', JSON.stringify(listOf(jobs)), {
      'access-control-allow-origin': '*',
    });
  });
  const { server, url } = await serve(
    () => pageOf(`${api.url}/jobs`, api.url),
    (_, response) => response.writeHead(404).end(),
    [],
  );
  return {
    url,
    seen,
    set: (next) => {
      jobs = next;
    },
    close: async () => {
      await close(server);
      await close(api.server);
    },
  };
}

/** Express as it comes: a weak ETag of its own and 304 for what has not changed. */
export async function expressServer(): Promise<PlainServer> {
  let jobs: Job[] = [];
  const seen: PlainServer['seen'] = [];
  const app = express();
  app.get('/api/jobs', (_, response) => void response.json(listOf(jobs)));
  const { server, url } = await serve(() => pageOf('/api/jobs'), app, seen);
  return {
    url,
    seen,
    set: (next) => {
      jobs = next;
    },
    close: () => close(server),
  };
}
