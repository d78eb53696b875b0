/** Frees memory for a load: idle models are evicted, the least recently used first. */
import { AppError } from '../../../preload/wire/errors.ts';
import type { MemoryUse } from '../../model-file/memory.ts';
import { modelsToEvict, type Allowance } from './budget.ts';
import { loadCancelled, type Instance } from './instance.ts';
import type { Occupant } from './planner.ts';

export interface EvictionOptions {
  readonly occupants: () => readonly Occupant[];
  readonly allowance: () => Promise<Allowance>;
  /** Ends a model and resolves when its memory is free. */
  readonly evict: (modelId: string) => Promise<void>;
  /** Waits a limited time until Hearth's own work with a model ends or `isOver` is true; false when the time ran out. */
  readonly worked: (modelId: string, isOver: () => boolean) => Promise<boolean>;
}

const OTHER_MODELS = 'other_models';

/**
 * Evicts idle models until `needed` fits beside the others. Leases are checked again right before each eviction, so a model that was
 * leased meanwhile stays. Hearth's own work with a model is waited for. A model too large even for an empty memory is loaded anyway.
 *
 * @throws AppError `busy` when models in use leave too little; `engine.out_of_memory` when `ifRoom` forbids to evict; `cancelled`.
 */
export async function makeRoom(
  instance: Pick<Instance, 'model' | 'ending' | 'ifRoom'>,
  needed: MemoryUse,
  options: EvictionOptions,
): Promise<void> {
  const others = (): Occupant[] => options.occupants().filter(({ modelId }) => modelId !== instance.model.modelId);
  if (others().length === 0) return;
  const allowance = await options.allowance();
  const isCancelled = (): boolean => instance.ending !== undefined;
  let isLate = false;
  for (;;) {
    if (isCancelled()) throw loadCancelled();
    // Work that does not end in time keeps its model in memory, as a lease does.
    const residents = others().map((one) => ({ ...one, busy: one.busy || (isLate && one.working) }));
    const going = modelsToEvict(residents, needed, allowance);
    if (going?.length === 0) return;
    if (instance.ifRoom && residents.length > 0)
      throw new AppError('engine.out_of_memory', 'It does not fit in memory beside the loaded models.', {
        reason: OTHER_MODELS,
        neededBytes: needed.ramBytes,
      });
    if (going === null && residents.some(({ busy }) => busy))
      throw new AppError(
        'busy',
        'Another model is in use, and there is not enough memory for both. Try again when it is done.',
        { reason: 'memory_in_use' },
      );
    const [next] = going ?? residents.map(({ modelId }) => modelId);
    if (next === undefined) return;
    if (residents.some(({ modelId, working }) => modelId === next && working))
      isLate ||= !(await options.worked(next, isCancelled));
    else await options.evict(next);
  }
}

/** True for the error of a load with `ifRoom` that did not fit beside the loaded models. */
export const isNoRoom = ({ code, data }: AppError): boolean =>
  code === 'engine.out_of_memory' && data['reason'] === OTHER_MODELS;
