// A list of files as a tree of folders: `data-vpo-tree` on a region whose answers have `files`. What has changed since the
// page was opened is marked, and files that were deleted stay, so that somebody who looks away misses nothing.
import {
  changeOf,
  deletedFrom,
  type ProjectFile,
  type ProjectFiles,
  type Versions,
  versionsOf,
} from './documents';

interface FileNode extends Partial<ProjectFile> {
  readonly path: string;
  readonly name: string;
  readonly kind: 'file';
  readonly change: string | null;
}

interface Folder {
  readonly path: string;
  readonly name: string;
  readonly kind: 'folder';
  /** Files below it that have changed. */
  changed: number;
  readonly children: (FileNode | Folder)[];
}

const bases = new WeakMap<Element, Versions>();

/** Of the files that the server has painted; undefined when it has painted none. */
function paintedVersions(region: Element): Versions | undefined {
  const files = [...region.querySelectorAll('[data-path]')];
  return files.length
    ? new Map(files.map((file) => [file.getAttribute('data-path')!, file.getAttribute('data-version')]))
    : undefined;
}

/** Folders and files in the order of the list. */
export function nest(files: readonly ProjectFile[], base: Versions): (FileNode | Folder)[] {
  const root: Folder = { path: '', name: '', kind: 'folder', changed: 0, children: [] };
  const folders = new Map([['', root]]);
  const cut = (path: string): [above: string, name: string] => {
    const at = path.lastIndexOf('/') + 1;
    return [path.slice(0, at), path.slice(at)];
  };
  const folderOf = (path: string): Folder => {
    let folder = folders.get(path);
    if (!folder) {
      const [above, name] = cut(path.slice(0, -1));
      folder = { path, name, kind: 'folder', changed: 0, children: [] };
      folders.set(path, folder);
      folderOf(above).children.push(folder);
    }
    return folder;
  };
  const put = (file: Partial<ProjectFile> & { path: string }, change: string | null) => {
    const [above, name] = cut(file.path);
    const { children } = folderOf(above);
    // One that is gone has its place by its name, the others are in theirs.
    const next = change === 'deleted' ? children.findIndex((child) => child.name > name) : -1;
    children.splice(next < 0 ? children.length : next, 0, { ...file, name, kind: 'file', change });
    if (change)
      for (let [folder] = cut(file.path); folder; [folder] = cut(folder.slice(0, -1)))
        folderOf(folder).changed++;
  };
  for (const file of files) put(file, changeOf(base, file));
  for (const path of deletedFrom(base, files)) put({ path, version: base.get(path) as number }, 'deleted');
  return root.children;
}

export function growTree({ target, detail }: CustomEvent<{ data: ProjectFiles }>): void {
  const region = target as Element;
  if (!region.hasAttribute('data-vpo-tree')) return;
  const { files } = detail.data;
  const base = bases.get(region) ?? paintedVersions(region) ?? versionsOf(files);
  bases.set(region, base);
  detail.data = { ...detail.data, children: nest(files, base) } as ProjectFiles;
}
