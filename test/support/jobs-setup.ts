/** Jobs and downloads over a test Hub, and functions that wait for their events. */
import { onTestFinished } from 'vitest';
import type { Hub } from '../../main/hub/hub.ts';
import { createJobs, type Jobs, type JobsOptions } from '../../main/jobs/jobs.ts';
import { createDownloads, type Downloads } from '../../main/library/downloads.ts';
import { listJobs } from '../../main/store/jobs.ts';
import { openStore, type Store } from '../../main/store/store.ts';
import type { Job, JobsEvent, JobState } from '../../preload/contract/jobs.ts';
import { setUp, temporaryFolder } from './hub-setup.ts';

export const migrations = new URL('../../main/store/migrations', import.meta.url).pathname;

export interface Started {
  readonly jobs: Jobs;
  readonly downloads: Downloads;
}

/** `slots` is the number of downloads that run at a time; the others are queued. */
type More = Partial<JobsOptions> & { readonly slots?: () => number };

/** A queue with downloads in it, as a process has them: two at a time unless `more` says otherwise. */
export function startJobs(
  hub: Hub,
  store: Store,
  { slots = () => 2, ...more }: More = {},
  onFinished: (job: Job) => void = () => {},
): Started {
  const jobs = createJobs({ store, ...more });
  const downloads = createDownloads({
    hub,
    jobs,
    maxRunning: slots,
    knownPaths: () => [],
    discardDamaged: async () => {},
    onFinished,
    onChange: () => {},
  });
  jobs.start({ download: downloads.resume });
  return { jobs, downloads };
}

/** A Hub with downloads over it. */
export async function start(
  options: Parameters<typeof setUp>[0] = {},
  server: Parameters<typeof setUp>[1] = {},
  more: More = {},
) {
  const around = await setUp(options, server);
  const dataFolder = await temporaryFolder();
  const store = openStore(dataFolder, migrations);
  const finished: Job[] = [];
  const { jobs, downloads } = startJobs(around.hub, store, more, (job) => void finished.push(job));
  onTestFinished(async () => {
    await jobs.close();
    store.close();
  });
  return { ...around, jobs, downloads, store, finished };
}

/** Watches from now on; `until` waits for an event that matches. */
export function watch(jobs: Jobs): { events: JobsEvent[]; until: (passes: (job: Job) => boolean) => Promise<Job> } {
  const events: JobsEvent[] = [];
  const waiting = new Set<() => void>();
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  void (async () => {
    for await (const event of jobs.watch(stop.signal)) {
      events.push(structuredClone(event));
      for (const look of waiting) look();
    }
  })();
  return {
    events,
    until: (passes) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events
            .flatMap((event) => (event.type === 'job' ? [event.job] : event.type === 'snapshot' ? event.jobs : []))
            .find(passes);
          if (found !== undefined) resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
export const inState =
  (state: JobState, jobId?: string) =>
  (job: Job): boolean =>
    job.state === state && (jobId === undefined || job.id === jobId);
export const rows = (store: Store): JobState[] => listJobs(store).map((row) => row.state);
