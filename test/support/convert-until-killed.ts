/** A process with the app that converts a repository, for a test that kills it: `FOLDER HUB_URL`. It tells when the download is under way. */
import { startConversionApp } from './conversion-app.ts';

const [folder = '', hubUrl = ''] = process.argv.slice(2);
const app = startConversionApp(folder, hubUrl);
const { jobId } = await app.call('convert.start', {
  source: { kind: 'hub', repoId: 'owner/sharded', revision: 'main' },
  type: 'F16',
  keepSource: true,
  quantize: null,
});
await app.waitFor(
  jobId,
  ({ detail }) => detail?.code === 'conversion' && detail.phase === 'downloading' && detail.index > 3,
);
process.send?.('downloading');
