/** Repositories of the test Hub: files, commits and revisions, and which files Git LFS keeps. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  contentSha256,
  contentSize,
  diskContent,
  generatedContent,
  generatedKey,
  gitBlobId,
  type Content,
} from './content.ts';

/** The facts of a repository without its files. Also the form of `.hub.json`. */
export interface RepoFacts {
  readonly downloads?: number;
  readonly likes?: number;
  readonly trendingScore?: number;
  /** `auto`: access at once after accepting the terms; `manual`: after the owner's approval. */
  readonly gated?: false | 'auto' | 'manual';
  readonly private?: boolean;
  /** These four take precedence over the front matter of README.md. */
  readonly license?: string;
  readonly pipelineTag?: string;
  readonly library?: string;
  readonly tags?: readonly string[];
  /** ISO 8601. */
  readonly createdAt?: string;
  readonly lastModified?: string;
  /** Former names of this repository: requests for them are redirected. */
  readonly renamedFrom?: readonly string[];
}

/**
 * `.hub.json`: the facts, files that are generated while they are sent, and further revisions in folders of their own.
 */
export interface HubJson extends RepoFacts {
  readonly generated?: readonly {
    readonly path: string;
    readonly sizeBytes: number;
    readonly seed: number;
    readonly sha256?: string;
  }[];
  /** Branch or tag name to folder, relative to the repository's, e.g. `{ "v1": ".revisions/v1" }`. */
  readonly revisions?: Readonly<Record<string, string>>;
}

export type FileInput = string | Uint8Array | Content;
export type FilesInput = Readonly<Record<string, FileInput>>;

export interface RepoInput extends RepoFacts {
  /** `OWNER/NAME`. */
  readonly id: string;
  /** The files of `main`, by path. */
  readonly files: FilesInput;
  /** Further branches or tags, each with all its files. */
  readonly revisions?: Readonly<Record<string, FilesInput>>;
}

export interface RepoFile {
  readonly path: string;
  readonly content: Content;
  readonly sizeBytes: number;
  readonly isLfs: boolean;
}

export interface Commit {
  readonly files: ReadonlyMap<string, RepoFile>;
  readonly title: string;
  readonly date: string;
  readonly parent: Commit | null;
}

export interface Repository {
  readonly id: string;
  facts: RepoFacts;
  /** Branches and tags; `main` always exists. */
  readonly revisions: Map<string, Commit>;
  /** All commits, also old ones, so that a pinned download can continue after an update. */
  readonly commits: Commit[];
}

export interface FileIdentity {
  /** The content that git stores: for an LFS file the id of its pointer. */
  readonly blobId: string;
  readonly lfs: { readonly sha256: string; readonly pointer: string } | null;
}

const LFS_THRESHOLD_BYTES = 10 * 1024 * 1024;
const lfsExtensions = (
  '7z arrow bin bz2 ckpt ftz gguf gz h5 joblib mlmodel model msgpack npy npz onnx ot parquet pb pickle pkl pt pth rar ' +
  'safetensors tar tflite tgz wasm xz zip zst'
).split(' ');

/** The file that the Hub adds to every new repository. */
const gitAttributes = lfsExtensions.map((extension) => `*.${extension} filter=lfs diff=lfs merge=lfs -text\n`).join('');

function toContent(input: FileInput): Content {
  if (typeof input === 'string') return { kind: 'bytes', bytes: Buffer.from(input) };
  return input instanceof Uint8Array ? { kind: 'bytes', bytes: input } : input;
}

/** A file of a repository. It is in LFS by its extension, or above 10 MiB, as the Hub decides for uploads. */
export function repoFile(path: string, input: FileInput): RepoFile {
  const content = toContent(input);
  const sizeBytes = contentSize(content);
  const extension = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
  const isLfs = lfsExtensions.includes(extension) || sizeBytes > LFS_THRESHOLD_BYTES;
  return { path, content, sizeBytes, isLfs };
}

function fileMap(files: FilesInput): Map<string, RepoFile> {
  const map = new Map<string, RepoFile>([['.gitattributes', repoFile('.gitattributes', gitAttributes)]]);
  for (const [path, input] of Object.entries(files)) map.set(path, repoFile(path, input));
  return map;
}

/** A repository whose revisions have one commit each. */
export function createRepository(input: RepoInput): Repository {
  const { id, files, revisions, ...facts } = input;
  const date = facts.lastModified ?? '2024-05-01T12:00:00.000Z';
  const repository: Repository = { id, facts, revisions: new Map(), commits: [] };
  for (const [name, content] of Object.entries({ main: files, ...revisions })) {
    const commit: Commit = {
      files: fileMap(content),
      title: name === 'main' ? 'initial commit' : `Add ${name}`,
      date,
      parent: null,
    };
    repository.revisions.set(name, commit);
    repository.commits.push(commit);
  }
  return repository;
}

/**
 * Creates a commit on `main`: `files` are added or replaced, and removed where the value is null. Older commits stay
 * readable.
 */
