// The promise of the log pane over random lives, against each kind of server: every byte once, in order, to the
// last one, and "Finished" not before it. fast-check prints the life that broke it, with the seed.
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { LOG, RECORD, record } from './support/fixtures';
import { answerOf, KINDS, type Kind, LogFile } from './support/log-servers';
import {
  at,
  fakeServer,
  indicator,
  json,
  page,
  pass,
  runtime,
  setOnline,
  settle,
  setVisible,
  start,
  status,
  useFakePage,
} from './support/page';

useFakePage();

const RUNS = 50;
const LOG_INTERVAL = 4000;
/** As long as a writer may still flush after its job is said to have ended. */
const FLUSH_MS = 1900;

const PIECES = ['é', '日本', '🎬', '\n', '\r\n', '\u001b[31m', ' ', 'done', '<b>', '\u2028', '\u0000'];
const TROUBLE = ['500', '503', 'broken', 'hang', 'html', 'late', 'again', 'again'] as const;

const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('write'), pieces: fc.array(fc.constantFrom(...PIECES)) }),
  },
  // A line at once, as most programs write: so that most answers bring something.
  { weight: 6, arbitrary: fc.record({ do: fc.constant('say'), line: fc.constantFrom(...PIECES) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('flush'), share: fc.integer({ min: 0, max: 100 }) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('pass'), ms: fc.integer({ min: 1, max: 12_000 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('trouble'), what: fc.constantFrom(...TROUBLE) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('rotate', 'truncate', 'flood') }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('hide', 'show', 'offline', 'online', 'refresh') }),
  },
);
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

const life = fc.record({
  most: fc.integer({ min: 60, max: 2000 }),
  // Long ones: left to itself fast-check makes few of more than ten.
  actions: fc.array(action, { maxLength: 20, size: 'max' }),
  isRetried: fc.boolean(),
  again: fc.array(action, { maxLength: 10 }),
});
type Life = typeof life extends fc.Arbitrary<infer L> ? L : never;

/** The job ends while the answer to an earlier question, of an empty log, is on its way: it is no read of the end. */
const ASKED_BEFORE: Life = {
  most: 60,
  actions: [{ do: 'trouble', what: 'late' }, { do: 'pass', ms: 1 }, { do: 'refresh' }],
  isRetried: false,
  again: [],
};

const encoder = new TextEncoder();

/** A job, its log, and everything that may go wrong between it and the page. */
class World {
  file = new LogFile();
  attempt = 1;
  status = 'running';
  /** Answers on their way, wanted or not: each is a timer of this server. */
  late = 0;
  /** Written by the job, not yet in the file: a file may end anywhere, inside a character too. */
  private buffer = new Uint8Array();
  private files = 1;
  private former: LogFile[] = [];
  private lines = 0;
  private trouble: (typeof TROUBLE)[number][] = [];
  /** Gives the last answer once more. */
  private last: (() => Response) | undefined;

  constructor(
    readonly kind: Kind,
    readonly most: number,
  ) {}

  /** Each line differs from all others, as those with a time do. */
  write(pieces: readonly string[]): void {
    const text = pieces.map((piece) => (piece.endsWith('\n') ? `${piece}${this.stamp()}` : piece)).join('');
    const written = new LogFile();
    written.write(this.buffer);
    written.write(encoder.encode(`${this.buffer.length ? '' : this.stamp()}${text}`));
    this.buffer = written.bytes;
  }
  private stamp = () => `f${this.files} l${++this.lines} `;

  flush(share = 100): void {
    const count = Math.ceil((this.buffer.length * share) / 100);
    this.file.write(this.buffer.subarray(0, count));
    this.buffer = this.buffer.slice(count);
  }

  /** Another file in the place of this one. */
  rotate(): void {
    this.former.push(this.file);
    this.files++;
    this.file = new LogFile();
    this.file.gen = `${this.attempt}-${this.files}`;
    this.last = undefined;
    this.buffer = new Uint8Array();
    this.write(['\n', 'é', '\n']);
  }

  end(): void {
    this.flush();
    this.file.isClosed = true;
  }

