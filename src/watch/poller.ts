// Builds watched until they end, each with its own loop; limits of an account are shared by all of its builds.
import type { Publication } from '../core/index';
import type { IPlatformAdapter } from './adapter';
import { BuildNotFound, PollingLost, PollingStopped, PollingTimeout, Unauthorized } from './errors';
import { type BuildEventType, EventQueue, type EventStore, type Logger } from './event-store';
import { BuildState, type BuildStatus, type GitPlatform } from './model';
import { NOBODY, type Observer } from './observer';
import { type BuildPollingSettings, DEFAULTS } from './settings';
import { createWatch, factsOf, type Watch, type WatchPorts } from './watch';

export interface PollingStatus {
  readonly buildId: string;
  readonly isPolling: boolean;
  readonly pollCount: number;
  /** Null before the first look. */
  readonly lastPollTime: Date | null;
  /** Null while a look is under way, and once nothing is watched any more. */
  readonly nextPollTime: Date | null;
  readonly error?: string | undefined;
  /** The last status that is known; null before the first answer. */
  readonly last: BuildStatus | null;
  /** How often it is looked at, in milliseconds, where that is less often than usual to spare the account's limit. */
  readonly stretchedTo?: number | undefined;
}

/** Where the events of an earlier watching ended: what they have told is not told again. */
export interface Resumption {
  /** Of the last status event; null where there was none. */
  readonly facts: string | null;
  readonly status: BuildState | null;
  readonly attempt: number | null;
}

export interface IBuildStatusPoller {
  /**
   * Resolves with the status in which the build ended. Rejects with BuildNotFound, Unauthorized, PollingTimeout, PollingLost
   * (both with the last status that is known) or, after `stopPolling`, PollingStopped.
   */
  startPolling(buildId: string, platform: GitPlatform, from?: Resumption): Promise<BuildStatus>;
  stopPolling(buildId: string): Promise<void>;
  isPolling(buildId: string): boolean;
  getPollingStatus(buildId: string): PollingStatus;
}

interface PollingJob {
  readonly platform: GitPlatform;
  readonly account: string;
  readonly watch: Watch;
  readonly startedAt: number;
  last: BuildStatus | null;
  /** What the last event of a state has told. */
  told: { readonly status: BuildState | null; readonly attempt: number | null };
  error: string | undefined;
  /** Ends the promise of startPolling. */
  settle(end: BuildStatus | Error): void;
}

/** A store may keep the end of a watching from its owner for so long. */
const LAST_WORDS_MS = 1000;

/** Requests of one look. Those that find nothing new cost nothing, so this is cautious. */
const LOOK_COST = 2;
/** Others may be using the same token. */
const OUR_SHARE = 0.5;

/** The event of a state, once per transition. */
export const STATE_EVENTS: Readonly<Record<BuildState, BuildEventType>> = {
  [BuildState.QUEUED]: 'BUILD.QUEUED',
  [BuildState.IN_PROGRESS]: 'BUILD.IN_PROGRESS',
  [BuildState.COMPLETED]: 'BUILD.COMPLETED',
  [BuildState.FAILED]: 'BUILD.FAILED',
  [BuildState.CANCELLED]: 'BUILD.CANCELLED',
  [BuildState.TIMEOUT]: 'BUILD.FAILED',
};

export const SYSTEM: WatchPorts = {
  clock: {
    now: () => performance.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  },
  wallNow: () => Date.now(),
  random: Math.random,
};

export class BuildStatusPoller implements IBuildStatusPoller {
  private readonly jobs = new Map<string, PollingJob>();
  private readonly floors = new Map<string, number>();
  private readonly events: EventQueue;

  constructor(
    private readonly adapters: ReadonlyMap<GitPlatform, IPlatformAdapter>,
    eventStore: EventStore,
    private readonly logger: Logger,
    private readonly settings: Partial<BuildPollingSettings> = {},
    private readonly ports: WatchPorts = SYSTEM,
    private readonly observer: Observer = NOBODY,
  ) {
    this.events = new EventQueue(eventStore, logger);
  }

