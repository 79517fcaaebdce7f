// What is known of a build, on whichever platform. Durations are milliseconds.
import type { Conclusion, Status } from '../core/status';

export const GitPlatform = { GITHUB: 'github', GITLAB: 'gitlab', JENKINS: 'jenkins' } as const;
export type GitPlatform = (typeof GitPlatform)[keyof typeof GitPlatform];

export const BuildState = {
  QUEUED: 'queued',
  IN_PROGRESS: 'in_progress',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  TIMEOUT: 'timeout',
} as const;
export type BuildState = (typeof BuildState)[keyof typeof BuildState];

/** How a build ended, in the words of every platform together. */
export type BuildConclusion = Exclude<Conclusion, 'interrupted'>;

export interface BuildStep {
  readonly name: string;
  readonly state: BuildState;
  readonly conclusion?: BuildConclusion | undefined;
  readonly startTime?: Date | undefined;
  readonly endTime?: Date | undefined;
}

/** A job of a run or pipeline, a stage of a Jenkins build. */
export interface BuildStage extends BuildStep {
  readonly id: string;
  readonly steps: readonly BuildStep[];
}

export interface BuildLog {
  readonly stageId: string;
  readonly name: string;
  readonly text: string;
}

export interface BuildArtifact {
  readonly name: string;
  readonly url: string;
  /** Bytes. */
  readonly size?: number | undefined;
  readonly expiresAt?: Date | undefined;
}

export interface BuildStatus {
  readonly buildId: string;
  readonly status: BuildState;
  readonly startTime: Date;
  readonly endTime?: Date | undefined;
  readonly duration?: number | undefined;
  /** Only of a build that has ended. */
  readonly conclusion?: BuildConclusion | undefined;
  readonly logs?: readonly BuildLog[] | undefined;
  readonly artifacts?: readonly BuildArtifact[] | undefined;
  /** What failed, in one line. */
  readonly error?: string | undefined;
  /** Which execution; a re-run is the next one of the same build. */
  readonly attempt?: number | undefined;
  /** What it waits for: a person, a resource, a group. It has not ended then. */
  readonly waitingReason?: string | undefined;
  /** The platform's own word. */
  readonly rawStatus?: string | undefined;
  /** The word is none that is known: it counts as going on. */
  readonly isUnknown?: boolean | undefined;
  readonly url?: string | undefined;
  readonly stages?: readonly BuildStage[] | undefined;
}

const ENDS: readonly BuildState[] = [
  BuildState.COMPLETED,
  BuildState.FAILED,
  BuildState.CANCELLED,
  BuildState.TIMEOUT,
];

export const isBuildComplete = (state: BuildState): boolean => ENDS.includes(state);

/** A job's status for a state: the one table of statuses. */
export const jobStatus = (state: BuildState): Status =>
  (
    ({
      queued: 'queued',
      in_progress: 'running',
      completed: 'completed',
      failed: 'failed',
      cancelled: 'cancelled',
      timeout: 'failed',
    }) as const
  )[state];
