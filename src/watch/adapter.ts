// What the watcher needs of a platform.
import type { BuildStatus, LogPiece, Recollection } from './model';

/** What an account may still ask of its host. */
export interface Budget {
  readonly remaining: number;
  /** When all of it is there again: wall clock, milliseconds. */
  readonly resetsAt: number;
}

export interface IPlatformAdapter {
  /** Host and token, without telling the token: limits are shared by all builds with the same. */
  readonly account: string;
  /**
   * The build as it is now. Throws a PlatformError; `signal` aborts what is under way. Logs and artifacts that can't be had
   * never keep the status from being told.
   */
  getBuildStatus(buildId: string, options?: { readonly signal?: AbortSignal }): Promise<BuildStatus>;
  /** As of the last answer; null where the platform tells nothing of it. */
  readonly budget?: Budget | null;
  /** Takes logs as they come, in place of `logs` in the status. */
  takeLog?: ((buildId: string, piece: LogPiece) => void) | undefined;
  /** Goes on where another process has ended. */
  recall?(buildId: string, known: Recollection): void;
  /** Forgets a build that is watched no longer. */
  forget?(buildId: string): void;
  /** Tries to get a new token after a 401. False: there is none to be had. */
  refreshAuthentication?(): Promise<boolean>;
}
