// `npm test`: everything, in the order in which a mistake is cheapest to find. Every step runs even after
// a failure, nothing is skipped, and the runners' own closing lines stand at the end.
// `npm test -- lint unit` runs only the named steps.
import { join } from 'node:path';
import { fail, tee, VENV_BIN } from './run.mjs';

const python = (name) => join(VENV_BIN, name);
const STEPS = [
  ['types', [['npx', 'tsc', '--build'], [python('mypy')]]],
  [
    'lint',
    [
      ['npm', 'run', '--silent', 'lint'],
      [python('ruff'), 'check', '.'],
      [python('ruff'), 'format', '--check', '.'],
    ],
  ],
  ['sizes', [['node', 'scripts/sizes.mjs']]],
  ['unit', [['npx', 'vitest', 'run']], /^ *(Test Files|Tests) .*/gm],
  ['server', [[python('python'), '-m', 'pytest']], /^=* ?\d+ (passed|failed).*/gm],
  ['e2e', [['npx', 'playwright', 'test', '--project=e2e']], /^ *\d+ (passed|failed|flaky).*/gm],
];

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !STEPS.some(([step]) => step === name));
if (unknown) fail(`npm test knows the steps ${STEPS.map(([step]) => step).join(', ')}; not '${unknown}'.`);

const env = { ...process.env, NO_COLOR: '1' };
const report = [];
const closing = [];
for (const [step, commands, closes] of STEPS) {
  if (wanted.length && !wanted.includes(step)) continue;
  const began = performance.now();
  let ok = true;
  for (const [command, ...args] of commands) {
    console.log(`\n── ${step}: ${[command.split('/').pop(), ...args].join(' ')}`);
    const result = await tee(command, args, { env, minutes: 25 });
    ok &&= result.ok;
    if (closes) closing.push(...(result.output.match(closes) ?? []).map((line) => line.trim()));
  }
  report.push({ step, ok, seconds: (performance.now() - began) / 1000 });
}

console.log('');
for (const { step, ok, seconds } of report)
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${step.padEnd(8)} ${seconds.toFixed(1)} s`);
console.log('');
for (const line of closing) console.log(line);
process.exit(report.every(({ ok }) => ok) ? 0 : 1);
