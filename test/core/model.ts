// Drives one loop through a random life and checks from outside that the promises of the engine hold: what is
// requested, armed and published, never how the engine decides. Every check names the promise it holds.
import {
  type Answer,
  createLoop,
  type Loop,
  type OpenRequest,
  type Outcome,
  type PauseReason,
  type Policy,
  type PolicyName,
  type Publication,
  policy,
  type TransportEvents,
} from '../../src/core/index';
import { FakeClock, outcomeOf } from './world';

/** One step of a life: what happens, and a number that says how much of it. */
export type Op = readonly [number, number];
/** How the server answers one request: what, with which flags, how late. */
export type Behaviour = readonly [number, number, number];

export interface Life {
  readonly policy: PolicyName;
  readonly wait: number;
  readonly seed: number;
  readonly ops: readonly Op[];
  readonly server: readonly Behaviour[];
}

interface Flight {
  readonly request: OpenRequest;
  readonly events: TransportEvents<number>;
  readonly number: number;
  isOpen: boolean;
  answers: number;
  asked: boolean;
}

// Shortest waits after a failure and longest waits of any kind, by policy, in seconds.
const AFTER_FAILURE = { job: 5, log: 15, turn: 2, documents: 2, build: 30, release: 60, helm: 60 };
const LONGEST = { job: 120, log: 120, turn: 32, documents: 32, build: 120, release: 300, helm: 300 };
const REASONS: readonly PauseReason[] = [
  'hidden',
  'offline',
  'frozen',
  'prerender',
  'idle',
  'follower',
  'user',
];
const LATENCIES = [0, 1, 40, 90, 300, 1200, 4000, 9000, 16_000];

export class Model {
  private readonly clock = new FakeClock();
  /** The network's own timers, so that the loop's can be counted. */
  private readonly network = new FakeClock();
  private readonly used: Policy;
  private readonly loop: Loop;
  private readonly flights: Flight[] = [];
  private readonly reasons = new Set<PauseReason>();
  private readonly finishedAttempts = new Set<unknown>();
  private readonly trace: (readonly unknown[])[] = [];
  private random: () => number;
  private server: readonly Behaviour[];

  private isStarted = false;
  private isStopped = false;
  private floor = 0;
  /** Something outside asked for a read since the last request was opened. */
  private isAsked = false;
  private lastEnd: { at: number; outcome: Outcome; mayBeCut: boolean } | null = null;
  private lastAnswer: Answer<number> | null = null;
  private newsInLast = false;
  private isSilent = false;
  private attempt = 1;
  private data = 0;
  private moreLeft = 60;
  private delivering: Answer<number> | null = null;
  private deliveries = 0;
  private publications = 0;

  constructor(private readonly life: Life) {
    this.server = life.server;
    let state = life.seed | 1;
    this.random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    this.used = policy(life.policy, { wait: life.wait });
    this.loop = createLoop<number>({
      policy: this.used,
      // Timers come up to half a millisecond early and up to 40 ms late.
      clock: {
        now: () => this.clock.time,
        after: (ms, run) => this.clock.after(Math.max(0.01, ms + this.random() * 40.5 - 0.5), run),
      },
      random: () => this.random(),
      transport: { open: (request, events) => this.onOpen(request, events) },
      sink: { publish: (publication) => this.onPublish(publication) },
    });
  }

  run(): void {
    if (this.life.seed % 4) this.start();
    for (const op of this.life.ops) {
      this.act(op);
      this.check();
    }
    this.survives();
    this.stops();
  }

  private fail(promise: string): never {
    // Thrown from within a port the engine would survive it, as it should; so it is kept and thrown again.
    this.broken ??= new Error(`${promise}\n${this.life.policy}, wait ${this.life.wait}\n${this.story()}`);
    throw this.broken;
  }
  private expect(holds: boolean, promise: string): void {
    if (!holds) this.fail(promise);
  }
  /** Kept as values: most lives end well and their story is never written. */
  private note(...parts: unknown[]): void {
    this.trace.push([this.clock.time, ...parts]);
  }
  private story(): string {
    const line = ([at, ...parts]: readonly unknown[]) =>
      `${Number(at).toFixed(1)} ${parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(' ')}`;
    return this.trace.slice(-40).map(line).join('\n');
  }

  private broken: Error | undefined;

  /** The last request that was opened and is not over; `flights` are checked for others where one is opened. */
  private get open(): Flight | undefined {
    const last = this.flights.at(-1);
    return last?.isOpen ? last : undefined;
  }

  // --- what the loop does ---

