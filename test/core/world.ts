// A world that tests drive: a clock that moves when told, a transport whose requests end when told, a sink that
// remembers. Nothing here knows how the engine works.
import {
  type Answer,
  createLoop,
  type Loop,
  type LoopEvent,
  type OpenRequest,
  type Outcome,
  type PauseReason,
  type Policy,
  type Publication,
  policy,
  type Transport,
  type TransportEvents,
} from '../../src/core/index';

export class FakeClock {
  time: number;
  readonly timers = new Map<number, { at: number; ms: number; run: () => void }>();
  private serial = 0;
  constructor(start = 1000) {
    this.time = start;
  }
  now = () => this.time;
  after = (ms: number, run: () => void) => {
    const id = ++this.serial;
    this.timers.set(id, { at: this.time + ms, ms, run });
    return () => {
      this.timers.delete(id);
    };
  };
  /** Moves on, running what falls due on the way in order. */
  advance(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      let next: [number, { at: number; run: () => void }] | undefined;
      for (const entry of this.timers)
        if (entry[1].at <= until && (!next || entry[1].at < next[1].at)) next = entry;
      if (!next) break;
      this.timers.delete(next[0]);
      this.time = Math.max(this.time, next[1].at);
      next[1].run();
    }
    this.time = until;
  }
}

export interface Flight {
  readonly request: OpenRequest;
  readonly openedAt: number;
  readonly events: TransportEvents<unknown>;
  isOpen: boolean;
  isAborted: boolean;
}

export const answerOf = (changes: Partial<Answer> = {}): Answer => ({
  data: {},
  news: true,
  terminal: false,
  active: true,
  more: false,
  attempt: 1,
  ...changes,
});

export const outcomeOf = (changes: Partial<Outcome> = {}): Outcome => {
  const result = changes.result ?? 'ok';
  const status = { ok: 200, over: 0, failed: 503, gone: 404, refused: 401 }[result];
  return {
    result,
    retryAfter: null,
    held: false,
    status,
    message: result === 'ok' ? '' : result,
    ...changes,
  };
};

/** One loop with a world around it. `random` is 0 unless changed. */
export class World {
  readonly clock: FakeClock;
  readonly flights: Flight[] = [];
  readonly published: Publication[] = [];
  random = 0;
  readonly policy: Policy;
  readonly loop: Loop;

  constructor(used: Policy = policy('job'), start = 1000) {
    this.clock = new FakeClock(start);
    this.policy = used;
    const transport: Transport = { open: (request, events) => this.open(request, events) };
    this.loop = createLoop({
      policy: used,
      clock: this.clock,
      random: () => this.random,
      transport,
      sink: { publish: (publication) => this.published.push(publication) },
    });
  }

  private open(request: OpenRequest, events: TransportEvents<unknown>) {
    const flight = { request, events, openedAt: this.clock.time, isOpen: true, isAborted: false };
    this.flights.push(flight);
    return () => {
      flight.isAborted ||= flight.isOpen;
      flight.isOpen = false;
    };
  }

  get state() {
    return this.loop.state;
  }
  get requests() {
    return this.flights.length;
  }
  get inFlight() {
    return this.flights.filter((flight) => flight.isOpen);
  }
  get timers() {
    return [...this.clock.timers.values()];
  }
  /** Milliseconds until the armed timer; null when there is none. */
  get wait(): number | null {
    const [timer] = this.timers;
    return timer ? timer.at - this.clock.time : null;
  }
  /** Publications other than 'state', by type. */
  get news() {
    return this.published.map(({ type }) => type).filter((type) => type !== 'state');
  }

  send(...types: ('start' | 'stop' | 'refresh' | 'retarget' | 'activity' | 'wake')[]): this {
    for (const type of types) this.loop.dispatch({ type });
    return this;
  }
  tell(event: LoopEvent): this {
    this.loop.dispatch(event);
    return this;
  }
  pause(reason: PauseReason): this {
    return this.tell({ type: 'pause', reason });
  }
  resume(reason: PauseReason): this {
    return this.tell({ type: 'resume', reason });
  }
  pass(ms: number): this {
    this.clock.advance(ms);
    return this;
  }

  private get flight(): Flight {
    const flight = this.flights.at(-1);
    if (!flight?.isOpen) throw new Error('no request is open');
    return flight;
  }
  /** The open request brings an answer and stays open. */
  bring(changes: Partial<Answer> = {}): this {
    this.flight.events.received(answerOf(changes));
    return this;
  }
  /** The open request ends. */
  close(changes: Partial<Outcome> = {}): this {
    const { flight } = this;
    flight.isOpen = false;
    flight.events.closed(outcomeOf(changes));
    return this;
  }
  /** The open request brings one answer and ends well. */
  answer(changes: Partial<Answer> = {}, outcome: Partial<Outcome> = {}): this {
    return this.bring(changes).close(outcome);
  }
  fail(changes: Partial<Outcome> = {}): this {
    return this.close({ result: 'failed', ...changes });
  }
}