export function commitChange(
  repository: Repository,
  files: Readonly<Record<string, FileInput | null>>,
  date: string,
  title: string,
): Commit {
  const parent = mainCommit(repository);
  const next = new Map(parent.files);
  for (const [path, input] of Object.entries(files)) {
    if (input === null) next.delete(path);
    else next.set(path, repoFile(path, input));
  }
  const commit: Commit = { files: next, title, date, parent };
  repository.revisions.set('main', commit);
  repository.commits.push(commit);
  repository.facts = { ...repository.facts, lastModified: date };
  return commit;
}

export function mainCommit(repository: Repository): Commit {
  const commit = repository.revisions.get('main');
  if (commit === undefined) throw new Error(`${repository.id} has no main branch`);
  return commit;
}

const identities = new WeakMap<RepoFile, Promise<FileIdentity>>();

async function identifyNow(file: RepoFile): Promise<FileIdentity> {
  if (!file.isLfs) return { blobId: await gitBlobId(file.content), lfs: null };
  const sha256 = await contentSha256(file.content);
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${String(file.sizeBytes)}\n`;
  return { blobId: await gitBlobId({ kind: 'bytes', bytes: Buffer.from(pointer) }), lfs: { sha256, pointer } };
}

/** The ids of a file, computed on demand and cached. */
export function identify(file: RepoFile): Promise<FileIdentity> {
  const known = identities.get(file) ?? identifyNow(file);
  identities.set(file, known);
  return known;
}

const commitIds = new WeakMap<Commit, Promise<string>>();

async function commitIdNow(repository: Repository, commit: Commit): Promise<string> {
  const hash = createHash('sha1').update(`${repository.id}\n`);
  if (commit.parent !== null) hash.update(`parent ${await commitId(repository, commit.parent)}\n`);
  for (const path of [...commit.files.keys()].sort()) {
    const file = commit.files.get(path);
    if (file === undefined) continue;
    // Generated bytes are identified by their parameters: hashing tens of gigabytes for a commit's id would be too
    // slow.
    const id = file.content.kind === 'generated' ? generatedKey(file.content) : (await identify(file)).blobId;
    hash.update(`${path}\0${String(file.sizeBytes)}\0${id}\n`);
  }
  return hash.digest('hex');
}

/** 40 hexadecimal digits that depend only on the repository's name and its files. */
export function commitId(repository: Repository, commit: Commit): Promise<string> {
  const known = commitIds.get(commit) ?? commitIdNow(repository, commit);
  commitIds.set(commit, known);
  return known;
}

/** The commit of a branch, a tag, `HEAD` or a full commit id; null when there is none. */
export async function findCommit(repository: Repository, revision: string): Promise<Commit | null> {
  const named = repository.revisions.get(revision === 'HEAD' ? 'main' : revision.replace(/^refs\/(heads|tags)\//, ''));
  if (named !== undefined) return named;
  if (!/^[0-9a-f]{7,40}$/.test(revision)) return null;
  for (const commit of repository.commits) {
    if ((await commitId(repository, commit)).startsWith(revision)) return commit;
  }
  return null;
}

/** The commit in which the file got its content of `commit`. */
export function lastChange(commit: Commit, path: string): Commit {
  const file = commit.files.get(path);
  let found = commit;
  while (found.parent !== null && found.parent.files.get(path) === file) found = found.parent;
  return found;
}

async function readFolder(folder: string): Promise<Record<string, Content>> {
  const files: Record<string, Content> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const full = join(entry.parentPath, entry.name);
    const path = full.slice(folder.length + 1).replaceAll('\\', '/');
    if (!entry.isFile() || path === '.hub.json' || path.startsWith('.revisions/')) continue;
    files[path] = await diskContent(full);
  }
  return files;
}

/** The repository in a folder: its files, and the facts of `.hub.json`. Throws when that is not JSON. */
export async function loadRepository(id: string, folder: string): Promise<Repository> {
  const text = await readFile(join(folder, '.hub.json'), 'utf8').catch(() => '{}');
  const { generated = [], revisions = {}, ...facts } = JSON.parse(text) as HubJson;
  const files = await readFolder(folder);
  for (const { path, sizeBytes, seed, sha256 } of generated)
    files[path] = generatedContent(sizeBytes, seed, new Uint8Array(), sha256);
  const others: Record<string, FilesInput> = {};
  for (const [name, subfolder] of Object.entries(revisions)) others[name] = await readFolder(join(folder, subfolder));
  return createRepository({ ...facts, id, files, revisions: others });
}

/** Every repository under `<root>/<owner>/<name>/`. */
export async function loadRoot(root: string): Promise<Repository[]> {
  const repositories: Repository[] = [];
  for (const owner of await readdir(root, { withFileTypes: true })) {
    if (!owner.isDirectory() || owner.name.startsWith('.')) continue;
    for (const name of await readdir(join(root, owner.name), { withFileTypes: true })) {
      if (!name.isDirectory() || name.name.startsWith('.')) continue;
      repositories.push(await loadRepository(`${owner.name}/${name.name}`, join(root, owner.name, name.name)));
    }
  }
  return repositories;
}
