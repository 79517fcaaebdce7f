// Builds of Jenkins, over its JSON interface: there is no client of its own for Node, and those of others neither abort requests
// nor read logs without writing rights. What is read is named (`tree`), since whole answers can be very large.
import type { IPlatformAdapter } from '../adapter';
import { PlatformError } from '../errors';
import { type BuildStage, BuildState, type BuildStatus, isBuildComplete } from '../model';
import { ended, type JenkinsBuild, jenkinsQueueVerdict, jenkinsVerdict, type Verdict } from '../verdict';
import { askPlatform, type HttpAnswer } from './http';
import { accountOf, type BuildMemory, idOf, niceToHave, Remembering } from './memory';

export interface JenkinsOptions {
  /** Where Jenkins is, its context path included. */
  readonly url: string;
  readonly user?: string | undefined;
  /** An API token. */
  readonly token?: string | undefined;
  /** Wall clock, milliseconds since the epoch. */
  readonly wallNow?: () => number;
}

type Place = { readonly queueItem: number } | { readonly job: string; readonly number: number };

const BUILD_TREE = 'building,inProgress,result,timestamp,duration,url,artifacts[fileName,relativePath]';
const QUEUE_TREE = 'why,stuck,cancelled,inQueueSince,executable[number,url]';

interface Build extends JenkinsBuild {
  /** When it began, and how long it took; 0 while it runs. Milliseconds. */
  readonly timestamp: number;
  readonly duration: number;
  readonly url: string;
  readonly artifacts: readonly { readonly fileName: string; readonly relativePath: string }[];
}

interface QueueItem {
  readonly why?: string | null;
  readonly stuck?: boolean;
  readonly cancelled?: boolean;
  readonly inQueueSince: number;
  readonly executable?: { readonly number: number; readonly url: string } | null;
}

/** Of the pipeline stage view, where that plugin is installed. */
interface Stage {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly startTimeMillis: number;
  readonly durationMillis: number;
}

/** `folder/job:7`, or `queue:123` for an item that may have no build yet. */
export function parseJenkinsBuild(buildId: string): Place {
  const at = buildId.lastIndexOf(':');
  const [job, number] = [buildId.slice(0, Math.max(at, 0)), idOf(buildId.slice(at + 1))];
  const names = job.split('/');
  if (!number || names.some((name) => !name || name === '.' || name === '..'))
    throw new PlatformError(
      'notFound',
      `'${buildId}' is no build of Jenkins: write folder/job:number or queue:item`,
    );
  return job === 'queue' ? { queueItem: number } : { job, number };
}

/** Folders are jobs of their own: `a/b` is at `job/a/job/b`. */
const pathOf = (job: string): string =>
  job
    .split('/')
    .map((name) => `job/${encodeURIComponent(name)}`)
    .join('/');

/** The other way round, with the number at the end. */
function placeIn(path: string): {
  readonly project: string;
  readonly number: string;
  readonly foundId: string;
} {
  const parts = path.split('/');
  const number = parts.at(-1)!;
  const project = parts
    .filter((_, i) => i % 2 === 1)
    .map(decodeURIComponent)
    .join('/');
  return { project, number, foundId: `${project}:${number}` };
}

function stageVerdict(status: string): Verdict {
  if (status === 'PAUSED_PENDING_INPUT')
    return {
      status: BuildState.IN_PROGRESS,
      rawStatus: status,
      waitingReason: 'Somebody who answers its input',
    };
  if (status === 'IN_PROGRESS') return { status: BuildState.IN_PROGRESS, rawStatus: status };
  if (status === 'NOT_EXECUTED') return { status: BuildState.QUEUED, rawStatus: status };
  const known = {
    SUCCESS: 'success',
    UNSTABLE: 'unstable',
    FAILED: 'failure',
    ABORTED: 'cancelled',
  } as const;
  return Object.hasOwn(known, status)
    ? ended(known[status as keyof typeof known], status)
    : { status: BuildState.IN_PROGRESS, rawStatus: status, isUnknown: true };
}

const stageOf = ({ id, name, status, startTimeMillis, durationMillis }: Stage): BuildStage => {
  const verdict = stageVerdict(status);
  return {
    id,
    name,
    state: verdict.status,
    conclusion: verdict.conclusion,
    startTime: startTimeMillis ? new Date(startTimeMillis) : undefined,
    endTime: isBuildComplete(verdict.status) ? new Date(startTimeMillis + durationMillis) : undefined,
    steps: [],
  };
};

