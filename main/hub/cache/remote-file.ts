import type { ContentHash } from '../transfer/file-hasher.ts';

/** A file of a repository, pinned to a commit, with the hash that proves its content. */
export interface RemoteFile {
  readonly repoId: string;
  readonly commit: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** Set for files in Git LFS, as all models are. */
  readonly sha256: string | null;
  /** The id of git's blob: that of the file itself where `sha256` is null, else of its LFS pointer. */
  readonly gitOid: string;
}

/** The hash that the Hub lists for the file's content. */
export function contentHash({ sha256, gitOid }: RemoteFile): ContentHash {
  return sha256 === null ? { kind: 'git_blob', hex: gitOid } : { kind: 'sha256', hex: sha256 };
}
