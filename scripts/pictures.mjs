// `npm run pictures`: makes docs/images/ anew, from the real server with the fixed jobs of sample_jobs.py.
import { run } from './run.mjs';

if (!run('node', ['scripts/ensure.mjs', 'node', 'python', 'browser'])) process.exit(1);
process.exit(run('npx', ['playwright', 'test', '--project=pictures']) ? 0 : 1);
