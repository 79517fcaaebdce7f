// GitHub Actions, by its official client. What has not changed is asked for with its ETag, which costs no limit; logs,
// artifacts and annotations are fetched once, when they are there.
import { createAppAuth } from '@octokit/auth-app';
import { RequestError } from '@octokit/request-error';
import { Octokit } from '@octokit/rest';
import type { Budget, IPlatformAdapter } from '../adapter';
import { PlatformError } from '../errors';
import { type BuildStage, BuildState, type BuildStatus, isBuildComplete } from '../model';
import { githubVerdict } from '../verdict';
import { accountOf, type BuildMemory, date, idOf, type Kept, niceToHave, Remembering } from './memory';

type Run = Awaited<ReturnType<Octokit['rest']['actions']['getWorkflowRun']>>['data'];
type Job = Awaited<ReturnType<Octokit['rest']['actions']['listJobsForWorkflowRun']>>['data']['jobs'][number];

export interface GitHubApp {
  readonly appId: string;
  readonly installationId: number;
  /** PEM. */
  readonly privateKey: string;
}

export interface GitHubOptions {
  /** A token, or none for what everybody may read. */
  readonly token?: string | undefined;
  /** In its place, the installation of a GitHub App, whose tokens last an hour and are renewed by themselves. */
  readonly app?: GitHubApp | undefined;
  /** Of the API; by default that of github.com. */
  readonly baseUrl?: string | undefined;
  /** Wall clock, milliseconds since the epoch: resets of limits are instants. */
  readonly wallNow?: () => number;
  readonly fetch?: typeof fetch;
}

/** Nothing is known of when a secondary limit ends. (GitHub: best practices for using the REST API.) */
const SECONDARY_MS = 60_000;
/** One page of jobs; a run with more has the rest on the next ones. */
const PAGE = 100;

type Place = { readonly owner: string; readonly repo: string; readonly run_id: number };

/** The newest run of a branch, a commit or a pull request: `owner/repo@main`, `owner/repo@SHA`, `owner/repo#12`. */
interface Newest {
  readonly owner: string;
  readonly repo: string;
  readonly of: { readonly branch: string } | { readonly head_sha: string } | { readonly pull_number: number };
}

