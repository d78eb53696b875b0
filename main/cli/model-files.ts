/** Finds the model that a command names: a file, or a model on this computer. Opens no database, so it works beside a running app. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { parseModelReference, type ModelReference } from '../../preload/contract/model-reference.ts';
import { chooseFile, type FileChoice } from '../../preload/contract/model-tags.ts';
import type { ModelFileKind } from '../../preload/contract/model.ts';
import { isRemoteModelId } from '../../preload/contract/remote-model-id.ts';
import { AppError, type ErrorBody } from '../../preload/wire/errors.ts';
import { defaultContextSize } from '../model-file/fit.ts';
import { shardPaths } from '../model-file/shards.ts';
import { quantizationFromFileName } from '../model-file/quantization.ts';
import { cachedFilePath, listCache, listCachedRevision, severalFiles, type CachedFile } from '../hub/hub.ts';
import type { EngineModel } from '../engine/engine.ts';
import { builtInModel } from '../app/built-in.ts';
import type { Environment } from '../app/environment.ts';
import type { Layout } from '../app/layout.ts';
import {
  joinByHeader,
  joinShards,
  kindsOf,
  listPlacedFiles,
  nameFromFile,
  readModelHeader,
  readShardMarks,
  summarizeShards,
  type ModelFile,
  type ModelHeader,
} from '../library/library.ts';
import { nameInFolder } from './given-names.ts';
import { isModelFile } from './is-model-file.ts';
import { notHere } from './models-elsewhere.ts';
import { modelNotHere, noModel } from './no-model.ts';

export interface Places {
  /** Null: only the built-in model is known. */
  readonly cacheFolder: string | null;
  readonly layout: Layout;
  /** Also the models that Hearth made, and those of other programs. */
  readonly environment?: Pick<Environment, 'dataFolder' | 'programs'>;
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

/** The model at a path, with its other shards in the same folder. Throws model.missing. */
async function modelOf(file: string): Promise<ModelFile> {
  const [folder, name] = [path.dirname(file), path.basename(file)];
  const alone = await fileAt(file, '', name);
  const shards = shardPaths(name);
  if (shards.length === 1 && (await readModelHeader(alone)).problem?.data?.['reason'] !== 'shard_alone') return alone;
  const names = shards.length > 1 ? shards : (await readdir(folder)).filter((one) => /\.gguf$/i.test(one));
  const found = names.map((one) => fileAt(path.join(folder, one), '', one).catch(() => null));
  const files = joinShards((await Promise.all(found)).flatMap((one) => one ?? []));
  const has = ({ file: { shards: all } }: DescribedFile): boolean => all.some(({ openPath }) => openPath === file);
  return (await describeFiles(files)).find(has)?.file ?? alone;
}

/** The built-in model and every model of the cache, or those of one repository, whose letters may be of another case. */
export async function listModelFiles(places: Places, repoId: string | null = null): Promise<ModelFile[]> {
  const isWanted = (one: { readonly repoId: string }): boolean =>
    repoId === null || one.repoId.toLowerCase() === repoId.toLowerCase();
  const [owner = '', name = '', file = ''] = builtInModel.id.split('/');
  const builtIn = await fileAt(places.layout.builtInModelPath, `${owner}/${name}`, file);
  const folder = places.cacheFolder;
  if (folder === null) return [builtIn].filter(isWanted);
  const cached = await listCache(folder, async (one) => (isWanted(one) ? await readShardMarks(folder, one) : {}));
  const elsewhere = places.environment === undefined ? [] : await listElsewhere(places.environment, folder);
  return [builtIn, ...modelsOf(folder, cached), ...elsewhere].filter(isWanted);
}

async function listElsewhere(
  { dataFolder, programs }: Pick<Environment, 'dataFolder' | 'programs'>,
  cacheFolder: string,
): Promise<ModelFile[]> {
  return joinShards(
    await listPlacedFiles({ programs, convertedFolder: path.join(dataFolder, 'converted'), except: [cacheFolder] }),
  );
}

const modelsOf = (folder: string, cached: readonly CachedFile[]): ModelFile[] =>
  joinShards(
    cached.map((entry) => ({ ...entry, openPath: cachedFilePath(folder, entry.repoId, entry.commit, entry.path) })),
  );

/**
 * The model that `reference` names: a GGUF file on disk, a name that the user gave to a model, the built-in model's name, `OWNER/NAME`, `OWNER/NAME:TAG`, `OWNER/NAME/FILE` or
 * an address of the Hub. One with another revision than `main` means only what is here of that.
 * Throws model.missing with a hint, invalid_input when several match, unsupported for a model elsewhere.
 */
