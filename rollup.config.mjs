// The page's script: three bundles and one rolled-up declaration file. The plain and the minified bundle are
// scripts that set window.VPOPolling; the .mjs is for people who bundle the runtime themselves. Forms and the rich log
// pane are scripts of their own.
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
const scriptOf = (input, name) => ({
  input,
  plugins: [ts()],
  output: [
    { ...script, file: `dist/${name}.js` },
    { ...script, file: `dist/${name}.min.js`, plugins: [small()] },
  ],
});

export default [
  scriptOf('src/browser/main.ts', 'vpo-polling'),
  scriptOf('src/log/index.ts', 'vpo-polling-log'),
  scriptOf('src/forms/main.ts', 'vpo-polling-forms'),
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