  answer({ url, headers }: { url: URL; headers: Headers }): Response | Promise<Response> | 'hang' | 'broken' {
    if (!url.pathname.endsWith('logs')) return json(record(this.status, { attempt: this.attempt }));
    const trouble = this.trouble.shift();
    if (trouble === 'hang' || trouble === 'broken') return trouble;
    if (trouble === '500') return status(500);
    if (trouble === '503') return status(503, { 'Retry-After': '7' });
    if (trouble === 'html')
      return new Response('<p>Sorry</p>\n', { headers: { 'Content-Type': 'text/html' } });
    // Of the file as it is now: what is written makes new bytes.
    const file = Object.assign(new LogFile(), this.file);
    const now = () => answerOf(this.kind, file, url, headers, this.most);
    const answer = trouble === 'again' && this.last ? this.last() : now();
    this.last = now;
    if (trouble !== 'late') return answer;
    this.late++;
    return new Promise((done) =>
      setTimeout(() => {
        this.late--;
        done(answer);
      }, 6000),
    );
  }

  async act(action: Action): Promise<void> {
    if ('pieces' in action) this.write(action.pieces);
    else if ('line' in action) {
      this.write([action.line, '\n']);
      this.flush();
    } else if ('share' in action) this.flush(action.share);
    else if ('ms' in action) await pass(action.ms, 2000);
    else if ('what' in action) this.trouble.push(action.what);
    else if (action.do === 'flood') for (let i = 0; i < 60; i++) this.write(['\n']);
    else if (action.do === 'rotate') this.rotate();
    else if (action.do === 'truncate') {
      // By bytes alone nobody can tell that a file was cut once it has grown again: that is what gens are for.
      if (this.kind === 'own') return this.rotate();
      this.files++;
      const kept = this.file.bytes.slice(0, this.file.bytes.length / 2);
      this.file.bytes = kept;
      this.buffer = new Uint8Array();
      this.write([]);
    } else if (action.do === 'refresh') at('[data-vpo-refresh]').click();
    else if (/hide|show/.test(action.do)) setVisible(action.do === 'show');
    else setOnline(action.do === 'online');
  }

  /** Whether a page that knows one file from another may show this now: the beginning of one, and nothing else. */
  allows(text: string): boolean {
    return [this.file, ...this.former].some((file) => file.shownBy(this.kind).startsWith(text));
  }

  calm(): void {
    this.trouble = [];
    setVisible(true);
    setOnline(true);
  }
}

async function untilFinished(world: World, promise: () => void): Promise<void> {
  for (let i = 0; i < 80 && indicator() !== 'Finished'; i++) {
    await pass(3000, 1500);
    promise();
  }
  expect(indicator()).toBe('Finished');
  expect(at('#log').textContent).toBe(world.file.shownBy(world.kind));
}

async function live(kind: Kind, { most, actions, isRetried, again }: Life): Promise<void> {
  const world = new World(kind, most);
  const server = fakeServer((asked) => world.answer(asked));
  const promise = () => {
    expect(server.mostOf('/api/jobs/7/logs'), 'requests for the log at a time').toBeLessThanOrEqual(1);
    if (kind === 'own') expect(world.allows(at('#log').textContent!), 'a gap, or a mixture').toBe(true);
    if (indicator() !== 'Finished') return;
    expect(world.file.isClosed, 'finished before the writer').toBe(true);
    expect(at('#log').textContent, 'finished before the last byte').toBe(world.file.shownBy(kind));
  };
  const attempt = async (script: readonly Action[]) => {
    for (const action of script) {
      await world.act(action);
      promise();
    }
    world.write(['last line, no end']);
    world.status = 'completed';
    await pass(FLUSH_MS, 1000);
    world.end();
    world.calm();
    await untilFinished(world, promise);
  };
  page(`<button data-vpo-refresh></button>${RECORD()}${LOG()}`, {
    'data-polling-interval': '2000',
    'data-polling-log-interval': `${LOG_INTERVAL}`,
  });
  start();
  await attempt(actions);
  if (isRetried) {
    world.status = 'queued';
    at('[data-vpo-refresh]').click();
    await pass(5000, 1000);
    world.attempt++;
    world.rotate();
    world.status = 'running';
    await attempt(again);
  }
  runtime.stop();
  await settle();
  expect(vi.getTimerCount(), 'timers left after stop').toBe(world.late);
  expect(server.inFlight, 'requests left after stop').toBe(0);
  // What was answered a moment ago may answer the same question again: the next life is another page.
  await vi.advanceTimersByTimeAsync(10_000);
}

it.each(KINDS)(
  '%s: every byte once, to the last one, whatever happens',
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(life, (one) => live(kind, one)),
      { numRuns: RUNS, examples: [[ASKED_BEFORE]] },
    );
  },
  120_000,
);