export function parseGitHubBuild(buildId: string): Place | Newest {
  const [, owner_, repo_, mark, name = ''] = /^([^/:@#]+)\/([^/:@#]+)([@#])(.+)$/.exec(buildId) ?? [];
  if (owner_ && repo_ && mark === '@') {
    // GitHub finds nothing by a part of a commit's name, so anything shorter is a branch.
    const of = /^[0-9a-f]{40}$/.test(name) ? { head_sha: name } : { branch: name };
    return { owner: owner_, repo: repo_, of };
  }
  if (owner_ && repo_ && idOf(name)) return { owner: owner_, repo: repo_, of: { pull_number: idOf(name) } };
  return parseRun(buildId);
}

function parseRun(buildId: string): Place {
  const [owner, repo, run, ...rest] = buildId.split(':');
  const run_id = idOf(run);
  if (!owner || !repo || !run_id || rest.length)
    throw new PlatformError(
      'notFound',
      `'${buildId}' is no build of GitHub: write owner:repo:runId, owner/repo@branch or owner/repo#pull`,
    );
  return { owner, repo, run_id };
}

/** Milliseconds to leave the account alone; null where the answer is about something else. */
function limitOf({ status, response }: RequestError, now: number): number | null {
  if (status !== 403 && status !== 429) return null;
  const headers = response?.headers ?? {};
  const after = Number(headers['retry-after']);
  if (after > 0) return after * 1000;
  if (headers['x-ratelimit-remaining'] === '0')
    return Math.max(0, Number(headers['x-ratelimit-reset']) * 1000 - now) + 1000;
  const isLimit = status === 429 || /rate limit/i.test(JSON.stringify(response?.data ?? ''));
  return isLimit ? SECONDARY_MS : null;
}

function refusalOf(error: unknown, now: number): PlatformError {
  if (!(error instanceof RequestError)) return new PlatformError('failed', `${error}`);
  const { status, message, response } = error;
  const limit = limitOf(error, now);
  if (limit !== null) return new PlatformError('failed', `GitHub: ${message}`, limit);
  // The client calls what has no answer at all a 500.
  if (!response) return new PlatformError('network', `GitHub: ${message}`);
  const refusal = status === 404 ? 'notFound' : status === 401 || status === 403 ? 'unauthorized' : 'failed';
  return new PlatformError(refusal, `GitHub: ${status} ${message}`);
}

function stageOf({ id, name, status, conclusion, started_at, completed_at, steps = [] }: Job): BuildStage {
  const verdict = githubVerdict(status, conclusion);
  return {
    id: `${id}`,
    name,
    state: verdict.status,
    conclusion: verdict.conclusion,
    startTime: date(started_at),
    endTime: date(completed_at),
    steps: steps.map((step) => {
      const one = githubVerdict(step.status, step.conclusion);
      return {
        name: step.name,
        state: one.status,
        conclusion: one.conclusion,
        startTime: date(step.started_at),
        endTime: date(step.completed_at),
      };
    }),
  };
}

export class GitHubActionsAdapter extends Remembering implements IPlatformAdapter {
  readonly account: string;
  budget: Budget | null = null;
  private readonly client: Octokit;
  private readonly isApp: boolean;
  private readonly wallNow: () => number;
  private readonly found = new Map<string, Place>();

  constructor({
    token,
    app,
    baseUrl = 'https://api.github.com',
    wallNow = Date.now,
    fetch,
  }: GitHubOptions = {}) {
    super();
    this.isApp = !!app;
    this.wallNow = wallNow;
    this.account = accountOf(baseUrl, app ? `app ${app.appId} ${app.installationId}` : token);
    this.client = new Octokit({
      ...(app ? { authStrategy: createAppAuth, auth: app } : { auth: token }),
      baseUrl,
      // What goes wrong is told by our errors; the client would print it.
      log: { debug() {}, info() {}, warn() {}, error() {} },
      request: fetch ? { fetch } : {},
    });
    this.client.hook.after('request', ({ headers }) => this.note(headers));
    this.client.hook.error('request', (error) => {
      if (error instanceof RequestError) this.note(error.response?.headers ?? {});
      throw error;
    });
  }

  async getBuildStatus(
    buildId: string,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<BuildStatus> {
    const asked = parseGitHubBuild(buildId);
    const memory = this.memoryOf(buildId);
    try {
      const place = 'of' in asked ? await this.newest(buildId, asked, signal) : asked;
      const run = await this.kept<Run>(
        memory,
        'GET /repos/{owner}/{repo}/actions/runs/{run_id}',
        place,
        signal,
      );
      memory.begin(run.run_attempt ?? 1);
      const jobs = await this.jobsOf(memory, place, signal);
      return await this.statusOf(buildId, place, memory, run, jobs, signal);
    } catch (error) {
      throw error instanceof PlatformError ? error : refusalOf(error, this.wallNow());
    }
  }

  /** A token of an installation may be revoked before its hour is over. */
  async refreshAuthentication(): Promise<boolean> {
    if (!this.isApp) return false;
    return this.client.auth({ type: 'installation', refresh: true }).then(
      () => true,
      () => false,
    );
  }

  /** Found once: a run that begins later is another build. */
  private async newest(
    buildId: string,
    { owner, repo, of }: Newest,
    signal: AbortSignal | undefined,
  ): Promise<Place> {
    const known = this.found.get(buildId);
    if (known) return known;
    const request = signal ? { signal } : {};
    const head = async (pull_number: number) =>
      (await this.client.rest.pulls.get({ owner, repo, pull_number, request })).data.head.sha;
    const filter = 'pull_number' in of ? { head_sha: await head(of.pull_number) } : of;
    const { data } = await this.client.rest.actions.listWorkflowRunsForRepo({
      ...{ owner, repo, ...filter },
      per_page: 1,
      request,
    });
    const [run] = data.workflow_runs;
    if (!run) throw new PlatformError('notFound', `GitHub: ${buildId} has no run yet`);
    const place = { owner, repo, run_id: run.id };
    this.found.set(buildId, place);
    return place;
  }

  private note(headers: Readonly<Record<string, unknown>>): void {
    const [remaining, reset] = [headers['x-ratelimit-remaining'], headers['x-ratelimit-reset']].map(Number);
    if (remaining! >= 0 && reset! > 0) this.budget = { remaining: remaining!, resetsAt: reset! * 1000 };
  }

  private async kept<T>(
    memory: BuildMemory,
    route: string,
    parameters: Record<string, unknown>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const key = JSON.stringify([route, parameters]);
    const known = memory.answers.get(key) as Kept<T> | undefined;
    const headers = known?.etag ? { 'if-none-match': known.etag } : {};
    const request = signal ? { signal } : {};
    try {
      const { data, headers: got } = await this.client.request(route, { ...parameters, headers, request });
      memory.answers.set(key, { etag: got.etag, data });
      return data as T;
    } catch (error) {
      if (error instanceof RequestError && error.status === 304 && known) return known.data;
      throw error;
    }
  }

  private async jobsOf(memory: BuildMemory, place: Place, signal: AbortSignal | undefined): Promise<Job[]> {
    const route = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs';
    const jobs: Job[] = [];
    for (let page = 1; ; page++) {
      const found = await this.kept<{ total_count: number; jobs: Job[] }>(
        memory,
        route,
        { ...place, per_page: PAGE, page },
        signal,
      );
      jobs.push(...found.jobs);
      if (found.jobs.length < PAGE || jobs.length >= found.total_count) return jobs;
    }
  }

  private async statusOf(
    buildId: string,
    place: Place,
    memory: BuildMemory,
    run: Run,
    jobs: readonly Job[],
    signal: AbortSignal | undefined,
  ): Promise<BuildStatus> {
    const verdict = githubVerdict(run.status, run.conclusion);
    const hasEnded = isBuildComplete(verdict.status);
    await this.fetchLogs(memory, place, jobs, signal);
    if (hasEnded) await this.fetchRest(memory, place, jobs, signal);
    const startTime = date(run.run_started_at) ?? new Date(run.created_at);
    const endTime = hasEnded ? date(run.updated_at) : undefined;
    return {
      ...verdict,
      buildId,
      startTime,
      endTime,
      duration: endTime ? Math.max(0, endTime.getTime() - startTime.getTime()) : undefined,
      attempt: run.run_attempt ?? 1,
      url: run.html_url,
      project: `${place.owner}/${place.repo}`,
      number: `${run.run_number ?? place.run_id}`,
      title: [run.name, run.head_branch].filter(Boolean).join(' · ') || undefined,
      foundId: `${place.owner}:${place.repo}:${place.run_id}`,
      stages: jobs.map(stageOf),
      logs: memory.logs,
      artifacts: memory.artifacts,
      error: hasEnded ? memory.error : undefined,
    };
  }

  /** A job's log is there once the job has ended; one that was skipped never has any. */
  private async fetchLogs(
    memory: BuildMemory,
    place: Place,
    jobs: readonly Job[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (const { id, name, status, conclusion } of jobs) {
      if (status !== 'completed' || conclusion === 'skipped') continue;
      const request = signal ? { signal } : {};
      const { owner, repo } = place;
      const asked = { owner, repo, job_id: id, request };
      await memory.keepLog({ id: `${id}`, name, isLast: true }, signal, async () => {
        const { data } = await this.client.rest.actions.downloadJobLogsForWorkflowRun(asked);
        return data;
      });
    }
  }

  private async fetchRest(
    memory: BuildMemory,
    place: Place,
    jobs: readonly Job[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const request = signal ? { signal } : {};
    memory.artifacts ??= await niceToHave(signal, async () => {
      const { data } = await this.client.rest.actions.listWorkflowRunArtifacts({
        ...place,
        per_page: PAGE,
        request,
      });
      return data.artifacts.map(({ name, archive_download_url, size_in_bytes, expires_at }) => ({
        name,
        url: archive_download_url,
        size: size_in_bytes,
        expiresAt: date(expires_at),
      }));
    });
    const failed = jobs.find((job) => githubVerdict(job.status, job.conclusion).status === BuildState.FAILED);
    if (memory.error !== undefined || !failed) return;
    const step = failed.steps?.find(({ conclusion }) => conclusion === 'failure')?.name;
    const annotation = await niceToHave(signal, async () => {
      const { owner, repo } = place;
      const { data } = await this.client.rest.checks.listAnnotations({
        owner,
        repo,
        check_run_id: failed.id,
        request,
      });
      return data.find(({ annotation_level }) => annotation_level === 'failure')?.message ?? undefined;
    });
    memory.error = [failed.name, step, annotation?.split('\n')[0]].filter(Boolean).join(': ');
  }
}