  async startPolling(buildId: string, platform: GitPlatform, from?: Resumption): Promise<BuildStatus> {
    const adapter = this.adapters.get(platform);
    if (!adapter) throw new Error(`No adapter available for platform: ${platform}`);
    if (this.jobs.has(buildId)) throw new Error(`Already polling build: ${buildId}`);
    return new Promise<BuildStatus>((resolve, reject) => {
      const watch = createWatch({
        buildId,
        adapter,
        settings: { ...DEFAULTS, ...this.settings },
        platform,
        ports: this.ports,
        shown: from?.facts ?? null,
        interval: () => this.stretched(adapter),
        looked: (ms, lateMs, result) => {
          this.observer.looked({ platform, ms, lateMs, result });
          if (adapter.budget) this.observer.budget(platform, adapter.budget.remaining);
        },
        publish: (event) => this.told(buildId, event),
      });
      this.jobs.set(buildId, {
        platform,
        account: adapter.account,
        watch,
        startedAt: this.ports.wallNow(),
        last: null,
        told: { status: from?.status ?? null, attempt: from?.attempt ?? null },
        error: undefined,
        settle: (end) => (end instanceof Error ? reject(end) : resolve(end)),
      });
      this.count(platform);
      if (!from) this.emit(buildId, 'BUILD.POLLING_STARTED', {}, { startTime: this.timestamp() });
      watch.loop.dispatch({ type: 'floor', until: this.floors.get(adapter.account) ?? 0 });
      watch.loop.dispatch({ type: 'start' });
    });
  }

  async stopPolling(buildId: string): Promise<void> {
    this.jobs.get(buildId)?.watch.loop.dispatch({ type: 'stop' });
    await this.events.settled();
  }

  isPolling(buildId: string): boolean {
    return this.jobs.has(buildId);
  }

  getPollingStatus(buildId: string): PollingStatus {
    const job = this.jobs.get(buildId);
    const { pollCount = 0, lastPollTime = null, nextPollTime = null } = job?.watch ?? {};
    const { error, last = null } = job ?? {};
    const stretchedTo = job?.watch.loop.state.named || undefined;
    return { buildId, isPolling: !!job, pollCount, lastPollTime, nextPollTime, error, last, stretchedTo };
  }

  private told(buildId: string, event: Publication<BuildStatus>): void {
    const job = this.jobs.get(buildId);
    if (!job) return;
    if (event.type === 'data') this.answered(buildId, job, event.answer.data, event.answer.news);
    if (event.type === 'trouble') {
      const { message = 'failed', retryAfter } = event.outcome;
      const isFirst = !job.error;
      job.error = message;
      if (retryAfter) this.leaveAlone(job.account, retryAfter);
      this.observer.changed(buildId);
      this.logger.error('Polling error', { buildId, error: message, pollCount: job.watch.pollCount });
      const { word, failures } = job.watch.loop.state;
      if (isFirst && word !== 'ended')
        this.emit(buildId, 'BUILD.POLLING_ERROR', {}, { error: message, failures });
    }
    if (event.type === 'state' && job.watch.loop.state.word === 'ended') this.ended(buildId, job);
  }

  private answered(buildId: string, job: PollingJob, status: BuildStatus, isNew: boolean): void {
    job.last = status;
    job.error = undefined;
    this.observer.changed(buildId);
    const isNextState = job.told.status !== status.status || job.told.attempt !== (status.attempt ?? null);
    if (!isNew && !isNextState) return;
    const tags = { status: status.status, pollCount: `${job.watch.pollCount}` };
    const { duration, conclusion, waitingReason, rawStatus, isUnknown, attempt } = status;
    const data = {
      status: status.status,
      duration,
      conclusion,
      waitingReason,
      rawStatus,
      isUnknown,
      attempt,
    };
    const timestamp = this.timestamp();
    if (isNew)
      this.emit(buildId, 'BUILD.STATUS_UPDATED', tags, { ...data, facts: factsOf(status), timestamp });
    if (isNextState) this.emit(buildId, STATE_EVENTS[status.status], tags, { ...data, timestamp });
    job.told = { status: status.status, attempt: status.attempt ?? null };
  }

