/** All downloads: starts them, finds them, and reserves disk space for them. */
import { assertFreeBytes } from '../base/disk.ts';
import type { Job, JobState } from '../../preload/contract/jobs.ts';
import type { ResumeWork, RunWork } from '../base/work.ts';
import type { Hub } from '../hub/hub.ts';
import { createDownload, modelPathOf, readSpec, specOf, type Download, type DownloadSpec } from './download.ts';

type DownloadState = JobState | 'cancelled';

export interface DownloadsOptions {
  readonly hub: Pick<
    Hub,
    | 'cacheFolder'
    | 'resolve'
    | 'fetchFile'
    | 'joinPieces'
    | 'isJoined'
    | 'localBytes'
    | 'missingBytes'
    | 'freeBytes'
    | 'discardFile'
  >;
  readonly jobs: { readonly run: RunWork; stateOf(jobId: string): DownloadState; requeue(jobId: string): boolean };
  /** The present limit for downloads at a time. */
  readonly maxRunning: () => number;
  /** The paths of the files of the model on this computer that `path` belongs to, in order; none where there is no such model. */
  readonly knownPaths: (repoId: string, path: string) => readonly string[];
  /** Deletes a damaged file, which would otherwise count as complete. */
  readonly discardDamaged: (repoId: string, path: string) => Promise<unknown>;
  /** Called when every file of a download has its final name in the cache. */
  readonly onFinished: (job: Job) => void;
  /** Called when the set of repositories with a download has changed. */
  readonly onChange: () => void;
}

export interface DownloadInput {
  readonly repoId: string;
  /** A file, or one shard of a set. */
  readonly path: string;
  readonly revision: string;
}

export interface Downloads {
  /** Starts the download of a file with all its shards, or continues its job. Throws hub.*, disk.full. */
  download(input: DownloadInput, signal: AbortSignal): Promise<{ jobId: string }>;
  readonly resume: ResumeWork;
  /** Whether a download of the repository, or of this file of it, has not ended. A paused one has not. */
  isFetching(repoId: string, path?: string): boolean;
  /** Whether any download is running or queued. */
  isAnyAtWork(): boolean;
}

export function createDownloads(options: DownloadsOptions): Downloads {
  const { hub, jobs } = options;
  /** The job id of each download. */
  const known = new Map<Download, string>();
  const all = (): { readonly download: Download; readonly jobId: string; readonly state: DownloadState }[] =>
    [...known].map(([download, jobId]) => ({ download, jobId, state: jobs.stateOf(jobId) }));
  const repositoryOf = (download: Download): string => download.spec().files[0]?.repoId ?? '';

  const isOver = (state: DownloadState): boolean => state === 'done' || state === 'failed' || state === 'cancelled';
  const isAtWork = (state: DownloadState): boolean => state === 'running' || state === 'verifying';
  const repositories = (): string =>
    all()
      .filter(({ state }) => !isOver(state))
      .map(({ download }) => repositoryOf(download))
      .sort()
      .join(' ');
  let toldRepositories = '';

  /** The bytes that the other downloads will still write to `folder`. */
  function reservedBytes(folder: string, except: Download | null, beside: 'running' | 'queued'): number {
    return all()
      .filter(({ download }) => download !== except && download.spec().folder === folder)
      .filter(({ state }) => isAtWork(state) || (beside === 'queued' && state === 'queued'))
      .reduce((sum, { download }) => sum + download.remainingBytes(), 0);
  }

  async function assertSpace(
    { folder, files }: DownloadSpec,
    except: Download | null,
    beside: 'running' | 'queued',
  ): Promise<void> {
    const [missing, freeBytes] = await Promise.all([hub.missingBytes(folder, files), hub.freeBytes(folder)]);
    const neededBytes = missing + reservedBytes(folder, except, beside);
    if (missing === 0) return;
    assertFreeBytes('There is not enough space on the disk for this download.', neededBytes, freeBytes);
  }

  function create(spec: DownloadSpec): Download {
    const download = createDownload(spec, {
      hub,
      maxRunning: options.maxRunning,
      assertSpace: (own, beside) => assertSpace(own.spec(), own, beside),
      onState(job) {
        if (job === null) known.delete(download);
        else known.set(download, job.id);
        const now = repositories();
        if (now !== toldRepositories) {
          toldRepositories = now;
          options.onChange();
        }
        if (job?.state === 'done') options.onFinished(job);
      },
    });
    return download;
  }

  function findSame(spec: DownloadSpec): ReturnType<typeof all>[number] | null {
    const [wanted] = spec.files;
    const isSame = ({ download }: { readonly download: Download }): boolean => {
      const [own] = download.spec().files;
      return own?.repoId === wanted?.repoId && own?.path === wanted?.path && own?.commit === wanted?.commit;
    };
    return all().find(isSame) ?? null;
  }

  return {
    async download({ repoId, path, revision }, signal) {
      const known = options.knownPaths(repoId, path);
      await options.discardDamaged(repoId, path);
      const files = await hub.resolve(repoId, path, revision, signal, known);
      const spec = await specOf(hub, hub.cacheFolder(), revision, files);
      await assertSpace(spec, findSame(spec)?.download ?? null, 'queued');

      // Nothing is awaited from here on, so that two simultaneous calls cannot both find no job.
      const same = findSame(spec);
      const isThere = spec.files.every((file) => file.wasThere);
      const goesOn = same !== null && ((same.state === 'done' && isThere) || jobs.requeue(same.jobId));
      return { jobId: goesOn ? same.jobId : jobs.run(create(spec).order).jobId };
    },
    resume: (data) => create(readSpec(data)).order,
    isFetching: (repoId, path) =>
      all().some(
        ({ download, state }) =>
          !isOver(state) &&
          repositoryOf(download) === repoId &&
          (path === undefined || modelPathOf(download.spec()) === path),
      ),
    isAnyAtWork: () => all().some(({ state }) => !isOver(state) && state !== 'paused'),
  };
}
