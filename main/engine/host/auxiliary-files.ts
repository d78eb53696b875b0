/** Files that a model is loaded with: adapters, and a draft model for speculative decoding. */
import type { LoadSettings } from '../../../preload/contract/engine.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { LoadRequest } from '../protocol.ts';

/** Finds a file by the id of its model. Throws model.*; model.unsupported also for a file of another kind. */
export type FindAuxiliaryFile = (
  modelId: string,
  kind: 'adapter' | 'model',
) => Promise<{ readonly path: string; readonly sizeBytes: number }>;

export interface AuxiliaryFiles extends Pick<LoadRequest, 'speculation' | 'loras'> {
  /** The ids of the files. */
  readonly modelIds: readonly string[];
  /** RAM for the files in addition to the model's. */
  readonly sizeBytes: number;
}

/** More layers than any model has: the draft model runs where the model runs. */
const ALL_LAYERS = 10_000;

/** The files that `settings` name. @throws AppError `unsupported` without `find`; what `find` throws. */
export async function findAuxiliaryFiles(
  settings: Pick<LoadSettings, 'speculation' | 'loras' | 'gpuLayers'>,
  find: FindAuxiliaryFile | null,
): Promise<AuxiliaryFiles> {
  let sizeBytes = 0;
  const modelIds: string[] = [];
  const pathOf = async (modelId: string, kind: 'adapter' | 'model'): Promise<string> => {
    if (find === null)
      throw new AppError('unsupported', 'Adapters and draft models cannot be loaded here.', {
        reason: 'no_auxiliary_files',
      });
    const file = await find(modelId, kind);
    sizeBytes += file.sizeBytes;
    modelIds.push(modelId);
    return file.path;
  };
  const { speculation } = settings;
  const loras: { path: string; scale: number }[] = [];
  for (const { modelId, scale } of settings.loras) loras.push({ path: await pathOf(modelId, 'adapter'), scale });
  if (speculation.kind !== 'draft') return { speculation, loras, modelIds, sizeBytes };
  const modelPath = await pathOf(speculation.modelId, 'model');
  const gpuLayers = settings.gpuLayers === 0 ? 0 : ALL_LAYERS;
  return { speculation: { kind: 'draft', modelPath, gpuLayers }, loras, modelIds, sizeBytes };
}