  private onOpen(request: OpenRequest, events: TransportEvents<number>) {
    const now = this.clock.time;
    const number = this.flights.length;
    this.note('  request', number, request);
    this.expect(!this.open, 'at most one request');
    this.expect(this.clock.timers.size === 0, 'no timer beside a request');
    this.expect(this.reasons.size === 0, 'no request while a reason stands');
    this.expect(now >= this.floor, 'no request below the floor');
    this.expect(!this.isStopped, 'no request after stop');
    const isWanted = this.isStarted || this.isAsked || (this.lastAnswer?.more && this.newsInLast);
    this.expect(!!isWanted, 'no request that nobody started or asked for');
    this.expect(!this.isSilent || this.isAsked, 'no request after the end unless asked for');
    if (!this.isAsked) this.checkGap(now);
    const asked = this.isAsked;
    this.isAsked = false;
    this.isSilent = false;
    this.newsInLast = false;
    const flight: Flight = { request, events, number, isOpen: true, answers: 0, asked };
    this.flights.push(flight);
    this.serve(flight);
    return () => {
      this.note('  abort', number);
      this.expect(flight.isOpen, 'a request that is over is not aborted');
      flight.isOpen = false;
    };
  }

  /** The wait since the last request, when nothing but time came between. */
  private checkGap(now: number): void {
    const { lastEnd, lastAnswer } = this;
    if (!lastEnd) return;
    const gap = now - lastEnd.at;
    const { result, held } = lastEnd.outcome;
    const interval = this.used.interval;
    const backoff = AFTER_FAILURE[this.life.policy] * 1000;
    if (result === 'failed')
      this.expect(
        gap >= (lastEnd.mayBeCut ? Math.min(backoff, interval) : backoff),
        'a failure is followed after its backoff',
      );
    else if (lastAnswer?.more && this.newsInLast) return;
    else if (result === 'over' || held) return;
    else this.expect(gap >= interval, 'an answer is followed after the interval');
    if (result === 'ok' && lastAnswer && !lastAnswer.active && this.life.policy === 'job' && !held)
      this.expect(gap >= 30_000, 'a list with nothing active is asked at its idle interval');
  }

  private onPublish(publication: Publication<number>): void {
    const { type } = publication;
    if (type === 'data') {
      this.publications++;
      this.expect(publication.answer === this.delivering, 'data is what the current request brought');
      this.expect(this.publications <= this.deliveries, 'data is published once per answer');
    }
    if (type === 'finished') {
      this.note('  finished');
      const attempt = this.lastAnswer?.attempt;
      this.expect(!!this.lastAnswer?.terminal, 'finished follows a terminal answer');
      this.expect(!this.finishedAttempts.has(attempt), 'finished is published once per attempt');
      this.expect(!this.used.lastRead || this.terminalReads > 1, 'finished needs a last read');
      this.finishedAttempts.add(attempt);
      this.isSilent = !this.isAsked;
    }
  }

  // --- what the server does ---

  private terminalReads = 0;

  private serve(flight: Flight): void {
    const [kind, flags, late] = this.server[flight.number % this.server.length] ?? [0, 0, 0];
    const latency = LATENCIES[late % LATENCIES.length] ?? 0;
    const isSync = latency === 0;
    if (kind >= 96) return; // never answered
    const give = () => this.give(flight, kind, flags, isSync);
    if (isSync) give();
    else this.network.after(latency, give);
  }

  private give(flight: Flight, kind: number, flags: number, isSync: boolean): void {
    const retryAfter = (flags & 960) === 960 ? 30_000 : (flags & 960) === 896 ? 700 : null;
    const held = this.life.wait > 0 && !!(flags & 32) && !isSync;
    const status = [500, 502, 504, 0][flags & 3] ?? 500;
    if (kind < 55) this.bring(flight, flags, isSync);
    else if (kind < 62) {
      // A subscription: several answers before the end.
      for (let part = 1; part < 4; part++)
        this.network.after(part * 700, () => this.bring(flight, flags ^ part, false));
      this.network.after(3000, () => this.close(flight, outcomeOf({ retryAfter, held })));
    }
    if (kind < 55 || (kind >= 62 && kind < 70)) this.close(flight, outcomeOf({ retryAfter, held }));
    else if (kind >= 70 && kind < 93) this.close(flight, outcomeOf({ result: 'failed', retryAfter, status }));
    else if (kind >= 93 && flags & 64) this.close(flight, outcomeOf({ result: 'over' }));
    else if (kind >= 93)
      this.close(flight, outcomeOf({ result: kind < 95 ? 'gone' : 'refused', retryAfter }));
  }

