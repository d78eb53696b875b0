/** Finding a model, or a file that a model is loaded with, for a load or an estimate. */
import { stat } from 'node:fs/promises';
import { AppError } from '../../../preload/wire/errors.ts';
import type { EngineModel, FindAuxiliaryFile } from '../../engine/engine.ts';
import { defaultContextSize } from '../../model-file/fit.ts';
import { auxiliaryError } from '../../model-file/model-summary.ts';
import { isLasting } from './kept-refusal.ts';
import type { KnownModel } from './local-model.ts';
import type { ModelList } from './model-list.ts';

export interface UsableModelsOptions {
  readonly list: Pick<ModelList, 'known' | 'ready' | 'builtIn'>;
  readonly builtInModelId: string;
  /** Makes the list again, after a look at the disk. */
  readonly rescan: () => Promise<unknown>;
}

export interface UsableModels {
  /** What the engine needs to load a model. Throws model.missing, model.corrupt, model.unsupported. */
  find(modelId: string): Promise<EngineModel>;
  /**
   * A file that a model is loaded with, an adapter or a draft model, or quantized with. Estimates ask for it as well, so this counts
   * as no use. Throws model.missing, model.corrupt, model.unsupported.
   */
  readonly findAuxiliaryFile: FindAuxiliaryFile;
}

export function createUsableModels({ list, builtInModelId, rescan }: UsableModelsOptions): UsableModels {
  /** Throws model.missing, and the file's own problem. */
  async function usable(modelId: string): Promise<KnownModel> {
    const model = modelId === builtInModelId ? await list.builtIn() : await look(modelId);
    if (!model)
      throw new AppError(
        'model.missing',
        'This model is no longer on this computer. Choose another one, or download it again.',
        { modelId },
      );
    if (model.problem) throw new AppError(model.problem.code, model.problem.message, model.problem.data);
    return model;
  }
  async function look(modelId: string): Promise<KnownModel | undefined> {
    await list.ready();
    const known = list.known().get(modelId);
    if (known && isLasting(known.problem) && (known.problem === null || (await isUnchanged(known)))) return known;
    await rescan(); // another program may have fetched it since, its folder may be readable again, or its copy may be complete
    return list.known().get(modelId);
  }

  return {
    async find(modelId) {
      const { file, name, summary, auxiliary } = await usable(modelId);
      if (auxiliary) throw auxiliaryError(auxiliary.kind);
      return {
        modelId,
        name,
        path: file.openPath,
        shards: file.shards.map(({ openPath }) => openPath),
        weightsBytes: summary?.weightsBytes ?? file.sizeBytes,
        summary,
        contextSize: defaultContextSize(summary?.contextLength ?? null),
      };
    },
    async findAuxiliaryFile(modelId, kind) {
      const { file, auxiliary, name, summary } = await usable(modelId);
      if ((auxiliary?.kind ?? 'model') !== kind) throw wrongKind(kind, modelId, name);
      const shards = file.shards.map(({ openPath }) => openPath);
      return { path: file.openPath, shards, sizeBytes: file.sizeBytes, summary };
    },
  };
}

/** Whether the files have the sizes and times with which they were read. */
async function isUnchanged({ file }: KnownModel): Promise<boolean> {
  const now = await Promise.all(file.shards.map(({ openPath }) => stat(openPath).catch(() => null)));
  return file.shards.every(
    ({ sizeBytes, modifiedAtMs }, index) =>
      // The stored time is in whole milliseconds.
      now[index]?.size === sizeBytes && Math.round(now[index].mtimeMs) === Math.round(modifiedAtMs),
  );
}

function wrongKind(kind: Parameters<FindAuxiliaryFile>[1], modelId: string, name: string): AppError {
  const error = (message: string, reason: string): AppError =>
    new AppError('model.unsupported', message, { modelId, name, reason });
  switch (kind) {
    case 'adapter':
      return error(`${name} is no adapter. Take it out of the load settings.`, 'not_an_adapter');
    case 'model':
      return error(
        `${name} is no model, and cannot be a draft model. Choose another one in the load settings.`,
        'not_a_draft',
      );
    case 'imatrix':
      return error(`${name} is no importance matrix. Choose another one.`, 'not_an_imatrix');
    default:
      return kind satisfies never;
  }
}