export async function findModelFile(reference: string, places: Places): Promise<ModelFile> {
  if (await isModelFile(reference)) return await modelOf(path.resolve(reference));
  const named = places.environment ? await nameInFolder(reference, places.environment.dataFolder) : null;
  const modelId = named?.modelId ?? reference;
  if (isRemoteModelId(modelId)) throw notHere(reference, modelId);
  return await findByName(modelId, places);
}

/** The model of a repository, of Hearth or of another program. Throws as `findModelFile`. */
async function findByName(reference: string, places: Places): Promise<ModelFile> {
  const isBuiltIn = reference.toLowerCase() === builtInModel.name.toLowerCase();
  const parsed = parseModelReference(isBuiltIn ? builtInModel.id : reference);
  const placed = await findElsewhere(reference, places);
  if (placed !== null) return placed;
  if (!parsed) throw await noModel(reference);
  const { repoId, revision } = parsed;
  const folder = places.cacheFolder;
  const all =
    folder !== null && revision !== null && revision !== 'main'
      ? modelsOf(folder, await listCachedRevision(folder, repoId, revision))
      : await listModelFiles(places, repoId);
  const candidates = await describeFiles(all);
  return (await chosenFile(reference, parsed, candidates, chooseFile(candidates, parsed))).file;
}

/**
 * The one file that a reference means among those that are here of its repository.
 * @throws AppError `model.missing` with what else is here, `invalid_input` when several match.
 */
export async function chosenFile<File extends Pick<DescribedFile, 'path' | 'kind' | 'quantization' | 'problem'>>(
  reference: string,
  parsed: ModelReference,
  files: readonly File[],
  choice: FileChoice<File>,
): Promise<File> {
  const matching =
    choice.kind === 'open'
      ? defaultsOf(files)
      : choice.kind === 'file'
        ? [choice.file]
        : choice.kind === 'several'
          ? choice.files
          : [];
  const [only, ...others] = matching;
  if (!only) throw await modelNotHere(reference, parsed, files);
  if (others.length > 0) throw severalFiles(parsed.repoId, matching);
  return only;
}

/** A model that Hearth made, or one of another program, by its whole id. */
async function findElsewhere(id: string, { environment, cacheFolder }: Places): Promise<ModelFile | null> {
  // Their ids have the form of a repository with a file.
  if (environment === undefined || cacheFolder === null || !/^[^/]+\/[^/]+\/./.test(id)) return null;
  const all = await listElsewhere(environment, cacheFolder);
  return all.find(({ repoId, path: file }) => `${repoId}/${file}`.toLowerCase() === id.toLowerCase()) ?? null;
}

/** A model file with its kind, and the problem that keeps it from being used. */
export interface DescribedFile {
  readonly file: ModelFile;
  readonly path: string;
  readonly kind: ModelFileKind;
  readonly quantization: string | null;
  readonly shards: ModelFile['shards'];
  readonly problem: ErrorBody | null;
}

/** Reads the headers of the files. */
export async function describeFiles(files: readonly ModelFile[]): Promise<DescribedFile[]> {
  const read = async (file: ModelFile): Promise<ModelHeader & { readonly file: ModelFile }> => ({
    file,
    ...(await readModelHeader(file)),
  });
  const all = [];
  for (const file of files) all.push(await read(file));
  const known = new Map(
    (await joinByHeader(all, read)).map((model) => [`${model.file.repoId}/${model.file.path}`, model]),
  );
  const kinds = kindsOf(known);
  return [...known].map(([modelId, { file, summary, auxiliary, problem }]) => ({
    file,
    path: file.path,
    kind: kinds.get(modelId) ?? 'model',
    quantization: quantizationFromFileName(file.path) ?? (summary ?? auxiliary)?.quantization ?? null,
    shards: file.shards,
    problem,
  }));
}

/** What a repository's name alone may mean: its models that work, else its models, else its other files. */
function defaultsOf<T extends Pick<DescribedFile, 'kind' | 'problem'>>(files: readonly T[]): readonly T[] {
  const models = files.filter(({ kind }) => kind === 'model');
  const working = models.filter(({ problem }) => problem === null);
  return working.length > 0 ? working : models.length > 0 ? models : files;
}

/** The model for the engine to load. Throws model.corrupt, model.unsupported, model.missing. */
export async function engineModelOf(file: ModelFile): Promise<EngineModel> {
  const summary = await summarizeShards(file);
  return {
    modelId: file.repoId === '' ? file.path : `${file.repoId}/${file.path}`,
    name: nameFromFile(file.path),
    path: file.openPath,
    shards: file.shards.map(({ openPath }) => openPath),
    weightsBytes: summary.weightsBytes,
    summary,
    contextSize: defaultContextSize(summary.contextLength),
  };
}
