/** One download as a work order: the files of a model one after the other, into the present cache. */
import { z } from 'zod';
import type { Job } from '../../preload/contract/jobs.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { type Hub, isCommit, type RemoteFile, remoteFileSchema, type TransferProgress } from '../hub/hub.ts';
import type { TransferContext, WorkOrder, WorkView } from '../base/work.ts';
import { kindByName } from '../model-file/auxiliary.ts';
import { wholeOf } from '../model-file/pieces.ts';
import { quantizationFromFileName } from '../model-file/quantization.ts';
import { parseShard } from '../model-file/shards.ts';

/** The stored form of a download. It is the same as in versions before December 2026. */
const downloadSpecSchema = z.object({
  /** The cache that the job writes to. */
  folder: z.string(),
  /** The requested branch, tag or commit. */
  revision: z.string(),
  files: z
    .array(
      remoteFileSchema.extend({
        /** The file was in the cache before the job. */
        wasThere: z.boolean(),
      }),
    )
    .min(1),
  /** The paths of the files that this job completed: they alone are deleted when it is cancelled. */
  finished: z.array(z.string()).default([]),
});
export type DownloadSpec = z.infer<typeof downloadSpecSchema>;

/** Parses the spec of an earlier process. Throws for invalid data. */
export function readSpec(data: unknown): DownloadSpec {
  return downloadSpecSchema.parse(data);
}

/** The spec of a download of `files` into the cache at `folder`. `revision` is the requested one. */
export async function specOf(
  hub: Pick<Hub, 'localBytes' | 'isJoined'>,
  folder: string,
  revision: string,
  files: readonly RemoteFile[],
): Promise<DownloadSpec> {
  const isJoined = await hub.isJoined(folder, files);
  const local = await Promise.all(files.map((file) => hub.localBytes(folder, file)));
  return {
    folder,
    revision,
    files: files.map((file, index) => ({ ...file, wasThere: isJoined || local[index]?.isComplete === true })),
    finished: [],
  };
}

export interface DownloadOptions {
  readonly hub: Pick<Hub, 'cacheFolder' | 'fetchFile' | 'joinPieces' | 'isJoined' | 'localBytes' | 'discardFile'>;
  /**
   * Throws disk.full when the files do not fit beside the missing bytes of other downloads: of the running ones, and with `queued` also of
   * the queued ones.
   */
  readonly assertSpace: (download: Download, beside: 'running' | 'queued') => Promise<void>;
  /** The present limit for downloads at a time. */
  readonly maxRunning: () => number;
  readonly onState: (job: Job | null) => void;
}

export interface Download {
  readonly order: WorkOrder;
  /** The present spec, which changes when the cache is moved. */
  spec(): DownloadSpec;
  remainingBytes(): number;
}

