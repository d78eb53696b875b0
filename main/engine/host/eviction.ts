/** Making room for a model that is about to be loaded: idle models are evicted, the least recently used first. */
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
  /** Waits a limited time for Hearth's own work with a model, or until `isOver`; false when it still goes on. */
  readonly worked: (modelId: string, isOver: () => boolean) => Promise<boolean>;
}

const OTHER_MODELS = 'other_models';

/**
 * Evicts until `needed` fits beside what is left. Who is leased is looked up anew before each model that goes, with nothing awaited in
 * between: a model that somebody has asked for meanwhile stays. Hearth's own work with a model is waited for. What does not fit well even alone gets all there is.
 *
 * @throws AppError `busy` when models in use leave too little; `engine.out_of_memory` when `ifRoom` forbids to evict; `cancelled`.
 */
export async function makeRoom(instance: Instance, needed: MemoryUse, options: EvictionOptions): Promise<void> {
  const others = (): Occupant[] => options.occupants().filter(({ modelId }) => modelId !== instance.model.modelId);
  if (others().length === 0) return;
  const allowance = await options.allowance();
  const isCancelled = (): boolean => instance.ending !== undefined;
  let isLate = false;
  for (;;) {
    if (isCancelled()) throw loadCancelled();
    // Work that does not end keeps its model as a user would.
    const residents = others().map((one) => ({ ...one, busy: one.busy || (isLate && one.working) }));
    const going = modelsToEvict(residents, needed, allowance);
    if (going?.length === 0) return;
    if (instance.ifRoom && residents.length > 0)
      throw new AppError('engine.out_of_memory', 'There is no room for it beside the models that are loaded.', {
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

/** Whether a load that may evict nothing found no room beside the models in memory. */
export const isNoRoom = ({ code, data }: AppError): boolean =>
  code === 'engine.out_of_memory' && data['reason'] === OTHER_MODELS;