  private bring(flight: Flight, flags: number, isSync: boolean): void {
    if ((flags & 24) === 24 && !(flags & 256)) this.attempt++;
    const answer: Answer<number> = {
      data: ++this.data,
      news: !!(flags & 1),
      terminal: (flags & 6) === 6,
      active: !!(flags & 8) || !!(flags & 128),
      // Not without end: a request per millisecond would make this test slow, and the clock stand still.
      more: (flags & 48) === 48 && !isSync && this.moreLeft-- > 0,
      attempt: this.attempt,
    };
    const isLive = flight.isOpen;
    if (isLive) {
      this.note('  answer', flight.number, answer);
      const isSame = this.lastAnswer?.terminal && this.lastAnswer.attempt === answer.attempt;
      if (flight.answers++ === 0 || !answer.terminal)
        this.terminalReads = answer.terminal ? (isSame ? this.terminalReads + 1 : 1) : 0;
      else if (!isSame) this.terminalReads = 1;
      this.lastAnswer = answer;
      this.newsInLast = answer.news;
      this.deliveries++;
      this.delivering = answer;
    }
    flight.events.received(answer);
    if (isLive && !isSync) this.expect(this.publications === this.deliveries, 'an answer is published');
    if (!isSync) this.delivering = null;
  }

  private close(flight: Flight, outcome: Outcome): void {
    const isLive = flight.isOpen;
    flight.isOpen = false;
    if (isLive) {
      this.note('  closed', flight.number, outcome);
      if (outcome.result === 'ok' && !flight.answers && this.lastAnswer?.terminal) this.terminalReads++;
      const mayBeCut = flight.request.wait > 0 && outcome.result === 'failed' && outcome.status !== 500;
      this.lastEnd = { at: this.clock.time, outcome, mayBeCut };
      if (outcome.retryAfter != null) this.floor = Math.max(this.floor, this.clock.time + outcome.retryAfter);
    }
    flight.events.closed(outcome);
    // Some transports say it twice.
    if (this.random() < 0.2) flight.events.closed(outcome);
  }

  // --- what the world does ---

  private act([kind, amount]: Op): void {
    const reason = REASONS[amount % REASONS.length] ?? 'hidden';
    if (kind < 22) this.pass(amount % 300);
    else if (kind < 40) this.pass(amount * 20);
    else if (kind < 46) this.pass(amount * 200);
    else if (kind < 47) this.pass(amount * 900);
    else if (kind < 53) this.start();
    else if (kind < 55) this.stop();
    else if (kind < 62) this.pause(reason);
    else if (kind < 67) this.resume(reason);
    else if (kind < 80) for (const standing of [...this.reasons]) this.resume(standing);
    else if (kind < 86) this.ask('refresh');
    else if (kind < 90) this.ask('retarget');
    else if (kind < 92) this.resume('idle', 'activity');
    else if (kind < 94) this.ask('wake');
    else if (kind < 97) this.raise(this.clock.time + amount * 40 - 5000);
    else this.speakLate(amount);
  }

  private pass(ms: number): void {
    this.note('pass', ms);
    const until = this.clock.time + ms;
    for (;;) {
      const at = Math.min(until, nextOf(this.clock), nextOf(this.network));
      this.network.advance(0);
      this.moveTo(at);
      if (at >= until && nextOf(this.clock) > until && nextOf(this.network) > until) return;
    }
  }

  private moveTo(at: number): void {
    const ms = Math.max(0, at - this.clock.time);
    this.network.time = Math.max(this.network.time, at);
    this.clock.advance(ms);
    this.network.advance(0);
    this.check();
  }

  private start(): void {
    this.note('start');
    const isNew = !this.isStarted || this.isStopped || this.loop.state.word === 'ended';
    this.isStarted = true;
    this.isStopped = false;
    this.isAsked ||= isNew;
    this.loop.dispatch({ type: 'start' });
  }

  private stop(): void {
    this.note('stop');
    this.isStopped = true;
    this.isStarted = this.isAsked = false;
    this.loop.dispatch({ type: 'stop' });
    this.expect(!this.open && !this.clock.timers.size, 'stop leaves nothing');
  }

  private pause(reason: PauseReason): void {
    this.note('pause', reason);
    const flight = this.open;
    const isShort = flight && !flight.request.wait && !flight.answers;
    if (reason !== 'idle' || ['turn', 'documents'].includes(this.life.policy)) this.reasons.add(reason);
    this.loop.dispatch({ type: 'pause', reason });
    if (isShort && reason !== 'frozen')
      this.expect(flight.isOpen, 'a pause leaves a short request in flight');
    if (reason === 'frozen') this.expect(!this.open, 'a freeze closes everything');
  }

