// The page's script, and those beside it (forms, the rich log pane, turns): each as a plain and as a minified script that
// works on window.VPOPolling. Modules with rolled-up declarations are for people who bundle the runtime themselves.
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
// What people import who bundle: one module per part, which names the others instead of holding them again.
const PARTS = {
  'browser/index': 'vpo-polling',
  'turns/module': 'vpo-polling-turns',
  'react/index': 'vpo-polling-react',
};
const modulesOf = (part) => {
  const name = PARTS[part];
  const own = `src/${part}.ts`;
  const others = Object.entries(PARTS).filter(([other]) => other !== part);
  const partOf = (id) => others.find(([other]) => id.replace(/\.ts$/, '').endsWith(other))?.[1];
  const external = (id) => id === 'react' || !!partOf(id);
  const paths = (id) => (partOf(id) ? `./${partOf(id)}.mjs` : id);
  const tsconfig = `src/${part.split('/')[0]}/tsconfig.json`;
  return [
    {
      input: own,
      external,
      plugins: [ts()],
      output: { file: `dist/${name}.mjs`, format: 'es', sourcemap: true, paths },
    },
    {
      input: own,
      external: (id) => id === 'react' || (part !== 'browser/index' && !!partOf(id)),
      plugins: [dts({ tsconfig })],
      output: {
        file: `dist/${name}.d.ts`,
        format: 'es',
        paths: (id) => (partOf(id) ? `./${partOf(id)}.js` : id),
      },
    },
  ];
};
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
  scriptOf('src/turns/main.ts', 'vpo-polling-turns'),
  ...Object.keys(PARTS).flatMap(modulesOf),
  {
    // The command: its libraries are dependencies of the package, not part of the file.
    input: 'src/watch/cli/main.ts',
    external: (id) => !/^[./]/.test(id),
    plugins: [esbuild({ target: 'node20', tsconfig: 'src/watch/tsconfig.json', sourceMap: false })],
    output: { file: 'dist/vpo-watch.mjs', format: 'es' },
  },
];
