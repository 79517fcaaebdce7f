// Logins that are renewed: a GitHub App's, and GitLab's OAuth by several processes at a time.
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { adaptersOf, configuredAdapters } from '../../src/watch/cli/adapters';
import { GitHubActionsAdapter } from '../../src/watch/platforms/github';
import { GitLabAdapter } from '../../src/watch/platforms/gitlab';
import { OAuthToken } from '../../src/watch/platforms/gitlab-oauth';
import { FakeGitHub } from './support/github';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vpo-login-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

describe('a GitHub App', () => {
  let github: FakeGitHub;
  let baseUrl: string;
  beforeEach(async () => {
    github = new FakeGitHub([{ run: { status: 'queued' } }]);
    baseUrl = await github.start();
  });
  afterEach(() => github.stop());
  const adapter = () =>
    new GitHubActionsAdapter({ baseUrl, app: { appId: '7', installationId: 5, privateKey } });

  it('gets a token once, and uses it until it ends', async () => {
    const app = adapter();
    for (let i = 0; i < 3; i++) await app.getBuildStatus('octo:repo:123');
    expect(github.given).toHaveLength(1);
    expect([...github.authorizations].filter((one) => one.startsWith('token'))).toEqual([
      `token ${github.given[0]}`,
    ]);
    expect(app.account).not.toContain(github.given[0]);
  });

  it('gets another one when the one that it has is refused', async () => {
    const app = adapter();
    await app.getBuildStatus('octo:repo:123');
    // A token that is refused in its first seconds is tried again by the client, after a real pause.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
    github.accepts = new Set();
    await expect(app.getBuildStatus('octo:repo:123')).rejects.toMatchObject({ refusal: 'unauthorized' });
    expect(await app.refreshAuthentication()).toBe(true);
    vi.setSystemTime(Date.now() + 60_000);
    github.accepts.add(`token ${github.given.at(-1)}`);
    expect((await app.getBuildStatus('octo:repo:123')).status).toBe('queued');
  });

  it('a token of a person can not be renewed', async () => {
    expect(await new GitHubActionsAdapter({ baseUrl, token: 'x' }).refreshAuthentication()).toBe(false);
  });

  it('is read from the environment, its key from a file or with its line ends written out', async () => {
    writeFileSync(join(folder, 'key'), privateKey);
    const env = { GITHUB_APP_ID: '7', GITHUB_APP_INSTALLATION_ID: '5', GITHUB_API_URL: baseUrl };
    for (const key of [
      { GITHUB_APP_PRIVATE_KEY_FILE: join(folder, 'key') },
      { GITHUB_APP_PRIVATE_KEY: privateKey.replaceAll('\n', '\\n') },
    ]) {
      const app = configuredAdapters({ ...env, ...key }).get('github')!;
      expect((await app.getBuildStatus('octo:repo:123')).status).toBe('queued');
    }
    expect(() => adaptersOf(env)).toThrow(/GITHUB_APP_PRIVATE_KEY/);
    expect(() => adaptersOf({ ...env, GITHUB_APP_INSTALLATION_ID: 'x' })).toThrow(/a number/);
  });
});

describe("GitLab's OAuth", () => {
  let host: string;
  let server: Server;
  let valid: { access: string; refresh: string };
  let renewals: string[];
  let file: string;
  const written = (access_token: string, refresh_token: string) =>
    writeFileSync(file, JSON.stringify({ access_token, refresh_token, scope: 'read_api' }));

  beforeEach(async () => {
    file = join(folder, 'tokens.json');
    valid = { access: 'a0', refresh: 'r0' };
    renewals = [];
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const send = (status: number, json: object) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
      if (request.url === '/oauth/token') {
        renewals.push(body);
        if (!body.includes(`refresh_token=${valid.refresh}&`)) return send(400, { error: 'invalid_grant' });
        const n = renewals.length;
        valid = { access: `a${n}`, refresh: `r${n}` };
        return send(200, { access_token: `a${n}`, refresh_token: `r${n}`, expires_in: 7200 });
      }
      if (request.headers.authorization !== `Bearer ${valid.access}`) return send(401, {});
      const isList = /jobs|bridges/.test(request.url!);
      return send(200, isList ? [] : { status: 'running', created_at: '2026-11-26T10:00:00Z', web_url: 'x' });
    });
    host = await new Promise((resolve) =>
      server.listen(0, '127.0.0.1', () =>
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
      ),
    );
    written('a0', 'r0');
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const adapter = () =>
    new GitLabAdapter({ host, oauth: new OAuthToken({ file, host, clientId: 'me', clientSecret: 'hush' }) });
  /** As a watch looks: once more after a renewal. */
  const look = async (one: GitLabAdapter) =>
    one.getBuildStatus('12:45').catch(async (error: unknown) => {
      if (!(await one.refreshAuthentication())) throw error;
      return one.getBuildStatus('12:45');
    });

  it('is renewed when it is refused, and kept for the next process', async () => {
    const first = adapter();
    await look(first);
    valid.access = 'ended';
    expect((await look(first)).status).toBe('in_progress');
    expect(renewals).toHaveLength(1);
    expect(renewals[0]).toContain('grant_type=refresh_token');
    expect(renewals[0]).toContain('client_id=me&client_secret=hush');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ access_token: 'a1', refresh_token: 'r1' });
    expect(statSync(file).mode & 0o077).toBe(0);
    expect((await look(adapter())).status).toBe('in_progress');
    expect(renewals).toHaveLength(1);
  });

  it('is renewed once for all that notice at the same time', async () => {
    const all = Array.from({ length: 5 }, adapter);
    valid.access = 'ended';
    const statuses = await Promise.all(all.map(look));
    expect(statuses.map(({ status }) => status)).toEqual(Array(5).fill('in_progress'));
    expect(renewals).toHaveLength(1);
  });

  it('that can not be renewed is a matter for a person', async () => {
    written('old', 'old');
    await expect(look(adapter())).rejects.toMatchObject({ refusal: 'unauthorized' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ refresh_token: 'old' });
  });

  it('whose file is not what it should be is said with its name', async () => {
    writeFileSync(file, '{}');
    await expect(adapter().getBuildStatus('12:45')).rejects.toThrow(`${file} must hold JSON`);
  });

  it('is read from the environment', async () => {
    const env = { GITLAB_OAUTH_FILE: file, GITLAB_OAUTH_CLIENT_ID: 'me', GITLAB_URL: `${host}/` };
    expect((await configuredAdapters(env).get('gitlab')!.getBuildStatus('12:45')).status).toBe('in_progress');
    expect(() => adaptersOf({ GITLAB_OAUTH_FILE: file })).toThrow(/GITLAB_OAUTH_CLIENT_ID/);
  });
});
