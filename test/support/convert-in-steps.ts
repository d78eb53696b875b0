/**
 * A process with the app that converts and quantizes a repository with an importance matrix, or goes on with that, and kills itself when the
 * job enters a phase: `FOLDER HUB_URL PHASE`. The ids of its own processes go to `FOLDER/children.json`, where the system tells them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { quantizeOptionsSchema } from '../../preload/contract/convert.ts';
import { startConversionApp } from './conversion-app.ts';
import { childrenOf } from './processes.ts';

const [folder = '', hubUrl = '', phase = ''] = process.argv.slice(2);
const app = startConversionApp(folder, hubUrl);
const [earlier] = await app.jobs();
const text = readFileSync(path.join(import.meta.dirname, '../../assets/texts/varied.txt'), 'utf8').slice(0, 4000);
const { jobId } =
  earlier === undefined
    ? await app.call('convert.start', {
        ...{ source: { kind: 'hub', repoId: 'owner/sharded', revision: 'main' }, type: 'Q4_0', keepSource: false },
        quantize: quantizeOptionsSchema.parse({ imatrix: { kind: 'text', text } }),
      })
    : { jobId: earlier.id };
if (earlier !== undefined) await app.call('jobs.resume', { jobId });
await app.waitFor(
  jobId,
  ({ detail }) => detail?.code === 'conversion' && detail.phase === phase,
  ({ error }) => {
    if (error !== null) throw new Error(error.message);
  },
);
const children = process.platform === 'linux' ? childrenOf(process.pid) : [];
writeFileSync(path.join(folder, 'children.json'), JSON.stringify(children));
process.kill(process.pid, 'SIGKILL');
