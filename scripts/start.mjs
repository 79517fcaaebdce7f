// `npm start`: the server of this checkout with the sample jobs, at http://localhost:8080/jobs, and a watcher of builds
// beside it. Further arguments go to `vpo serve`: npm start -- --port 9000
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT, VENV_BIN } from './run.mjs';

const given = process.argv.slice(2);
const args = ['serve', '--config', join(ROOT, 'scripts', 'demo.toml'), ...given];
const server = spawn(join(VENV_BIN, 'vpo'), args, { cwd: ROOT, stdio: 'inherit' });
const children = [server];
// The terminal sends Ctrl-C to all; the server ends its jobs in order and we end with it.
const endAll = (signal) => {
  for (const child of children) child.kill(signal);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, endAll);
server.on('exit', (code, signal) => {
  endAll('SIGTERM');
  process.exit(signal ? 1 : (code ?? 1));
});

/** Which port it was told to use; where that is left to chance there is no watcher. */
function portOf() {
  const at = given.findIndex((arg) => /^--port(=|$)/.test(arg));
  const text = at < 0 ? process.env.VPO_PORT : (given[at].split('=')[1] ?? given[at + 1]);
  return Number(text ?? 8080);
}

async function watchBuilds(url) {
  // Its own token lets the watcher in too.
  const { VPO_AUTH_TOKEN, VPO_REPORT_TOKEN = VPO_AUTH_TOKEN } = process.env;
  while (!(await fetch(`${url}/livez`).catch(() => null))?.ok) await pause(200);
  const command = join(ROOT, 'dist', 'vpo-watch.mjs');
  children.push(
    spawn(process.execPath, [command, 'serve', '--server', url], {
      env: { ...process.env, ...(VPO_REPORT_TOKEN && { VPO_REPORT_TOKEN }) },
      stdio: 'inherit',
    }),
  );
}

const port = portOf();
if (port) await watchBuilds(`http://localhost:${port}`);
