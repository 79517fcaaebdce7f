// A build of a real platform, where somebody names one: VPO_LIVE_GITHUB=owner:repo:runId, VPO_LIVE_GITLAB=project:pipelineId or
// VPO_LIVE_JENKINS=job:number, with the tokens and addresses that `vpo-watch` takes. Nobody needs them in order to pass.
import { expect, it } from 'vitest';
import { adaptersOf } from '../../src/watch/cli/adapters';
import { GitPlatform } from '../../src/watch/model';
import { parseTarget } from '../../src/watch/targets';

const named = Object.values(GitPlatform).flatMap((platform) => {
  const build = process.env[`VPO_LIVE_${platform.toUpperCase()}`];
  return build ? [parseTarget(`${platform}:${build}`)] : [];
});

it('what is named to be looked at is a build of a platform that is set up', () => {
  const adapters = adaptersOf(process.env);
  for (const { name, platform } of named) expect(adapters.has(platform), name).toBe(true);
});

for (const { name, platform, buildId } of named)
  it(`${name} is seen, with a status that is known`, async () => {
    const status = await adaptersOf(process.env).get(platform)!.getBuildStatus(buildId);
    expect(status).toMatchObject({ buildId, url: expect.stringMatching(/^https?:/) });
    expect(status.isUnknown, status.rawStatus).toBeUndefined();
  });
