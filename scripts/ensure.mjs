// Installs what the named parts of the project need, the first time and after a change of a lock file;
// otherwise it looks at a few stamps and returns. `node scripts/ensure.mjs node python browser`
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ask, fail, fingerprint, once, ROOT, run, VENV_PYTHON } from './run.mjs';

const NODE_NEEDED = [20, 19];
const PYTHON_NEEDED = '3.10';
const PYTHONS = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
const BUILD_INPUTS = ['src', 'rollup.config.mjs', 'package-lock.json', 'tsconfig.base.json'];

function ensureNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor < NODE_NEEDED[1]))
    fail(`Node ${NODE_NEEDED.join('.')} or newer is needed; this is ${process.versions.node}.`);
  once('node_modules/.ensured', fingerprint(['package-lock.json']), () => {
    console.log('Installing the Node packages of package-lock.json …');
    if (!run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']))
      fail('npm ci failed: read its message above; it needs the npm registry.');
  });
  buildBundles();
}

function buildBundles() {
  const missing = !existsSync(join(ROOT, 'dist', 'vpo-polling.min.js'));
  if (missing) rmSync(join(ROOT, '.build', 'bundle.stamp'), { force: true });
  once('.build/bundle.stamp', fingerprint(BUILD_INPUTS), () => {
    if (!run('npm', ['run', '--silent', 'build'])) fail('The bundles did not build: read the message above.');
  });
}

function findPython() {
  const check = `import sys; print(sys.executable) if sys.version_info >= (${PYTHON_NEEDED.replace('.', ', ')}) else sys.exit(1)`;
  for (const name of PYTHONS) {
    const path = ask(name, ['-c', check]);
    if (path) return path;
  }
  return fail(
    `Python ${PYTHON_NEEDED} or newer is needed and none of ${PYTHONS.join(', ')} is one: install it and try again.`,
  );
}

function ensurePython() {
  once('.venv/.ensured', fingerprint(['requirements.lock', 'pyproject.toml']), () => {
    console.log('Installing the Python packages of requirements.lock into .venv …');
    if (!existsSync(VENV_PYTHON) && !run(findPython(), ['-m', 'venv', '.venv'])) {
      rmSync(join(ROOT, '.venv'), { recursive: true, force: true });
      fail(
        "Python could not make a virtual environment; on Debian and Ubuntu: 'apt-get install python3-venv'.",
      );
    }
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    const locked = run(VENV_PYTHON, [...pip, '--require-hashes', '--requirement', 'requirements.lock']);
    if (!locked || !run(VENV_PYTHON, [...pip, '--no-deps', '--no-build-isolation', '--editable', '.']))
      fail('pip install failed: read its message above; it needs the Python package index.');
  });
}

async function ensureBrowser() {
  const { findBrowser, installBrowser } = await import('./browser.mjs');
  if (!findBrowser() && !installBrowser())
    fail(
      'No browser was found: install Chromium or Chrome (Debian: apt-get install chromium), or set CHROMIUM_PATH.',
    );
}

const parts = { node: ensureNode, python: ensurePython, browser: ensureBrowser };
for (const name of process.argv.slice(2)) {
  const part = parts[name] ?? fail(`ensure.mjs knows ${Object.keys(parts).join(', ')}; not '${name}'.`);
  await part();
}
