// `vpo-watch` as a person or a script runs it, against a GitHub that plays stories.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main, parseDuration } from '../../src/watch/cli/command';
import { FakeGitHub, job, type Scene } from './support/github';
import { FakeIo } from './support/io';

const BUILD = 'github:octo:repo:123';
const TOKEN = 'ghp_secret';
let github: FakeGitHub;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vpo-watch-'));
});
afterEach(async () => {
  await github?.stop();
  rmSync(folder, { recursive: true });
});

async function platform(...scenes: Scene[]): Promise<FakeIo> {
  github = new FakeGitHub(scenes);
  return new FakeIo({ GITHUB_API_URL: await github.start(), GITHUB_TOKEN: TOKEN });
}

const never = new AbortController().signal;
const ended = (conclusion: string, more: object = {}): Scene => ({
  run: { status: 'completed', conclusion, ...more },
  jobs: [job(1, 'completed', conclusion)],
});

describe('the exit code', () => {
  it.each([
    ['success', 0],
    ['neutral', 0],
    ['skipped', 0],
    ['failure', 1],
    ['timed_out', 1],
    ['startup_failure', 1],
    ['cancelled', 3],
    ['stale', 3],
  ])('of a build that ended as %s is %i', async (conclusion, code) => {
    const io = await platform(ended(conclusion));
    expect(await main([BUILD], io, never)).toBe(code);
    expect(io.printed).toContain(conclusion.replaceAll('_', ' '));
  });

  it.each([401, 403, 404])('of what can not be read (%i) is 5, with a sentence', async (status) => {
    const io = await platform({ refuse: { status } });
    expect(await main([BUILD], io, never)).toBe(5);
    expect(io.printed).toMatch(/✕ github:octo:repo:123 {2}(Not authorized to read|Build not found)/);
  });

  it.each([
    [[], 6, /nothing to watch/],
    [['travis:a:1'], 2, /write github:owner:repo:runId/],
    [['jenkins:a:1'], 2, /JENKINS_URL must say/],
    [['gitlab:a:x'], 2, /project:pipelineId/],
    [['github:octo:repo'], 2, /owner:repo:runId/],
    [['--timeout', 'soon', BUILD], 2, /90s, 30m or 2h/],
    [['--nonsense'], 2, /unknown option/],
    [['--config', '/nowhere', BUILD], 2, /ENOENT/],
  ])('of %j is %i', async (argv, code, sentence) => {
    const io = await platform(ended('success'));
    expect(await main(argv, io, never)).toBe(code);
    expect(io.said).toMatch(sentence);
    expect(github.asked).toEqual([]);
  });

  it('of several is the worst', async () => {
    const io = await platform(ended('success'), ended('failure'));
    expect(await main([BUILD, 'github:octo:repo:124'], io, never)).toBe(1);
  });
});

it('--help tells how builds are written, and what the exit codes mean', async () => {
  const io = await platform({});
  expect(await main(['--help'], io, never)).toBe(0);
  for (const word of ['github:octo:repo:123', 'GITHUB_TOKEN_FILE', 'Exit code', '--on-end'])
    expect(io.printed).toContain(word);
});