/** A download with the spec `first`. It is done at once when every file exists. */
export function createDownload(first: DownloadSpec, options: DownloadOptions): Download {
  const { hub } = options;
  const [head] = first.files;
  if (head === undefined) throw new AppError('internal', 'A download without files.');
  const { repoId, commit } = head;
  const path = modelPathOf(first);
  let spec = first;
  const isPieces = path !== head.path;
  /** Received bytes of each file. They decrease only between two runs. */
  let doneBytes = first.files.map((file) => (file.wasThere ? file.sizeBytes : 0));
  /** The segments of the file under way. */
  let segments: Job['segments'] = [];

  async function measure(): Promise<void> {
    const isJoined = await hub.isJoined(spec.folder, spec.files);
    const local = await Promise.all(spec.files.map((file) => hub.localBytes(spec.folder, file)));
    doneBytes = local.map(({ bytes }, index) => (isJoined ? (spec.files[index]?.sizeBytes ?? 0) : bytes));
  }
  async function discard(): Promise<void> {
    for (const file of spec.files)
      await hub.discardFile(spec.folder, file, { complete: spec.finished.includes(file.path) });
  }

  /** Restarts in the present folder when the cache was moved, and deletes the bytes in the old one. */
  async function followCache(log: (text: string) => void): Promise<void> {
    const folder = hub.cacheFolder();
    if (folder === spec.folder) return;
    log('The folder for models has changed; the download starts again there.');
    // The old folder may be on a disconnected drive.
    await discard().catch(() => log('The received bytes stay in the old folder, which cannot be reached.'));
    spec = await specOf(hub, folder, spec.revision, spec.files);
  }

  async function fetch(index: number, file: RemoteFile, context: TransferContext): Promise<void> {
    let seenBytes = doneBytes[index] ?? 0;
    const onProgress = (progress: TransferProgress): void => {
      context.phase(progress.phase === 'verifying' ? 'verifying' : 'running');
      context.detail(progress.detail);
      segments = progress.segments;
      if (progress.phase === 'receiving' && progress.doneBytes > seenBytes)
        context.received(progress.doneBytes - seenBytes);
      seenBytes = progress.doneBytes;
      // The progress of a restarted file does not go back; it waits until the new bytes exceed it.
      doneBytes[index] = Math.max(doneBytes[index] ?? 0, progress.doneBytes);
    };
    const { signal, log } = context;
    // The branch's ref is written with the last file, so that it never points to an incomplete set.
    const isLast = index === spec.files.length - 1;
    const ref = isLast && !isPieces ? refOf(spec) : null;
    const onPublished = (): void => {
      spec = { ...spec, finished: [...spec.finished, file.path] };
      context.keep();
    };
    await hub.fetchFile(file, { folder: spec.folder, ref, signal, onProgress, onPublished, log });
    doneBytes[index] = file.sizeBytes;
  }

  async function joinPieces({ signal, log, phase, detail }: TransferContext): Promise<void> {
    log(`The pieces are joined to ${path}`);
    phase('verifying');
    const onProgress = (progress: TransferProgress): void => detail(progress.detail);
    await hub.joinPieces(spec.files, { folder: spec.folder, ref: refOf(spec), signal, onProgress });
  }

  async function run(context: TransferContext): Promise<void> {
    await followCache(context.log);
    await measure();
    await options.assertSpace(download, 'running');
    try {
      const isJoined = await hub.isJoined(spec.folder, spec.files);
      for (const [index, file] of isJoined ? [] : spec.files.entries()) {
        context.signal.throwIfAborted();
        if (spec.files.length > 1)
          context.log(`File ${String(index + 1)} of ${String(spec.files.length)}: ${file.path}`);
        await fetch(index, file, context);
      }
      if (isPieces) await joinPieces(context);
    } finally {
      segments = [];
      context.detail(null);
    }
  }

  const totalBytes = first.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const received = (): number => doneBytes.reduce((sum, bytes) => sum + bytes, 0);
  const view = (): WorkView => ({
    repoId,
    revision: commit,
    files: spec.files.map((file, index) => ({
      path: file.path,
      sizeBytes: file.sizeBytes,
      doneBytes: doneBytes[index] ?? 0,
    })),
    segments,
    modelId: `${repoId}/${path}`,
    doneBytes: received(),
    totalBytes,
  });
  const download: Download = {
    spec: () => spec,
    remainingBytes: () => totalBytes - received(),
    order: {
      kind: 'download',
      canBringBack: true,
      subject: nameOf(repoId, path),
      totalBytes,
      slots: options.maxRunning,
      isDone: first.files.every((file) => file.wasThere),
      run,
      discard,
      data: () => spec,
      prepare: measure,
      checkSpace: () => options.assertSpace(download, 'queued'),
      view,
      onState: options.onState,
    },
  };
  return download;
}

/** The path of the model that the files are: of shards that of the first one, of pieces that of the file that they are joined to. */
export function modelPathOf({ files }: Pick<DownloadSpec, 'files'>): string {
  return wholeOf(files.map(({ path }) => path)) ?? files[0]?.path ?? '';
}

/** The branch or tag that points to the commit when the download is done; null for a commit. */
function refOf({ revision }: DownloadSpec): string | null {
  return isCommit(revision) ? null : revision;
}

/** A name such as `Qwen3-4B Q4_K_M` for a file of `Qwen/Qwen3-4B-GGUF`; the file's name when it has no quantization. */
function nameOf(repoId: string, path: string): string {
  const quantization = quantizationFromFileName(path);
  if (quantization !== null && kindByName(path) === 'model')
    return `${repoId.slice(repoId.indexOf('/') + 1).replace(/[-_.]GGUF$/i, '')} ${quantization}`;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return (parseShard(name)?.prefix ?? name.replace(/\.gguf$/i, '')) || name;
}
