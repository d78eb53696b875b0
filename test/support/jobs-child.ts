/**
 * A process that downloads one file as a job and prints its progress, then `done` or `failed`. Arguments: endpoint,
 * cache, data folder, repository, file, bytes of a segment (optional).
 */
import { createHub, createNetworkFetch } from '../../main/hub/hub.ts';
import { createJobs } from '../../main/jobs/jobs.ts';
import { createDownloads } from '../../main/library/downloads.ts';
import { openStore } from '../../main/store/store.ts';
import { fitIn } from '../../main/model-file/fit-of.ts';

const [endpoint = '', cacheFolder = '', dataFolder = '', repoId = '', path = '', segmentBytes = ''] =
  process.argv.slice(2);
const hub = createHub({
  endpoint,
  token: () => null,
  fetch: createNetworkFetch(() => ({ proxy: null, httpProxy: null, noProxy: null, certificates: null })),
  offlineBy: null,
  cacheFolder: () => cacheFolder,
  fitOf: fitIn(() => ({ freeRamBytes: 8e9, totalRamBytes: 16e9 })),
  fileState: () => 'remote',
  ...(segmentBytes === '' ? {} : { segmentBytes: Number(segmentBytes) }),
});
// The reader may stop before the end.
process.stdout.on('error', () => {});
const store = openStore(dataFolder, new URL('../../main/store/migrations', import.meta.url).pathname);
const jobs = createJobs({ store });
const downloads = createDownloads({
  hub,
  jobs,
  maxRunning: () => 1,
  knownPaths: () => [],
  discardDamaged: async () => {},
  onFinished: () => {},
  onChange: () => {},
});
jobs.start({ download: downloads.resume });
await downloads.download({ repoId, path, revision: 'main' }, new AbortController().signal);
for await (const event of jobs.watch(new AbortController().signal)) {
  if (event.type !== 'job') continue;
  process.stdout.write(`${String(event.job.doneBytes)}\n`);
  if (event.job.state === 'done' || event.job.state === 'failed') {
    process.stdout.write(`${event.job.state} ${event.job.error?.message ?? ''}\n`);
    break;
  }
}