it('prints a line per change: how it ended, which jobs, what failed', async () => {
  const step = { name: 'Run tests', status: 'completed', conclusion: 'failure', number: 1 };
  const io = await platform({
    run: { status: 'completed', conclusion: 'failure', run_attempt: 2 },
    jobs: [
      job(1, 'completed', 'success'),
      job(2, 'completed', 'failure', { name: 'te\u001b[31mst', steps: [step] }),
    ],
  });
  await main([BUILD], io, never);
  expect(io.lines).toHaveLength(1);
  expect(io.lines[0]).toMatch(
    /^\d\d:\d\d:\d\d ✕ github:octo:repo:123 {2}failure · attempt 2 · 3 min 0 s · 2 of 2 jobs · te�\[31mst: Run tests$/,
  );
});

it('prints events and the end as newline JSON, without logs and tokens, and keeps them in a file', async () => {
  const io = await platform(ended('success'));
  github.logs.set('1', 'a long log');
  const events = join(folder, 'events.ndjson');
  expect(await main(['--json', '--events', events, BUILD], io, never)).toBe(0);
  const records = io.lines.map((line) => JSON.parse(line));
  expect(records.map(({ type }) => type)).toEqual([
    'BUILD.POLLING_STARTED',
    'BUILD.STATUS_UPDATED',
    'BUILD.COMPLETED',
    'BUILD.POLLING_COMPLETED',
    'END',
  ]);
  expect(records.at(-1)).toMatchObject({ target: BUILD, status: 'completed', conclusion: 'success' });
  expect(io.printed + io.said).not.toMatch(/a long log|ghp_secret/);
  const kept = readFileSync(events, 'utf8').trimEnd().split('\n');
  expect(kept).toEqual(io.lines.slice(0, -1));
});

it('runs --on-end with what it has to know, and no token', async () => {
  const io = await platform(ended('failure', { html_url: 'https://x/1' }));
  const file = join(folder, 'told');
  await main(
    ['--on-end', `env > ${file}.part && mv ${file}.part ${file}`, BUILD],
    new FakeIo({ ...io.env, PATH: process.env.PATH }),
    never,
  );
  await expect.poll(() => readIfThere(file)).toContain(`VPO_TARGET=${BUILD}\n`);
  const told = readIfThere(file);
  expect(told).toContain('VPO_CONCLUSION=failure\n');
  expect(told).toContain('VPO_URL=https://x/1\n');
  expect(told).not.toContain(TOKEN);
});

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

it('a token may be in a file', async () => {
  const { env } = await platform(ended('success'));
  writeFileSync(join(folder, 'token'), `${TOKEN}\n`);
  const io = new FakeIo({ ...env, GITHUB_TOKEN: undefined, GITHUB_TOKEN_FILE: join(folder, 'token') });
  expect(await main([BUILD], io, never)).toBe(0);
  expect([...github.authorizations]).toEqual([`token ${TOKEN}`]);
});

it('a signal settles the watching at once', async () => {
  const io = await platform({ run: { status: 'in_progress' } });
  const stop = new AbortController();
  const watching = main([BUILD], io, stop.signal);
  await expect.poll(() => github.asked.length).toBeGreaterThan(1);
  stop.abort();
  expect(await watching).toBe(130);
  expect(io.printed).toContain('Polling stopped');
});

it.each([
  ['90', 90_000],
  ['90s', 90_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
])('%s are %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

const command = join(import.meta.dirname, '..', '..', 'dist', 'vpo-watch.mjs');

/** What the built command printed last. */
async function runBuilt(env: Readonly<Record<string, string | undefined>>): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)(process.execPath, [command, '--json', BUILD], {
    env: { PATH: process.env.PATH, ...env },
  });
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
}

it('the built command does the same, and ends', async () => {
  const { env } = await platform(ended('success'));
  expect(await runBuilt(env)).toMatchObject({ type: 'END', conclusion: 'success' });
});

it.each([
  ['', true],
  ['127.0.0.1', false],
])('goes through a proxy, unless NO_PROXY is "%s": %s', async (NO_PROXY, isUsed) => {
  const { env } = await platform(ended('success'));
  const asked: string[] = [];
  const proxy = createServer().on('connect', (request, socket, head) => {
    asked.push(`${request.url}`);
    const [host, port] = `${request.url}`.split(':');
    const there = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      there.write(head);
      there.pipe(socket).pipe(there);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const HTTP_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  expect(await runBuilt({ ...env, HTTP_PROXY, NO_PROXY })).toMatchObject({ conclusion: 'success' });
  proxy.close();
  expect(asked.length > 0).toBe(isUsed);
});
