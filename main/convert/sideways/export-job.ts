/** Writes a model on this computer as safetensors into a folder that the user chose, as a job. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { modelIdSchema } from '../../../preload/contract/model.ts';
import { systemCode } from '../../../preload/wire/disk-error.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { isThere } from '../../base/disk.ts';
import { shownName } from '../../base/foreign-text.ts';
import type { TransferContext, WorkOrder } from '../../base/work.ts';
import type { WorkOnFiles } from '../child/file-worker.ts';
import { createFullDisk } from '../outputs/full-disk.ts';
import { createJobRun } from '../jobs/job-run.ts';
import type { JobTools } from '../jobs/tools.ts';
import type { TokenizerOrigins } from '../sources/tokenizer-origins.ts';
import { vocabularyFiles } from '../vocabulary/tokenizer-files.ts';
import { syncFolder } from '../written-file.ts';

export const exportSpecSchema = z.object({
  workId: z.string(),
  modelId: modelIdSchema,
  name: z.string(),
  /** The folder that is made, in the one that the user chose. */
  folder: z.string(),
  quantizedAs: z.enum(['F32', 'F16', 'BF16']),
});
export type ExportSpec = z.infer<typeof exportSpecSchema>;

export interface ExportTools extends Pick<JobTools, 'findModel' | 'outputs' | 'freeBytes'> {
  readonly workOnFiles: WorkOnFiles;
  readonly origins: TokenizerOrigins;
}

export function createExportOrder(spec: ExportSpec, tools: ExportTools): WorkOrder {
  const job = createJobRun();
  const { progress } = job;
  const disk = createFullDisk(tools.freeBytes, () => path.dirname(spec.folder));
  // Beside the result, which is on a disk of the user's choice; hidden until it is complete.
  const unfinished = path.join(path.dirname(spec.folder), `.${path.basename(spec.folder)}.${spec.workId}`);
  const removeUnfinished = (): Promise<void> => rm(unfinished, { recursive: true, force: true });

  async function work({ signal }: TransferContext): Promise<void> {
    const model = await tools.findModel(spec.modelId);
    progress.plan([{ phase: 'copying', bytes: model.weightsBytes }]);
    progress.enter('copying');
    await removeUnfinished();
    try {
      // The chosen folder itself is not made again.
      await mkdir(unfinished);
      await writeFolder(model.path, signal);
    } catch (error) {
      throw await explained(error);
    } finally {
      // It is made from its beginning by each run, and may be on a disk with little room.
      await removeUnfinished();
    }
  }

  /** What an error means for the chosen folder, which another program may take away or fill; any other as it is. */
  async function explained(error: unknown): Promise<unknown> {
    const code = systemCode(error);
    if (code === 'EEXIST' || code === 'ENOTEMPTY') return taken(spec.folder);
    const parent = path.dirname(spec.folder);
    if (code !== 'ENOENT' || (await isThere(unfinished))) return error;
    const name = shownName(path.basename(parent));
    return new AppError('disk.denied', `The folder ${name} is not there, or cannot be written to.`, {
      ...{ reason: 'chosen_folder_missing', name },
    });
  }

  async function writeFolder(inputPath: string, signal: AbortSignal): Promise<void> {
    const { paths, sizeBytes } = await tools.workOnFiles(
      { kind: 'export', inputPath, outputFolder: unfinished, quantizedAs: spec.quantizedAs },
      unfinished,
      {
        signal,
        onProgress(doneBytes, totalBytes, name) {
          progress.plan([{ phase: 'copying', bytes: totalBytes }]);
          progress.report({ doneBytes, name });
        },
      },
    );
    const names = new Set(paths.map((file) => path.relative(unfinished, file)));
    // What the metadata tells of the tokenizer gives way to the files that it was made of.
    for (const [name, bytes] of await tokenizerFiles(signal)) {
      if (name.includes('/')) continue;
      await writeFile(path.join(unfinished, name), bytes, { flush: true });
      names.add(name);
    }
    if (await isThere(spec.folder)) throw taken(spec.folder);
    await rename(unfinished, spec.folder);
    await syncFolder(path.dirname(spec.folder));
    const hasTokenizer = vocabularyFiles.some((name) => names.has(name));
    job.detail({ code: 'exported', folder: spec.folder, fileCount: names.size, sizeBytes, hasTokenizer });
    progress.finish();
  }

  /** Those of the checkpoint that the model was made of; none where nothing is known of it, or they cannot be had now. */
  async function tokenizerFiles(signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
    const { sourceRepoId: repoId, sourceRevision: revision } =
      (await tools.outputs.recordOf(spec.modelId))?.record ?? {};
    if (typeof repoId !== 'string' || typeof revision !== 'string') return new Map();
    try {
      return await (await tools.origins.of({ kind: 'hub', repoId, revision }, signal)).readFiles(signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof AppError)) throw error;
      return new Map();
    }
  }

  return {
    kind: 'export',
    subject: spec.name,
    totalBytes: 0,
    run: (context) => job.run(context, (running) => disk.during(() => work(running))),
    discard: removeUnfinished,
    checkSpace: disk.check,
    data: () => spec,
    view: () => job.view(null),
  };
}

const taken = (folder: string): AppError => {
  const name = shownName(path.basename(folder));
  return new AppError('invalid_input', `There is a folder called ${name} already.`, { reason: 'name_taken', name });
};
