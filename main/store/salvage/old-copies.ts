/** The copies beside the database, which hold what is deleted later: the backups before migrations, and damaged files. */
import { chmodSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

/** How long a copy of the database is kept. README tells it, because a chat that is deleted meanwhile stays in the copy. */
const COPIES_KEPT_MS = 30 * 24 * 3600 * 1000;
const DAY_MS = 24 * 3600 * 1000;

/**
 * Deletes the copies of earlier times, and lets nobody else read the others. A file that cannot be deleted or changed keeps no other one
 * from it. Never throws, because the next start tries again. `remove` deletes a file.
 */
export function deleteOldCopies(dataFolder: string, remove: (file: string) => void = rmSync): void {
  for (const name of copiesIn(dataFolder)) {
    const file = path.join(dataFolder, name);
    try {
      if (Date.now() - madeAtMs(file) > COPIES_KEPT_MS) remove(file);
      else chmodSync(file, 0o600); // other versions, and copies by hand, may have left them open to others
    } catch {
      // Not ours, or gone meanwhile.
    }
  }
}

/** Whether a damaged database is kept, which may still name files that the one in use does not. */
export const keepsDamagedCopy = (dataFolder: string): boolean =>
  copiesIn(dataFolder).some((name) => /^hearth-damaged-.*\.db$/.test(name));

function copiesIn(dataFolder: string): string[] {
  try {
    return readdirSync(dataFolder, { withFileTypes: true })
      .filter(
        (entry) =>
          entry.isFile() && /^hearth-(before-\d{4}|damaged-\d{4}-\d\d-\d\d)(-\d+)?\.db(-\w+)?$/.test(entry.name),
      )
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

/**
 * When the copy was made. A damaged file is the renamed database, whose own time is that of the last write, perhaps years ago: its name
 * has the day of the salvage, which counts in full.
 */
function madeAtMs(file: string): number {
  const day = /^hearth-damaged-(\d{4}-\d\d-\d\d)/.exec(path.basename(file))?.[1];
  const endOfDayMs = day === undefined ? NaN : Date.parse(day) + DAY_MS;
  const writtenAtMs = statSync(file).mtimeMs;
  return Number.isNaN(endOfDayMs) ? writtenAtMs : Math.max(writtenAtMs, endOfDayMs);
}
