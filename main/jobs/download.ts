/** One download job: its files one after the other, into the cache that is in use now. */
import type { TransferDetail } from '../../preload/contract/hub.ts';
import { type Hub, isCommit, type RemoteFile, type TransferProgress } from '../hub/hub.ts';
import type { DownloadRecord, DownloadSpec } from './job-record.ts';

export interface DownloadRun {
  readonly signal: AbortSignal;
  /** Throws disk.full when the files and what others still write do not fit. */
  readonly assertRoom: (folder: string, files: DownloadSpec['files']) => Promise<void>;
  readonly log: (text: string) => void;
  /** The job's spec is another now. */
  readonly moved: () => void;
}

/** Reads how much of each file is on the disk. */
export async function measureDownload(hub: Pick<Hub, 'localBytes'>, job: DownloadRecord): Promise<void> {
  const local = await Promise.all(job.spec.files.map((file) => hub.localBytes(job.spec.folder, file)));
  job.doneBytes = local.map(({ bytes }) => bytes);
}

/** What a download of `files` into the cache at `folder` is. */
export async function specAt(
  hub: Pick<Hub, 'localBytes'>,
  folder: string,
  asked: string,
  files: readonly RemoteFile[],
): Promise<DownloadSpec> {
  const local = await Promise.all(files.map((file) => hub.localBytes(folder, file)));
  return {
    folder,
    revision: asked,
    files: files.map((file, index) => ({ ...file, wasThere: local[index]?.isComplete === true })),
  };
}

/** Takes away what the job brought. Throws disk.denied. */
export async function discardDownload(hub: Pick<Hub, 'discardFile'>, job: DownloadRecord): Promise<void> {
  for (const file of job.spec.files) await hub.discardFile(job.spec.folder, file, { complete: !file.wasThere });
}

/** Fetches every file of the job. Throws hub.*, disk.*, cache.locked and the signal's reason. */
export async function runDownload(
  hub: Pick<Hub, 'cacheFolder' | 'fetchFile' | 'localBytes' | 'discardFile'>,
  job: DownloadRecord,
  run: DownloadRun,
): Promise<void> {
  await moveToCurrentFolder(hub, job, run);
  const { folder, files, revision: asked } = job.spec;
  await measureDownload(hub, job);
  await run.assertRoom(folder, files);
  try {
    for (const [index, file] of files.entries()) {
      run.signal.throwIfAborted();
      let seenBytes = job.doneBytes[index] ?? 0;
      const onProgress = ({ phase, doneBytes, parts, detail }: TransferProgress): void => {
        job.state = phase === 'verifying' ? 'verifying' : 'running';
        job.parts = parts;
        job.detail = detail === null ? null : wordsOf(detail);
        if (phase === 'receiving' && doneBytes > seenBytes) job.meter.add(doneBytes - seenBytes);
        seenBytes = doneBytes;
        // A file that is begun again does not take the bar back; it stands until the new bytes are past it.
        job.doneBytes[index] = Math.max(job.doneBytes[index] ?? 0, doneBytes);
      };
      // The branch points to the commit when the whole set is there, and not before.
      const isLast = index === files.length - 1;
      const ref = isLast && !isCommit(asked) ? asked : null;
      if (files.length > 1) run.log(`File ${String(index + 1)} of ${String(files.length)}: ${file.path}`);
      await hub.fetchFile(file, { folder, ref, signal: run.signal, onProgress, log: run.log });
      job.doneBytes[index] = file.sizeBytes;
    }
  } finally {
    job.parts = [];
    job.detail = null;
  }
}

function wordsOf(detail: TransferDetail): string {
  switch (detail.code) {
    case 'locked_elsewhere':
      return 'Another program is fetching this file';
    case 'retrying':
      return 'The connection failed, trying again soon';
    case 'hashing':
      return `Checking, ${String(detail.percent)} %`;
    case 'comparing':
      return `The hash is wrong: comparing with the Hub, ${String(detail.percent)} %`;
    default:
      return detail satisfies never;
  }
}

/** The cache was moved since the job began, perhaps because its disk is full: what came goes from there, and is fetched anew. */
async function moveToCurrentFolder(
  hub: Pick<Hub, 'cacheFolder' | 'localBytes' | 'discardFile'>,
  job: DownloadRecord,
  run: DownloadRun,
): Promise<void> {
  const folder = hub.cacheFolder();
  if (folder === job.spec.folder) return;
  run.log('The folder for models is another now; the download begins again there.');
  // The old folder may be on a drive that is not there any more.
  await discardDownload(hub, job).catch(() => run.log('What had come stays in the old folder: it cannot be reached.'));
  job.spec = await specAt(hub, folder, job.spec.revision, job.spec.files);
  run.moved();
}
