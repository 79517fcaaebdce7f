// One entry, three bundles and one rolled-up declaration file. The plain and the minified bundle are
// scripts that set window.VPOPolling; the .mjs is for people who bundle the runtime themselves.
import terser from '@rollup/plugin-terser';
import dts from 'rollup-plugin-dts';
import esbuild from 'rollup-plugin-esbuild';

const target = 'es2022';
const ts = () => esbuild({ target, tsconfig: 'src/browser/tsconfig.json', sourceMap: true });
// Shortened in the minified bundle: what begins with "_", and these names of the engine and of patching. No answer, option,
// attribute or DOM interface has one of them; those that the DOM has too are left alone by terser.
const OWN =
  `announce answer answered answeredAt backoff barredUntil cuts dispatch dueAt epoch failures floorJitter held
  holdNewRows holds idleInterval idlePauses lastRead longest maxFailures maxQuiet maxTotal news openedAt outcome owed paint
  policy publication publish quick quiet rampTo received reducedMotion refreshedAt reportOnce retryAfter sealed showTail
  sink slow started startedAt statusChanges terminal ticker until urgent why word words`.replace(/\s+/g, '|');
// As long as before, so that the source map still fits.
const rebind = {
  name: 'rebind',
  renderChunk: (code) => ({ code: code.replace(/\bconst /g, 'let   '), map: null }),
};
const small = () =>
  terser({
    ecma: 2022,
    compress: { passes: 3, hoist_funs: true, pure_getters: true, unsafe: true, unsafe_arrows: true },
    mangle: { properties: { regex: new RegExp(`^(_.*|${OWN})$`) } },
  });
const script = { format: 'iife', sourcemap: true, freeze: false };

export default [
  {
    input: 'src/browser/main.ts',
    plugins: [ts()],
    output: [
      { ...script, file: 'dist/vpo-polling.js' },
      { ...script, file: 'dist/vpo-polling.min.js', plugins: [rebind, small()] },
    ],
  },
  {
    input: 'src/browser/index.ts',
    plugins: [ts()],
    output: { file: 'dist/vpo-polling.mjs', format: 'es', sourcemap: true },
  },
  {
    input: 'src/browser/index.ts',
    plugins: [dts({ tsconfig: 'src/browser/tsconfig.json' })],
    output: { file: 'dist/vpo-polling.d.ts', format: 'es' },
  },
];
