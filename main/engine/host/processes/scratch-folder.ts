/** Temporary folders of children, one for each. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';

export interface ScratchFolder {
  /** A new folder for one child; null where children keep nothing. */
  create(): string | null;
  /** Never rejects: leftovers are deleted at the next start. */
  remove(folder: string | null): Promise<void>;
  close(): Promise<void>;
}

/** Folders below `root`, which is emptied first because a killed app leaves its own there. Null: children keep nothing. */
export function createScratchFolder(root: string | null): ScratchFolder {
  if (root !== null) {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
  }
  const remove = async (folder: string | null): Promise<void> => {
    if (folder !== null) await rm(folder, { recursive: true, force: true }).catch(() => {});
  };
  return {
    create: () => (root === null ? null : mkdtempSync(path.join(root, 'child-'))),
    remove,
    close: () => remove(root),
  };
}
