/** The folders of data and of models: their room, their rights, and what their file system can. */
import { lstat, mkdtemp, readFile, rm, statfs, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freeDiskBytes } from '../../base/disk.ts';
import { formatBytes } from '../../base/format.ts';
import type { Invocation } from '../invocation.ts';
import { cacheFolderOf } from '../cache-folder.ts';
import { ok, problem, problemOf, warning, type Area, type Finding } from './finding.ts';

/** Less holds no chat for long, and no small model. */
const LEAST_DATA_BYTES = 200_000_000;
const LEAST_CACHE_BYTES = 5_000_000_000;

/** Magic numbers of statfs(2) of Linux, for file systems on which something differs. */
const fileSystems: ReadonlyMap<number, { readonly name: string; readonly advice: string | null }> = new Map([
  [0xef53, { name: 'ext4', advice: null }],
  [0x9123683e, { name: 'btrfs', advice: null }],
  [0x58465342, { name: 'xfs', advice: null }],
  [0x2fc12fc1, { name: 'zfs', advice: null }],
  [0x794c7630, { name: 'overlay', advice: 'In a container, models are gone with it: mount a folder for them.' }],
  [
    0x01021994,
    { name: 'tmpfs', advice: 'This folder is in memory: models there take it, and are gone after a restart.' },
  ],
  [0x6969, { name: 'NFS', advice: 'Models on a network drive load slowly. Keep them on a disk of this computer.' }],
  [0xff534d42, { name: 'SMB', advice: 'Models on a network drive load slowly. Keep them on a disk of this computer.' }],
  [0xfe534d42, { name: 'SMB', advice: 'Models on a network drive load slowly. Keep them on a disk of this computer.' }],
  [0x4d44, { name: 'FAT', advice: 'FAT has no files above 4 GB. Keep models on another disk.' }],
]);

export async function checkDisk({ environment }: Invocation): Promise<readonly Finding[]> {
  let cacheFolder = environment.defaultCacheFolder;
  const findings: Finding[] = [];
  try {
    cacheFolder = await cacheFolderOf(environment);
  } catch {
    // The check of the database says why its settings cannot be read.
    findings.push(
      warning(
        'disk',
        'cache',
        'Which cache is set cannot be read; the default one is checked.',
        'See what is said of the database.',
      ),
    );
  }
  findings.push(...(await checkFolder('data', 'data folder', environment.dataFolder, LEAST_DATA_BYTES)));
  findings.push(...(await checkFolder('disk', 'cache', cacheFolder, LEAST_CACHE_BYTES)));
  findings.push(await checkLinks(cacheFolder, environment.withLinks));
  return findings;
}

async function checkFolder(area: Area, name: string, folder: string, leastBytes: number): Promise<readonly Finding[]> {
  const freeBytes = await freeDiskBytes(folder);
  const findings: Finding[] = [];
  const free = freeBytes === null ? `${folder}` : `${folder}, ${formatBytes(freeBytes)} free`;
  const at = await existing(folder);
  const kind =
    process.platform === 'linux' ? fileSystems.get((await statfs(at).catch(() => null))?.type ?? 0) : undefined;
  if (freeBytes !== null && freeBytes < leastBytes)
    findings.push(
      area === 'data' || freeBytes < LEAST_DATA_BYTES
        ? problem(
            area,
            name,
            `${free}: the disk is nearly full.`,
            'Free some space. hearth cache shows what the models take.',
            'disk.full',
          )
        : warning(
            area,
            name,
            `${free}: hardly a model fits.`,
            'hearth cache shows what the models take; the app moves them to another disk.',
          ),
    );
  try {
    await tryWriting(at);
    if (findings.length === 0) findings.push(ok(area, name, `${free}${kind === undefined ? '' : ` (${kind.name})`}.`));
  } catch (error) {
    findings.push(problemOf(area, name, error, `Make ${at} writable for this user, or set another folder.`));
  }
  if (area === 'disk' && kind !== undefined && kind.advice !== null)
    findings.push(warning(area, 'file system', `${folder} is on ${kind.name}.`, kind.advice));
  return findings;
}

/** The folder, or its nearest parent that is there. */
async function existing(folder: string): Promise<string> {
  for (let at = path.resolve(folder); ; at = path.dirname(at))
    if ((await lstat(at).catch(() => null)) !== null || path.dirname(at) === at) return at;
}

/** Writes a file into a folder of its own, and deletes both. @throws errors of the file system. */
async function tryWriting(at: string): Promise<void> {
  const folder = await mkdtemp(path.join(at, '.hearth-doctor-'));
  try {
    await writeFile(path.join(folder, 'written'), 'x');
    if ((await readFile(path.join(folder, 'written'), 'utf8')) !== 'x')
      throw new Error(`${at} does not keep what is written.`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkLinks(cacheFolder: string, withLinks: boolean): Promise<Finding> {
  if (!withLinks) return ok('disk', 'links', 'The cache has copies in place of links (HF_HUB_DISABLE_SYMLINKS).');
  const at = await existing(cacheFolder);
  const folder = await mkdtemp(path.join(at, '.hearth-doctor-')).catch(() => null);
  // What keeps a folder from being written is said of the cache.
  if (folder === null)
    return warning('disk', 'links', 'Whether links are possible cannot be tried.', 'See what is said of the cache.');
  try {
    await symlink('target', path.join(folder, 'link'));
    return ok('disk', 'links', 'Links are possible, so a file of several revisions is kept once.');
  } catch {
    return warning(
      'disk',
      'links',
      'Links are not possible, so each revision of a model has a copy of its files.',
      process.platform === 'win32'
        ? 'Turn on developer mode in the settings of Windows.'
        : 'Keep the cache on a disk whose file system has links.',
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
