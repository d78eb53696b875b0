/** Reads the headers of the model that a command names: of its files on this computer, or at the Hub by range requests. */
import { parseModelReference } from '../../../preload/contract/model-reference.ts';
import { chooseFile } from '../../../preload/contract/model-tags.ts';
import type { HubFile } from '../../../preload/contract/hub.ts';
import { AppError, encodeError, isAppError } from '../../../preload/wire/errors.ts';
import { checkoutLayout } from '../../app/layout.ts';
import { readHeaderThrough } from '../../model-file/disk/header-of-file.ts';
import type { GgufHeader } from '../../model-file/gguf.ts';
import { checkModel } from '../../model-file/model-check.ts';
import { summarizeAuxiliary, summarizeModel } from '../../model-file/model-summary.ts';
import { createWholeModel } from '../../model-file/split.ts';
import { kindsOf, readHeaderOfFile, readModelHeader, type ModelFile } from '../../library/library.ts';
import { cacheFolderOf } from '../cache-folder.ts';
import { connectHub, hubTokenOf } from '../connect-hub.ts';
import type { Invocation } from '../invocation.ts';
import { severalFiles } from '../../hub/hub.ts';
import { findModelFile } from '../model-files.ts';
import type { ReadModel } from './facts.ts';

/** More of one header than any has: as the app's own limit for what it reads of a file. */
const MAX_HEADER_BYTES = 64 * 1024 * 1024;

/**
 * The model on this computer, else at the Hub; with `isRemote` always at the Hub. A model with a problem is answered with it.
 * @throws AppError `model.missing`, `hub.*`, `network.*`, `invalid_input` where several files match.
 */
export async function readModel(reference: string, isRemote: boolean, invocation: Invocation): Promise<ReadModel> {
  if (isRemote) return await readAtHub(reference, invocation);
  const { environment } = invocation;
  const places = { cacheFolder: await cacheFolderOf(environment), layout: checkoutLayout(), environment };
  let file: ModelFile;
  try {
    file = await findModelFile(reference, places);
  } catch (error) {
    const isName = parseModelReference(reference, [invocation.environment.hubEndpoint]) !== null;
    if (!isAppError(error, 'model.missing') || !isName || /^[./]/.test(reference)) throw error;
    return await readAtHub(reference, invocation).catch((atHub: unknown) => {
      // Without the Hub the name is as unknown as before.
      throw isAppError(atHub, 'hub.offline')
        ? new AppError('hub.offline', `${reference} is not on this computer. ${atHub.message}`, atHub.data)
        : atHub;
    });
  }
  return await readHere(file);
}

async function readHere(file: ModelFile): Promise<ReadModel> {
  const header = await readModelHeader(file);
  const modelId = file.repoId === '' ? file.path : `${file.repoId}/${file.path}`;
  const headers: GgufHeader[] = [];
  // What keeps a header from being read is the model's problem already.
  for (const { openPath } of file.shards) {
    const read = await readHeaderOfFile(openPath).catch(() => null);
    if (read !== null) headers.push(read);
  }
  return {
    modelId,
    place: 'here',
    file: file.openPath,
    revision: file.commit === '' ? null : file.commit,
    kind: header.auxiliary?.kind ?? kindsOf(new Map([[modelId, { ...header, file }]])).get(modelId) ?? 'model',
    sizeBytes: file.sizeBytes,
    fileCount: file.shards.length,
    license: header.summary?.license ?? header.auxiliary?.license ?? null,
    headers,
    summary: header.summary,
    problem: header.problem,
    cost: null,
  };
}

/** The file that a reference names at the Hub; without a tag the one that is recommended for this computer. */
function chosen(
  files: readonly HubFile[],
  repoId: string,
  named: NonNullable<ReturnType<typeof parseModelReference>>,
): HubFile {
  const choice = chooseFile(files, named);
  switch (choice.kind) {
    case 'file':
      return choice.file;
    case 'several':
      throw severalFiles(repoId, choice.files);
    case 'open': {
      const models = files.filter(({ kind }) => kind === 'model');
      const best = models.find(({ recommended }) => recommended !== null) ?? models[0] ?? files[0];
      if (best !== undefined) return best;
      throw new AppError(
        'hub.not_found',
        `${repoId} has no GGUF file. hearth convert ${repoId} --check says whether it can become one.`,
        { repoId },
      );
    }
    case 'none':
      throw new AppError(
        'hub.not_found',
        `${repoId} has no such file. It has ${
          files
            .map(({ path }) => path)
            .slice(0, 20)
            .join(', ') || 'no GGUF file'
        }.`,
        { repoId },
      );
    default:
      return choice satisfies never;
  }
}

async function readAtHub(reference: string, { environment, output, signal }: Invocation): Promise<ReadModel> {
  const named = parseModelReference(reference, [environment.hubEndpoint]);
  if (named === null)
    throw new AppError(
      'invalid_input',
      `"${reference}" is no repository of the Hub. Write OWNER/NAME or OWNER/NAME:TAG.`,
    );
  output.status('Asking the Hub…');
  const hub = connectHub(environment, await cacheFolderOf(environment), hubTokenOf(environment));
  const revision = named.revision ?? 'main';
  const model = await hub.model(named.repoId, revision, signal);
  const file = chosen(model.files, model.repoId, named);
  // Checks access, and joins the names of pieces.
  const remote = await hub.resolve(
    model.repoId,
    file.path,
    revision,
    signal,
    file.shards.map(({ path }) => path),
  );
  const cost = { requests: 0, bytes: 0 };
  const whole = createWholeModel(remote.length);
  const headers: GgufHeader[] = [];
  const facts = {
    modelId: `${model.repoId}/${file.path}`,
    ...({ place: 'hub', file: null, revision: model.revision, cost } as const),
    ...{ kind: file.kind, sizeBytes: file.sizeBytes, fileCount: remote.length, license: model.license, headers },
  };
  try {
    for (const [index, one] of remote.entries()) {
      output.status(`Reading the header of ${one.path}…`);
      const read = hub.openFile(one, cost);
      let readBytes = 0;
      const header = await readHeaderThrough(async (start, end) => {
        readBytes += end - start;
        if (readBytes > MAX_HEADER_BYTES)
          throw new AppError('model.unsupported', 'The header of this file is longer than any model needs.', {
            reason: 'header_too_long',
          });
        return await read(start, Math.min(end, one.sizeBytes), signal);
      }, one.sizeBytes);
      headers.push(header);
      whole.add(index, { path: one.path, sizeBytes: one.sizeBytes, header });
    }
    const { first, others } = whole.whole();
    if (summarizeAuxiliary(first) !== null) return { ...facts, summary: null, problem: null };
    const summary = summarizeModel(first, others);
    checkModel(first, others);
    return { ...facts, summary, problem: null };
  } catch (error) {
    signal.throwIfAborted();
    if (!isAppError(error, 'model.corrupt') && !isAppError(error, 'model.unsupported')) throw error;
    return { ...facts, summary: null, problem: encodeError(error) };
  }
}
