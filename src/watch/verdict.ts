// What the words of each platform mean: where a build is, how it ended, what it waits for. A word that nobody knows is a
// build that goes on. (GitHub's REST description; GitLab's app/models/concerns/ci/has_status.rb; Jenkins' Run and Result.)
import { CONCLUSIONS } from '../core/status';
import { type BuildConclusion, BuildState } from './model';

export interface Verdict {
  readonly status: BuildState;
  readonly conclusion?: BuildConclusion | undefined;
  readonly waitingReason?: string | undefined;
  readonly rawStatus: string;
  readonly isUnknown?: boolean | undefined;
}

/** The state of a build that ended so. */
export function ended(conclusion: BuildConclusion, rawStatus: string = conclusion): Verdict {
  const isOf = (list: readonly string[]) => list.includes(conclusion);
  if (conclusion === 'timed_out') return { status: BuildState.TIMEOUT, conclusion, rawStatus };
  if (isOf(CONCLUSIONS.completed)) return { status: BuildState.COMPLETED, conclusion, rawStatus };
  return {
    status: isOf(CONCLUSIONS.failed) ? BuildState.FAILED : BuildState.CANCELLED,
    conclusion,
    rawStatus,
  };
}

const queued = (rawStatus: string, waitingReason?: string): Verdict => ({
  status: BuildState.QUEUED,
  rawStatus,
  waitingReason,
});
const running = (rawStatus: string, waitingReason?: string): Verdict => ({
  status: BuildState.IN_PROGRESS,
  rawStatus,
  waitingReason,
});
const unknown = (rawStatus: string): Verdict => ({
  status: BuildState.IN_PROGRESS,
  rawStatus,
  isUnknown: true,
});

const GITHUB_CONCLUSIONS: readonly string[] = [
  'success',
  'neutral',
  'skipped',
  'failure',
  'timed_out',
  'startup_failure',
  'action_required',
  'cancelled',
  'stale',
];

/** A run or a job of GitHub Actions. Completed without a conclusion: it is written a moment later. */
export function githubVerdict(status: string | null, conclusion: string | null): Verdict {
  switch (status) {
    case 'requested':
    case 'queued':
      return queued(status);
    case 'pending':
      return queued(status, 'Its concurrency group is busy');
    case 'waiting':
      return running(status, 'An approval');
    case 'in_progress':
      return running(status);
    case 'completed':
      if (conclusion === null) return running(status, 'Its conclusion');
      return GITHUB_CONCLUSIONS.includes(conclusion)
        ? ended(conclusion as BuildConclusion)
        : unknown(`${status}/${conclusion}`);
    default:
      return unknown(`${status}`);
  }
}

/** A pipeline, job or bridge of GitLab. `failureReason`: of a job. */
export function gitlabVerdict(status: string, failureReason?: string): Verdict {
  switch (status) {
    case 'created':
    case 'preparing':
    case 'pending':
      return queued(status);
    case 'waiting_for_resource':
      return running(status, 'A resource');
    case 'waiting_for_callback':
      return running(status, 'A callback');
    case 'manual':
      return running(status, 'Somebody who starts its manual job');
    case 'scheduled':
      return running(status, 'Its time');
    case 'running':
    case 'canceling':
      return running(status);
    case 'success':
      return ended('success', status);
    case 'failed':
      return ended(
        failureReason === 'job_execution_timeout' || failureReason === 'stuck_or_timeout_failure'
          ? 'timed_out'
          : 'failure',
        status,
      );
    case 'canceled':
      return ended('cancelled', status);
    case 'skipped':
      return ended('skipped', status);
    default:
      return unknown(status);
  }
}

export interface JenkinsBuild {
  readonly building: boolean;
  readonly inProgress?: boolean | undefined;
  readonly result: string | null;
}

const JENKINS_RESULTS: Readonly<Record<string, BuildConclusion>> = {
  SUCCESS: 'success',
  UNSTABLE: 'unstable',
  FAILURE: 'failure',
  NOT_BUILT: 'not_built',
  ABORTED: 'cancelled',
};

/** A build of Jenkins. Its result is provisional while it builds, and its log is still being written after that. */
export function jenkinsVerdict({ building, inProgress, result }: JenkinsBuild): Verdict {
  if (building) return running('building');
  if (inProgress) return running('finalizing');
  if (result === null) return running('no result', 'Its result');
  const conclusion = Object.hasOwn(JENKINS_RESULTS, result) ? JENKINS_RESULTS[result] : undefined;
  return conclusion ? ended(conclusion, result) : unknown(result);
}

/** An item of Jenkins' queue that has no build yet. */
export function jenkinsQueueVerdict(item: {
  readonly why?: string | null | undefined;
  readonly stuck?: boolean | undefined;
  readonly cancelled?: boolean | undefined;
}): Verdict {
  if (item.cancelled) return ended('cancelled', 'queue: cancelled');
  return queued(item.stuck ? 'queue: stuck' : 'queue', item.why ?? undefined);
}
