/** Folders that children may write to for as long as they live. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';

export interface ScratchFolder {
  /** A new folder for one child; null where children keep nothing. */
  create(): string | null;
  /** Never rejects: what is left goes at the next start. */
  remove(folder: string | null): Promise<void>;
  close(): Promise<void>;
}

/** Below `root`, which is emptied: an app that was killed left its own there. Null: children keep nothing. */
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
