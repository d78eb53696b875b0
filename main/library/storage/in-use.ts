/** The files of the cache that are in use, and so neither deleted nor moved. */
import { AppError } from '../../../preload/wire/errors.ts';
import { modelPaths } from '../../hub/hub.ts';
import { namesOf, type Repositories, type Target } from './report.ts';

export interface InUse {
  /** Ids of the models that are loaded, or being loaded. */
  readonly loadedModels: () => readonly string[];
  /** Ids of the models that are leased: they write, or are asked to. */
  readonly leasedModels: () => readonly string[];
  /** Unloads a model, which need not be loaded. Throws busy while it is leased. */
  readonly unload: (modelId: string) => Promise<void>;
  /** Whether a download of this repository has not ended. */
  readonly isFetching: (repoId: string) => boolean;
  /** Whether any download is running or queued. */
  readonly isAnyFetching: () => boolean;
}

/** Whether a model of the repository is leased, or a file of it is being downloaded. */
export function isBusy({ leasedModels, isFetching }: InUse, repoId: string): boolean {
  return isFetching(repoId) || leasedModels().some((modelId) => modelId.startsWith(`${repoId}/`));
}

/** Throws busy, with the reason, when one of the models is leased. */
export function assertUnused({ leasedModels }: Pick<InUse, 'leasedModels'>, modelIds: Iterable<string>): void {
  const leased = new Set(leasedModels());
  for (const modelId of modelIds)
    if (leased.has(modelId))
      throw new AppError('busy', 'The model is in use. Stop its replies first, or unload it.', {
        reason: 'model_in_use',
      });
}

/** The models that `targets` has files of. */
export function modelsOf(known: Repositories, targets: readonly Target[]): ReadonlySet<string> {
  const names = targets.flatMap((target) => {
    const repository = known.get(target.repoId);
    if (!repository) return [];
    const modelPath = modelPaths(repository);
    return namesOf(repository, target).map(({ commit, path }) => `${target.repoId}/${modelPath(commit, path)}`);
  });
  return new Set(names);
}

/** Throws busy, with the reason, when a repository of `targets` is being downloaded or one of the models is leased. */
export function assertIdle(
  inUse: InUse,
  isMoving: boolean,
  targets: readonly Target[],
  modelIds: Iterable<string>,
): void {
  if (isMoving)
    throw new AppError('busy', 'The models are being moved. Wait until that is done.', { reason: 'moving' });
  if (targets.some(({ repoId }) => inUse.isFetching(repoId)))
    throw new AppError('busy', 'A file of this model is being downloaded. Cancel that first.', {
      reason: 'downloading',
    });
  assertUnused(inUse, modelIds);
}

/** Throws busy when the cache cannot be moved now. */
export function assertMovableNow(inUse: InUse, known: Repositories): void {
  if (inUse.isAnyFetching())
    throw new AppError('busy', 'A download has not ended. Wait for it or cancel it, then move.', {
      reason: 'download_active',
    });
  if ([...known.keys()].some((repoId) => inUse.loadedModels().some((modelId) => modelId.startsWith(`${repoId}/`))))
    throw new AppError('busy', 'A model of this folder is loaded. Unload it first.', { reason: 'models_loaded' });
}
