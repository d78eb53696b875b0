/**
 * The layout of the Hugging Face cache, as paths relative to its root with forward slashes:
 *
 *     CACHEDIR.TAG
 *     models--OWNER--NAME/blobs/<etag>                  the bytes; the etag is the sha256 (LFS) or the git blob sha1
 *     models--OWNER--NAME/snapshots/<commit>/<path>     a relative symbolic link to the blob
 *     models--OWNER--NAME/refs/<revision>               a text file that holds the commit
 *     models--NAME/...                                  the same for a repository without an owner
 *     .locks/models--OWNER--NAME/<etag>.lock            Python's lock; Hearth's is <etag>.hearth.lock
 *
 * Every name from the Hub is checked here before it reaches the file system.
 */
import { AppError } from '../../../preload/wire/errors.ts';
import { isRepoId } from '../../../preload/contract/model-reference.ts';

/** The file that tells backup programs to leave the folder out; bford.info/cachedir prescribes its content. */
export const CACHE_TAG_NAME = 'CACHEDIR.TAG';
export const CACHE_TAG =
  'Signature: 8a477f597d28d172789f06886806bc55\n# This file marks a cache of Hugging Face models.\n# About such files: https://bford.info/cachedir/\n';

export const LOCKS_FOLDER = '.locks';

/** True for a full commit id; branches and short ids are not. */
export function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(text);
}

/** True for a name that a blob may have: a sha1 or sha256 in lower-case hex. */
export function isBlobName(text: string): boolean {
  return /^[0-9a-f]{40}$|^[0-9a-f]{64}$/.test(text);
}

/** `models--OWNER--NAME`, or `models--NAME` for a repository without an owner. Throws hub.unsafe_name for an invalid id. */
export function repoFolder(repoId: string): string {
  if (!isRepoId(repoId)) throw unsafeName(repoId, 'is not OWNER/NAME');
  const parts = repoId.split('/');
  for (const part of parts) assertSafePath(part);
  return ['models', ...parts].join('--');
}

/** The repository id of a folder in the cache; null for any other folder. */
export function repoIdOfFolder(folder: string): string | null {
  const repoId = /^models--(.+)$/.exec(folder)?.[1]?.replace('--', '/') ?? '';
  return isRepoId(repoId) ? repoId : null;
}

/** The path of a complete blob. Throws hub.unsafe_name. */
export function blobPath(repoId: string, blob: string): string {
  if (!isBlobName(blob)) throw unsafeName(blob, 'is not a hash');
  return `${repoFolder(repoId)}/blobs/${blob}`;
}

/**
 * The path of an incomplete blob. It is not `<etag>.incomplete`, because huggingface_hub 1 appends to that file and trusts its length,
 * while Hearth's has holes. Version 2 also puts a name of its own before the suffix.
 */
export function partialPath(repoId: string, blob: string): string {
  return `${blobPath(repoId, blob)}.hearth.incomplete`;
}

/** The path under which programs open the file. Throws hub.unsafe_name. */
export function snapshotPath(repoId: string, commit: string, path: string): string {
  if (!isCommit(commit)) throw unsafeName(commit, 'is not a commit');
  assertSafePath(path);
  return `${repoFolder(repoId)}/snapshots/${commit}/${path}`;
}

/** The target of the link at `snapshotPath`: the relative path from its folder to the blob. */
export function linkTarget(path: string, blob: string): string {
  return `${'../'.repeat(path.split('/').length + 1)}blobs/${blob}`;
}

/** The path of the file that holds the commit of a branch or tag. Throws hub.unsafe_name. */
export function refPath(repoId: string, revision: string): string {
  assertSafePath(revision);
  return `${repoFolder(repoId)}/refs/${revision}`;
}

/** The path of Hearth's lock for a blob. Throws hub.unsafe_name. */
export function lockPath(repoId: string, blob: string): string {
  if (!isBlobName(blob)) throw unsafeName(blob, 'is not a hash');
  return `${LOCKS_FOLDER}/${repoFolder(repoId)}/${blob}.hearth.lock`;
}

/** The path of Python's lock for a blob. Throws hub.unsafe_name. */
export function pythonLockPath(repoId: string, blob: string): string {
  return lockPath(repoId, blob).replace(/\.hearth\.lock$/, '.lock');
}

/** Names that are devices on Windows, with any extension. */
const deviceName = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])$/i;
/** Control characters, those that Windows forbids (a colon opens another stream of a file), and marks that hide or reverse text. */
const forbidden = /[\u0000-\u001f\u007f-\u009f<>:"|?*\\\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;
const MAX_NAME_BYTES = 200;
const MAX_PATH_CHARACTERS = 400;

/**
 * Accepts a relative path with forward slashes that stays inside its folder and keeps its exact name on every file system.
 * Throws hub.unsafe_name for anything else: `..`, absolute paths, device names, control and direction marks, names that
 * Windows would change (trailing dots and spaces), and names too long to store with a suffix.
 */
export function assertSafePath(path: string): void {
  if (path.length > MAX_PATH_CHARACTERS) throw unsafeName(path, 'is too long');
  if (!path.isWellFormed() || forbidden.test(path))
    throw unsafeName(path, 'has characters that cannot be stored safely');
  for (const part of path.split('/')) {
    if (part === '' || part === '.' || part === '..') throw unsafeName(path, 'leads out of its folder');
    if (new TextEncoder().encode(part).length > MAX_NAME_BYTES) throw unsafeName(path, 'is too long');
    if (/[. ]$|^ /.test(part)) throw unsafeName(path, 'begins or ends with a space or a dot');
    if (deviceName.test((part.split('.')[0] ?? '').trimEnd())) throw unsafeName(path, 'is a device on Windows');
  }
}

/** True when `assertSafePath` would pass. */
export function isSafePath(path: string): boolean {
  try {
    assertSafePath(path);
    return true;
  } catch {
    return false;
  }
}

function unsafeName(name: string, why: string): AppError {
  // The name is untrusted: it is reduced to ASCII and cut.
  const shown = name.slice(0, 80).replaceAll(/[^\x20-\x7e]/g, '?');
  return new AppError('hub.unsafe_name', `The name "${shown}" ${why}, so it is not stored.`, { name: shown });
}
