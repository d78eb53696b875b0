/** Which repositories something is being fetched of, as the jobs tell it. */
import type { JobsEvent, JobState } from '../../preload/contract/jobs.ts';

export interface Downloads {
  /** Settles when the jobs of earlier processes are known as well. */
  readonly known: Promise<void>;
  /** Whether a download of the repository is not over, a paused one included. */
  isFetching(repoId: string): boolean;
  /** Whether any download is at work or waits for its turn. */
  isAnyAtWork(): boolean;
}

/** Follows the jobs until `signal` fires. `onChange` is called when another repository is fetched than before. */
export function followDownloads(
  watch: (signal: AbortSignal) => AsyncIterable<JobsEvent>,
  signal: AbortSignal,
  onChange: () => void,
): Downloads {
  const downloads = new Map<string, { readonly repoId: string; readonly state: JobState }>();
  const underWay = (): string => {
    const repositories = [...downloads.values()].filter(({ state }) => isUnderWay(state)).map(({ repoId }) => repoId);
    return repositories.sort().join(' ');
  };
  const take = (event: JobsEvent): void => {
    if (event.type === 'removed') return void downloads.delete(event.jobId);
    if (event.type === 'snapshot') downloads.clear();
    for (const { id, kind, repoId, state } of event.type === 'snapshot' ? event.jobs : [event.job])
      if (kind === 'download') downloads.set(id, { repoId, state });
  };
  const { promise: known, resolve: knows } = Promise.withResolvers<void>();
  const follow = async (): Promise<void> => {
    for await (const event of watch(signal)) {
      const before = underWay();
      take(event);
      knows();
      if (underWay() !== before) onChange();
    }
  };
  void follow().catch(() => {
    // The watch ends with the jobs; what was known last stays.
  });
  return {
    known,
    isFetching: (repoId) => [...downloads.values()].some((job) => job.repoId === repoId && isUnderWay(job.state)),
    isAnyAtWork: () => [...downloads.values()].some(({ state }) => isUnderWay(state) && state !== 'paused'),
  };
}

function isUnderWay(state: JobState): boolean {
  return state !== 'done' && state !== 'failed';
}
