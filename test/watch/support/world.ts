// A platform whose answers the test gives, a clock that it moves, and a store that remembers.
import { setImmediate } from 'node:timers/promises';
import type { Budget, IPlatformAdapter } from '../../../src/watch/adapter';
import type { BuildEvent, EventStore } from '../../../src/watch/event-store';
import type { BuildStatus } from '../../../src/watch/model';
import type { Observer } from '../../../src/watch/observer';
import { BuildStatusPoller } from '../../../src/watch/poller';
import type { BuildPollingSettings } from '../../../src/watch/settings';
import { FakeClock } from '../../core/world';

type Answer = Partial<BuildStatus> | Error | 'hang';

export class World {
  readonly clock = new FakeClock();
  readonly events: BuildEvent[] = [];
  readonly errors: string[] = [];
  /** Times of the clock at which the platform was asked. */
  readonly asked: number[] = [];
  aborted = 0;
  /** The last answer is given again and again. */
  answers: Answer[] = [];
  renewals: boolean[] = [];
  budget: Budget | null = null;
  store: EventStore = { append: async (event) => void this.events.push(event) };
  readonly poller: BuildStatusPoller;

  constructor(settings: Partial<BuildPollingSettings> = {}, observer?: Observer) {
    const world = this;
    const adapter: IPlatformAdapter = {
      account: 'host token',
      get budget() {
        return world.budget;
      },
      getBuildStatus: (buildId, { signal } = {}) => {
        this.asked.push(this.clock.time);
        const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
        if (answer instanceof Error) return Promise.reject(answer);
        if (answer !== 'hang')
          return Promise.resolve({ buildId, startTime: new Date(0), status: 'queued', ...answer });
        return new Promise((_, reject) =>
          signal?.addEventListener('abort', () => {
            this.aborted++;
            reject(new Error('aborted'));
          }),
        );
      },
      refreshAuthentication: async () => this.renewals.shift() ?? false,
    };
    this.poller = new BuildStatusPoller(
      new Map([['github', adapter]]),
      { append: (event) => this.store.append(event) },
      { error: (message, context) => void this.errors.push(`${message} ${JSON.stringify(context)}`) },
      settings,
      { clock: this.clock, wallNow: () => this.clock.time, random: () => 0 },
      observer,
    );
  }

  /** Lets `ms` pass, and whatever was promised come true on the way. */
  async pass(ms: number, step = 1000): Promise<void> {
    await this.settle();
    for (let done = 0; done < ms; done += step) {
      this.clock.advance(Math.min(step, ms - done));
      await this.settle();
    }
  }

  async settle(): Promise<void> {
    for (let i = 0; i < 3; i++) await setImmediate();
  }

  types(): string[] {
    return this.events.map(({ type }) => type.replace('BUILD.', ''));
  }
}
