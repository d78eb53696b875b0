import { z } from 'zod';
import type { ContentHash } from '../transfer/file-hasher.ts';

/** A file of a repository, pinned to a commit, with the hash that proves its content. */
export const remoteFileSchema = z.object({
  repoId: z.string(),
  commit: z.string(),
  path: z.string(),
  sizeBytes: z.number(),
  /** Set for files in Git LFS, as all models are. */
  sha256: z.string().nullable(),
  /** The id of git's blob: that of the file itself where `sha256` is null, else of its LFS pointer. */
  gitOid: z.string(),
});
export type RemoteFile = Readonly<z.infer<typeof remoteFileSchema>>;

/** The hash that the Hub lists for the file's content. */
export function contentHash({ sha256, gitOid }: RemoteFile): ContentHash {
  return sha256 === null ? { kind: 'git_blob', hex: gitOid } : { kind: 'sha256', hex: sha256 };
}