  private resume(reason: PauseReason, type: 'resume' | 'activity' = 'resume'): void {
    this.note(type, reason);
    if (this.reasons.delete(reason)) this.isAsked = true;
    this.loop.dispatch(type === 'resume' ? { type, reason } : { type });
  }

  private ask(type: 'refresh' | 'retarget' | 'wake'): void {
    this.note(type);
    if (!this.isStopped) this.isAsked = true;
    if (type === 'retarget') {
      this.finishedAttempts.clear();
      this.lastAnswer = null;
      this.terminalReads = 0;
    }
    const before = this.open;
    this.loop.dispatch({ type });
    if (type === 'retarget' && before) this.expect(!before.isOpen, 'another target ends the old request');
  }

  private raise(until: number): void {
    this.note('floor', until);
    this.floor = Math.max(this.floor, until);
    this.loop.dispatch({ type: 'floor', until });
  }

  /** A request that was aborted or ended says something all the same. */
  private speakLate(amount: number): void {
    const flight = this.flights[amount % Math.max(1, this.flights.length)];
    if (!flight || flight.isOpen) return;
    this.note('late', flight.number);
    const { publications } = this;
    flight.events.received({ data: -1, news: true, terminal: true, active: true, more: true, attempt: -1 });
    flight.events.closed(outcomeOf({ result: 'gone' }));
    this.expect(this.publications === publications, 'a late answer is dropped');
  }

  // --- what must hold at all times ---

  private check(): void {
    if (this.broken) throw this.broken;
    const timers = this.clock.timers.size;
    const open = this.open ? 1 : 0;
    const { word, why } = this.loop.state;
    this.expect(timers <= 1, 'at most one timer');
    this.expect(timers + open <= 1, 'a timer or a request, not both');
    this.expect(!this.isStopped || timers + open === 0, 'nothing remains after stop');
    this.expect(!timers || !this.reasons.size, 'no timer while a reason stands');
    this.expect((word === 'waiting') === (timers === 1), 'waiting is one timer');
    this.expect((word === 'open') === (open === 1), 'open is one request');
    this.expect(word !== 'paused' || this.reasons.size > 0, 'paused has a reason');
    this.expect((word === 'ended') === (why !== null), 'ended says why');
    if (this.isStarted && !timers && !open && !this.reasons.size)
      this.expect(word === 'ended' && this.mayEnd(why), 'a loop does not die');
    for (const { ms, at } of this.clock.timers.values()) {
      const longest = Math.max(LONGEST[this.life.policy] * 1000, this.floor - (at - ms) + 5000, 33_000);
      this.expect(ms <= longest + 41, 'no wait is longer than its policy or the floor');
    }
  }

  private mayEnd(why: string | null): boolean {
    if (why === 'gaveUp') return ['turn', 'documents', 'build', 'release'].includes(this.life.policy);
    if (why === 'finished') return this.finishedAttempts.size > 0 && !!this.lastAnswer?.terminal;
    return why === this.lastEnd?.outcome.result;
  }

  /** However the life went: with every reason gone and a server that answers, a poll comes and is shown. */
  private survives(): void {
    this.note('survive');
    this.server = [[0, 1 + 128, 2]];
    for (const reason of [...this.reasons]) this.resume(reason);
    const { publications } = this;
    this.goOn();
    // Its patience may have run out just before that poll; started again it has all of it.
    if (this.loop.state.why === 'gaveUp') this.goOn();
    this.expect(this.publications > publications, 'a loop that may poll polls');
  }

  private goOn(): void {
    if (!this.isStarted || this.loop.state.word === 'ended') this.start();
    if (this.open) this.ask('wake');
    this.isAsked = true;
    this.pass(Math.max(0, this.floor - this.clock.time) * 1.1 + LONGEST[this.life.policy] * 1000 + 35_000);
  }

  private stops(): void {
    this.stop();
    const { publications } = this;
    const requests = this.flights.length;
    for (const flight of this.flights.slice(-5)) {
      flight.events.received({ data: -1, news: true, terminal: true, active: true, more: true });
      flight.events.closed(outcomeOf());
    }
    this.pass(600_000);
    this.expect(this.flights.length === requests && this.publications === publications, 'stop is the end');
  }
}

const nextOf = ({ timers }: FakeClock): number => {
  let next = Infinity;
  for (const { at } of timers.values()) next = Math.min(next, at);
  return next;
};