  /** The interval at which what is left of an account's limit lasts until there is more; 0 where the usual one does. */
  private stretched({ account, budget }: IPlatformAdapter): number {
    const { interval } = { ...DEFAULTS, ...this.settings };
    const left = (budget?.resetsAt ?? 0) - this.ports.wallNow();
    if (!budget || left <= 0) return 0;
    const builds = [...this.jobs.values()].filter((job) => job.account === account).length;
    const needed = (left * builds * LOOK_COST) / Math.max(1, budget.remaining * OUR_SHARE);
    return needed > interval ? Math.min(needed, left) : 0;
  }

  /** Nobody with this token asks this host before then. */
  private leaveAlone(account: string, retryAfter: number): void {
    const until = Math.max(this.ports.clock.now() + retryAfter, this.floors.get(account) ?? 0);
    this.floors.set(account, until);
    for (const job of this.jobs.values())
      if (job.account === account) job.watch.loop.dispatch({ type: 'floor', until });
  }

  private ended(buildId: string, job: PollingJob): void {
    const { why, failures } = job.watch.loop.state;
    const { last, error = '' } = job;
    this.jobs.delete(buildId);
    this.count(job.platform);
    const settings = { ...DEFAULTS, ...this.settings };
    if (why === 'finished' && last) {
      if (last.endTime)
        this.observer.detected(job.platform, Math.max(0, this.ports.wallNow() - last.endTime.getTime()));
      const { status, conclusion = '', duration } = last;
      const data = { duration, totalPolls: job.watch.pollCount, completedAt: this.timestamp() };
      this.emit(buildId, 'BUILD.POLLING_COMPLETED', { finalStatus: status, conclusion }, data, job);
      this.conclude(job, last);
      return;
    }
    const lost = failures >= settings.maxConsecutiveErrors;
    if (why === 'gaveUp' && !lost) {
      const message = `Polling timeout: ${buildId} has not ended within ${settings.maxPollTime} ms`;
      this.emit(buildId, 'BUILD.POLLING_TIMEOUT', {}, { lastStatus: last?.status, error: message }, job);
      this.conclude(job, new PollingTimeout(message, last));
      return;
    }
    if (why === 'stopped') {
      job.settle(new PollingStopped(`Polling stopped: ${buildId}`));
      return;
    }
    const failure =
      why === 'gone'
        ? new BuildNotFound(`Build not found: ${buildId}`)
        : why === 'refused'
          ? new Unauthorized(`Not authorized to read ${buildId}: ${error}`)
          : new PollingLost(`Polling lost: ${buildId} after ${failures} failures in a row: ${error}`, last);
    const needs = why === 'refused' ? { needs: 'a token that may read it' } : {};
    const data = { error: failure.message, failures, isFinal: true, lastStatus: last?.status, ...needs };
    this.emit(buildId, 'BUILD.POLLING_ERROR', { reason: failure.name }, data, job);
    this.conclude(job, failure);
  }

  private count(platform: GitPlatform): void {
    const builds = [...this.jobs.values()].filter((job) => job.platform === platform);
    this.observer.watching(platform, builds.length);
  }

  /** Whoever hears of the end finds its events stored, unless the store takes too long. */
  private conclude(job: PollingJob, end: BuildStatus | Error): void {
    const settle = () => {
      undo();
      job.settle(end);
    };
    const undo = this.ports.clock.after(LAST_WORDS_MS, settle);
    void this.events.settled().then(settle);
  }

  private emit(
    buildId: string,
    type: BuildEventType,
    tags: Readonly<Record<string, string>>,
    data: Readonly<Record<string, unknown>>,
    job = this.jobs.get(buildId),
  ): void {
    this.events.push({ type, tags: { buildId, platform: job?.platform ?? '', ...tags }, data });
  }

  private timestamp(): string {
    return new Date(this.ports.wallNow()).toISOString();
  }
}
