// What must not compile does not: each file of must-fail is put into the source folder that its name begins with,
// in memory, and compiled under that folder's own tsconfig. A file that breaks no rule goes the same way first, so
// that a broken set-up can't pass for a refusal.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const PROBE = 'must-not-exist.ts';

/** The compiler asks its host for this, though the published type leaves it out. */
type ReferenceHost = ts.CompilerHost & { useSourceOfProjectReferenceRedirect?(): boolean };

function complaints(folder: string, text: string): string[] {
  const base = join(root, 'src', folder);
  const config = ts.getParsedCommandLineOfConfigFile(
    join(base, 'tsconfig.json'),
    { noEmit: true, composite: false, emitDeclarationOnly: false, incremental: false },
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: (problem) => expect.unreachable(String(problem.messageText)),
    },
  );
  if (!config) throw new Error(`no tsconfig in ${base}`);
  delete config.options.tsBuildInfoFile;
  const probe = join(base, PROBE);
  const host: ReferenceHost = ts.createCompilerHost(config.options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => name === probe || fileExists(name);
  host.readFile = (name) => (name === probe ? text : readFile(name));
  host.getSourceFile = (name, ...rest) =>
    name === probe ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022) : getSourceFile(name, ...rest);
  // References are read as sources, so that nothing has to be built first.
  host.useSourceOfProjectReferenceRedirect = () => true;
  const { options, projectReferences = [] } = config;
  const program = ts.createProgram({ rootNames: [probe], options, projectReferences, host });
  return ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => !file || resolve(file.fileName) === probe)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}

describe('the source folders', () => {
  it('accept a file that keeps to the rules', () => {
    expect(complaints('core', "import { step } from './poll';\nexport const a = step;\n")).toEqual([]);
    expect(
      complaints('browser', "import { step } from '../core/poll';\nexport const a = [step, document];\n"),
    ).toEqual([]);
  });

  for (const name of readdirSync(join(here, 'must-fail')))
    it(`refuse ${name}`, () => {
      const text = readFileSync(join(here, 'must-fail', name), 'utf8');
      expect(complaints(name.split('-')[0] ?? '', text)).not.toEqual([]);
    });
});
