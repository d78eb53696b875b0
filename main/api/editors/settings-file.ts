/** A settings file of another program: read whole, written so that it is never half there, with a copy of what it was. */
import { constants } from 'node:fs';
import { copyFile, mkdir, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../../preload/wire/disk-error.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { unreadableSettings } from './program.ts';

/** Settings are kilobytes; a larger file is something else, and would take the parsers seconds. */
const MAX_BYTES = 256 * 1024;
/** More copies than this are not from us. */
const MAX_COPIES = 99;

/** The text of a file; null where there is none. @throws AppError `invalid_input` for what is no text of settings, and as the file system does. */
export async function readSettings(file: string): Promise<string | null> {
  const facts = await stat(file).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error))) return null;
    throw error;
  });
  if (facts === null) return null;
  if (!facts.isFile()) throw unreadableSettings('not a file of settings');
  const bytes = await readBeginning(file, MAX_BYTES + 1);
  if (bytes.length > MAX_BYTES) throw unreadableSettings('not a file of settings');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw unreadableSettings('not UTF-8');
    throw error;
  }
}

/** Some files of the system say that they are empty, and have no end. */
async function readBeginning(file: string, length: number): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const bytes = Buffer.alloc(length);
    let size = 0;
    for (let count = -1; count !== 0 && size < length; size += count)
      count = (await handle.read(bytes, size, length - size)).bytesRead;
    return bytes.subarray(0, size);
  } finally {
    await handle.close();
  }
}

/** Where a file is written: at the end of its links, also where nothing is there yet. A circle of links is refused when it is read. */
async function targetOf(file: string): Promise<string> {
  for (let at = file; ;) {
    const next = await readlink(at).catch(() => null);
    if (next === null) return at;
    at = path.resolve(await realpath(path.dirname(at)), next);
  }
}

/**
 * Writes a file in place of `before`, which is kept in a copy beside it. A link to the file stays one. Answers the copy's path, null
 * without one. @throws AppError `busy` when the file is another one by now, and as the file system does.
 */
export async function writeSettings(file: string, before: string | null, after: string): Promise<string | null> {
  if ((await readSettings(file)) !== before) throw changedMeanwhile();
  const target = await targetOf(file);
  await mkdir(path.dirname(target), { recursive: true }).catch((error: unknown) => {
    throw systemCode(error) === 'EEXIST' ? noFolder() : error;
  });
  const copy = before === null ? null : await copyBeside(target);
  const unfinished = `${target}.hearth-${process.pid}`;
  try {
    // What a killed process left, or somebody put there to be written through.
    await rm(unfinished, { force: true });
    // A new file may hold a key, so that it is the user's alone; an old one keeps who may read it.
    const mode = before === null ? 0o600 : (await stat(target)).mode & 0o777;
    const handle = await open(unfinished, 'wx', mode);
    try {
      await handle.chmod(mode);
      await handle.writeFile(after);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if ((await readSettings(file)) !== before) throw changedMeanwhile();
    await rename(unfinished, target);
  } catch (error) {
    // Of what was not changed there is no copy: on a full disk each try would leave one more.
    for (const left of [unfinished, ...(copy === null ? [] : [copy])]) await rm(left, { force: true });
    throw error;
  }
  return copy;
}

/** `settings.json.before-hearth`, with a number where that exists: the oldest copy is the one people want back. */
async function copyBeside(file: string): Promise<string> {
  for (let number = 1; ; number++) {
    const copy = `${file}.before-hearth${number === 1 ? '' : `-${number}`}`;
    try {
      await copyFile(file, copy, constants.COPYFILE_EXCL);
      return copy;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
      if (number === MAX_COPIES)
        throw new AppError(
          'disk.denied',
          `There are ${MAX_COPIES} copies of these settings already. Delete some first.`,
        );
    }
  }
}

const noFolder = (): AppError =>
  new AppError('disk.denied', 'A file is in the place of the folder for these settings.');

function changedMeanwhile(): AppError {
  return new AppError('busy', 'The settings were changed meanwhile. Look at the difference again.', {
    reason: 'settings_changed',
  });
}
