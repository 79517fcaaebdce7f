// `npm run test:browsers`: the essential journeys in the distribution's Firefox and WebKit. Fails with one sentence per
// missing program; its last line says how many journeys passed and failed.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findFirefox } from './browser.mjs';
import { ask, run, tee } from './run.mjs';

const hasMiniBrowser = () =>
  existsSync('/usr/lib') &&
  readdirSync('/usr/lib').some((library) =>
    ['4.1', '4.0'].some((version) =>
      existsSync(join('/usr/lib', library, `webkit2gtk-${version}`, 'MiniBrowser')),
    ),
  );

const NEEDED = [
  [findFirefox(), 'Firefox is missing: apt-get install firefox-esr (or set FIREFOX_PATH).'],
  [
    ask('which', ['WebKitWebDriver']) && hasMiniBrowser(),
    'WebKit is missing: apt-get install webkit2gtk-driver.',
  ],
  [ask('which', ['xvfb-run']), 'A display for WebKit is missing: apt-get install xvfb.'],
];

const missing = NEEDED.filter(([found]) => !found);
for (const [, sentence] of missing) console.error(sentence);
if (missing.length || !run('node', ['scripts/ensure.mjs', 'node', 'python', 'browser'])) process.exit(1);

const { ok, output } = await tee('xvfb-run', [
  '--auto-servernum',
  ...['npx', 'playwright', 'test', '--project=firefox', '--project=webkit', ...process.argv.slice(2)],
]);
const count = (word) => Number(new RegExp(`^ *(\\d+) ${word}`, 'm').exec(output)?.[1] ?? 0);
console.log(`\n${count('passed')} passed, ${count('failed')} failed`);
process.exit(ok ? 0 : 1);
