/** Files that are written under another name and get their own when they are complete. */
import { open, rename } from 'node:fs/promises';
import path from 'node:path';

/** Syncs the files and moves each to its name, from the last to the first. Throws as the file system does. */
export async function moveSynced(moves: readonly { readonly from: string; readonly to: string }[]): Promise<void> {
  for (const { from } of moves) await sync(from, 'r+');
  for (const { from, to } of [...moves].reverse()) await rename(from, to);
  // Windows syncs no folders.
  if (process.platform !== 'win32')
    for (const folder of new Set(moves.map(({ to }) => path.dirname(to)))) await sync(folder, 'r');
}

async function sync(file: string, flags: 'r' | 'r+'): Promise<void> {
  const handle = await open(file, flags);
  await handle.sync().finally(() => handle.close());
}
