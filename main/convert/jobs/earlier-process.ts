/** What an earlier run of a job left: its files, and for a moment its process, where the app was killed. */
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAppError } from '../../../preload/wire/errors.ts';
import { writeWhole } from '../written-file.ts';

const PAUSE_MS = 250;
/** A lock whose process cannot be seen to be gone is dead after 30 seconds, and looked at for three more. */
const PATIENCE_MS = 40_000;

/** Does work on a job's own file; again while an earlier process still holds it. Throws what `work` throws, and the signal's reason. */
export async function afterEarlierProcess(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const begunMs = performance.now();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isHeld = isAppError(error, 'busy') && error.data['reason'] === 'output_in_use';
      if (!isHeld || performance.now() - begunMs > PATIENCE_MS) throw error;
    }
    await delay(PAUSE_MS, undefined, { signal });
  }
}

/** The name of the text that says what the files of a job's folder were made of. */
const MADE_OF = 'made-of.json';
/** The downloaded files, and what a process may still be writing: that ends by itself. */
const STAYS = /^(?:source|adapter)$|\.part$|\.lock$/;

/**
 * Deletes what a job's folder has of another source, or by another version: `identity` is another text for it. From then on a complete
 * file in the folder is the one that the job would make. Throws file system errors.
 */
export async function keepOnlyOf(identity: string, folder: string): Promise<void> {
  const note = path.join(folder, MADE_OF);
  if ((await readFile(note, 'utf8').catch(() => null)) === identity) return;
  for (const name of await readdir(folder))
    if (!STAYS.test(name)) await rm(path.join(folder, name), { recursive: true, force: true });
  await writeWhole(note, identity);
}
