/** Temporary folders of children, one for each. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';

export interface ScratchFolder {
  /** A new folder for one child; null where children keep nothing, or where none can be made. Never throws. */
  create(): string | null;
  /** Never rejects: leftovers are deleted at the next start. */
  remove(folder: string | null): Promise<void>;
  close(): Promise<void>;
}

/**
 * Folders below `root`, which is emptied first because a killed app leaves its own there. Null: children keep nothing. A model works
 * without the folder, so one that cannot be made stops no load.
 */
export function createScratchFolder(root: string | null): ScratchFolder {
  if (root !== null)
    try {
      rmSync(root, { recursive: true, force: true });
    } catch {
      // A file stands where the folder above it should be, or the disk is read-only.
    }
  const remove = async (folder: string | null): Promise<void> => {
    if (folder !== null) await rm(folder, { recursive: true, force: true }).catch(() => {});
  };
  return {
    create() {
      if (root === null) return null;
      try {
        // Each time, because it may have been deleted since.
        mkdirSync(root, { recursive: true, mode: 0o700 });
        return mkdtempSync(path.join(root, 'child-'));
      } catch {
        return null;
      }
    },
    remove,
    close: () => remove(root),
  };
}
