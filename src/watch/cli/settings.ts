// Settings of the watcher: environment before file before defaults. What can't be read is said with its file, line and key.
import { readFileSync } from 'node:fs';
import { Document, isMap, isScalar, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { GitPlatform } from '../model';
import { type BuildPollingSettings, DEFAULTS, type PlatformSettings } from '../settings';

/** A mistake in the settings; its message is a sentence. */
export class BadSettings extends Error {}

interface Key {
  readonly variable: string;
  /** In the file. */
  readonly path: readonly string[];
  readonly low: number;
  readonly high: number;
  get(settings: BuildPollingSettings): number;
  with(settings: BuildPollingSettings, value: number): BuildPollingSettings;
}

type Plain = Exclude<keyof BuildPollingSettings, 'platforms'>;

const plain = (name: Plain, variable: string, key: string, low: number, high: number): Key => ({
  variable,
  path: ['polling', key],
  low,
  high,
  get: (settings) => settings[name],
  with: (settings, value) => ({ ...settings, [name]: value }),
});

const ofPlatform = (
  platform: GitPlatform,
  name: keyof PlatformSettings,
  variable: string,
  key: string,
  low: number,
  high: number,
): Key => ({
  variable: `${platform.toUpperCase()}_${variable}`,
  path: ['platforms', platform, key],
  low,
  high,
  get: ({ platforms }) => platforms[platform][name],
  with: (settings, value) => ({
    ...settings,
    platforms: { ...settings.platforms, [platform]: { ...settings.platforms[platform], [name]: value } },
  }),
});

/** Each setting: its environment variable, its place in the file, the least and the most that it may be. */
const KEYS: readonly Key[] = [
  plain('interval', 'BUILD_POLL_INTERVAL', 'interval', 1000, 3_600_000),
  plain('maxPollTime', 'BUILD_MAX_POLL_TIME', 'max_poll_time', 1000, 604_800_000),
  plain('maxConsecutiveErrors', 'BUILD_MAX_CONSECUTIVE_ERRORS', 'max_consecutive_errors', 1, 1000),
  plain('backoffMultiplier', 'BUILD_BACKOFF_MULTIPLIER', 'backoff_multiplier', 1, 10),
  ...Object.values(GitPlatform).flatMap((platform) => [
    ofPlatform(platform, 'timeout', 'API_TIMEOUT', 'timeout', 100, 600_000),
    ofPlatform(platform, 'retryAttempts', 'RETRY_ATTEMPTS', 'retry_attempts', 0, 10),
  ]),
];

const KNOWN = KEYS.map(({ path }) => path.join('.')).join(', ');

function numberOf(text: unknown, { low, high }: Key, where: string): number {
  const value = typeof text === 'string' && text.trim() ? Number(text) : text;
  if (typeof value !== 'number' || !Number.isFinite(value) || value < low || value > high)
    throw new BadSettings(`${where} must be a number from ${low} to ${high}, not ${JSON.stringify(text)}`);
  return value;
}

/** Which place of the file has which value. */
type Found = (readonly [Key, number])[];

function readMapping(
  node: Node | null,
  above: readonly string[],
  whereOf: (node: Node | null, names: readonly string[]) => string,
): Found {
  if (!isMap(node)) throw new BadSettings(`${whereOf(node, above)} must be a mapping`);
  return (node as YAMLMap<Node, Node | null>).items.flatMap(({ key, value }): Found => {
    const names = [...above, isScalar(key) ? `${key.value}` : '?'];
    const where = whereOf(key, names);
    const found = KEYS.find(({ path }) => path.join() === names.join());
    if (found) return [[found, numberOf(isScalar(value) ? value.value : value?.toJSON(), found, where)]];
    if (KEYS.some(({ path }) => path.join().startsWith(`${names.join()},`)))
      return readMapping(value, names, whereOf);
    throw new BadSettings(`${where} is not known; known are ${KNOWN}`);
  });
}

/** `path`: of a YAML file; its sections are `polling` and `platforms`. */
function readFile(path: string): Found {
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
  const whereOf = (node: Node | null, names: readonly string[]) =>
    `${path}:${lineOf(node?.range?.[0])}: ${names.join('.') || 'the file'}`;
  return document.contents ? readMapping(document.contents as Node, [], whereOf) : [];
}

export function readSettings(
  env: Readonly<Record<string, string | undefined>>,
  path?: string | undefined,
): BuildPollingSettings {
  let settings = DEFAULTS;
  for (const [key, value] of path ? readFile(path) : []) settings = key.with(settings, value);
  for (const key of KEYS) {
    const text = env[key.variable];
    if (text) settings = key.with(settings, numberOf(text, key, key.variable));
  }
  return settings;
}

/** As the file has them. */
export function printSettings(settings: BuildPollingSettings): string {
  const document = new Document({});
  for (const key of KEYS) document.setIn(key.path, key.get(settings));
  return String(document);
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
