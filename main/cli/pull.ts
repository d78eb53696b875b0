/** `hearth pull`: a model file from the Hub into the cache, verified. */
import { isAppError } from '../../preload/wire/errors.ts';
import { choosePath, isOutOfReach, orNamesOfFiles, type TransferProgress } from '../hub/hub.ts';
import { wholeOf } from '../model-file/pieces.ts';
import type { Environment } from '../app/environment.ts';
import { checkoutLayout, type Layout } from '../app/layout.ts';
import type { ModelFile } from '../library/library.ts';
import { cacheFolderOf } from './cache-folder.ts';
import { connectHub, hubTokenOf } from './connect-hub.ts';
import type { Invocation, Values } from './invocation.ts';
import { findModelFile } from './model-files.ts';
import type { Output } from './output.ts';
import { pullByApp } from './pull-by-app.ts';
import { connectAppOfCache } from './running-app.ts';

/** Shortest time between two reports. */
const PROGRESS_EVERY_MS = 200;

interface PullOptions {
  readonly environment: Environment;
  readonly layout: Layout;
  readonly cacheFolder: string;
  readonly token: string | null;
  readonly signal: AbortSignal;
  readonly output: Output;
}

/** The command: a running app downloads, so that its window shows it; else this process does, with the token that the app uses. @throws AppError as `pull` does. */
export async function runPull(
  _values: Values<'pull'>,
  [reference]: readonly string[],
  { environment, version, output, signal }: Invocation,
): Promise<void> {
  const app = await connectAppOfCache(environment, version, signal);
  if (app)
    try {
      return await pullByApp(reference ?? '', app.client, { endpoint: environment.hubEndpoint, signal, output });
    } finally {
      app.close();
    }
  const token = hubTokenOf(environment);
  const cacheFolder = await cacheFolderOf(environment);
  await pull(reference ?? '', { environment, layout: checkoutLayout(), cacheFolder, token, signal, output });
}

/**
 * Downloads every file of the model. The next pull after an interruption resumes it. While the Hub is out of reach, a model that is
 * complete on this computer is enough. Throws hub.*, disk.*, cache.locked, invalid_input.
 */
async function pull(reference: string, options: PullOptions): Promise<void> {
  try {
    await pullFromHub(reference, options);
  } catch (error) {
    const found = isOutOfReach(error) ? await findHere(reference, options) : null;
    if (found === null) throw error;
    const sizeBytes = found.shards.reduce((sum, shard) => sum + shard.sizeBytes, 0);
    const modelId = `${found.repoId}/${found.path}`;
    options.output.done(
      { type: 'done', modelId, revision: found.commit, sizeBytes, path: found.openPath },
      found.openPath,
    );
  }
}

/** The model in the cache; null when it is missing, incomplete or of another revision. Throws invalid_input when several match. */
async function findHere(reference: string, { layout, cacheFolder }: PullOptions): Promise<ModelFile | null> {
  try {
    const found = await findModelFile(reference, { layout, cacheFolder });
    return found.commit !== '' && found.missingShards === 0 ? found : null;
  } catch (error) {
    if (isAppError(error, 'model.missing')) return null;
    throw error;
  }
}

async function pullFromHub(reference: string, options: PullOptions): Promise<void> {
  const { environment, cacheFolder, signal, output } = options;
  const hub = connectHub(environment, cacheFolder, options.token);
  const wanted = await choosePath(hub, reference, environment.hubEndpoint, signal);
  const files = await orNamesOfFiles(hub, wanted, signal, () =>
    hub.resolve(wanted.repoId, wanted.path, wanted.revision, signal),
  );
  await hub.assertRoom(cacheFolder, files);
  const totalBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  let before = 0;
  let lastReport = 0;
  const paths: string[] = [];
  const whole = wholeOf(files.map(({ path }) => path));
  const isJoined = await hub.isJoined(cacheFolder, files);
  const report = ({ phase, doneBytes }: TransferProgress): void => {
    const now = performance.now();
    if (now - lastReport < PROGRESS_EVERY_MS) return;
    lastReport = now;
    output.progress({ phase, doneBytes: before + doneBytes, totalBytes });
  };
  for (const [index, file] of isJoined ? [] : files.entries()) {
    paths.push(
      await hub.fetchFile(file, {
        folder: cacheFolder,
        // With the last file, so that the branch never points to an incomplete set.
        ref: index === files.length - 1 && whole === null ? wanted.revision : null,
        signal,
        onProgress: report,
      }),
    );
    before += file.sizeBytes;
  }
  if (whole !== null) {
    before = 0;
    paths[0] = await hub.joinPieces(files, { folder: cacheFolder, ref: wanted.revision, signal, onProgress: report });
  }
  output.done(
    {
      type: 'done',
      modelId: `${wanted.repoId}/${whole ?? files[0]?.path ?? wanted.path}`,
      revision: files[0]?.commit ?? null,
      sizeBytes: totalBytes,
      path: paths[0] ?? null,
    },
    paths[0] ?? '',
  );
}
