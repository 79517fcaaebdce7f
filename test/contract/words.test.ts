// The script's own English is that of the catalogue: nothing is said in two ways, with or without one.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const catalogue = Object.entries<string>(JSON.parse(read('templates/words/en.json'))).filter(([key]) =>
  key.startsWith('vpo.'),
);

/** What `say(key, value, english)` and the table of English hold in the sources. */
function spoken(): Record<string, string> {
  const table = /ENGLISH[^{]*\{(.*?)\n\};/s.exec(read('src/browser/words.ts'))?.[1] ?? '';
  const found = [...table.matchAll(/^ {2}(\w+): '(.*)',$/gm)];
  for (const file of ['search', 'pane', 'content'])
    found.push(...read(`src/log/${file}.ts`).matchAll(/say\('(\w+)', [^;]*?'([^']+)'\)/g));
  return Object.fromEntries(found.map(([, key, text]) => [`vpo.${key}`, text ?? '']));
}

it('has a word for each sentence, the same one, and no other', () => {
  expect(spoken()).toEqual(Object.fromEntries(catalogue));
});
