// What the watcher needs of a platform.
import type { BuildStatus } from './model';

export interface IPlatformAdapter {
  /** Host and token, without telling the token: limits are shared by all builds with the same. */
  readonly account: string;
  /**
   * The build as it is now. Throws a PlatformError; `signal` aborts what is under way. Logs and artifacts that can't be had
   * never keep the status from being told.
   */
  getBuildStatus(buildId: string, options?: { readonly signal?: AbortSignal }): Promise<BuildStatus>;
  /** Tries to get a new token after a 401. False: there is none to be had. */
  refreshAuthentication?(): Promise<boolean>;
}
