// One build that is being watched: the engine's loop over an adapter.
import { createHash } from 'node:crypto';
import {
  type Clock,
  createLoop,
  type Loop,
  type Outcome,
  type Publication,
  type Transport,
} from '../core/index';
import type { IPlatformAdapter } from './adapter';
import { PlatformError, type Refusal } from './errors';
import { type BuildStatus, type GitPlatform, isBuildComplete } from './model';
import { type BuildPollingSettings, buildPolicy } from './settings';

/** Between quick retries; the second waits twice as long, and so on. */
const QUICK_MS = 250;

/** What decides whether an answer says something new. */
export const factsOf = ({
  status,
  conclusion,
  attempt,
  waitingReason,
  rawStatus,
  stages = [],
}: BuildStatus): string =>
  digest([
    ...[status, conclusion, attempt, waitingReason, rawStatus],
    stages.map(({ id, state, steps }) => [id, state, steps.map((step) => step.state)]),
  ]);

const digest = (facts: unknown): string =>
  createHash('sha256').update(JSON.stringify(facts)).digest('base64url').slice(0, 16);

export interface Watch {
  readonly loop: Loop;
  /** How often the platform was asked. */
  readonly pollCount: number;
  /** Wall clock of the last and the next look. */
  readonly lastPollTime: Date | null;
  readonly nextPollTime: Date | null;
}

export interface WatchPorts {
  readonly clock: Clock;
  /** Wall clock, milliseconds since the epoch. */
  wallNow(): number;
  random(): number;
}

export interface WatchOptions {
  readonly buildId: string;
  readonly adapter: IPlatformAdapter;
  readonly settings: BuildPollingSettings;
  readonly platform: GitPlatform;
  readonly ports: WatchPorts;
  /** The facts that are known of an earlier watching, if there was one. */
  readonly shown: string | null;
  /** The interval until the next look where it has to be longer than the settings say, else 0. */
  interval(): number;
  /** A look is over. */
  looked(ms: number, lateMs: number, result: 'news' | 'unchanged' | Refusal): void;
  publish(event: Publication<BuildStatus>): void;
}

function outcomeOf(error: unknown, wasSeen: boolean): Outcome {
  if (!(error instanceof PlatformError)) return { result: 'failed', message: `${error}` };
  const { refusal, message, retryAfterMs: retryAfter } = error;
  // What was there once and is not found now is more likely out of our sight than gone.
  const isGone = refusal === 'notFound' && !wasSeen;
  const result = isGone ? 'gone' : refusal === 'unauthorized' ? 'refused' : 'failed';
  return { result, message, retryAfter };
}

/** One look: network errors are tried again at once, a 401 after one renewal. */
function createLook(
  buildId: string,
  adapter: IPlatformAdapter,
  retryAttempts: number,
  clock: Clock,
): (signal: AbortSignal) => Promise<BuildStatus> {
  const pause = (ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const undo = clock.after(ms, resolve);
      signal.addEventListener('abort', () => {
        undo();
        reject(signal.reason);
      });
    });

  return async function look(signal: AbortSignal): Promise<BuildStatus> {
    let mayRenew = true;
    for (let retries = 0; ; ) {
      try {
        return await adapter.getBuildStatus(buildId, { signal });
      } catch (error) {
        const refusal = error instanceof PlatformError ? error.refusal : null;
        if (refusal === 'unauthorized' && mayRenew && (await adapter.refreshAuthentication?.()))
          mayRenew = false;
        else if (refusal === 'network' && retries < retryAttempts)
          await pause(QUICK_MS * 2 ** retries++, signal);
        else throw error;
        if (signal.aborted) throw signal.reason;
      }
    }
  };
}

export function createWatch(options: WatchOptions): Watch {
  const { buildId, adapter, settings, platform, ports, interval, looked, publish } = options;
  const { clock } = ports;
  const { timeout, retryAttempts } = settings.platforms[platform];
  let pollCount = 0;
  let lastPollTime: Date | null = null;
  let { shown } = options;

  const look = createLook(buildId, adapter, retryAttempts, clock);
  const transport: Transport<BuildStatus> = {
    open(_request, { received, closed }) {
      const abort = new AbortController();
      pollCount++;
      lastPollTime = new Date(ports.wallNow());
      let isOver = false;
      const beganAt = clock.now();
      const lateMs = Math.max(0, beganAt - loop.state.dueAt);
      const end = (outcome: Outcome, result: Parameters<typeof looked>[2] = 'failed') => {
        if (isOver) return;
        undo();
        looked(clock.now() - beganAt, lateMs, result);
        closed(outcome);
      };
      const undoTimer = clock.after(timeout, () =>
        end({ result: 'failed', message: `No answer within ${timeout} ms` }),
      );
      const undo = () => {
        isOver = true;
        undoTimer();
        abort.abort();
      };
      look(abort.signal).then(
        (status) => {
          if (isOver) return;
          const facts = factsOf(status);
          const answer = {
            data: status,
            news: facts !== shown,
            terminal: isBuildComplete(status.status),
            active: true,
            more: false,
            attempt: status.attempt ?? null,
          };
          shown = facts;
          received(answer);
          end({ result: 'ok', interval: interval() }, answer.news ? 'news' : 'unchanged');
        },
        (error: unknown) =>
          end(outcomeOf(error, shown !== null), error instanceof PlatformError ? error.refusal : 'failed'),
      );
      return undo;
    },
  };

  const loop = createLoop<BuildStatus>({
    policy: buildPolicy(settings),
    clock,
    random: ports.random,
    transport,
    sink: { publish },
  });
  return {
    loop,
    get pollCount() {
      return pollCount;
    },
    get lastPollTime() {
      return lastPollTime;
    },
    get nextPollTime() {
      const { word, dueAt } = loop.state;
      return word === 'waiting' ? new Date(ports.wallNow() + dueAt - clock.now()) : null;
    },
  };
}
