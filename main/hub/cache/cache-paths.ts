/**
 * The layout of the Hugging Face cache, as paths relative to its root with forward slashes:
 *
 *     CACHEDIR.TAG
 *     models--OWNER--NAME/blobs/<etag>                  the bytes; the etag is the sha256 (LFS) or the git blob sha1
 *     models--OWNER--NAME/snapshots/<commit>/<path>     a relative link to the blob
 *     models--OWNER--NAME/refs/<revision>               a text file that holds the commit
 *     models--NAME/...                                  the same of a repository without an owner
 *     .locks/models--OWNER--NAME/<etag>.lock            Python's lock; ours lies beside it
 *
 * Every name that comes from the Hub passes through here before it reaches the file system.
 */
import { AppError } from '../../../preload/wire/errors.ts';
import { isRepoId } from '../api/repo-ids.ts';

/** What the file says is fixed by bford.info/cachedir, so that backups leave the folder out. */
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

/** `models--OWNER--NAME`, or `models--NAME` of a repository without an owner. Throws hub.unsafe_name for what is no repository id. */
export function repoFolder(repoId: string): string {
  if (!isRepoId(repoId)) throw unsafeName(repoId, 'is not OWNER/NAME');
  const parts = repoId.split('/');
  for (const part of parts) assertSafePath(part);
  return ['models', ...parts].join('--');
}

/** The repository of a folder of the cache; null for anything else. */
export function repoIdOfFolder(folder: string): string | null {
  const repoId = /^models--(.+)$/.exec(folder)?.[1]?.replace('--', '/') ?? '';
  return isRepoId(repoId) ? repoId : null;
}

/** Where the bytes lie. Throws hub.unsafe_name. */
export function blobPath(repoId: string, blob: string): string {
  if (!isBlobName(blob)) throw unsafeName(blob, 'is not a hash');
  return `${repoFolder(repoId)}/blobs/${blob}`;
}

/**
 * Where the bytes lie while they are incomplete. Not `<etag>.incomplete`: huggingface_hub 1 appends to that one and trusts its
 * length, and ours has holes. Version 2 puts a name of its own before the suffix, as this does.
 */
export function partialPath(repoId: string, blob: string): string {
  return `${blobPath(repoId, blob)}.hearth.incomplete`;
}

/** Where programs look for the file. Throws hub.unsafe_name. */
export function snapshotPath(repoId: string, commit: string, path: string): string {
  if (!isCommit(commit)) throw unsafeName(commit, 'is not a commit');
  assertSafePath(path);
  return `${repoFolder(repoId)}/snapshots/${commit}/${path}`;
}

/** What the link at `snapshotPath` holds: the way from its folder to the blob. */
export function linkTarget(path: string, blob: string): string {
  return `${'../'.repeat(path.split('/').length + 1)}blobs/${blob}`;
}

/** The file that says which commit a branch or tag is. Throws hub.unsafe_name. */
export function refPath(repoId: string, revision: string): string {
  assertSafePath(revision);
  return `${repoFolder(repoId)}/refs/${revision}`;
}

/** Our lock for a blob. Throws hub.unsafe_name. */
export function lockPath(repoId: string, blob: string): string {
  if (!isBlobName(blob)) throw unsafeName(blob, 'is not a hash');
  return `${LOCKS_FOLDER}/${repoFolder(repoId)}/${blob}.hearth.lock`;
}

/** Python's lock for a blob, beside ours. Throws hub.unsafe_name. */
export function pythonLockPath(repoId: string, blob: string): string {
  return lockPath(repoId, blob).replace(/\.hearth\.lock$/, '.lock');
}

/** Names that are devices on Windows, whatever follows the first dot. */
const deviceName = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])$/i;
/** Controls, what Windows forbids (a colon also opens another stream of a file), and marks that hide or reverse text. */
const forbidden = /[\u0000-\u001f\u007f-\u009f<>:"|?*\\\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;
const MAX_PART_BYTES = 200;
const MAX_PATH_CHARACTERS = 400;

/**
 * Passes for a relative path with forward slashes that every file system keeps inside its folder and shows as it is.
 * Throws hub.unsafe_name for anything else: `..`, absolute paths, device names, control and direction marks, names that
 * Windows would change (trailing dots and spaces), and names too long to store with a suffix.
 */
export function assertSafePath(path: string): void {
  if (path.length > MAX_PATH_CHARACTERS) throw unsafeName(path, 'is too long');
  if (!path.isWellFormed() || forbidden.test(path))
    throw unsafeName(path, 'has characters that cannot be stored safely');
  for (const part of path.split('/')) {
    if (part === '' || part === '.' || part === '..') throw unsafeName(path, 'leads out of its folder');
    if (new TextEncoder().encode(part).length > MAX_PART_BYTES) throw unsafeName(path, 'is too long');
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
  // The name is hostile: it is shown in ASCII only, and cut.
  const shown = name.slice(0, 80).replaceAll(/[^\x20-\x7e]/g, '?');
  return new AppError('hub.unsafe_name', `The name "${shown}" ${why}, so it is not stored.`, { name: shown });
}
