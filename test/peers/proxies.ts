// The real nginx and Apache, each compressing by itself in front of a server.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, freePort, type Program, startProgram } from '../e2e/support/process.ts';

export interface Proxy {
  readonly url: string;
  stop(): Promise<void>;
}

type Configure = (
  folder: string,
  port: number,
  upstream: number,
) => { config: string; command: string; args: string[] };

const isRoot = process.getuid?.() === 0;

const nginx: Configure = (folder, port, upstream) => ({
  command: 'nginx',
  args: ['-p', folder, '-c', join(folder, 'server.conf'), '-e', 'stderr'],
  config: `daemon off; pid ${folder}/pid; error_log stderr; worker_processes 1; events {}
${isRoot ? 'user root;' : ''}
http {
  access_log off; client_body_temp_path ${folder}/tmp; proxy_temp_path ${folder}/tmp; fastcgi_temp_path ${folder}/tmp;
  uwsgi_temp_path ${folder}/tmp; scgi_temp_path ${folder}/tmp;
  gzip on; gzip_proxied any; gzip_min_length 0; gzip_types application/json text/css text/javascript;
  server { listen 127.0.0.1:${port};
    location / { proxy_pass http://127.0.0.1:${upstream}; proxy_set_header Host $http_host; proxy_set_header Accept-Encoding ""; } }
}
`,
});

const MODULES = ['mpm_event', 'authz_core', 'filter', 'deflate', 'proxy', 'proxy_http', 'headers'];

const apache: Configure = (folder, port, upstream) => ({
  command: 'apache2',
  args: ['-d', folder, '-f', join(folder, 'server.conf'), '-DFOREGROUND'],
  config: `${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${folder}/pid
ErrorLog ${folder}/error.log
DefaultRuntimeDir ${folder}
${isRoot ? 'User www-data\nGroup www-data' : ''}
ProxyPreserveHost On
RequestHeader unset Accept-Encoding early
RequestHeader set Accept-Encoding gzip early
SetOutputFilter DEFLATE
ProxyPass / http://127.0.0.1:${upstream}/
`,
});

export const PROXIES: Record<string, Configure> = { nginx, Apache: apache };

/** Starts one of PROXIES in front of the server on port `upstream`. */
export async function startProxy(configure: Configure, upstream: number): Promise<Proxy> {
  const folder = await mkdtemp(join(tmpdir(), 'vpo-proxy-'));
  await mkdir(join(folder, 'tmp'));
  const port = await freePort();
  const { config, command, args } = configure(folder, port, upstream);
  await writeFile(join(folder, 'server.conf'), config);
  const program: Program = startProgram(command, args);
  const url = `http://localhost:${port}`;
  await answers(`${url}/livez`, program);
  return {
    url,
    stop: async () => {
      await program.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
