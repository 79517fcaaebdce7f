// `npm run bench:watch`: what it costs a platform and us to watch builds, beside `gh run watch`. Writes its table into
// docs/benchmarks.md.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { build } from 'esbuild';
import { ask, ROOT } from '../scripts/run.mjs';
import { circumstances, heading, report, row } from './report.mjs';

if (!ask('which', ['gh'])) {
  console.error('gh is missing: apt-get install gh (or brew install gh).');
  process.exit(1);
}
setFlagsFromString('--expose-gc');
globalThis.gc = runInNewContext('gc');

const GH_S = 60;
const BUILDS = 1000;
const MANY_S = 120;

// Beside the sources, so that libraries are found.
const outfile = join(ROOT, '.build', 'bench', 'stories.mjs');
mkdirSync(join(ROOT, '.build', 'bench'), { recursive: true });
await build({
  entryPoints: [join(ROOT, 'bench', 'watch', 'stories.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  logLevel: 'error',
});
const stories = await import(pathToFileURL(outfile).href);

const ours = await stories.ours();
const gh = Math.round(await stories.gh(GH_S));
const many = await stories.many(BUILDS, MANY_S);
const version = /\d+\.\d+\.\d+/.exec(`${execFileSync('gh', ['--version'])}`)[0];
const times = (n) => `${(gh / n).toFixed(0)} times fewer`;

report(
  'watch',
  `## A build of half an hour

One build of ten jobs that takes thirty minutes, watched from its beginning to its end on the same fake of GitHub. Requests that are answered
by 304 cost none of the hourly limit. Our watcher's clock was moved by hand; \`gh\` ${version} was counted for ${GH_S} s at its usual
interval in the middle of the build, and that for thirty minutes. ${circumstances('watch')}.

${heading(['', 'requests', 'of the limit', 'end noticed after'])}
${row(['`gh run watch`', gh, gh, 'up to 3 s'])}
${row(['`vpo-watch`', `${ours.requests} (${times(ours.requests)})`, `${ours.units} (${times(ours.units)})`, `${ours.delay} s, at most 15 s`])}

${BUILDS.toLocaleString('en')} builds that go on, on one watcher: ${Math.round(many.perMinute).toLocaleString('en')} requests a minute, \
${many.cpuPerAsked.toFixed(2)} ms of CPU for each, the fake's own share among them; ${(many.heapPerBuild / 1024).toFixed(0)} kB of memory for a build.`,
);
process.exit(0);
