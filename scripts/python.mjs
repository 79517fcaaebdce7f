// Runs a program with the project's own Python: node scripts/python.mjs -m pytest test/server/feed
import { existsSync } from 'node:fs';
import { fail, run, VENV_PYTHON } from './run.mjs';

if (!existsSync(VENV_PYTHON))
  fail("There is no .venv yet: run 'npm test' once, or 'node scripts/ensure.mjs python'.");
process.exit(run(VENV_PYTHON, process.argv.slice(2)) ? 0 : 1);
