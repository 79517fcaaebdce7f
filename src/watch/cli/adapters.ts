// The platforms as the environment describes them.
import type { IPlatformAdapter } from '../adapter';
import { GitPlatform } from '../model';
import { GitHubActionsAdapter, type GitHubApp } from '../platforms/github';
import { GitLabAdapter } from '../platforms/gitlab';
import { OAuthToken } from '../platforms/gitlab-oauth';
import { JenkinsAdapter } from '../platforms/jenkins';
import type { Io } from './io';
import { BadSettings, readToken } from './settings';

/** Variables that hold what nobody else should know. */
export const SECRETS: readonly string[] = [
  'GITHUB_TOKEN',
  'GITHUB_APP_PRIVATE_KEY',
  'GITLAB_TOKEN',
  'GITLAB_OAUTH_CLIENT_SECRET',
  'JENKINS_TOKEN',
  'VPO_REPORT_TOKEN',
];

function readApp(env: Io['env']): GitHubApp | undefined {
  const appId = env.GITHUB_APP_ID;
  if (!appId) return undefined;
  const installationId = Number(env.GITHUB_APP_INSTALLATION_ID);
  const privateKey = readToken(env, 'GITHUB_APP_PRIVATE_KEY');
  if (!(installationId > 0) || !privateKey)
    throw new BadSettings(
      'GITHUB_APP_ID goes with GITHUB_APP_INSTALLATION_ID (a number) and GITHUB_APP_PRIVATE_KEY or GITHUB_APP_PRIVATE_KEY_FILE',
    );
  // In a variable a key often has its line ends written out.
  return { appId, installationId, privateKey: privateKey.replaceAll('\\n', '\n') };
}

function readOAuth(env: Io['env'], host = 'https://gitlab.com'): OAuthToken | undefined {
  const { GITLAB_OAUTH_FILE: file, GITLAB_OAUTH_CLIENT_ID: clientId } = env;
  if (!file) return undefined;
  if (!clientId) throw new BadSettings('GITLAB_OAUTH_FILE goes with GITLAB_OAUTH_CLIENT_ID');
  const clientSecret = readToken(env, 'GITLAB_OAUTH_CLIENT_SECRET');
  return new OAuthToken({ file, clientId, clientSecret, host: host.replace(/\/+$/, '') });
}

export function adaptersOf(env: Io['env']): Map<GitPlatform, IPlatformAdapter> {
  const app = readApp(env);
  const github = {
    ...(app ? { app } : { token: readToken(env, 'GITHUB_TOKEN') }),
    baseUrl: env.GITHUB_API_URL || undefined,
  };
  const host = env.GITLAB_URL || undefined;
  const gitlab = { token: readToken(env, 'GITLAB_TOKEN'), oauth: readOAuth(env, host), host };
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
    github: !!(readToken(env, 'GITHUB_TOKEN') || env.GITHUB_APP_ID || env.GITHUB_API_URL),
    gitlab: !!(readToken(env, 'GITLAB_TOKEN') || env.GITLAB_OAUTH_FILE || env.GITLAB_URL),
    jenkins: !!env.JENKINS_URL,
  };
  return new Map([...adaptersOf(env)].filter(([platform]) => isSet[platform]));
}
