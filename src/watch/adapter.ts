// What the watcher needs of a platform.
import type { BuildStatus } from './model';

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
  /** Tries to get a new token after a 401. False: there is none to be had. */
  refreshAuthentication?(): Promise<boolean>;
}
