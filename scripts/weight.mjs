// What a script weighs when a page downloads it.
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';
import { ROOT } from './run.mjs';

/** All that a module exports, minified. */
export async function bundled(entry) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2020',
    write: false,
  });
  return outputFiles[0].contents;
}

/** The engine without any page. */
export const engine = () => bundled(join(ROOT, 'src', 'core', 'index.ts'));

/** Bytes after brotli at its best setting. */
export const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }).length;
