/** Files of earlier builds that lie beside those of the newest one, because a process that started from them may still load them. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The time that a replaced file is kept. A process that runs longer has loaded what it needs. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
/** The times of replacement in the folder itself. A file's own time is that of its build. */
const RECORD = 'replaced.json';

/**
 * Deletes the entries of `folder` that were replaced long ago. `isCurrent` says whether an entry belongs to the newest build, or to no
 * build at all.
 */
export function removeReplaced(folder: string, isCurrent: (name: string) => boolean, nowMs = Date.now()): void {
  const before = readRecord(folder);
  const replacedAt: Record<string, number> = {};
  for (const name of readdirSync(folder)) {
    if (name === RECORD) continue;
    if (name.startsWith(`${RECORD}.`)) {
      rmSync(path.join(folder, name)); // of a build that was killed
      continue;
    }
    if (isCurrent(name)) continue;
    const atMs = before[name] ?? nowMs;
    if (atMs < nowMs - KEPT_MS) rmSync(path.join(folder, name), { recursive: true });
    else replacedAt[name] = atMs;
  }
  // Renamed into place, so that a build that is killed leaves no half of it.
  const fresh = path.join(folder, `${RECORD}.${process.pid}`);
  writeFileSync(fresh, JSON.stringify(replacedAt));
  renameSync(fresh, path.join(folder, RECORD));
}

/** The entries of `folder` that belong to earlier builds alone, and the record of them. */
export function listReplaced(folder: string): ReadonlySet<string> {
  return new Set([RECORD, ...Object.keys(readRecord(folder))]);
}

function readRecord(folder: string): Readonly<Record<string, number>> {
  const file = path.join(folder, RECORD);
  try {
    const record: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof record === 'object' && record !== null ? (record as Record<string, number>) : {};
  } catch {
    // None yet, or a damaged one: the files are kept for the whole time again.
    return {};
  }
}
