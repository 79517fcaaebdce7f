// `npm run bench:server`: polls that find nothing new, one core for the server and one for the generator. Beside nginx serving
// the same JSON, and the task lists of Flower and rq-dashboard. Writes its table into docs/benchmarks.md.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { ROOT } from '../scripts/run.mjs';
import { circumstances, heading, report, row, versionOf } from './report.mjs';
import { freePort, installPeers, nginx, ours, peerVersion, started } from './server/programs.mjs';

const ROWS = 50;
const SERVER_CORE = 0;
const GENERATOR_CORE = 1;
spawnSync('taskset', ['-cp', `${GENERATOR_CORE}`, `${process.pid}`]);

/** Ten seconds on 32 keep-alive connections, after two to warm up. */
async function hit(name, url, headers = {}) {
  const first = await fetch(url, { headers });
  const bytes = (await first.arrayBuffer()).byteLength;
  await autocannon({ url, headers, connections: 32, duration: 2 });
  const { requests, latency, errors, timeouts } = await autocannon({
    url,
    headers,
    connections: 32,
    duration: 10,
  });
  const one = {
    name,
    status: first.status,
    bytes,
    rate: requests.average,
    p99: latency.p99,
    errors: errors + timeouts,
  };
  console.log(JSON.stringify(one));
  return one;
}

/** The same of a server that ends connections without a word, which the generator would wait for: by plain requests. */
async function ask(name, url) {
  const first = await fetch(url);
  const bytes = (await first.arrayBuffer()).byteLength;
  const waits = [];
  const until = performance.now() + 10_000;
  let errors = 0;
  const viewer = async () => {
    while (performance.now() < until) {
      const began = performance.now();
      try {
        await (await fetch(url)).arrayBuffer();
        waits.push(performance.now() - began);
      } catch {
        errors++;
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, viewer));
  waits.sort((a, b) => a - b);
  const p99 = Math.round(waits[Math.floor(waits.length * 0.99)] ?? 0);
  const one = { name, status: first.status, bytes, rate: waits.length / 10, p99, errors };
  console.log(JSON.stringify(one));
  return one;
}

async function against(program, run) {
  try {
    return await run();
  } finally {
    await program.end();
  }
}

const results = [];
const server = await ours(ROWS - 1, { core: SERVER_CORE });
const list = await fetch(`${server.url}/api/jobs`);
const body = await list.text();
results.push(
  await hit('`vpo serve`, unchanged: 304', `${server.url}/api/jobs`, {
    'If-None-Match': list.headers.get('etag'),
  }),
  await hit('`vpo serve`, whole list: 200', `${server.url}/api/jobs`, { 'Accept-Encoding': 'gzip' }),
);
await server.end();
const web = await nginx(body, SERVER_CORE);
const { headers } = await fetch(web.url);
const known = { 'If-None-Match': headers.get('etag') };
results.push(await against(web, () => hit('nginx, unchanged: 304', web.url, known)));

const peers = installPeers();
if (!peers)
  console.error('Flower and rq-dashboard could not be installed from the registry: they are left out.');
else {
  const python = join(peers, 'bin', 'python');
  const app = join(ROOT, 'bench', 'server', 'peers.py');
  if (spawnSync(python, [app, 'rq'], { stdio: 'inherit' }).status !== 0)
    console.error('Redis does not answer on port 6379: Flower and rq-dashboard are left out.');
  else {
    let port = await freePort();
    const rq = await started(
      join(peers, 'bin', 'rq-dashboard'),
      ['-p', `${port}`, '-b', '127.0.0.1', '-u', 'redis://127.0.0.1:6379/13'],
      { url: `http://127.0.0.1:${port}/`, core: SERVER_CORE },
    );
    const jobs = `http://127.0.0.1:${port}/0/data/jobs/bench/queued/${ROWS}/asc/1.json`;
    results.push(
      await against(rq, () => ask(`rq-dashboard ${peerVersion('rq-dashboard')}, its jobs as JSON`, jobs)),
    );

    port = await freePort();
    const celery = (args, more) => [
      join(peers, 'bin', 'celery'),
      ['-A', 'peers', ...args],
      { cwd: join(ROOT, 'bench/server'), ...more },
    ];
    const [command, args, options] = celery(['flower', `--port=${port}`, '--address=127.0.0.1'], {
      url: `http://127.0.0.1:${port}/tasks`,
      core: SERVER_CORE,
      env: { ...process.env, FLOWER_UNAUTHENTICATED_API: 'true' },
    });
    const flower = await started(command, args, options);
    const worker = spawn(...celery(['worker', '-E', '--pool=solo', '-l', 'error'], { stdio: 'ignore' }));
    await new Promise((done) => setTimeout(done, 5000));
    spawnSync(python, [app, 'celery']);
    await new Promise((done) => setTimeout(done, 8000));
    worker.kill();
    const tasks = `http://127.0.0.1:${port}/api/tasks?limit=${ROWS}`;
    results.push(
      await against(flower, () => ask(`Flower ${peerVersion('flower')}, its tasks as JSON`, tasks)),
    );
  }
}

const [unchanged] = results;
report(
  'server',
  `## Polls that find nothing new

${ROWS} jobs; 32 keep-alive connections, ten seconds after two to warm up; the server on one core, the generator (autocannon
${versionOf('autocannon')}) on the other. The dashboards know no ETags: their lists
are made anew for each poll, and asked for by eight viewers at a time, since they end connections as they like. ${circumstances('server')}.

${[
  heading(['', 'answer', 'bytes', 'a second', 'p99', 'as a multiple']),
  ...results.map((one) =>
    row([
      one.name,
      one.status + (one.errors ? `, ${one.errors} errors` : ''),
      one.bytes.toLocaleString('en'),
      Math.round(one.rate).toLocaleString('en'),
      `${one.p99} ms`,
      (one.rate / unchanged.rate).toFixed(3),
    ]),
  ),
].join('\n')}`,
);
process.exit(0);
