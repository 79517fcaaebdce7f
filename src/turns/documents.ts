// The files of a project, as changes between one answer and the next.
import type { Tools } from '../browser/tools';
import { createRecord, hidden, type LiveRecord } from './record';

export interface ProjectFile {
  readonly path: string;
  readonly version: number;
  readonly last_modified: string | null;
  readonly size: number | null;
}

export interface ProjectFiles {
  readonly files: readonly ProjectFile[];
}

export type ChangeType = 'created' | 'modified' | 'deleted';

export interface DocumentChange {
  readonly filePath: string;
  /** Of a file that was deleted: when that was seen. */
  readonly lastModified: Date;
  readonly changeType: ChangeType;
}

export interface DocumentsOptions {
  /** Of the list: `/api/projects/{p}/files`. */
  readonly url: string;
  /** Only these; by default all. */
  readonly paths?: readonly string[] | undefined;
  /** Milliseconds between polls, 2,000 to 60,000; 3,000 by default. */
  readonly interval?: number | undefined;
  /** False: nothing is asked, except by `refresh`. */
  readonly enabled?: boolean | undefined;
  /** What has changed since the answer before; the first one is what changes are counted from. */
  readonly onDocumentChange?: ((changes: DocumentChange[]) => void) | undefined;
  readonly onError?: ((error: Error) => void) | undefined;
  /** Anything of the record is another one now. */
  readonly onChange?: (() => void) | undefined;
}

/** Versions by path. */
export type Versions = ReadonlyMap<string, unknown>;

export const versionsOf = (files: readonly ProjectFile[]): Versions =>
  new Map(files.map(({ path, version }) => [path, version]));

export const changeOf = (before: Versions, { path, version }: ProjectFile): ChangeType | null =>
  before.has(path) ? (`${before.get(path)}` === `${version}` ? null : 'modified') : 'created';

/** Paths that were there and are not among `files`. */
export const deletedFrom = (before: Versions, files: readonly ProjectFile[]): string[] => {
  const now = versionsOf(files);
  return [...before.keys()].filter((path) => !now.has(path));
};

export function documents(tools: Tools, options: DocumentsOptions): LiveRecord<ProjectFiles> {
  const { url, paths, onDocumentChange, onError, onChange } = options;
  const element = hidden(url, 'documents', options);
  // Makes a list of it, so that only what has changed is sent.
  const list = document.createElement('p');
  list.setAttribute('data-vpo-each', 'files');
  list.setAttribute('data-vpo-key', 'path');
  element.append(list);
  let before: Versions | undefined;
  return createRecord<ProjectFiles>(tools, element, {
    _data({ files }) {
      const wanted = paths ? files.filter(({ path }) => paths.includes(path)) : files;
      const changes: DocumentChange[] = [];
      const add = (filePath: string, at: string | number, changeType: ChangeType) =>
        changes.push({ filePath, lastModified: new Date(at), changeType });
      if (before) {
        for (const file of wanted) {
          const change = changeOf(before, file);
          if (change) add(file.path, file.last_modified ?? Date.now(), change);
        }
        for (const path of deletedFrom(before, wanted)) add(path, Date.now(), 'deleted');
      }
      before = versionsOf(wanted);
      if (changes.length) onDocumentChange?.(changes);
    },
    _error: onError,
    _changed: onChange,
  });
}
