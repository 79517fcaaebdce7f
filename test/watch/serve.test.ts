// Builds watched for a server: taken, reported, given back; what fails on the way is told later, and once.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { IPlatformAdapter } from '../../src/watch/adapter';
import { main } from '../../src/watch/cli/command';
import { PlatformError } from '../../src/watch/errors';
import type { BuildStatus, LogPiece, Recollection } from '../../src/watch/model';
import { NOBODY } from '../../src/watch/observer';
import { Server } from '../../src/watch/serve/server';
import { WatchService } from '../../src/watch/serve/service';
import { DEFAULTS } from '../../src/watch/settings';
import { FakeClock } from '../core/world';
import { FakeIo } from './support/io';
import { FakeServer } from './support/server';

const JOB = '11111111-1111-4111-8111-111111111111';
const WATCHER = 'aaaaaaaa-0000-4000-8000-000000000000';
const TARGET = { job_id: JOB, target: 'github:octo:repo:123', watch: 'watching' };

/** A platform that answers what the test wants. */
class FakePlatform implements IPlatformAdapter {
  readonly account = 'api.github.com 0123456789ab';
  answer: Partial<BuildStatus> | Error = { status: 'queued' };
  looks = 0;
  readonly recalled: Recollection[] = [];
  readonly forgotten: string[] = [];
  takeLog: ((buildId: string, piece: LogPiece) => void) | undefined;
  /** Taken with the next look. */
  pieces: { stageId: string | null; offset: number; text: string; isLast: boolean }[] = [];

  async getBuildStatus(buildId: string): Promise<BuildStatus> {
    this.looks++;
    if (this.answer instanceof Error) throw this.answer;
    for (const { text, ...piece } of this.pieces.splice(0))
      this.takeLog?.(buildId, { ...piece, data: Buffer.from(text) });
    return { buildId, startTime: new Date(0), status: 'queued', attempt: 1, ...this.answer };
  }
  recall(_buildId: string, known: Recollection): void {
    this.recalled.push(known);
  }
  forget(buildId: string): void {
    this.forgotten.push(buildId);
  }
}

let server: FakeServer;
let url: string;
let platform: FakePlatform;
let clock: FakeClock;
let stop: AbortController;
let running: Promise<void> | null;
let said: string[];

beforeEach(async () => {
  server = new FakeServer();
  url = await server.start();
  platform = new FakePlatform();
  clock = new FakeClock();
  stop = new AbortController();
  said = [];
  running = null;
});
afterEach(async () => {
  stop.abort();
  // Whatever still waits for the server is given up.
  const patience = setInterval(() => clock.advance(3000), 20);
  await running;
  clearInterval(patience);
  await server.stop();
});

function begin(token?: string): void {
  const service = new WatchService({
    server: new Server({ url, token, watcher: WATCHER }),
    adapters: new Map([['github', platform]]),
    settings: DEFAULTS,
    logger: { error() {} },
    observer: NOBODY,
    ports: { clock, wallNow: () => clock.time, random: () => 0 },
    say: (line) => said.push(line),
  });
  running = service.run(stop.signal);
}

/** Lets time pass until it is so. */
const untilSo = (isSo: () => boolean, step = 0) =>
  expect
    .poll(
      () => {
        const is = isSo();
        if (!is) clock.advance(step);
        return is;
      },
      { interval: 10, timeout: 4000 },
    )
    .toBe(true);
const has = (type: string) => () => server.types(JOB).includes(type);

async function watching(answer: Partial<BuildStatus> = { status: 'in_progress' }): Promise<void> {
  server.builds = [TARGET];
  platform.answer = answer;
  begin();
  await untilSo(() => server.records.has(JOB) && server.types(JOB).length > 2);
}

it('claims builds with its name and its accounts, and none of its tokens', async () => {
  begin('vpo_secret');
  await untilSo(() => server.of('POST', /claim/).length > 0);
  const [claim] = server.of('POST', /claim/);
  expect(JSON.parse(claim!.body)).toEqual({ watcher: WATCHER, accounts: { github: platform.account } });
  expect(claim!.headers.authorization).toBe('Bearer vpo_secret');
  expect(claim!.headers.origin).toBeUndefined();
});

