/** Pointers of Git LFS: small texts that stand in place of large files where a repository was cloned without Git LFS. */
import { shownName } from '../base/foreign-text.ts';
import { invalidCheckpoint } from './checkpoint-error.ts';

/** The first line of a pointer, after the specification of Git LFS. */
const FIRST_LINE = new TextEncoder().encode('version https://git-lfs.github.com/spec/v1');

/**
 * Refuses a pointer in place of the file `path`, whose content begins with `bytes`.
 * @throws AppError `convert.invalid` (`reason: 'lfs_pointer'`).
 */
export function assertNoLfsPointer(path: string, bytes: Uint8Array): void {
  if (!FIRST_LINE.every((byte, at) => byte === bytes[at])) return;
  throw invalidCheckpoint({
    ...{ reason: 'lfs_pointer', file: path },
    detail: `${shownName(path)} is a pointer of Git LFS in place of the file: the repository was cloned without Git LFS. \`git lfs pull\` in its folder fetches the files, as does downloading it again.`,
  });
}
