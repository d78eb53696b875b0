/**
 * The store in which huggingface_hub 2 keeps Xet files once for all repositories of a cache:
 *
 *     blobs/.huggingface-shared-blobs        "1", the version of this layout
 *     blobs/<2 hex>/<64 hex>                 the bytes, by Xet hash
 *     blobs/<2 hex>/<64 hex>.refs            which repositories link to it: a hint that is checked against the disk
 *     models--OWNER--NAME/blobs/<etag>       a relative link to it
 *
 * Hearth reads through the links and writes nothing here. When a model is deleted, its bytes in the store are deleted too once nothing
 * links to them, under the same conditions as in Python.
 */
import { lstat, readdir, readFile, readlink, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** The file in the store that the link `blobFile` leads to; null when it leads anywhere else or is no link. */
export async function sharedBlobOf(folder: string, blobFile: string): Promise<string | null> {
  const target = await readlink(blobFile).catch(() => null);
  if (target === null) return null;
  const full = resolve(dirname(blobFile), target);
  const hash = full.slice(-64);
  return /^[0-9a-f]{64}$/.test(hash) && full === join(resolve(folder), 'blobs', hash.slice(0, 2), hash) ? full : null;
}

/** Deletes `shared` when the store has the known layout and no repository links to it. Returns the freed bytes. Never throws. */
export async function sweepSharedBlob(folder: string, shared: string): Promise<number> {
  const store = join(folder, 'blobs');
  const version = await readFile(join(store, '.huggingface-shared-blobs'), 'utf8').catch(() => '');
  if (version !== '1\n' || !(await isPlainFile(`${shared}.refs`)) || !(await isPlainFile(shared))) return 0;
  for (const repository of await readdir(folder).catch(() => [])) {
    if (!/^[a-z]+--/.test(repository)) continue;
    const blobs = join(folder, repository, 'blobs');
    for (const name of await readdir(blobs).catch(() => [])) {
      if ((await sharedBlobOf(folder, join(blobs, name))) === shared) return 0;
    }
  }
  const { size } = await lstat(shared);
  const gone = await unlink(shared).then(
    () => true,
    () => false,
  );
  if (!gone) return 0;
  await unlink(`${shared}.refs`).catch(() => {});
  return size;
}

async function isPlainFile(file: string): Promise<boolean> {
  return await lstat(file).then(
    (info) => info.isFile(),
    () => false,
  );
}
