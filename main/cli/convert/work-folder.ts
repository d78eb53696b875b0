/** The hidden folder in which a command makes its output: taken up again by the same command, and removed by any other. */
import { createHash } from 'node:crypto';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { systemCode } from '../../../preload/wire/disk-error.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { makeFolder } from '../../base/disk.ts';
import { tryLock, type FileLock } from '../../base/file-lock.ts';
import { shownName } from '../../base/foreign-text.ts';
import { removeLeftFiles } from '../../convert/convert.ts';

export interface WorkPlace {
  /** The folder of the output. */
  readonly folder: string;
  /** Everything that decides the output: a command with an equal text goes on where one was killed. */
  readonly command: string;
}

export interface WorkFolder {
  readonly folder: string;
  /** The id of the one job that works in it. */
  readonly workId: string;
  /** Empties the folder unless it was begun for the same source, such as a commit. */
  begin(source: string): Promise<void>;
  remove(): Promise<void>;
}

const ownName = /^\.hearth-[0-9a-f]{16}$/;
const WORK_ID = '00000000-0000-4000-8000-000000000000';

/** @throws AppError `busy` while another process works in the folder; `disk.denied` where its name is taken by no folder; disk.*. */
export async function openWorkFolder(place: WorkPlace | null): Promise<WorkFolder> {
  if (place === null) {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'hearth-'));
    const remove = async (): Promise<void> => await rm(folder, { recursive: true, force: true });
    return { folder, workId: WORK_ID, begin: async () => {}, remove };
  }
  const removeFolder = await makeFolder(place.folder);
  const name = `.hearth-${createHash('sha256').update(place.command).digest('hex').slice(0, 16)}`;
  const folder = path.join(place.folder, name);
  const lock = await lockOf(folder);
  if (lock === null)
    throw new AppError('busy', 'The same conversion runs in another process.', { reason: 'conversion_active' });
  try {
    await sweepFolder(place.folder, name);
    await makeOwnFolder(folder);
  } catch (error) {
    await lock.release();
    await removeFolder();
    throw error;
  }
  return {
    folder,
    workId: WORK_ID,
    async begin(source) {
      const note = path.join(folder, 'source');
      if ((await readFile(note, 'utf8').catch(() => null)) === source) return;
      for (const one of await readdir(folder)) await rm(path.join(folder, one), { recursive: true, force: true });
      await writeFile(note, source);
    },
    async remove() {
      await rm(folder, { recursive: true, force: true });
      await lock.release();
      await removeFolder();
    },
  };
}

/** @throws AppError `disk.denied` where another thing has the name, such as a link, through which files elsewhere would be deleted. */
async function makeOwnFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    if ((await lstat(folder)).isDirectory()) return;
    const shown = shownName(path.basename(folder));
    throw new AppError(
      'disk.denied',
      `${shown} is in the way, which is no folder. Remove it, or choose another folder.`,
      { path: folder },
    );
  }
}

const lockOf = (folder: string): Promise<FileLock | null> => tryLock(`${folder}.lock`, undefined, 0);

/** Removes what commands left in a folder that were killed: their own folders, but for one that is `own`, and unfinished files. Never throws. */
export async function sweepFolder(parent: string, own: string | null = null): Promise<void> {
  await removeLeftFiles(parent).catch(() => {});
  for (const name of await readdir(parent).catch((): string[] => [])) {
    if (!ownName.test(name) || name === own) continue;
    const folder = path.join(parent, name);
    const lock = await lockOf(folder).catch(() => null);
    if (lock === null) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    await lock.release();
  }
}
