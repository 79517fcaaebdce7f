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

/** What has come of a log. Where pieces are taken, no log is kept in memory. */
export interface LogPiece {
  /** Null for the log of the build itself. */
  readonly stageId: string | null;
  /** Where it begins, in bytes of UTF-8. */
  readonly offset: number;
  readonly data: Uint8Array;
  readonly isLast: boolean;
}

/** What was known of a build before this process began. */
export interface Recollection {
  readonly attempt: number;
  readonly hasEnded: boolean;
  /** Stages whose logs are there to the end. */
  readonly stagesWithLogs: readonly string[];
  /** Bytes that are there of the build's own log; null: all of it, or nobody wants it. */
  readonly logOffset: number | null;
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
  /** Where it belongs, its number there and what it is about, as the platform shows them to people. */
  readonly project?: string | undefined;
  readonly number?: string | undefined;
  readonly title?: string | undefined;
  /** The id of the build that was found for one like "the newest run of main". */
  readonly foundId?: string | undefined;
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
