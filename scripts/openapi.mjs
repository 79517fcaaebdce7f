// `npm run test:openapi`: the fake of GitHub against GitHub's published OpenAPI description. Not among the dependencies: the description
// and the proxy that reads it are 475 MB.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from './run.mjs';

const PACKAGES = ['@octokit/openapi@23.0.2', '@stoplight/prism-cli@5.14.2'];
const folder = join(ROOT, '.build', 'openapi');

if (!existsSync(join(folder, 'node_modules', '.bin', 'prism'))) {
  mkdirSync(folder, { recursive: true });
  const flags = ['--prefix', folder, '--no-audit', '--no-fund', '--loglevel', 'error', '--ignore-scripts'];
  if (!run('npm', ['install', ...flags, ...PACKAGES])) process.exit(1);
}
process.exit(run('npx', ['playwright', 'test', '--project=openapi']) ? 0 : 1);
