/** Folders for files under work, one for each job: below one folder, which is on the disk of the finished files. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

export interface Workspaces {
  /** A new id. Nothing is made on the disk. */
  newId(): string;
  /** Keeps the folder of a job from being swept: that job may go on with its files. */
  keep(id: string): void;
  /** The path of an id's folder, which need not be there. */
  pathOf(id: string): string;
  /** The folder of an id, with what an earlier process may have left in it. */
  make(id: string): Promise<string>;
  /** Deletes the folder with everything in it. */
  remove(id: string): Promise<void>;
  /** Deletes the folders that no job uses any more. Never throws. */
  sweep(): Promise<void>;
}

/** `newId` makes the ids, which are UUIDs. */
export function createWorkspaces(root: string, newId: () => string = randomUUID): Workspaces {
  /** The ids that jobs use, and earlier ones: those that are not known here are left by jobs that are gone. */
  const known = new Set<string>();
  const pathOf = (id: string): string => {
    if (!/^[0-9a-f-]{36}$/.test(id)) throw new Error('An id of a workspace is a UUID.');
    known.add(id);
    return path.join(root, id);
  };
  return {
    newId,
    pathOf,
    keep: (id) => void pathOf(id),
    async make(id) {
      const folder = pathOf(id);
      await mkdir(folder, { recursive: true });
      return folder;
    },
    remove: async (id) => await rm(pathOf(id), { recursive: true, force: true }),
    async sweep() {
      const names = await readdir(root).catch((): string[] => []);
      for (const name of names)
        if (!known.has(name)) await rm(path.join(root, name), { recursive: true, force: true }).catch(() => {});
    },
  };
}
