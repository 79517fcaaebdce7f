// Programs that a benchmark starts and ends: ours, and those it is compared with.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../scripts/run.mjs';

export const PYTHON = join(ROOT, '.venv', 'bin', 'python');
const VPO = join(ROOT, '.venv', 'bin', 'vpo');
const PEERS = join(ROOT, '.build', 'peers');

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Starts a program on one core where `core` is given; resolves once `url` answers. */
export async function started(command, args, { url, core, ...options }) {
  const pinned = core != null && existsSync('/usr/bin/taskset');
  const child = pinned
    ? spawn('taskset', ['-c', `${core}`, command, ...args], { stdio: 'ignore', ...options })
    : spawn(command, args, { stdio: 'ignore', ...options });
  for (let tries = 0; ; tries++) {
    try {
      await fetch(url);
      break;
    } catch (error) {
      if (tries > 200 || child.exitCode !== null) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  return {
    pid: child.pid,
    url,
    end: () =>
      new Promise((done) => {
        if (child.exitCode !== null) return done();
        child.once('close', done);
        child.kill('SIGTERM');
      }),
  };
}

export const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'vpo-bench-'));
  return { path, end: () => rmSync(path, { recursive: true, force: true }) };
};

/** Our server with `rows` jobs that have ended, and one that this process reports. */
export async function ours(rows, { core, env = {} } = {}) {
  const place = folder();
  const data = join(place.path, 'data');
  const filled = spawnSync(PYTHON, [join(ROOT, 'bench/server/fill.py'), data, `${rows}`, `${process.pid}`]);
  const port = await freePort();
  const program = await started(
    VPO,
    ['serve', '--port', `${port}`, '--log-level', 'error', '--data-dir', data],
    {
      url: `http://localhost:${port}/livez`,
      core,
      cwd: place.path,
      env: { PATH: process.env.PATH, HOME: place.path, VPO_RATE_LIMIT: '0', VPO_WORKERS: '0', ...env },
    },
  );
  return {
    ...program,
    data,
    running: `${filled.stdout}`.trim(),
    url: `http://127.0.0.1:${port}`,
    end: async () => {
      await program.end();
      place.end();
    },
  };
}

/** nginx with one worker, serving `body` at /jobs.json. */
export async function nginx(body, core) {
  const place = folder();
  const port = await freePort();
  // Its worker is another user where we are root.
  chmodSync(place.path, 0o755);
  mkdirSync(join(place.path, 'html'));
  writeFileSync(join(place.path, 'html', 'jobs.json'), body);
  writeFileSync(
    join(place.path, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${place.path}/pid; error_log ${place.path}/error.log;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 10000000; client_body_temp_path ${place.path}/b; proxy_temp_path ${place.path}/p;
fastcgi_temp_path ${place.path}/f; uwsgi_temp_path ${place.path}/u; scgi_temp_path ${place.path}/s;
types { application/json json; }
server { listen 127.0.0.1:${port}; root ${place.path}/html; } }`,
  );
  const program = await started(
    'nginx',
    ['-c', join(place.path, 'nginx.conf'), '-e', join(place.path, 'error.log')],
    {
      url: `http://127.0.0.1:${port}/jobs.json`,
      core,
    },
  );
  return { ...program, end: () => program.end().then(place.end) };
}

/** Flower and rq-dashboard from the registry, in an environment of their own. Null where that can't be. */
export function installPeers() {
  if (existsSync(join(PEERS, 'bin', 'flower'))) return PEERS;
  const made =
    spawnSync('python3', ['-m', 'venv', PEERS]).status === 0 &&
    spawnSync(join(PEERS, 'bin', 'pip'), [
      'install',
      '-q',
      'flower',
      'celery',
      'redis',
      'rq',
      'rq-dashboard',
      'packaging',
    ]).status === 0;
  return made ? PEERS : null;
}

export const peerVersion = (name) =>
  /^Version: (.*)$/m.exec(`${spawnSync(join(PEERS, 'bin', 'pip'), ['show', name]).stdout}`)?.[1] ?? '?';
