/** The files of an adapter for a job: in their folder, or downloaded into the job's own. They are small beside a model. */
import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../preload/wire/errors.ts';
import type { TransferContext } from '../../base/work.ts';
import { remoteFileSchema, type Hub } from '../../hub/hub.ts';
import { snapshotFolder } from '../sources/hub-source.ts';
import type { OpenCheckpoint } from '../sources/open-checkpoint.ts';

/** An adapter as it is stored with a job: its folder, or the files at the Hub, pinned to their commit. */
export const adapterSpecSchema = z.object({
  name: z.string(),
  source: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('hub'), repoId: z.string(), commit: z.string() }),
    z.object({ kind: z.literal('folder'), path: z.string() }),
  ]),
  /** Empty for a folder. */
  files: z.array(remoteFileSchema),
});
export type AdapterSpec = z.infer<typeof adapterSpecSchema>;

/** Everything that a conversion reads of an adapter. */
export const adapterFileNames = ['adapter_config.json', 'adapter_model.safetensors', 'README.md'];

/** The paths of these files in a folder. */
export const adapterFilesIn = (folder: string): string[] => adapterFileNames.map((name) => path.join(folder, name));

/** What a job keeps of an open adapter. */
export function adapterSpecOf({ name, repoId, commit, remote, folder }: OpenCheckpoint): AdapterSpec {
  if (repoId === null || commit === null || remote === null)
    return { name, source: { kind: 'folder', path: folder ?? '' }, files: [] };
  const files = remote.filter((file) => adapterFileNames.includes(file.path)).map((file) => ({ ...file }));
  return { name, source: { kind: 'hub', repoId, commit }, files };
}

export const adapterBytes = ({ files }: AdapterSpec): number =>
  files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

/**
 * The folder that has the adapter's files, which are downloaded below `workspace` where they are not there yet. `tell` gets the bytes that
 * are there. Throws hub.*, disk.*.
 */
export async function fetchAdapter(
  { source, files }: AdapterSpec,
  workspace: string,
  hub: Pick<Hub, 'fetchFile'>,
  { signal, log }: TransferContext,
  tell: (state: { readonly name: string; readonly doneBytes: number }) => void,
): Promise<string> {
  if (source.kind === 'folder') return source.path;
  if (files.length === 0) throw new AppError('internal', 'The adapter has no files.');
  const folder = path.join(workspace, 'adapter');
  let before = 0;
  for (const file of files) {
    signal.throwIfAborted();
    const onProgress = ({ doneBytes }: { readonly doneBytes: number }): void =>
      tell({ name: file.path, doneBytes: before + doneBytes });
    await hub.fetchFile(file, { folder, ref: null, signal, onProgress, log });
    before += file.sizeBytes;
    tell({ name: file.path, doneBytes: before });
  }
  return snapshotFolder(folder, source.repoId, source.commit);
}
