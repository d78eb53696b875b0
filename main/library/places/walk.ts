/** Searches for files below a folder of somebody else, with limits for depth, number and time, and without following a loop of links. */
import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface FoundFile {
  readonly path: string;
  /** Path relative to the searched folder, with forward slashes. */
  readonly inside: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** Equal for two paths of one file. */
  readonly identity: string;
}

export interface WalkLimits {
  readonly maxDepth: number;
  readonly maxEntries: number;
  readonly maxMs: number;
  /** Identities of folders that are not entered. */
  readonly except: ReadonlySet<string>;
}

const defaultLimits: WalkLimits = { maxDepth: 8, maxEntries: 50_000, maxMs: 4000, except: new Set() };

/**
 * Files below `root` whose name `wanted` accepts, sorted by path. Links are followed, and each folder is entered once. Unreadable folders
 * and everything beyond the limits are left out. Never throws.
 */
export async function walk(
  root: string,
  wanted: (name: string) => boolean,
  limits: Partial<WalkLimits> = {},
): Promise<FoundFile[]> {
  const { maxDepth, maxEntries, maxMs, except } = { ...defaultLimits, ...limits };
  const endAt = performance.now() + maxMs;
  const entered = new Set<string>();
  const found: FoundFile[] = [];
  let entries = 0;
  const look = async (inside: string, depth: number): Promise<void> => {
    const folder = join(root, inside);
    const own = await facts(folder);
    const identity = own === null ? folder : identityOf(own, folder);
    if (own?.isDirectory() !== true || entered.has(identity) || except.has(identity) || depth > maxDepth) return;
    entered.add(identity);
    const folders: string[] = [];
    const looks = (await list(folder)).map(async (entry) => {
      if (++entries > maxEntries || performance.now() > endAt) return;
      const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
      const path = join(root, name);
      if (entry.isDirectory()) return void folders.push(name);
      if (!entry.isSymbolicLink() && !wanted(entry.name)) return;
      const info = await facts(path);
      if (info?.isDirectory()) folders.push(name);
      if (!info?.isFile() || !wanted(entry.name)) return;
      found.push({
        path,
        inside: name,
        sizeBytes: info.size,
        modifiedAtMs: info.mtimeMs,
        identity: identityOf(info, path),
      });
    });
    await Promise.all(looks);
    for (const name of folders.sort()) await look(name, depth + 1);
  };
  await look('', 0);
  return found.sort((a, b) => (a.inside < b.inside ? -1 : 1));
}

/** A key that is equal for two paths of one file. On Windows, whose inode numbers do not fit in a number, and without inodes it is the path. */
export function identityOf({ dev, ino }: Pick<Stats, 'dev' | 'ino'>, path: string): string {
  return process.platform === 'win32' || ino === 0 ? path : `${dev}:${ino}`;
}

async function list(folder: string): Promise<Dirent[]> {
  return await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
}

async function facts(file: string): Promise<Stats | null> {
  return await stat(file).catch(() => null);
}
