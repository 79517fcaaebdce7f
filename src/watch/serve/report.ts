// A build as the server's interface wants it.
import { type BuildStatus, type BuildStep, type GitPlatform, jobStatus } from '../model';
import type { PollingStatus } from '../poller';

const LONGEST_NAME = 1024;

const name = (text: string): string => text.slice(0, LONGEST_NAME) || '?';

/** Stages become parts of names of files there. */
export const stageId = (id: string): string =>
  id
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64) || 'stage';

const stateOf = ({ state, conclusion, startTime, endTime }: Omit<BuildStep, 'name'>) => ({
  status: jobStatus(state),
  conclusion: conclusion ?? null,
  started_at: startTime?.toISOString() ?? null,
  completed_at: endTime?.toISOString() ?? null,
});

const isAddress = (url: string | undefined): url is string => /^https?:\/\//.test(url ?? '');

/** What is in the way of watching, or slows it down. */
function watchMessage({ error, stretchedTo }: PollingStatus): string | null {
  if (error) return error;
  if (!stretchedTo) return null;
  return `Looked at every ${Math.round(stretchedTo / 1000)} s, to spare the limit of the account`;
}

export function reportOf(
  platform: GitPlatform,
  status: BuildStatus,
  polling: PollingStatus,
): Record<string, unknown> {
  const { foundId, buildId } = status;
  return {
    platform,
    pinned: foundId && foundId !== buildId ? `${platform}:${foundId}` : null,
    ...stateOf({ ...status, state: status.status }),
    attempt: status.attempt ?? null,
    waiting_reason: status.waitingReason ?? null,
    error_message: status.error ?? null,
    summary: status.title ?? null,
    project: status.project?.slice(0, 100) ?? null,
    number: status.number ?? null,
    url: isAddress(status.url) ? status.url : null,
    raw_status: status.rawStatus?.slice(0, 100) ?? null,
    watch_message: watchMessage(polling),
    stages: (status.stages ?? []).map((stage) => ({
      ...stateOf(stage),
      id: stageId(stage.id),
      name: name(stage.name),
      steps: stage.steps.map((step) => ({ ...stateOf(step), name: name(step.name) })),
    })),
    artifacts: (status.artifacts ?? [])
      .filter(({ url }) => isAddress(url))
      .map((artifact) => ({
        name: name(artifact.name),
        url: artifact.url,
        size: artifact.size ?? null,
        expires_at: artifact.expiresAt?.toISOString() ?? null,
      })),
  };
}
