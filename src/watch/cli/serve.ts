// `vpo-watch serve`: watches the builds that a server's users ask for.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { createMetrics, serveMetrics } from '../metrics';
import { Server } from '../serve/server';
import { WatchService } from '../serve/service';
import { configuredAdapters } from './adapters';
import { printable } from './display';
import type { Io } from './io';
import { parsePort } from './ports';
import { readSettings, readToken } from './settings';

const HELP = `
Which platforms it watches follows from the environment: GITHUB_TOKEN (or GITHUB_API_URL), GITLAB_TOKEN (or GITLAB_URL),
JENKINS_URL with JENKINS_USER and JENKINS_TOKEN. Without any of them it says so and waits to be ended.

The server's token is that of a reporter, from VPO_REPORT_TOKEN or the file that VPO_REPORT_TOKEN_FILE names:
  vpo token create --scope report --name watcher

Any number of watchers may run: all builds of one host and token are watched by one of them, and by another
within half a minute when that one is gone.

Example:
  GITHUB_TOKEN=… VPO_REPORT_TOKEN=… vpo-watch serve --server https://jobs.example.org`;

interface Options {
  readonly server: string;
  readonly metricsPort?: number;
  readonly config?: string;
}

function parseServer(text: string): string {
  if (!/^https?:\/\/[^/\s]/.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('Write it as http://localhost:8080.');
  return text;
}

async function serve(options: Options, io: Io, stop: AbortSignal): Promise<void> {
  const settings = readSettings(io.env, options.config);
  const say = (line: string) => io.out.write(`${printable(line)}\n`);
  const adapters = configuredAdapters(io.env);
  if (!adapters.size) {
    say('No builds are watched: that takes GITHUB_TOKEN, GITLAB_TOKEN or JENKINS_URL in the environment.');
    if (!stop.aborted) await once(stop, 'abort');
    return;
  }
  const metrics = createMetrics();
  const port = options.metricsPort === undefined ? null : await serveMetrics(metrics, options.metricsPort);
  const token = readToken(io.env, 'VPO_REPORT_TOKEN');
  const server = new Server({ url: options.server, token, watcher: randomUUID() });
  const logger = { error() {} };
  const { observer } = metrics;
  const service = new WatchService({ server, adapters, settings, logger, observer, say });
  say(`Watching builds of ${[...adapters.keys()].join(', ')} for ${options.server}`);
  await service.run(stop);
  port?.close();
  port?.closeAllConnections();
}

export function addServe(command: Command, io: Io, stop: AbortSignal): void {
  command
    .command('serve')
    .description('Watches the builds that are asked for on the pages of a server.')
    .requiredOption('--server <url>', 'the server that builds are reported to', parseServer)
    .option('--metrics-port <port>', 'measurements for Prometheus, at http://127.0.0.1:PORT', parsePort)
    .option('--config <file>', 'settings, as YAML')
    .addHelpText('after', HELP)
    .action((options: Options) => serve(options, io, stop));
}
