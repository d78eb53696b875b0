/** `hearth pull`: a model file from the Hub into the cache, verified. */
import path from 'node:path';
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import { chooseFile } from '../../preload/contract/model-tags.ts';
import { parseModelReference } from '../../preload/contract/model-reference.ts';
import { isOutOfReach, type Hub, type TransferProgress } from '../hub/hub.ts';
import { wholeOf } from '../model-file/pieces.ts';
import type { Environment } from '../app/environment.ts';
import { checkoutLayout, type Layout } from '../app/layout.ts';
import type { ModelFile } from '../library/library.ts';
import { cacheFolderOf } from './cache-folder.ts';
import { connectHub, hubTokenOf } from './connect-hub.ts';
import type { Invocation, Values } from './invocation.ts';
import { findModelFile, severalFiles } from './model-files.ts';
import type { Output } from './output.ts';

/** Shortest time between two reports. */
const PROGRESS_EVERY_MS = 200;

interface Wanted {
  readonly repoId: string;
  readonly path: string;
  readonly revision: string;
}

/** The path in the repository that `reference` means; without a file or a tag the recommended one. */
async function choosePath(hub: Hub, reference: string, endpoint: string, signal: AbortSignal): Promise<Wanted> {
  const parsed = parseModelReference(reference, [endpoint]);
  if (!parsed)
    throw new AppError(
      'invalid_input',
      `"${reference}" does not name a model. Write OWNER/NAME:TAG or OWNER/NAME/FILE.gguf.`,
    );
  const revision = parsed.revision ?? 'main';
  if (parsed.path !== null && /\.gguf/i.test(path.basename(parsed.path)))
    return { repoId: parsed.repoId, path: parsed.path, revision };
  const model = await hub.model(parsed.repoId, revision, signal);
  const models = model.files.filter((file) => file.kind === 'model');
  const choice = chooseFile(model.files, parsed);
  if (choice.kind === 'several') throw severalFiles(parsed.repoId, choice.files);
  const chosen =
    choice.kind === 'file'
      ? choice.file
      : choice.kind === 'open'
        ? (models.find((file) => file.recommended !== null) ?? models[0])
        : undefined;
  // A file that is no model is not in the list.
  if (choice.kind === 'none' && parsed.path !== null && path.extname(parsed.path) !== '')
    return { repoId: parsed.repoId, path: parsed.path, revision };
  if (!chosen) {
    const known = [...new Set(models.flatMap((file) => file.quantization ?? []))].join(', ');
    throw new AppError(
      'hub.not_found',
      known === ''
        ? `There is no GGUF file in ${parsed.repoId}.`
        : `There is no ${parsed.tag ?? parsed.path ?? 'such'} file in ${parsed.repoId}. It has ${known}.`,
    );
  }
  return { repoId: parsed.repoId, path: chosen.path, revision };
}

interface PullOptions {
  readonly environment: Environment;
  readonly layout: Layout;
  readonly cacheFolder: string;
  readonly token: string | null;
  readonly signal: AbortSignal;
  readonly output: Output;
}

/** The command: fetches with the token that the app uses. @throws AppError as `pull` does. */
export async function runPull(
  _values: Values<'pull'>,
  [reference]: readonly string[],
  { environment, output, signal }: Invocation,
): Promise<void> {
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

/** The files to fetch. @throws AppError, for a file that is not there with the names of those that are. */
async function resolve(hub: Hub, { repoId, path: file, revision }: Wanted, signal: AbortSignal) {
  try {
    return await hub.resolve(repoId, file, revision, signal);
  } catch (error) {
    if (!isAppError(error, 'hub.not_found')) throw error;
    const { files } = await hub.model(repoId, revision, signal);
    const names = files.map((one) => one.path);
    // A shard of it is missing, or the file came in between.
    if (names.includes(file)) throw error;
    const known = names.join(', ');
    const sentence = `There is no file ${file} in ${repoId}. ${known === '' ? 'It has no GGUF file.' : `It has ${known}.`}`;
    throw new AppError('hub.not_found', sentence, error.data, { cause: error });
  }
}

async function pullFromHub(reference: string, options: PullOptions): Promise<void> {
  const { environment, cacheFolder, signal, output } = options;
  const hub = connectHub(environment, cacheFolder, options.token);
  const wanted = await choosePath(hub, reference, environment.hubEndpoint, signal);
  const files = await resolve(hub, wanted, signal);
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
