/** A process that downloads one file and says how far it is, to be killed. Arguments: endpoint, cache, data folder, repository, file. */
import { createHub } from '../../main/hub/hub.ts';
import { createJobs } from '../../main/jobs/jobs.ts';
import { openStore } from '../../main/store/store.ts';
import { freshFit } from './hub-fit.ts';

const [endpoint = '', cacheFolder = '', dataFolder = '', repoId = '', path = ''] = process.argv.slice(2);
const hub = createHub({
  endpoint,
  token: () => null,
  fetch: globalThis.fetch,
  offline: false,
  cacheFolder: () => cacheFolder,
  estimateFit: () => freshFit,
  fileState: () => 'remote',
});
const store = openStore(dataFolder, new URL('../../main/store/migrations', import.meta.url).pathname);
const jobs = createJobs({ hub, store, onFinished: () => {} });
await jobs.download({ repoId, path, revision: 'main' }, new AbortController().signal);
for await (const event of jobs.watch(new AbortController().signal)) {
  if (event.type === 'job') process.stdout.write(`${String(event.job.doneBytes)}\n`);
}
