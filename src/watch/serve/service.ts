// Watches what the server wants to have watched: builds are taken with a lease, reported, and given back.
import type { IPlatformAdapter } from '../adapter';
import type { BuildEvent, Logger } from '../event-store';
import { PollingManager } from '../manager';
import { type BuildState, type GitPlatform, isBuildComplete, type Recollection } from '../model';
import type { Observer } from '../observer';
import { BuildStatusPoller, type Resumption, STATE_EVENTS, SYSTEM } from '../poller';
import type { BuildPollingSettings } from '../settings';
import { parseTarget } from '../targets';
import type { WatchPorts } from '../watch';
import { reportOf } from './report';
import { BuildReporter } from './reporter';
import { type Server, ServerError } from './server';

/** Builds are claimed again after a third of the lease: two renewals may fail. */
const RENEWALS = 3;
/** While the server does not say how long a lease is. */
const CLAIM_MS = 10_000;
/** Builds that have ended may be run again; so often they are looked at. */
const RELOOK_MS = 300_000;
/** What was learnt is told before the watcher ends, if the server answers in this time. */
const LAST_WORDS_MS = 3000;
const HOLD_S = 20;

interface Taken {
  readonly job_id: string;
  readonly target: string;
  readonly watch: string;
}

interface Active {
  readonly buildId: string;
  readonly platform: GitPlatform;
  /** Nothing was told of it before. */
  readonly isNew: boolean;
  readonly jobId: string;
  readonly adapter: IPlatformAdapter;
  readonly reporter: BuildReporter;
}

interface Known {
  readonly attempt: number;
  readonly completed_at: string | null;
  readonly has_logs: boolean;
  readonly stages: readonly { readonly id: string; readonly log: string | null }[];
}

interface StoredEvents {
  readonly total: number;
  readonly events: readonly { readonly type: string; readonly data: Record<string, unknown> }[];
}

export interface ServiceOptions {
  readonly server: Server;
  readonly adapters: ReadonlyMap<GitPlatform, IPlatformAdapter>;
  readonly settings: BuildPollingSettings;
  readonly logger: Logger;
  readonly observer: Observer;
  readonly ports?: WatchPorts;
  /** What happens, in sentences. */
  say(line: string): void;
}

export class WatchService {
  private readonly ports: WatchPorts;
  private readonly manager: PollingManager;
  private readonly active = new Map<string, Active>();
  /** By the id of the build on its platform. */
  private readonly byBuild = new Map<string, Active>();
  /** Clock time of the next look at builds that have ended, by job. */
  private readonly relooks = new Map<string, number>();
  /** Who can't tell the server something at present. */
  private readonly inTrouble = new Set<object>();
  /** Ends the pause before the next claim. */
  private ring: (() => void) | null = null;
  private claimEveryMs = CLAIM_MS;

  constructor(private readonly options: ServiceOptions) {
    this.ports = options.ports ?? SYSTEM;
    const store = {
      append: async (event: BuildEvent) => this.byBuild.get(event.tags.buildId ?? '')?.reporter.event(event),
    };
    const observer = { ...options.observer, changed: (buildId: string) => this.changed(buildId) };
    const { adapters, logger, settings } = options;
    this.manager = new PollingManager(
      new BuildStatusPoller(adapters, store, logger, settings, this.ports, observer),
    );
    for (const adapter of adapters.values())
      adapter.takeLog = (buildId, piece) => this.byBuild.get(buildId)?.reporter.log(piece);
  }

  /** Until `stop`; then what was learnt is told, and everything is given back. */
  async run(stop: AbortSignal): Promise<void> {
    const ringing = this.listen(stop);
    while (!stop.aborted) {
      await this.claim().catch((error: unknown) => this.trouble(this, error));
      await this.untilNext(stop);
    }
    await ringing;
    await this.giveBack();
  }

