// What is to be watched, as it is written on the command line: `github:owner:repo:runId`,
// `gitlab:project:pipelineId`, `jenkins:folder/job:number`.
import { GitPlatform } from './model';
import { parseGitHubBuild } from './platforms/github';
import { parseGitLabBuild } from './platforms/gitlab';
import { parseJenkinsBuild } from './platforms/jenkins';

export interface Target {
  readonly platform: GitPlatform;
  readonly buildId: string;
  /** As it was written. */
  readonly name: string;
}

/** Throws an Error whose message says how it is written. */
export function parseTarget(name: string): Target {
  const at = name.indexOf(':');
  const [platform, buildId] = [name.slice(0, Math.max(at, 0)), name.slice(at + 1)];
  if (platform === GitPlatform.GITHUB) parseGitHubBuild(buildId);
  else if (platform === GitPlatform.GITLAB) parseGitLabBuild(buildId);
  else if (platform === GitPlatform.JENKINS) parseJenkinsBuild(buildId);
  else
    throw new Error(
      `'${name}' is no build that can be watched: write github:owner:repo:runId, gitlab:project:pipelineId or jenkins:folder/job:number`,
    );
  return { platform, buildId, name };
}
