/** Which files of repositories the unfinished conversions need: none of them is deleted with another conversion. */
import type { RemoteFile } from '../../hub/hub.ts';

export interface SourceUse {
  /** A conversion needs these files until it is done or removed. */
  keep(workId: string, files: readonly RemoteFile[]): void;
  release(workId: string): void;
  /** Whether a conversion other than `workId` needs the file. */
  isUsed(file: RemoteFile, workId: string): boolean;
}

export function createSourceUse(): SourceUse {
  const used = new Map<string, ReadonlySet<string>>();
  const nameOf = ({ repoId, commit, path }: RemoteFile): string => `${repoId}@${commit}/${path}`;
  return {
    keep: (workId, files) => void used.set(workId, new Set(files.map(nameOf))),
    release: (workId) => void used.delete(workId),
    isUsed: (file, workId) => [...used].some(([id, names]) => id !== workId && names.has(nameOf(file))),
  };
}
