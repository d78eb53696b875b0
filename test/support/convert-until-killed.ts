/**
 * A process with the app that converts a repository, for a test that kills it: `FOLDER HUB_URL MOMENT`. It tells when the download is under
 * way (`downloading`), or when part of the output is safe on the disk (`written`), of a conversion that stores no weights.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { startConversionApp } from './conversion-app.ts';

const [folder = '', hubUrl = '', moment = 'downloading'] = process.argv.slice(2);
const app = startConversionApp(folder, hubUrl);
await app.call('convert.start', {
  source: { kind: 'hub', repoId: 'owner/sharded', revision: 'main' },
  type: 'F16',
  keepSource: moment === 'downloading',
  quantize: null,
});
const working = path.join(folder, 'data/converting');
const isWritten = async (): Promise<boolean> =>
  existsSync(working) && readdirSync(working, { recursive: true }).some((name) => String(name).endsWith('.part.json'));
const isThere =
  moment === 'written'
    ? isWritten
    : async (): Promise<boolean> =>
        (await app.jobs()).some(
          ({ detail }) => detail?.code === 'conversion' && detail.phase === 'downloading' && detail.index > 3,
        );
while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 20));
process.send?.('now');