  private untilNext(stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        undo();
        stop.removeEventListener('abort', go);
        this.ring = null;
        resolve();
      };
      const undo = this.ports.clock.after(this.claimEveryMs, go);
      stop.addEventListener('abort', go);
      this.ring = go;
      if (stop.aborted) go();
    });
  }

  /** Hears at once that there are other builds to watch. */
  private async listen(stop: AbortSignal): Promise<void> {
    let etag = '';
    while (!stop.aborted) {
      const headers = { prefer: `wait=${HOLD_S}`, ...(etag && { 'if-none-match': etag }) };
      const began = this.ports.clock.now();
      const answer = await this.options.server
        .ask('builds', { method: 'GET', headers, signal: stop, deadline: (HOLD_S + 10) * 1000 })
        .catch(() => null);
      if (answer?.status === 200) {
        etag = answer.headers.get('etag') ?? '';
        this.ring?.();
      }
      // A server that doesn't hold is asked no more often than builds are claimed.
      if (!stop.aborted && this.ports.clock.now() - began < 1000 && answer?.status !== 200)
        await this.untilNext(stop);
    }
  }

  private async claim(): Promise<void> {
    const { server, adapters } = this.options;
    const accounts = Object.fromEntries([...adapters].map(([platform, { account }]) => [platform, account]));
    const { body } = await server.ask<{ lease_seconds: number; builds: Taken[] }>('builds/claim', {
      method: 'POST',
      json: { watcher: server.watcher, accounts },
    });
    this.claimEveryMs = (body.lease_seconds * 1000) / RENEWALS;
    const wanted = new Set(
      body.builds.filter(({ watch }) => watch === 'watching').map(({ job_id }) => job_id),
    );
    for (const one of [...this.active.values()]) if (!wanted.has(one.jobId)) this.drop(one);
    let trouble: unknown = null;
    // One that can't be begun now is tried again with the next claim, and keeps no other from being watched.
    for (const build of body.builds)
      await (build.watch === 'watching' ? this.begin(build) : this.relook(build)).catch((error: unknown) => {
        trouble = error;
      });
    this.trouble(this, trouble);
    for (const jobId of this.relooks.keys())
      if (!body.builds.some(({ job_id }) => job_id === jobId)) this.relooks.delete(jobId);
  }

  private async begin({ job_id: jobId, target }: Taken): Promise<void> {
    const { server, adapters, say } = this.options;
    const { platform, buildId } = parseTarget(target);
    // The same build may have been asked for under another name: one after the other then.
    if (this.active.has(jobId) || this.byBuild.has(buildId)) return;
    const adapter = adapters.get(platform)!;
    const known = await server.ask<Known>(`jobs/${jobId}`, { method: 'GET' });
    const told = await server.ask<StoredEvents>(`jobs/${jobId}/events`, { method: 'GET' });
    adapter.recall?.(buildId, recollectionOf(known.body, await this.storedLog(jobId, known.body)));
    const reporter: BuildReporter = new BuildReporter({
      server,
      clock: this.ports.clock,
      jobId,
      eventCount: told.body.total,
      attempt: known.body.attempt,
      lost: (why) => {
        say(`${target}: ${why}`);
        const one = this.active.get(jobId);
        if (one) this.drop(one);
      },
      trouble: (message) => this.trouble(reporter, message),
    });
    const active = { buildId, platform, isNew: !told.body.total, jobId, adapter, reporter };
    this.active.set(jobId, active);
    this.byBuild.set(buildId, active);
    const from = resumptionOf(told.body);
    say(`${target}: ${from ? 'watched again' : 'watched'}`);
    this.manager
      .startPolling(buildId, platform, from ?? undefined)
      .then(
        ({ status, conclusion }) => say(`${target}: ${conclusion ?? status}`),
        (error: Error) => error.name !== 'PollingStopped' && say(`${target}: ${error.message}`),
      )
      .then(() => reporter.settled())
      .then(() => this.forget(active));
  }

  /** How much there is of the build's own log. */
  private async storedLog(jobId: string, { has_logs }: Known): Promise<number> {
    if (!has_logs) return 0;
    const { body } = await this.options.server.ask<{ offset: number }>(`jobs/${jobId}/logs?offset=0`, {
      method: 'POST',
      bytes: new Uint8Array(),
    });
    return body.offset;
  }

  private changed(buildId: string): void {
    const one = this.byBuild.get(buildId);
    const polling = this.manager.getPollingStatus(buildId);
    if (!one || !polling) return;
    const { last, error = null } = polling;
    if (last) one.reporter.report(reportOf(one.platform, last, polling));
    else if (one.isNew)
      one.reporter.report({ platform: one.platform, status: 'queued', watch_message: error });
  }

  /** Of a build that has ended: whether it was run again. */
  private async relook({ job_id: jobId, target }: Taken): Promise<void> {
    const { clock } = this.ports;
    const { server, adapters } = this.options;
    if (this.active.has(jobId)) return;
    const dueAt = this.relooks.get(jobId) ?? clock.now() + RELOOK_MS;
    this.relooks.set(jobId, dueAt);
    if (clock.now() < dueAt) return;
    this.relooks.set(jobId, clock.now() + RELOOK_MS);
    const { platform, buildId } = parseTarget(target);
    const adapter = adapters.get(platform)!;
    const known = await server.ask<Known>(`jobs/${jobId}`, { method: 'GET' });
    // Logs that are there need not be fetched for this.
    adapter.recall?.(buildId, recollectionOf(known.body, null));
    const signal = AbortSignal.timeout(this.options.settings.platforms[platform].timeout);
    const status = await adapter.getBuildStatus(buildId, { signal }).catch(() => null);
    adapter.forget?.(buildId);
    if (status && !isBuildComplete(status.status))
      await server.ask(`jobs/${jobId}/watch`, { method: 'POST', json: {} });
  }

  /** Nobody wants it watched here any more. */
  private drop(one: Active): void {
    one.reporter.close();
    this.inTrouble.delete(one.reporter);
    this.forget(one);
    void this.manager.stopPolling(one.buildId);
  }

  private forget(one: Active): void {
    if (this.active.get(one.jobId) !== one) return;
    this.active.delete(one.jobId);
    this.byBuild.delete(one.buildId);
    one.adapter.forget?.(one.buildId);
  }

  private async giveBack(): Promise<void> {
    const all = [...this.active.values()];
    await Promise.all(this.manager.getActivePolls().map((id) => this.manager.stopPolling(id)));
    const patience = new Promise<void>((resolve) => this.ports.clock.after(LAST_WORDS_MS, resolve));
    await Promise.race([patience, Promise.all(all.map(({ reporter }) => reporter.settled()))]);
    for (const { reporter } of all) reporter.close();
    const { server } = this.options;
    await server
      .ask('builds/claim', {
        method: 'POST',
        json: { watcher: server.watcher, accounts: {} },
        deadline: 2000,
      })
      .catch(() => {});
  }

  /** Said once, until it is over. */
  private trouble(who: object, what: unknown): void {
    const { say } = this.options;
    if (what === null) {
      if (this.inTrouble.delete(who) && !this.inTrouble.size) say('The server answers again');
      return;
    }
    const isNew = !this.inTrouble.size;
    this.inTrouble.add(who);
    if (!isNew) return;
    say(`The server can't be told what happens: ${what instanceof Error ? what.message : what}`);
    if (what instanceof ServerError && what.status === 401)
      say('A reporter token is needed: VPO_REPORT_TOKEN');
  }
}

const recollectionOf = (
  { attempt, completed_at, stages }: Known,
  logOffset: number | null,
): Recollection => ({
  attempt,
  hasEnded: completed_at !== null,
  stagesWithLogs: stages.filter(({ log }) => log === 'complete').map(({ id }) => id),
  logOffset,
});

/** What the stored events have told already; null where watching has never begun. */
function resumptionOf({ events }: StoredEvents): Resumption | null {
  if (!events.length) return null;
  const update = events.findLast(({ type }) => type === 'BUILD.STATUS_UPDATED');
  const state = events.findLast(({ type }) => STATES.has(type));
  return {
    facts: (update?.data.facts as string | undefined) ?? null,
    status: (state?.data.status as BuildState | undefined) ?? null,
    attempt: (state?.data.attempt as number | undefined) ?? null,
  };
}

const STATES = new Set<string>(Object.values(STATE_EVENTS));
