// Many builds, each watched once.
import type { BuildStatus, GitPlatform } from './model';
import type { IBuildStatusPoller, PollingStatus, Resumption } from './poller';

export class PollingManager {
  private readonly active = new Map<string, Promise<BuildStatus>>();

  constructor(private readonly poller: IBuildStatusPoller) {}

  /** As the poller's. Rejects at once for a build that is being watched already. */
  async startPolling(buildId: string, platform: GitPlatform, from?: Resumption): Promise<BuildStatus> {
    if (this.active.has(buildId)) throw new Error(`Already polling build: ${buildId}`);
    const polling = this.poller.startPolling(buildId, platform, from);
    this.active.set(buildId, polling);
    try {
      return await polling;
    } finally {
      this.active.delete(buildId);
    }
  }

  /** Settles once the build is no longer watched, also where a request is under way. */
  async stopPolling(buildId: string): Promise<void> {
    const polling = this.active.get(buildId);
    await this.poller.stopPolling(buildId);
    await polling?.catch(() => {});
  }

  /** Null for a build that is not watched. */
  getPollingStatus(buildId: string): PollingStatus | null {
    return this.active.has(buildId) ? this.poller.getPollingStatus(buildId) : null;
  }

  getActivePolls(): string[] {
    return [...this.active.keys()];
  }
}
