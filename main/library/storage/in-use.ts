/** The files of the cache that are in use, and so neither deleted nor moved. */
import { AppError } from '../../../preload/wire/errors.ts';
import { firstShardPath } from '../../model-file/shards.ts';
import { namesOf, type Repositories, type Target } from './report.ts';

export interface InUse {
  /** Ids of the models that are loaded, or being loaded. */
  readonly loadedModels: () => readonly string[];
  /** Whether a download of this repository has not ended. */
  readonly isFetching: (repoId: string) => boolean;
  /** Whether any download is running or queued. */
  readonly isAnyFetching: () => boolean;
}

/** Whether a file of the repository is loaded or being downloaded. */
export function isBusy({ loadedModels, isFetching }: InUse, repoId: string): boolean {
  return isFetching(repoId) || loadedModels().some((modelId) => modelId.startsWith(`${repoId}/`));
}

/** Throws busy, with the reason, when a file of `target` is in use. */
export function assertIdle(inUse: InUse, isMoving: boolean, known: Repositories, target: Target): void {
  if (isMoving)
    throw new AppError('busy', 'The models are being moved. Wait until that is done.', { reason: 'moving' });
  if (inUse.isFetching(target.repoId))
    throw new AppError('busy', 'A file of this model is being downloaded. Cancel that first.', {
      reason: 'downloading',
    });
  const repository = known.get(target.repoId);
  const names = repository ? namesOf(repository, target) : [];
  const loaded = new Set(inUse.loadedModels());
  if (names.some(({ path }) => loaded.has(`${target.repoId}/${firstShardPath(path)}`)))
    throw new AppError('busy', 'This model is loaded. Unload it first.', { reason: 'loaded' });
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