it('without a token it says where it comes from', async () => {
  begin();
  await untilSo(() => server.of('POST', /claim/).length > 0);
  const [claim] = server.of('POST', /claim/);
  expect(claim!.headers.origin).toBe(url);
  expect(claim!.headers.authorization).toBeUndefined();
});

it('reports a build from its beginning to its end: the build, then its logs, then its events', async () => {
  await watching({ status: 'in_progress', project: 'octo/repo', number: '7', url: 'https://x/7' });
  expect(server.records.get(JOB)).toMatchObject({
    platform: 'github',
    status: 'running',
    project: 'octo/repo',
    number: '7',
    url: 'https://x/7',
  });
  platform.answer = {
    status: 'failed',
    conclusion: 'unstable',
    error: 'tests',
    stages: [{ id: '1', name: 'T', state: 'failed', conclusion: 'failure', steps: [] }],
  };
  platform.pieces = [{ stageId: '1', offset: 0, text: 'one\ntwo', isLast: true }];
  clock.advance(15_000);
  await untilSo(has('POLLING_COMPLETED'));
  expect(server.records.get(JOB)).toMatchObject({
    status: 'failed',
    conclusion: 'unstable',
    error_message: 'tests',
  });
  expect(server.logs.get(`${JOB} 1 1`)).toEqual({ text: 'one\ntwo', complete: true });
  expect(server.types(JOB)).toEqual([
    'POLLING_STARTED',
    'STATUS_UPDATED',
    'IN_PROGRESS',
    'STATUS_UPDATED',
    'FAILED',
    'POLLING_COMPLETED',
  ]);
  const order = server.asked.filter(({ path, method }) => path.includes(JOB) && method !== 'GET');
  const last = order
    .slice(-3)
    .map(({ method, path }) => `${method} ${path.slice(path.lastIndexOf('/') + 1)}`);
  expect(last).toEqual([`PUT ${JOB}`, 'POST logs', 'POST events']);
  await untilSo(() => platform.forgotten.length > 0);
});

it('a look that finds nothing new tells the server nothing', async () => {
  await watching();
  const before = server.asked.filter(({ path }) => path.includes(JOB)).length;
  for (let i = 0; i < 3; i++) {
    const looks = platform.looks;
    await untilSo(() => platform.looks > looks, 5000);
  }
  await untilSo(() => server.of('POST', /claim/).length > 3, 5000);
  expect(server.asked.filter(({ path }) => path.includes(JOB))).toHaveLength(before);
});

it('what the server can not be told is told when it answers again, in order and once', async () => {
  await watching();
  server.refuse = { what: /^(PUT|POST) \/api\/jobs/, status: 503 };
  platform.answer = { status: 'in_progress', waitingReason: 'An approval' };
  await untilSo(() => said.some((line) => line.includes("can't be told")), 5000);
  platform.answer = { status: 'completed', conclusion: 'success' };
  const looks = platform.looks;
  await untilSo(() => platform.looks > looks, 5000);
  expect(server.types(JOB)).toHaveLength(3);
  server.refuse = null;
  await untilSo(has('POLLING_COMPLETED'), 5000);
  expect(server.types(JOB).slice(3)).toEqual([
    'STATUS_UPDATED',
    'STATUS_UPDATED',
    'COMPLETED',
    'POLLING_COMPLETED',
  ]);
  expect(said.filter((line) => line.includes("can't be told"))).toHaveLength(1);
  await untilSo(() => said.includes('The server answers again'));
});

