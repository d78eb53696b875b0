/** Verifies the files of the cache by hashing them again. A blob's name is its hash, the sha256 or git's blob id; a copy has no such name. */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { contentPath, isBlobName, repoFolder, type ScannedRepository } from '../hub/hub.ts';
import type { JobDetail } from '../../preload/contract/jobs.ts';
import type { WorkContext } from '../base/work.ts';
import { hashFile } from './hash-file.ts';

interface Check {
  readonly repoId: string;
  /** Path of the content, relative to the repository's folder. */
  readonly inside: string;
  /** Name for people. */
  readonly label: string;
  readonly hash: string;
  readonly sizeBytes: number;
}

/**
 * Hashes every file and compares a blob with its name. A copy (where links are not possible) is compared with the hash from its download,
 * which `hashesOf` returns for a repository by `<commit>/<path>`. The job's detail counts the damaged files and those without a known
 * hash. Returns the damaged files of each repository: relative path to modification time. Throws the signal's reason.
 */
export async function verifyCache(
  folder: string,
  repositories: readonly ScannedRepository[],
  hashesOf: (repoId: string) => ReadonlyMap<string, string>,
  context: WorkContext,
): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>> {
  const checks: Check[] = [];
  const unknown: string[] = [];
  for (const repository of repositories) {
    const files = checksOf(repository, hashesOf);
    checks.push(...files.checks);
    unknown.push(...files.unknown);
  }
  const totalBytes = checks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const marks = new Map(repositories.map(({ repoId }): [string, Record<string, number>] => [repoId, {}]));
  const damaged: string[] = [];
  const found = (): JobDetail => ({
    code: 'verified',
    checkedCount: checks.length,
    damagedCount: damaged.length,
    damaged: damaged.slice(0, MAX_SHOWN),
    unverifiableCount: unknown.length,
  });
  let doneBytes = 0;
  context.progress(0, totalBytes);
  for (const { repoId, inside, label, hash, sizeBytes } of checks) {
    context.signal.throwIfAborted();
    const finding = await checkFile(join(folder, repoFolder(repoId), inside), hash, context.signal, (bytes) =>
      context.progress(Math.min(doneBytes + bytes, totalBytes), totalBytes),
    );
    doneBytes += sizeBytes;
    context.progress(doneBytes, totalBytes);
    if (finding === 'sound' || finding === 'gone') continue;
    damaged.push(label);
    const mark = marks.get(repoId);
    if (mark && typeof finding === 'object') mark[inside] = finding.modifiedAtMs;
    context.log(finding === 'unreadable' ? `${label} cannot be read.` : `${label} is damaged.`);
    context.detail(found());
  }
  for (const label of unknown.slice(0, MAX_NAMED)) context.log(`${label} cannot be verified: its hash is not known.`);
  if (unknown.length > MAX_NAMED) context.log(`${unknown.length - MAX_NAMED} more cannot be verified either.`);
  context.log(`${count(checks.length)} checked, ${damaged.length} damaged.`);
  context.detail(found());
  return marks;
}

/** Limit for the files that the log and the job's detail name. */
const MAX_NAMED = 100;
const MAX_SHOWN = 5;

function checksOf(
  { repoId, revisions }: ScannedRepository,
  hashesOf: (repoId: string) => ReadonlyMap<string, string>,
): { checks: Iterable<Check>; unknown: readonly string[] } {
  const checks = new Map<string, Check>();
  const unknown: string[] = [];
  let hashes: ReadonlyMap<string, string> | undefined;
  for (const { commit, files } of revisions) {
    for (const file of files) {
      const { path, sizeBytes } = file;
      const label = `${repoId}/${path}`;
      // A link out of the repository is treated like a copy.
      const hash = file.blob ? file.blob : (hashes ??= hashesOf(repoId)).get(`${commit}/${path}`);
      const inside = contentPath(commit, file);
      if (hash !== undefined && isBlobName(hash)) checks.set(inside, { repoId, inside, label, hash, sizeBytes });
      else unknown.push(label);
    }
  }
  return { checks: checks.values(), unknown };
}

function count(files: number): string {
  return files === 1 ? '1 file' : `${files} files`;
}

type Finding = 'sound' | 'gone' | 'unreadable' | { readonly modifiedAtMs: number };

async function checkFile(
  file: string,
  expected: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Finding> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    const { size, mtimeMs } = await handle.stat();
    const hash = expected.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
    return (await hashFile(handle, hash, signal, onBytes)) === expected ? 'sound' : { modifiedAtMs: mtimeMs };
  } catch (error) {
    signal.throwIfAborted();
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : 'unreadable';
  } finally {
    await handle?.close();
  }
}
