/** Finds the model that a command names: a file, or a model on this computer. Opens no database, so it works beside a running app. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { parseModelReference } from '../../preload/contract/model-reference.ts';
import { chooseFile } from '../../preload/contract/model-tags.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { defaultContextSize } from '../model-file/fit.ts';
import { quantizationFromFileName } from '../model-file/quantization.ts';
import { cachedFilePath, listCache } from '../hub/hub.ts';
import type { EngineModel } from '../engine/engine.ts';
import { builtInModel } from '../app/built-in.ts';
import type { Layout } from '../app/layout.ts';
import { joinShards, nameFromFile, summarizeShards, type ModelFile } from '../library/library.ts';

export interface Places {
  /** Null: only the built-in model is known. */
  readonly cacheFolder: string | null;
  readonly layout: Layout;
}

/** The file at a path as a model of one shard. Throws model.missing. */
async function fileAt(file: string, repoId: string, inRepo: string): Promise<ModelFile> {
  const facts = await stat(file).catch(() => {
    throw new AppError('model.missing', `There is no file ${file}.`);
  });
  const entry = {
    repoId,
    commit: '',
    path: inRepo,
    openPath: file,
    sizeBytes: facts.size,
    modifiedAtMs: facts.mtimeMs,
  };
  return { ...entry, shards: [entry], missingShards: 0 };
}

/** The built-in model and every model of the cache. */
export async function listModelFiles(places: Places): Promise<ModelFile[]> {
  const [owner = '', name = '', file = ''] = builtInModel.id.split('/');
  const builtIn = await fileAt(places.layout.builtInModelPath, `${owner}/${name}`, file);
  const folder = places.cacheFolder;
  if (folder === null) return [builtIn];
  const cached = await listCache(folder);
  return [
    builtIn,
    ...joinShards(
      cached.map((entry) => ({ ...entry, openPath: cachedFilePath(folder, entry.repoId, entry.commit, entry.path) })),
    ),
  ];
}

/**
 * The model that `reference` names: `file.gguf` on disk, `OWNER/NAME`, `OWNER/NAME:TAG`, `OWNER/NAME/FILE` or an address of the Hub.
 * Throws model.missing with a hint, invalid_input when several match.
 */
export async function findModelFile(reference: string, places: Places): Promise<ModelFile> {
  const isFile = /\.gguf$/i.test(reference) && (await stat(reference).catch(() => null))?.isFile() === true;
  if (isFile) return await fileAt(path.resolve(reference), '', path.basename(reference));
  const parsed = parseModelReference(reference);
  if (!parsed)
    throw new AppError(
      'model.missing',
      `There is no file ${reference}, and it is not the name of a model (OWNER/NAME[:QUANT]).`,
    );
  const all = (await listModelFiles(places)).filter(
    (file) => file.repoId.toLowerCase() === parsed.repoId.toLowerCase(),
  );
  const candidates = all.map((file) => ({
    file,
    path: file.path,
    kind: 'model',
    quantization: quantizationFromFileName(file.path),
    shards: file.shards,
  }));
  const choice = chooseFile(candidates, parsed);
  const matching =
    choice.kind === 'open'
      ? candidates
      : choice.kind === 'file'
        ? [choice.file]
        : choice.kind === 'several'
          ? choice.files
          : [];
  const [only, ...others] = matching;
  if (!only)
    throw new AppError(
      'model.missing',
      `${reference} is not on this computer. Fetch it first: hearth pull ${reference}`,
    );
  if (others.length > 0) throw severalFiles(parsed.repoId, matching);
  return only.file;
}

/** The refusal of a reference that several files fit: it names them. */
export function severalFiles(repoId: string, files: readonly { readonly path: string }[]): AppError {
  const names = files.map(({ path }) => `${repoId}/${path}`).join(', ');
  return new AppError('invalid_input', `Several files of ${repoId} fit. Name one: ${names}`, {
    reason: 'several_files',
  });
}

/** The model for the engine to load. Throws model.corrupt, model.unsupported, model.missing. */
export async function engineModelOf(file: ModelFile): Promise<EngineModel> {
  const summary = await summarizeShards(file);
  return {
    modelId: file.repoId === '' ? file.path : `${file.repoId}/${file.path}`,
    name: nameFromFile(file.path),
    path: file.openPath,
    weightsBytes: summary.weightsBytes,
    summary,
    contextSize: defaultContextSize(summary.contextLength),
  };
}
