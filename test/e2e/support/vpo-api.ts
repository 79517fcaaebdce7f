// VPO's jobs pages as VPO has them: pages with a script of their own that calls `window.VPOPolling`, and the API that
// these scripts ask, which knows neither ETags nor holding.
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { close, listen, SCRIPT, send } from './plain-servers.ts';

const pageScript = (name: string) => readFileSync(join(import.meta.dirname, 'vpo-pages', name));

const page = (script: string, body: string, enabled: boolean) => `<!doctype html><html lang="en"><head>
<meta charset="utf-8"><title>VPO</title><script src="/vpo-polling.min.js" defer></script>
<script src="/${script}" defer></script></head>
<body data-polling-interval="5000" data-polling-enabled="${enabled}" data-polling-log-interval="15000">
<div id="connection-status" class="connection-status"></div>${body}</body></html>`;

const JOBS = '<table><tbody id="jobs-body"></tbody></table>';
const DETAIL = '<p id="job-status"></p><pre id="job-logs"></pre>';

type Mode = 'answer' | 'fail' | 'hold';

export interface VpoApi {
  readonly url: string;
  /** Paths of the requests so far, each with its query; beacons of leaving pages too. */
  readonly seen: string[];
  count(path: string): number;
  /** The most requests for one path that were open at a time, since the test set it to 0. */
  most: number;
  /** Requests that the page gave up. */
  readonly aborted: number;
  /** What becomes of requests for a path (`/api/jobs`, `/api/jobs/1`, `/api/jobs/1/logs`) from now on. */
  set(path: string, mode: Mode): void;
  /** Answers all that is held, and what comes from now on. */
  release(): void;
  status: string;
  readonly lines: string[];
  /** `data-polling-enabled` of the pages. */
  enabled: boolean;
  close(): Promise<void>;
}

export async function startVpoApi(): Promise<VpoApi> {
  const modes = new Map<string, Mode>();
  const open = new Map<string, number>();
  let held: (() => void)[] = [];
  let aborted = 0;

  const job = () => ({ id: '1', status: api.status, file_path: '/media/a.mkv', progress_percent: 10 });
  const bodyOf = (path: string, offset: number): object => {
    if (path === '/api/jobs') return { jobs: [job()], total: 1, limit: 50, offset: 0, has_filters: false };
    if (path === '/api/jobs/1') return job();
    const lines = api.lines.slice(offset);
    return { job_id: '1', lines, total_lines: api.lines.length, offset, has_more: false };
  };
  const answer = (path: string, offset: number, response: ServerResponse) => {
    if (modes.get(path) === 'fail') response.writeHead(500).end('no');
    else send(response, 'application/json; charset=utf-8', JSON.stringify(bodyOf(path, offset)));
  };
  const { server, url } = await listen((request, response) => {
    const { pathname, search, searchParams } = new URL(request.url ?? '/', 'http://x');
    if (pathname === '/vpo-polling.min.js') send(response, 'text/javascript', SCRIPT);
    else if (/^\/\w+\.js$/.test(pathname)) send(response, 'text/javascript', pageScript(pathname.slice(1)));
    else if (pathname === '/jobs') send(response, 'text/html', page('jobs.js', JOBS, api.enabled));
    else if (pathname === '/jobs/1') send(response, 'text/html', page('job_detail.js', DETAIL, api.enabled));
    else if (pathname.startsWith('/api/')) {
      api.seen.push(pathname + search);
      open.set(pathname, (open.get(pathname) ?? 0) + 1);
      api.most = Math.max(api.most, open.get(pathname)!);
      response.on('close', () => {
        open.set(pathname, open.get(pathname)! - 1);
        if (!response.writableEnded) aborted++;
      });
      const run = () => answer(pathname, Number(searchParams.get('offset') ?? 0), response);
      if (modes.get(pathname) === 'hold') held.push(run);
      else run();
    } else {
      if (pathname === '/left') api.seen.push(pathname);
      response.writeHead(404).end();
    }
  });
  const api: VpoApi = {
    url,
    seen: [],
    count: (path) => api.seen.filter((one) => one.split('?')[0] === path).length,
    most: 0,
    get aborted() {
      return aborted;
    },
    set: (path, mode) => void modes.set(path, mode),
    release: () => {
      modes.clear();
      for (const run of held) run();
      held = [];
    },
    status: 'running',
    lines: ['first', 'second'],
    enabled: true,
    close: () => close(server),
  };
  return api;
}
