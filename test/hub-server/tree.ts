/** The file list of a revision: `tree` page by page, and `paths-info` for some paths. */
import { createHash } from 'node:crypto';
import { entryNotFound, type Refusal } from './access.ts';
import type { Json } from './model-info.ts';
import { commitId, identify, lastChange, type Commit, type RepoFile, type Repository } from './repository.ts';

type Entry =
  | { readonly type: 'file'; readonly path: string; readonly file: RepoFile }
  | { readonly type: 'directory'; readonly path: string };

function compareText(first: string, second: string): number {
  return first < second ? -1 : first > second ? 1 : 0;
}

/** The entries of a folder (`''` for the root), folders before files; with `recursive` all entries below it. */
function listFolder(commit: Commit, folder: string, recursive: boolean): Entry[] {
  const prefix = folder === '' ? '' : `${folder}/`;
  const folders = new Set<string>();
  const files: Entry[] = [];
  for (const file of commit.files.values()) {
    if (!file.path.startsWith(prefix)) continue;
    const rest = file.path.slice(prefix.length);
    const slash = rest.indexOf('/');
    if (slash >= 0) folders.add(prefix + rest.slice(0, slash));
    else files.push({ type: 'file', path: file.path, file });
  }
  files.sort((first, second) => compareText(first.path, second.path));
  const inside = [...folders].sort(compareText).flatMap((path): Entry[] => {
    return [{ type: 'directory', path }, ...(recursive ? listFolder(commit, path, true) : [])];
  });
  return [...inside, ...files];
}

async function entryJson(repository: Repository, commit: Commit, entry: Entry, expand: boolean): Promise<Json> {
  if (entry.type === 'directory') {
    const paths = [...commit.files.keys()].filter((path) => path.startsWith(`${entry.path}/`));
    const oid = createHash('sha1')
      .update(`tree ${paths.sort().join('\n')}`)
      .digest('hex');
    const change = expand ? { lastCommit: await commitJson(repository, commit) } : {};
    return { type: 'directory', oid, size: 0, path: entry.path, ...change };
  }
  const { file } = entry;
  const { blobId, lfs } = await identify(file);
  const lfsJson =
    lfs === null ? {} : { lfs: { oid: lfs.sha256, size: file.sizeBytes, pointerSize: lfs.pointer.length } };
  const more = expand
    ? {
        lastCommit: await commitJson(repository, lastChange(commit, file.path)),
        securityFileStatus: {
          status: 'safe',
          jFrogScan: null,
          protectAiScan: null,
          avScan: { status: 'safe' },
          pickleImportScan: null,
        },
      }
    : {};
  return { type: 'file', oid: blobId, size: file.sizeBytes, ...lfsJson, path: file.path, ...more };
}

async function commitJson(repository: Repository, commit: Commit): Promise<Json> {
  return { id: await commitId(repository, commit), title: commit.title, date: commit.date };
}

/** One page of a folder's list, and the cursor of the next page; a refusal when there is no such folder. */
export async function treePage(
  repository: Repository,
  commit: Commit,
  options: {
    readonly folder: string;
    readonly revision: string;
    readonly recursive: boolean;
    readonly expand: boolean;
    readonly limit: number;
    readonly cursor: string | null;
  },
): Promise<{ readonly entries: readonly Json[]; readonly cursor: string | null } | Refusal> {
  const all = listFolder(commit, options.folder, options.recursive);
  if (all.length === 0 && options.folder !== '') return entryNotFound(options.folder, options.revision);
  const after = options.cursor === null ? '' : Buffer.from(options.cursor, 'base64url').toString('utf8');
  const start = after === '' ? 0 : all.findIndex((entry) => entry.path === after) + 1;
  const page = all.slice(start, start + options.limit);
  const entries: Json[] = [];
  for (const entry of page) entries.push(await entryJson(repository, commit, entry, options.expand));
  const last = page.at(-1);
  const hasMore = last !== undefined && start + options.limit < all.length;
  return { entries, cursor: hasMore ? Buffer.from(last.path).toString('base64url') : null };
}

/** The entries of the given paths; missing ones are left out. */
export async function pathsInfo(
  repository: Repository,
  commit: Commit,
  paths: readonly string[],
  expand: boolean,
): Promise<Json[]> {
  const list: Json[] = [];
  for (const path of paths) {
    const file = commit.files.get(path);
    const isFolder = [...commit.files.keys()].some((name) => name.startsWith(`${path}/`));
    if (file !== undefined) list.push(await entryJson(repository, commit, { type: 'file', path, file }, expand));
    else if (isFolder) list.push(await entryJson(repository, commit, { type: 'directory', path }, expand));
  }
  return list;
}
