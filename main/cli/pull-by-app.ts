/** `hearth pull` while an app runs: its download, which its window shows, and of which this command tells the progress. */
import type { HearthClient } from '../../preload/contract/contract.ts';
import type { Job, JobsEvent } from '../../preload/contract/jobs.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { cachedFilePath, choosePath, orNamesOfFiles, type ModelPages } from '../hub/hub.ts';
import { firstEvent } from './first-event.ts';
import type { Output } from './output.ts';

/** Shortest time between two reports. */
const PROGRESS_EVERY_MS = 200;

interface PullByAppOptions {
  /** The address of the Hub, which a reference may begin with. */
  readonly endpoint: string;
  readonly signal: AbortSignal;
  readonly output: Output;
}

/**
 * Downloads a model by the app. When `signal` fires, a download that this command began is paused, and the next pull goes on with it; one
 * that was under way before goes on in the app.
 * @throws AppError `hub.*`, `disk.*`, `cache.locked`, `invalid_input`, `cancelled` where it was paused or removed in the app, `disconnected`.
 */
export async function pullByApp(
  reference: string,
  client: HearthClient,
  { endpoint, signal, output }: PullByAppOptions,
): Promise<void> {
  const pages: ModelPages = {
    model: (repoId, revision, until) => client.call('hub.model', { repoId, revision }, { signal: until }),
  };
  const wanted = await choosePath(pages, reference, endpoint, signal);
  const before = (await firstEvent(client, 'jobs.watch', signal)) as Extract<JobsEvent, { type: 'snapshot' }>;
  const { jobId } = await orNamesOfFiles(pages, wanted, signal, () =>
    client.call('library.download', wanted, { signal }),
  );
  const wasUnderWay = before.jobs.some(({ id, state }) => id === jobId && state !== 'paused' && state !== 'failed');
  const job = await follow(jobId, client, signal, output);
  if (job === null) {
    if (!wasUnderWay) await client.call('jobs.pause', { jobId });
    return;
  }
  const modelId = job.modelId ?? `${wanted.repoId}/${wanted.path}`;
  const folder = (await firstEvent(client, 'settings.watch', signal)).cacheFolder.current.path;
  const file = cachedFilePath(folder, job.repoId, job.revision, modelId.slice(job.repoId.length + 1));
  output.done({ type: 'done', modelId, revision: job.revision, sizeBytes: job.totalBytes, path: file }, file);
}

/** The job when it is done; null when `signal` fired before. */
async function follow(jobId: string, client: HearthClient, signal: AbortSignal, output: Output): Promise<Job | null> {
  let toldAt = 0;
  for await (const event of client.stream('jobs.watch', {}, { signal })) {
    if (event.type === 'removed' && event.jobId === jobId) throw ended('removed');
    const job =
      event.type === 'snapshot'
        ? event.jobs.find(({ id }) => id === jobId)
        : event.type === 'job' && event.job.id === jobId
          ? event.job
          : undefined;
    if (job === undefined) continue;
    switch (job.state) {
      case 'done':
        return job;
      case 'failed':
        throw job.error === null ? ended('ended') : new AppError(job.error.code, job.error.message, job.error.data);
      case 'paused':
        throw ended('paused');
      case 'queued':
      case 'running':
      case 'waiting':
      case 'verifying': {
        const now = performance.now();
        if (now - toldAt < PROGRESS_EVERY_MS) break;
        toldAt = now;
        const phase = job.state === 'running' ? 'receiving' : job.state;
        output.progress({ phase, doneBytes: job.doneBytes, totalBytes: job.totalBytes });
        break;
      }
      default:
        return job.state satisfies never;
    }
  }
  if (!signal.aborted) throw new AppError('disconnected', 'The connection to Hearth was lost.');
  return null;
}

const ended = (how: 'paused' | 'removed' | 'ended'): AppError =>
  new AppError(
    'cancelled',
    `The download was ${how === 'ended' ? 'ended' : how} in Hearth. The same pull goes on with it.`,
  );
