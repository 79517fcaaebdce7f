// Settings of the watcher: environment before file before defaults. What can't be read is said with its file, line and key.
import { readFileSync } from 'node:fs';
import { isMap, isScalar, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { type BuildPollingSettings, DEFAULTS } from '../settings';

/** A mistake in the settings; its message is a sentence. */
export class BadSettings extends Error {}

type Name = keyof BuildPollingSettings;

/** Where each setting is: its environment variable, its section and key in the file, the least and the most that it may be. */
const KEYS: Readonly<
  Record<Name, readonly [env: string, section: readonly string[], low: number, high: number]>
> = {
  interval: ['BUILD_POLL_INTERVAL', ['polling', 'interval'], 1000, 3_600_000],
  maxPollTime: ['BUILD_MAX_POLL_TIME', ['polling', 'max_poll_time'], 1000, 604_800_000],
  maxConsecutiveErrors: ['BUILD_MAX_CONSECUTIVE_ERRORS', ['polling', 'max_consecutive_errors'], 1, 1000],
  backoffMultiplier: ['BUILD_BACKOFF_MULTIPLIER', ['polling', 'backoff_multiplier'], 1, 10],
  timeout: ['GITHUB_API_TIMEOUT', ['platforms', 'github', 'timeout'], 100, 600_000],
  retryAttempts: ['GITHUB_RETRY_ATTEMPTS', ['platforms', 'github', 'retry_attempts'], 0, 10],
};

const NAMES = Object.keys(KEYS) as Name[];

function numberOf(text: unknown, [low, high]: readonly [number, number], where: string): number {
  const value = typeof text === 'string' && text.trim() ? Number(text) : text;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < low || value > high)
    throw new BadSettings(`${where} must be a number from ${low} to ${high}, not ${JSON.stringify(text)}`);
  return value;
}

/** `path`: of a YAML file; its sections are `polling` and `platforms`. */
export function readFile(path: string): Partial<BuildPollingSettings> {
  const lines = new LineCounter();
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new BadSettings(`${path} can't be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  const document = parseDocument(text, { lineCounter: lines });
  const lineOf = (offset = 0) => lines.linePos(offset).line;
  const [mistake] = document.errors;
  if (mistake) throw new BadSettings(`${path}:${lineOf(mistake.pos[0])}: ${mistake.message.split('\n')[0]}`);
  const found: Partial<Record<Name, number>> = {};

  function walk(node: Node | null, above: readonly string[]): void {
    if (!isMap(node))
      throw new BadSettings(
        `${path}:${lineOf(node?.range?.[0])}: ${above.join('.') || 'the file'} must be a mapping`,
      );
    for (const { key, value } of (node as YAMLMap<Node, Node | null>).items) {
      const names = [...above, isScalar(key) ? `${key.value}` : '?'];
      const where = `${path}:${lineOf(key.range?.[0])}: ${names.join('.')}`;
      const name = NAMES.find((one) => KEYS[one][1].join() === names.join());
      const isSection = NAMES.some((one) => KEYS[one][1].join().startsWith(`${names.join()},`));
      if (name)
        found[name] = numberOf(
          isScalar(value) ? value.value : value?.toJSON(),
          [KEYS[name][2], KEYS[name][3]],
          where,
        );
      else if (isSection) walk(value, names);
      else
        throw new BadSettings(
          `${where} is not known; known are ${NAMES.map((one) => KEYS[one][1].join('.')).join(', ')}`,
        );
    }
  }

  if (document.contents) walk(document.contents as Node, []);
  return found;
}

export function readSettings(
  env: Readonly<Record<string, string | undefined>>,
  path?: string | undefined,
): BuildPollingSettings {
  const settings: Record<Name, number> = { ...DEFAULTS, ...(path ? readFile(path) : {}) };
  for (const name of NAMES) {
    const [variable, , low, high] = KEYS[name];
    const text = env[variable];
    if (text !== undefined && text !== '') settings[name] = numberOf(text, [low, high], variable);
  }
  return settings;
}

/** As the file has them. */
export function printSettings(settings: BuildPollingSettings): string {
  const { timeout, retryAttempts } = settings;
  return [
    'polling:',
    `  interval: ${settings.interval}`,
    `  max_poll_time: ${settings.maxPollTime}`,
    `  max_consecutive_errors: ${settings.maxConsecutiveErrors}`,
    `  backoff_multiplier: ${settings.backoffMultiplier}`,
    'platforms:',
    '  github:',
    `    timeout: ${timeout}`,
    `    retry_attempts: ${retryAttempts}`,
    '',
  ].join('\n');
}

/** A token from its variable, or from the file that `…_FILE` names, so that it stands in no process list. */
export function readToken(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined {
  const file = env[`${name}_FILE`];
  if (env[name] || !file) return env[name] || undefined;
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    throw new BadSettings(`${name}_FILE: ${file} can't be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
