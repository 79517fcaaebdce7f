// `vpo-watch`: builds watched until all of them have ended.
import { spawn } from 'node:child_process';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { type BuildEvent, fileEventStore } from '../event-store';
import { PollingManager } from '../manager';
import { createMetrics, serveMetrics } from '../metrics';
import { type BuildStatus, GitPlatform } from '../model';
import { BuildStatusPoller } from '../poller';
import { parseTarget, type Target } from '../targets';
import { adaptersOf, SECRETS } from './adapters';
import { type Display, jsonDisplay, lineDisplay, printable, type Row, tableDisplay } from './display';
import { codeOf, EXIT, worst } from './exit-codes';
import type { Io } from './io';
import { parsePort } from './ports';
import { addServe } from './serve';
import { BadSettings, printSettings, readSettings } from './settings';

const DRAW_MS = 1000;

const HELP = `
A build is written as PLATFORM:ID:
  github:octo:repo:123            the run 123 of octo/repo
  github:octo/repo@main           the newest run of that branch (or commit); github:octo/repo#12 of a pull request
  gitlab:group%2Fproject:45       the pipeline 45 of group/project (or of the project with that id)
  gitlab:group%2Fproject@main     the newest pipeline of that branch; gitlab:group%2Fproject!12 of a merge request
  jenkins:folder/job:7            the build 7 of that job; jenkins:queue:123 follows an item of the queue

Tokens come from the environment: GITHUB_TOKEN, GITLAB_TOKEN, JENKINS_USER and JENKINS_TOKEN, or from the file that
GITHUB_TOKEN_FILE and so on name; or GITHUB_APP_ID with GITHUB_APP_INSTALLATION_ID and GITHUB_APP_PRIVATE_KEY, and
GITLAB_OAUTH_FILE with GITLAB_OAUTH_CLIENT_ID, whose tokens are renewed. JENKINS_URL says where Jenkins is, GITHUB_API_URL and GITLAB_URL name servers of
your own; HTTPS_PROXY and NO_PROXY are kept to. So do settings: BUILD_POLL_INTERVAL, BUILD_MAX_POLL_TIME,
BUILD_MAX_CONSECUTIVE_ERRORS, GITHUB_API_TIMEOUT, GITLAB_API_TIMEOUT,
JENKINS_API_TIMEOUT (milliseconds); --print-config shows what holds.

Exit code: 0 all succeeded, 1 one failed, 2 usage, 3 one was cancelled, 4 not ended at the deadline,
5 not found, not authorized or lost. Of several the first of 5, 1, 3, 4, 0 that occurs.

Examples:
  vpo-watch github:octo:repo:123
  vpo-watch --json --timeout 30m github:octo:repo:123 github:octo:other:45 > events.ndjson
  vpo-watch --on-end 'notify-send "$VPO_TARGET: $VPO_CONCLUSION"' github:octo:repo:123`;

interface Options {
  readonly json?: boolean;
  readonly timeout?: number;
  readonly onEnd?: string;
  readonly events?: string;
  readonly metricsPort?: number;
  readonly config?: string;
  readonly printConfig?: boolean;
}

/** `90`, `90s`, `30m`, `2h` as milliseconds. */
export function parseDuration(text: string): number {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)(s|m|h)?$/.exec(text) ?? [];
  const ms = Number(amount) * { s: 1000, m: 60_000, h: 3_600_000 }[unit as 's' | 'm' | 'h'];
  if (!(ms > 0)) throw new InvalidArgumentError('Write it as 90s, 30m or 2h.');
  return ms;
}

