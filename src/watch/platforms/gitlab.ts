// Pipelines of GitLab, by gitbeaker's resources over requests of our own: its requester tries again ten times within half a
// second and knows neither Retry-After nor ETags.
import { Jobs, MergeRequests, Pipelines } from '@gitbeaker/core';
import {
  type BaseResourceOptions,
  createRequesterFn,
  type FormattedResponse,
  type ResponseBodyTypes,
} from '@gitbeaker/requester-utils';
import type { IPlatformAdapter } from '../adapter';
import { PlatformError } from '../errors';
import { type BuildArtifact, type BuildStage, BuildState, type BuildStatus, isBuildComplete } from '../model';
import { gitlabVerdict } from '../verdict';
import type { OAuthToken } from './gitlab-oauth';
import { askPlatform } from './http';
import { accountOf, type BuildMemory, date, idOf, Remembering } from './memory';

export interface GitLabOptions {
  readonly token?: string | undefined;
  /** In its place, one that is renewed. */
  readonly oauth?: OAuthToken | undefined;
  /** By default https://gitlab.com. */
  readonly host?: string | undefined;
  /** Wall clock, milliseconds since the epoch: resets of limits are instants. */
  readonly wallNow?: () => number;
}

interface Place {
  readonly project: string | number;
  readonly pipeline: number;
}

/** What is read of a job; a bridge to another pipeline has no log and no artifacts. */
interface Job {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly allow_failure: boolean;
  readonly failure_reason?: string | undefined;
  readonly started_at?: string | null;
  readonly finished_at?: string | null;
  readonly artifacts_file?: { readonly filename: string; readonly size: number } | undefined;
  readonly artifacts_expire_at?: string | null;
  readonly downstream_pipeline?: { readonly status: string } | null;
}

interface Pipeline {
  readonly status: string;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  /** Seconds. */
  readonly duration: number | null;
  readonly web_url: string;
  /** Counts within the project. */
  readonly iid?: number;
  readonly ref?: string | null;
}

/** The newest pipeline of a branch or tag (`project@main`), or of a merge request (`project!12`). */
interface Newest {
  readonly project: string | number;
  readonly of: { readonly ref: string } | { readonly mergeRequest: number };
}

/** A trace is always sent whole, so those that still grow are read less often than the build. */
const TRACES_MS = 60_000;

/** The project's path, as the page of a pipeline has it. */
const projectIn = (webUrl: string): string | undefined => /^https?:\/\/[^/]+\/(.+?)\/-\//.exec(webUrl)?.[1];

const projectOf = (text: string): string | number => {
  const name = safely(() => decodeURIComponent(text));
  return idOf(name) || name;
};

export function parseGitLabBuild(buildId: string): Place | Newest {
  const [, text = '', mark, name = ''] = /^([^:@!]+)([@!])(.+)$/.exec(buildId) ?? [];
  const project = projectOf(text);
  if (project && mark === '@') return { project, of: { ref: name } };
  if (project && idOf(name)) return { project, of: { mergeRequest: idOf(name) } };
  return parsePipeline(buildId);
}

function parsePipeline(buildId: string): Place {
  const at = buildId.lastIndexOf(':');
  const pipeline = idOf(buildId.slice(at + 1));
  const project = projectOf(buildId.slice(0, Math.max(at, 0)));
  if (!project || !pipeline)
    throw new PlatformError(
      'notFound',
      `'${buildId}' is no pipeline of GitLab: write project:pipelineId, project@branch or project!merge, the project as its id or as group%2Fname`,
    );
  return { project, pipeline };
}

function safely(decode: () => string): string {
  try {
    return decode();
  } catch {
    return '';
  }
}

/** A bridge stands for the pipeline that it has started. */
function stageOf({
  id,
  name,
  status,
  failure_reason,
  started_at,
  finished_at,
  downstream_pipeline,
}: Job): BuildStage {
  const verdict = gitlabVerdict(downstream_pipeline?.status ?? status, failure_reason);
  return {
    id: `${id}`,
    name,
    state: verdict.status,
    conclusion: verdict.conclusion,
    startTime: date(started_at),
    endTime: date(finished_at),
    steps: [],
  };
}

export class GitLabAdapter extends Remembering implements IPlatformAdapter {
  readonly account: string;
  private readonly host: string;
  private readonly token: string | undefined;
  private readonly oauth: OAuthToken | undefined;
  private readonly wallNow: () => number;
  private readonly found = new Map<string, Place>();
  /** When the traces of running jobs were read last, by build; wall clock, milliseconds. */
  private readonly tracesReadAt = new Map<string, number>();

  constructor({ token, oauth, host = 'https://gitlab.com', wallNow = Date.now }: GitLabOptions = {}) {
    super();
    this.oauth = oauth;
    this.host = host.replace(/\/+$/, '');
    this.token = token;
    this.wallNow = wallNow;
    this.account = accountOf(host, oauth?.account ?? token);
  }

