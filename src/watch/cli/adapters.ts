// The platforms as the environment describes them.
import type { IPlatformAdapter } from '../adapter';
import { GitPlatform } from '../model';
import { GitHubActionsAdapter } from '../platforms/github';
import { GitLabAdapter } from '../platforms/gitlab';
import { JenkinsAdapter } from '../platforms/jenkins';
import type { Io } from './io';
import { readToken } from './settings';

export function adaptersOf(env: Io['env']): Map<GitPlatform, IPlatformAdapter> {
  const github = { token: readToken(env, 'GITHUB_TOKEN'), baseUrl: env.GITHUB_API_URL || undefined };
  const gitlab = { token: readToken(env, 'GITLAB_TOKEN'), host: env.GITLAB_URL || undefined };
  const adapters = new Map<GitPlatform, IPlatformAdapter>([
    [GitPlatform.GITHUB, new GitHubActionsAdapter(github)],
    [GitPlatform.GITLAB, new GitLabAdapter(gitlab)],
  ]);
  const { JENKINS_URL: url, JENKINS_USER: user } = env;
  if (url)
    adapters.set(
      GitPlatform.JENKINS,
      new JenkinsAdapter({ url, user, token: readToken(env, 'JENKINS_TOKEN') }),
    );
  return adapters;
}

/** Those whose builds may be watched without anybody asking for one by name: a token or an address is set for them. */
export function configuredAdapters(env: Io['env']): Map<GitPlatform, IPlatformAdapter> {
  const isSet: Readonly<Record<GitPlatform, boolean>> = {
    github: !!(readToken(env, 'GITHUB_TOKEN') || env.GITHUB_API_URL),
    gitlab: !!(readToken(env, 'GITLAB_TOKEN') || env.GITLAB_URL),
    jenkins: !!env.JENKINS_URL,
  };
  return new Map([...adaptersOf(env)].filter(([platform]) => isSet[platform]));
}