export class JenkinsAdapter extends Remembering implements IPlatformAdapter {
  readonly account: string;
  private readonly base: string;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly wallNow: () => number;
  /** Builds that queue items have become; Jenkins forgets items five minutes after that. */
  private readonly followed = new Map<number, string>();

  constructor({ url, user, token, wallNow = Date.now }: JenkinsOptions) {
    super();
    this.base = url.replace(/\/+$/, '');
    this.wallNow = wallNow;
    const login = token ? Buffer.from(`${user ?? ''}:${token}`).toString('base64') : '';
    this.headers = login ? { authorization: `Basic ${login}` } : {};
    this.account = accountOf(url, token && `${user ?? ''}:${token}`);
  }

  async getBuildStatus(
    buildId: string,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<BuildStatus> {
    const place = parseJenkinsBuild(buildId);
    const memory = this.memoryOf(buildId);
    if ('job' in place) return this.build(buildId, memory, `${pathOf(place.job)}/${place.number}`, signal);
    const known = this.followed.get(place.queueItem);
    if (known) return this.build(buildId, memory, known, signal);
    const asked = `queue/item/${place.queueItem}/api/json?tree=${QUEUE_TREE}`;
    const item = (await this.ask(memory, asked, signal)).body as QueueItem;
    if (item.executable) {
      // Jenkins may know itself by another name than we do: only the path counts.
      const { pathname } = new URL(item.executable.url);
      const path = pathname.slice(pathname.indexOf('/job/') + 1).replace(/\/+$/, '');
      this.followed.set(place.queueItem, path);
      return this.build(buildId, memory, path, signal);
    }
    return { ...jenkinsQueueVerdict(item), buildId, startTime: new Date(item.inQueueSince), attempt: 1 };
  }

  private ask(memory: BuildMemory, path: string, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    const url = `${this.base}/${path}`;
    return askPlatform(memory, {
      platform: 'Jenkins',
      url,
      headers: this.headers,
      signal,
      now: this.wallNow(),
    });
  }

  private async build(
    buildId: string,
    memory: BuildMemory,
    path: string,
    signal: AbortSignal | undefined,
  ): Promise<BuildStatus> {
    const build = (await this.ask(memory, `${path}/api/json?tree=${BUILD_TREE}`, signal)).body as Build;
    const stages = await this.stages(memory, path, signal);
    const verdict = jenkinsVerdict(build);
    const hasEnded = isBuildComplete(verdict.status);
    if (!memory.growing.isComplete)
      await niceToHave(signal, () => this.readLog(memory, path, hasEnded, signal));
    // While a pipeline waits for an answer Jenkins itself says no more than that it builds.
    const paused = hasEnded ? undefined : stages.find(({ status }) => status === 'PAUSED_PENDING_INPUT');
    const failed = stages.find(({ status }) => status === 'FAILED');
    const startTime = new Date(build.timestamp);
    return {
      ...verdict,
      waitingReason: paused ? stageVerdict(paused.status).waitingReason : verdict.waitingReason,
      buildId,
      startTime,
      endTime: hasEnded ? new Date(build.timestamp + build.duration) : undefined,
      duration: hasEnded ? build.duration : undefined,
      attempt: 1,
      url: build.url,
      ...placeIn(path),
      stages: stages.map(stageOf),
      logs: memory.logs,
      artifacts: build.artifacts.map(({ fileName, relativePath }) => ({
        name: fileName,
        url: `${this.base}/${path}/artifact/${relativePath.split('/').map(encodeURIComponent).join('/')}`,
      })),
      error: verdict.status === BuildState.FAILED ? failed?.name : undefined,
    };
  }

  private async stages(
    memory: BuildMemory,
    path: string,
    signal: AbortSignal | undefined,
  ): Promise<readonly Stage[]> {
    if (memory.hasNoStages) return [];
    try {
      return (
        ((await this.ask(memory, `${path}/wfapi/describe`, signal)).body as { stages: Stage[] }).stages ?? []
      );
    } catch (error) {
      if (signal?.aborted) throw error;
      // Without the plugin there is no such page, and there will be none.
      if (error instanceof PlatformError && error.refusal === 'notFound') memory.hasNoStages = true;
      return [];
    }
  }

  /** Only what is new. A log that has become shorter was begun again. */
  private async readLog(
    memory: BuildMemory,
    path: string,
    hasEnded: boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { offset } = memory.growing;
    const { body, headers } = await this.ask(
      memory,
      `${path}/logText/progressiveText?start=${offset}`,
      signal,
    );
    const size = Number(headers.get('x-text-size'));
    const isLast = hasEnded && headers.get('x-more-data') !== 'true';
    memory.grow(`${body}`, size, size < offset, isLast);
  }
}
