// One entry, three bundles and one rolled-up declaration file. The plain and the minified bundle are
// scripts that set window.VPOPolling; the .mjs is for people who bundle the runtime themselves.
import terser from '@rollup/plugin-terser';
import dts from 'rollup-plugin-dts';
import esbuild from 'rollup-plugin-esbuild';

const target = 'es2022';
const ts = () => esbuild({ target, tsconfig: 'src/browser/tsconfig.json', sourceMap: true });
// Names that begin with "_" are our own and of no concern to any page: they are shortened.
const small = () =>
  terser({
    ecma: 2022,
    compress: { passes: 5, hoist_funs: true, lhs_constants: false, pure_getters: true, unsafe_arrows: true },
    mangle: { properties: { regex: /^_/ } },
  });
const script = { format: 'iife', sourcemap: true, freeze: false };

export default [
  {
    input: 'src/browser/main.ts',
    plugins: [ts()],
    output: [
      { ...script, file: 'dist/vpo-polling.js' },
      { ...script, file: 'dist/vpo-polling.min.js', plugins: [small()] },
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
