// `npm run test:peers`: the same pages behind the real nginx and Apache, and installed by uv; GitHub's own command on the GitHub that the
// watcher is tested with. Fails with one sentence per missing program.
import { ask, run } from './run.mjs';

const PROGRAMS = {
  nginx: 'nginx is missing: apt-get install nginx (or brew install nginx).',
  apache2: "Apache is missing: apt-get install apache2 (its program 'apache2' must be on the PATH).",
  gh: 'gh is missing: apt-get install gh (or brew install gh).',
  uv: 'uv is missing: pip install uv (or see its own installer).',
};

const missing = Object.entries(PROGRAMS).filter(([name]) => !ask('which', [name]));
for (const [, sentence] of missing) console.error(sentence);
if (missing.length || !run('node', ['scripts/ensure.mjs', 'node', 'python', 'browser'])) process.exit(1);
process.exit(run('npx', ['playwright', 'test', '--project=peers']) ? 0 : 1);