it('goes on where an earlier watcher has ended, and tells nothing twice', async () => {
  await watching();
  stop.abort();
  await running;
  const facts = server.events.get(JOB)!.find(({ type }) => type === 'BUILD.STATUS_UPDATED')!.data.facts;
  expect(facts).toMatch(/^[\w-]{16}$/);
  server.records.set(JOB, {
    attempt: 2,
    completed_at: null,
    has_logs: true,
    stages: [
      { id: '1', log: 'complete' },
      { id: '2', log: 'open' },
    ],
  });
  server.logs.set(`${JOB}`, { text: 'so far\n', complete: false });
  stop = new AbortController();
  platform.looks = 0;
  begin();
  await untilSo(() => platform.looks > 1, 5000);
  expect(platform.recalled.at(-1)).toEqual({
    attempt: 2,
    hasEnded: false,
    stagesWithLogs: ['1'],
    logOffset: 7,
  });
  expect(server.types(JOB)).toEqual(['POLLING_STARTED', 'STATUS_UPDATED', 'IN_PROGRESS']);
  platform.answer = { status: 'completed', conclusion: 'success' };
  await untilSo(has('POLLING_COMPLETED'), 5000);
  expect(server.types(JOB).slice(3)).toEqual(['STATUS_UPDATED', 'COMPLETED', 'POLLING_COMPLETED']);
});

it('an event of a state that was lost between two watchers is made up for', async () => {
  await watching();
  stop.abort();
  await running;
  server.events.set(JOB, server.events.get(JOB)!.slice(0, 2));
  stop = new AbortController();
  begin();
  await untilSo(has('IN_PROGRESS'));
  expect(server.types(JOB)).toEqual(['POLLING_STARTED', 'STATUS_UPDATED', 'IN_PROGRESS']);
});

it('gives its builds back when it ends, after what it knows is told', async () => {
  await watching();
  stop.abort();
  await running;
  expect(JSON.parse(server.asked.at(-1)!.body)).toEqual({ watcher: WATCHER, accounts: {} });
});

it('ends within seconds where the server does not answer', async () => {
  await watching();
  server.refuse = { what: /./, status: 503 };
  platform.answer = { status: 'queued' };
  const looks = platform.looks;
  await untilSo(() => platform.looks > looks, 5000);
  stop.abort();
  let isOver = false;
  void running!.then(() => {
    isOver = true;
  });
  const from = clock.time;
  await untilSo(() => isOver, 100);
  expect(clock.time - from).toBeLessThan(10_000);
});

it('a build that another watcher has taken over, or that was deleted, is left alone', async () => {
  await watching();
  server.refuse = { what: /^PUT/, status: 409, body: { error: 'Another watcher has taken over this build' } };
  platform.answer = { status: 'queued' };
  await untilSo(() => said.some((line) => line.includes('Another watcher')), 5000);
  // The next claims no longer name it.
  server.builds = [];
  const claims = () => server.of('POST', /claim/).length;
  const before = claims();
  await untilSo(() => claims() > before + 1, 5000);
  const { looks } = platform;
  await untilSo(() => claims() > before + 4, 5000);
  expect(platform.looks).toBe(looks);
});

it('a build that nobody wants watched any more is not looked at again', async () => {
  await watching();
  server.builds = [];
  server.ring();
  await untilSo(() => platform.forgotten.length > 0);
  const looks = platform.looks;
  clock.advance(60_000);
  expect(platform.looks).toBe(looks);
  expect(server.types(JOB)).toHaveLength(3);
});

it('hears at once of a build that is asked for', async () => {
  begin();
  await untilSo(() => server.of('GET', /builds$/).length > 0 && server.of('POST', /claim/).length > 0);
  expect(server.of('GET', /builds$/)[0]!.headers.prefer).toBe('wait=20');
  server.builds = [TARGET];
  server.ring();
  await untilSo(has('POLLING_STARTED'));
});