/** Runs what is to be run when a build has ended; what it prints goes where our messages go. */
function runOnEnd(command: string, { target, status, error }: Row, { env, err }: Io): void {
  const told = {
    VPO_TARGET: target.name,
    VPO_STATUS: status?.status ?? '',
    VPO_CONCLUSION: status?.conclusion ?? '',
    VPO_URL: status?.url ?? '',
    VPO_ERROR: error?.message ?? status?.error ?? '',
  };
  // Tokens are nothing that a hook has to know.
  const rest = Object.fromEntries(Object.entries(env).filter(([name]) => !SECRETS.includes(name)));
  const child = spawn(command, {
    shell: true,
    env: { ...rest, ...told },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  child.on('error', (problem) => err.write(`--on-end: ${problem.message}\n`));
}

function displayOf(options: Options, builds: number, { out }: Io): Display {
  if (options.json) return jsonDisplay(out);
  return out.isTTY && out.rows > builds ? tableDisplay(out, Date.now) : lineDisplay(out, Date.now);
}

/** Resolves with the exit code. `stop` settles the watching early. */
async function watchAll(
  targets: readonly Target[],
  options: Options,
  io: Io,
  stop: AbortSignal,
): Promise<number> {
  const settings = readSettings(io.env, options.config);
  const display = displayOf(options, targets.length, io);
  const file = options.events === undefined ? null : fileEventStore(options.events);
  const rows = new Map<string, Row>(
    targets.map((target) => [target.buildId, { target, status: null, polling: null, error: null }]),
  );
  const store = {
    async append(event: BuildEvent) {
      display.event(event);
      await file?.append(event);
    },
  };
  const logger = {
    error(message: string, context: Readonly<Record<string, unknown>>) {
      if (message !== 'Polling error')
        io.err.write(`${printable(`${message}: ${JSON.stringify(context)}`)}\n`);
    },
  };
  const timed = options.timeout === undefined ? settings : { ...settings, maxPollTime: options.timeout };
  const metrics = createMetrics();
  const server = options.metricsPort === undefined ? null : await serveMetrics(metrics, options.metricsPort);
  const { observer } = metrics;
  const poller = new BuildStatusPoller(adaptersOf(io.env), store, logger, timed, undefined, observer);
  const manager = new PollingManager(poller);
  const put = (buildId: string, changes: Partial<Row>) =>
    rows.set(buildId, { ...rows.get(buildId)!, ...changes });
  const draw = () => {
    for (const buildId of rows.keys()) {
      const polling = manager.getPollingStatus(buildId);
      if (polling) put(buildId, { polling, status: polling.last ?? null });
    }
    display.draw([...rows.values()]);
  };
  const timer = setInterval(draw, DRAW_MS);
  const done = new AbortController();
  const stopAll = () => {
    for (const buildId of manager.getActivePolls()) void manager.stopPolling(buildId);
  };
  stop.addEventListener('abort', stopAll, { signal: done.signal });
  const codes = await Promise.all(
    targets.map(async ({ buildId, platform }) => {
      const end = await manager.startPolling(buildId, platform).catch((error: Error) => error);
      put(
        buildId,
        end instanceof Error ? { error: end, polling: null } : { status: end as BuildStatus, polling: null },
      );
      const row = rows.get(buildId)!;
      display.ended(row);
      if (options.onEnd) runOnEnd(options.onEnd, row, io);
      return codeOf(end);
    }),
  );
  done.abort();
  server?.close();
  server?.closeAllConnections();
  clearInterval(timer);
  draw();
  display.close();
  return stop.aborted ? EXIT.STOPPED : worst(codes);
}

/** `argv` without the program's name. */
export async function main(argv: readonly string[], io: Io, stop: AbortSignal): Promise<number> {
  let code: number = EXIT.SUCCESS;
  const command = new Command('vpo-watch')
    .description('Watches builds until they have ended.')
    .argument('[builds...]', 'what to watch, as PLATFORM:ID')
    .option('--json', 'print events as newline JSON')
    .option('--timeout <duration>', 'stop waiting after this (90s, 30m, 2h)', parseDuration)
    .option(
      '--on-end <command>',
      'run this in a shell for each build that has ended; VPO_TARGET, VPO_STATUS, VPO_CONCLUSION, VPO_URL and VPO_ERROR tell it which',
    )
    .option('--events <file>', 'append all events to this file, as newline JSON')
    .option('--metrics-port <port>', 'measurements for Prometheus, at http://127.0.0.1:PORT', parsePort)
    .option('--config <file>', 'settings, as YAML')
    .option('--print-config', 'print the settings that hold, and end')
    .addHelpText('after', HELP)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out.write(text), writeErr: (text) => io.err.write(text) })
    .action(async (builds: string[], options: Options) => {
      if (options.printConfig) {
        io.out.write(printSettings(readSettings(io.env, options.config)));
        return;
      }
      if (!builds.length) {
        io.err.write('There is nothing to watch: name a build, for example github:octo:repo:123.\n');
        code = EXIT.NOTHING;
        return;
      }
      const targets = [...new Set(builds)].map(parseTarget);
      if (!io.env.JENKINS_URL && targets.some(({ platform }) => platform === GitPlatform.JENKINS))
        throw new Error('JENKINS_URL must say where Jenkins is.');
      code = await watchAll(targets, options, io, stop);
    });
  addServe(command, io, stop);
  try {
    await command.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode ? EXIT.USAGE : EXIT.SUCCESS;
    const { message } = error as Error;
    io.err.write(`${printable(message)}\n`);
    return EXIT.USAGE;
  }
  return code;
}

export { BadSettings };
