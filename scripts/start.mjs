// `npm start`: the server of this checkout with the sample jobs, at http://localhost:8080/jobs.
// Further arguments go to `vpo serve`: npm start -- --port 9000
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, VENV_BIN } from './run.mjs';

const args = ['serve', '--config', join(ROOT, 'scripts', 'demo.toml'), ...process.argv.slice(2)];
const server = spawn(join(VENV_BIN, 'vpo'), args, { cwd: ROOT, stdio: 'inherit' });
// The terminal sends Ctrl-C to both; the server ends its jobs in order and we end with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => server.kill(signal));
server.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