  async getBuildStatus(
    buildId: string,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<BuildStatus> {
    const asked = parseGitLabBuild(buildId);
    const memory = this.memoryOf(buildId);
    const options = await this.optionsOf(memory, signal);
    const [pipelines, jobs] = [new Pipelines(options), new Jobs(options)];
    const { project, pipeline } = 'of' in asked ? await this.newest(buildId, asked, options) : asked;
    const run = (await pipelines.show(project, pipeline)) as unknown as Pipeline;
    const verdictOf = (reason?: string) => gitlabVerdict(run.status, reason);
    const hasEnded = isBuildComplete(verdictOf().status);
    // A pipeline that goes on after its end (a job that was run again, a manual one) is the next attempt of it.
    memory.begin((memory.attempt ?? 1) + Number(memory.hadEnded && !hasEnded));
    memory.hadEnded = hasEnded;
    const own = (await jobs.all(project, { pipelineId: pipeline, perPage: 100 })) as unknown as Job[];
    const bridges = (await jobs.allPipelineBridges(project, pipeline)) as unknown as Job[];
    await this.readTraces(buildId, memory, own, signal, (id) => jobs.showLog(project, id));
    const all = [...own, ...bridges];
    const failed = all.find(({ status, allow_failure }) => status === 'failed' && !allow_failure);
    const verdict = verdictOf(failed?.failure_reason);
    const startTime = date(run.started_at) ?? new Date(run.created_at);
    return {
      ...verdict,
      buildId,
      startTime,
      endTime: hasEnded ? date(run.finished_at) : undefined,
      duration: hasEnded && run.duration !== null ? run.duration * 1000 : undefined,
      attempt: memory.attempt,
      url: run.web_url,
      project: projectIn(run.web_url) ?? `${project}`,
      number: `${run.iid ?? pipeline}`,
      title: run.ref || undefined,
      foundId: `${encodeURIComponent(project)}:${pipeline}`,
      stages: all.map(stageOf),
      logs: memory.logs,
      artifacts: this.artifactsOf(project, own),
      error:
        verdict.status === BuildState.FAILED || verdict.status === BuildState.TIMEOUT
          ? [failed?.name, failed?.failure_reason?.replaceAll('_', ' ')].filter(Boolean).join(': ') ||
            undefined
          : undefined,
    };
  }

  refreshAuthentication(): Promise<boolean> {
    return this.oauth?.renew() ?? Promise.resolve(false);
  }

  /** Of each job that has ended once; of those that run from time to time, where somebody takes the pieces. */
  private async readTraces(
    buildId: string,
    memory: BuildMemory,
    jobs: readonly Job[],
    signal: AbortSignal | undefined,
    read: (id: number) => Promise<unknown>,
  ): Promise<void> {
    const now = this.wallNow();
    const isDue = memory.takeLog && now - (this.tracesReadAt.get(buildId) ?? 0) >= TRACES_MS;
    if (isDue) this.tracesReadAt.set(buildId, now);
    for (const { id, name, status } of jobs) {
      const isLast = isBuildComplete(gitlabVerdict(status).status);
      if (isLast ? status !== 'skipped' : isDue && status === 'running')
        await memory.keepLog({ id: `${id}`, name, isLast }, signal, () => read(id));
    }
  }

  override forget(buildId: string): void {
    super.forget(buildId);
    this.tracesReadAt.delete(buildId);
  }

  /** Found once: a pipeline that begins later is another build. */
  private async newest(
    buildId: string,
    { project, of }: Newest,
    options: BaseResourceOptions<false>,
  ): Promise<Place> {
    const known = this.found.get(buildId);
    if (known) return known;
    const [first] =
      'ref' in of
        ? await new Pipelines(options).all(project, { ref: of.ref, perPage: 1, maxPages: 1 })
        : ((await new MergeRequests(options).allPipelines(project, of.mergeRequest)) as { id: number }[]);
    if (!first) throw new PlatformError('notFound', `GitLab: ${buildId} has no pipeline yet`);
    const place = { project, pipeline: first.id };
    this.found.set(buildId, place);
    return place;
  }

  private artifactsOf(project: string | number, jobs: readonly Job[]): BuildArtifact[] {
    const base = `${this.host}/api/v4/projects/${encodeURIComponent(project)}/jobs`;
    return jobs.flatMap(({ id, name, artifacts_file, artifacts_expire_at }) =>
      artifacts_file
        ? [
            {
              name: `${name}: ${artifacts_file.filename}`,
              url: `${base}/${id}/artifacts`,
              size: artifacts_file.size,
              expiresAt: date(artifacts_expire_at),
            },
          ]
        : [],
    );
  }

  /** Each look has its own: a token may have been renewed since the last one, here or elsewhere. */
  private async optionsOf(
    memory: BuildMemory,
    signal: AbortSignal | undefined,
  ): Promise<BaseResourceOptions<false>> {
    const login = this.oauth
      ? { oauthToken: await this.oauth.token() }
      : this.token
        ? { token: this.token }
        : {};
    const ask = async (
      endpoint: string,
      { method, headers, searchParams, prefixUrl }: Record<string, unknown> = {},
    ): Promise<FormattedResponse<ResponseBodyTypes>> => {
      const answer = await askPlatform(memory, {
        platform: 'GitLab',
        url: `${`${prefixUrl}`.replace(/\/+$/, '')}/${endpoint}${searchParams ? `?${searchParams}` : ''}`,
        method: `${method}`,
        headers: headers as Record<string, string>,
        signal,
        now: this.wallNow(),
      });
      return {
        body: answer.body as ResponseBodyTypes,
        headers: Object.fromEntries(answer.headers),
        status: answer.status,
      };
    };
    return {
      host: this.host,
      ...login,
      rateLimits: {},
      requesterFn: createRequesterFn(async (_service, options) => options, ask as never),
    };
  }
}
