/** Builds of a checkout wait for each other: one that ends late would put its files between those of a newer one and its stamp. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';

/** The longest wait for other builds. They take a few seconds each. */
const WAIT_MS = 10 * 60 * 1000;

/**
 * Takes an exclusive SQLite lock on a file in `folder`, which the system releases when the process ends, also by kill -9. While another
 * process holds it, `onWait` is called once and the whole process waits. Answers the release; null where the disk has no locks.
 */
export function lockBuilds(folder: string, onWait: () => void, waitMs = WAIT_MS): (() => void) | null {
  mkdirSync(folder, { recursive: true });
  const take = (timeout: number): (() => void) => {
    const lock = new Database(path.join(folder, 'build.lock'), { timeout });
    try {
      lock.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      lock.close();
      throw error;
    }
    return () => void lock.close();
  };
  try {
    return take(0);
  } catch (error) {
    if (!isBusy(error)) return null;
  }
  onWait();
  try {
    return take(waitMs);
  } catch (error) {
    if (isBusy(error)) throw new Error(`Another build has run for ${waitMs / 60_000} minutes.`, { cause: error });
    return null;
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
