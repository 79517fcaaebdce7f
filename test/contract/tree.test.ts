// The page script nests files as the server does: test/server/pages/test_tree.py reads the same vectors.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ProjectFile } from '../../src/turns/documents';
import { versionsOf } from '../../src/turns/documents';
import { nest } from '../../src/turns/tree';

const vectors: { name: string; files: ProjectFile[]; children: unknown[] }[] = JSON.parse(
  readFileSync(new URL('tree.json', `file://${import.meta.dirname}/`), 'utf8'),
);

describe('files as a tree', () => {
  it.each(vectors)('$name', ({ files, children }) => {
    expect(nest(files, versionsOf(files))).toEqual(children);
  });
});
