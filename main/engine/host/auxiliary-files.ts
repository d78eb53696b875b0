/** Files that a model is loaded with: adapters, and a draft model for speculative decoding. */
import type { LoadSettings } from '../../../preload/contract/engine.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { LoadedBeside } from '../../model-file/fit.ts';
import type { ModelSummary } from '../../model-file/model-summary.ts';
import type { LoadRequest } from '../protocol.ts';

/** Finds a file by the id of its model; this is no use of the file. Throws model.*; model.unsupported also for a file of another kind. */
export type FindAuxiliaryFile = (
  modelId: string,
  kind: 'adapter' | 'model' | 'imatrix',
) => Promise<{
  readonly path: string;
  /** As those of an `EngineModel`. */
  readonly shards?: readonly string[];
  readonly sizeBytes: number;
  /** Null for an adapter, and for a model whose header was not read. */
  readonly summary: ModelSummary | null;
}>;

export interface AuxiliaryFiles {
  /** The ids of the files. */
  readonly modelIds: readonly string[];
  readonly loras: LoadRequest['loras'];
  readonly draftPath: string | null;
  readonly draftShards: readonly string[];
  /** The same files for an estimate. Absent when there are none. */
  readonly beside?: LoadedBeside;
}

/** The files of a load without adapters and draft model. */
export const noAuxiliaryFiles: AuxiliaryFiles = { modelIds: [], loras: [], draftPath: null, draftShards: [] };

/** The files that `settings` name. @throws AppError `unsupported` without `find`; what `find` throws. */
export async function findAuxiliaryFiles(
  { speculation, loras }: Pick<LoadSettings, 'speculation' | 'loras'>,
  find: FindAuxiliaryFile | null,
): Promise<AuxiliaryFiles> {
  if (loras.length === 0 && speculation.kind !== 'draft') return noAuxiliaryFiles;
  if (find === null)
    throw new AppError('unsupported', 'Adapters and draft models cannot be loaded here.', {
      reason: 'no_auxiliary_files',
    });
  const adapters = [];
  for (const { modelId, scale } of loras) adapters.push({ scale, ...(await find(modelId, 'adapter')) });
  const draft = speculation.kind === 'draft' ? await find(speculation.modelId, 'model') : null;
  return {
    modelIds: [...loras, ...(speculation.kind === 'draft' ? [speculation] : [])].map(({ modelId }) => modelId),
    loras: adapters.map(({ path, scale }) => ({ path, scale })),
    draftPath: draft?.path ?? null,
    draftShards: draft?.shards ?? [],
    beside: { adapterBytes: adapters.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), draft },
  };
}

/** More layers than any model has: the draft model runs where the model runs. */
const ALL_LAYERS = 10_000;

/** The part of the child's request that names the files. `gpuLayers` is the model's number of layers on the GPU. */
export function auxiliaryRequest(
  { loras, draftPath }: AuxiliaryFiles,
  speculation: LoadSettings['speculation'],
  gpuLayers: number,
): Pick<LoadRequest, 'speculation' | 'loras'> {
  if (speculation.kind !== 'draft') return { speculation, loras };
  if (draftPath === null) return { speculation: { kind: 'off' }, loras };
  return { speculation: { kind: 'draft', modelPath: draftPath, gpuLayers: gpuLayers > 0 ? ALL_LAYERS : 0 }, loras };
}
