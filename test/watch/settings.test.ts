// Settings of the watcher: where they come from, and what is said of those that can't be.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BadSettings, printSettings, readSettings, readToken } from '../../src/watch/cli/settings';
import { DEFAULTS } from '../../src/watch/settings';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vpo-watch-'));
  file = join(folder, 'watch.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (text: string) => writeFileSync(file, text);

describe('settings', () => {
  it('are the defaults, then the file, then the environment', () => {
    write(
      'polling:\n  interval: 20000 # 20 seconds\n  max_poll_time: 60000\nplatforms:\n  github:\n    timeout: 5000\n',
    );
    expect(readSettings({})).toEqual(DEFAULTS);
    expect(readSettings({}, file)).toEqual({
      ...DEFAULTS,
      interval: 20_000,
      maxPollTime: 60_000,
      platforms: { ...DEFAULTS.platforms, github: { timeout: 5000, retryAttempts: 3 } },
    });
    expect(readSettings({ BUILD_POLL_INTERVAL: '30000', BUILD_MAX_POLL_TIME: '' }, file)).toMatchObject({
      interval: 30_000,
      maxPollTime: 60_000,
    });
  });

  it('that are printed can be read again', () => {
    const platforms = { ...DEFAULTS.platforms, gitlab: { timeout: 1000, retryAttempts: 0 } };
    const settings = { ...DEFAULTS, interval: 1234, backoffMultiplier: 3, platforms };
    write(printSettings(settings));
    expect(readSettings({}, file)).toEqual(settings);
  });

  it('of an empty file are the defaults', () => {
    write('# nothing yet\n');
    expect(readSettings({}, file)).toEqual(DEFAULTS);
  });

  it.each([
    [
      'polling:\n  interval: soon\n',
      /watch\.yaml:2: polling\.interval must be a number from 1000 to 3600000, not "soon"/,
    ],
    ['polling:\n  interval: 5\n', /watch\.yaml:2: polling\.interval must be/],
    [
      'polling:\n  intervall: 5000\n',
      /watch\.yaml:2: polling\.intervall is not known; known are polling\.interval/,
    ],
    ['\npoling: {}\n', /watch\.yaml:2: poling is not known/],
    ['polling: 5\n', /watch\.yaml:1: polling must be a mapping/],
    ['polling:\n  interval: [1]\n', /watch\.yaml:2: polling\.interval must be/],
    ['polling:\n\tinterval: 5\n', /watch\.yaml:2: /],
    ['a: b: c\n', /watch\.yaml:1: /],
  ])('that can not be: %j', (text, sentence) => {
    write(text);
    expect(() => readSettings({}, file)).toThrow(BadSettings);
    expect(() => readSettings({}, file)).toThrow(sentence);
  });

  it('of the environment name the variable', () => {
    expect(() => readSettings({ BUILD_MAX_CONSECUTIVE_ERRORS: 'ten' })).toThrow(
      'BUILD_MAX_CONSECUTIVE_ERRORS must be a number from 1 to 1000, not "ten"',
    );
  });
});

it('a token file that is not there is said', () => {
  expect(readToken({}, 'GITHUB_TOKEN')).toBeUndefined();
  expect(() => readToken({ GITHUB_TOKEN_FILE: join(folder, 'no') }, 'GITHUB_TOKEN')).toThrow(
    /GITHUB_TOKEN_FILE.*ENOENT/,
  );
});