it('looks at what has ended every five minutes, and has it watched again when it goes on', async () => {
  server.builds = [{ ...TARGET, watch: 'finished' }];
  server.records.set(JOB, {
    attempt: 1,
    completed_at: 'x',
    has_logs: false,
    stages: [{ id: '1', log: 'complete' }],
  });
  platform.answer = { status: 'completed', conclusion: 'success' };
  begin();
  await untilSo(() => server.of('POST', /claim/).length > 20, 10_000);
  expect(platform.looks).toBe(0);
  await untilSo(() => platform.looks === 1, 10_000);
  expect(platform.recalled).toMatchObject([{ hasEnded: true, stagesWithLogs: ['1'], logOffset: null }]);
  expect(server.of('POST', /watch$/)).toHaveLength(0);
  platform.answer = { status: 'in_progress', attempt: 2 };
  await untilSo(() => server.of('POST', /watch$/).length === 1, 10_000);
  expect(server.types(JOB)).toEqual([]);
});

it('what is in the way of watching is told while nothing is known of the build, and after that', async () => {
  server.builds = [TARGET];
  platform.answer = new PlatformError('failed', 'GitHub: 502 Bad Gateway');
  begin();
  await untilSo(() => server.records.get(JOB)?.watch_message === 'GitHub: 502 Bad Gateway');
  expect(server.records.get(JOB)).toMatchObject({ status: 'queued', platform: 'github' });
  platform.answer = { status: 'in_progress' };
  await untilSo(() => server.records.get(JOB)?.status === 'running', 5000);
  expect(server.records.get(JOB)!.watch_message).toBeNull();
});

it('an unfinished line of a log waits for its end, and no request is made for it', async () => {
  await watching();
  platform.pieces = [{ stageId: null, offset: 0, text: 'one\ntw', isLast: false }];
  await untilSo(() => server.logs.get(`${JOB} 1`)?.text === 'one\n', 5000);
  const asked = server.of('POST', /logs$/).length;
  await untilSo(() => server.of('POST', /claim/).length > 6, 5000);
  expect(server.of('POST', /logs$/)).toHaveLength(asked);
  platform.pieces = [{ stageId: null, offset: 6, text: 'o\nthree\n', isLast: true }];
  await untilSo(() => !!server.logs.get(`${JOB} 1`)?.complete, 5000);
  expect(server.logs.get(`${JOB} 1`)!.text).toBe('one\ntwo\nthree\n');
});

it('a long log goes in pieces that the server takes', async () => {
  await watching();
  const text = `${'x'.repeat(99)}\n`.repeat(20_000);
  platform.pieces = [{ stageId: '1', offset: 0, text, isLast: true }];
  await untilSo(() => !!server.logs.get(`${JOB} 1 1`)?.complete, 5000);
  expect(server.logs.get(`${JOB} 1 1`)!.text).toBe(text);
  expect(Math.max(...server.of('POST', /logs$/).map(({ body }) => body.length))).toBe(512 * 1024);
});

it('a log that can not be stored keeps nothing else from being told', async () => {
  await watching();
  server.refuse = { what: /logs$/, status: 409, body: { error: 'This log is complete' } };
  platform.pieces = [{ stageId: '1', offset: 0, text: 'x\n', isLast: true }];
  platform.answer = { status: 'completed', conclusion: 'success' };
  await untilSo(has('POLLING_COMPLETED'), 5000);
  expect(server.records.get(JOB)!.status).toBe('completed');
});

it('a wrong token is said with what to do', async () => {
  server.refuse = { what: /claim/, status: 401, body: { error: 'Sign in' } };
  begin();
  await untilSo(() => said.some((line) => line.includes('VPO_REPORT_TOKEN')));
});

it('without a platform the command says so and idles', async () => {
  const io = new FakeIo({});
  const ending = main(['serve', '--server', url], io, stop.signal);
  await untilSo(() => io.printed.includes('No builds are watched'));
  expect(server.asked).toEqual([]);
  stop.abort();
  expect(await ending).toBe(0);
});

it.each(['localhost:8080', 'ftp://x', 'http://'])('%s is no address of a server', async (bad) => {
  const io = new FakeIo({});
  expect(await main(['serve', '--server', bad], io, stop.signal)).toBe(2);
  expect(io.said).toContain('http://localhost:8080');
});
