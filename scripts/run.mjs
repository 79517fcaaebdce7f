// Small helpers that the other scripts share. No dependencies: these run before node_modules exists.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const VENV_BIN = join(ROOT, '.venv', 'bin');
export const VENV_PYTHON = join(VENV_BIN, 'python');
/** How long the output of a command that has ended is still read. */
const LAST_WORDS_MS = 5000;

/** Ends the process with one sentence that says what to do. */
export function fail(sentence) {
  console.error(`\n${sentence}\n`);
  process.exit(1);
}

/** Runs a command to its end with our own terminal; true when it succeeded. */
export function run(command, args, options = {}) {
  return spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options }).status === 0;
}

/** Runs a command silently; its trimmed output, or null when it failed or does not exist. */
export function ask(command, args) {
  const result = spawnSync(command, args, { cwd: ROOT, encoding: 'utf8' });
  return result.status === 0 ? result.stdout.trim() : null;
}

/**
 * Runs a command, shows its output as it comes and keeps it: resolves to { ok, output }. What hangs must not take the
 * report of everything else with it: one that has not ended after `minutes` is killed with its group, and one that
 * ended but left something behind that holds its output is not waited for.
 */
export function tee(command, args, { minutes = 60, ...options } = {}) {
  return new Promise((resolve) => {
    // A group of its own: it can be killed whole, but does not hear Ctrl-C.
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      ...options,
    });
    const killGroup = () => {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    };
    const onSignal = () => {
      killGroup();
      process.exit(1);
    };
    const timer = setTimeout(() => {
      console.error(`\n${command} has not ended after ${minutes} minutes: it is killed.`);
      killGroup();
    }, minutes * 60_000);
    let output = '';
    const end = (ok, last = '') => {
      clearTimeout(timer);
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ ok, output: output + last });
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ])
      from.on('data', (chunk) => {
        output += chunk;
        to.write(chunk);
      });
    child.on('error', (error) => end(false, `${error.message}\n`));
    child.on('close', (code) => end(code === 0));
    child.on('exit', (code) => setTimeout(end, LAST_WORDS_MS, code === 0).unref());
  });
}

/** A fingerprint of files and folders, by path and content. */
export function fingerprint(paths) {
  const hash = createHash('sha256');
  const visit = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else hash.update(path.slice(ROOT.length)).update('\0').update(readFileSync(path)).update('\0');
  };
  for (const path of paths) visit(join(ROOT, path));
  return hash.digest('hex');
}

/** Does `work` unless it was already done for this fingerprint; the stamp is written only after success. */
export function once(stamp, print, work) {
  const file = join(ROOT, stamp);
  if (existsSync(file) && readFileSync(file, 'utf8') === print) return;
  work();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, print);
}
