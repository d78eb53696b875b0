/** One conversion, from the files of a checkpoint to the GGUF file. */
import { AppError } from '../../../preload/wire/errors.ts';
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import { openTensor } from '../checkpoint/unpack/unpack.ts';
import { readCheckpointPlan } from '../plan/read-plan.ts';
import type { SyncToDisk } from '../write/output-file.ts';
import type { WrittenModel } from '../write/write-model.ts';
import { writePlan, type PlannedModel } from '../write/write-plan.ts';
import type { ConvertEvent, ConvertRequest } from './protocol.ts';

/**
 * Converts `source` as `request` says. `onEvent` gets what was planned, then the progress; `nextTurn` lets
 * other work of the process go first.
 * @throws AppError as `readCheckpointPlan` before anything is written, and as `writeModel`.
 */
export async function convertCheckpoint(
  source: CheckpointSource,
  { name, ...output }: Omit<ConvertRequest, 'source'>,
  onEvent: (event: ConvertEvent) => void,
  { sync, nextTurn }: { readonly sync: SyncToDisk; readonly nextTurn: () => Promise<unknown> },
): Promise<PlannedModel & WrittenModel> {
  const { plan, tensors } = await readCheckpointPlan(source, name, nextTurn);
  const unpacked = new Map(tensors.map((one) => [one.tensor.name, one]));
  return await writePlan(
    plan,
    {
      source,
      sources: tensors.map(({ tensor }) => tensor),
      openReader: (tensor) => {
        const one = unpacked.get(tensor.name);
        if (one === undefined) throw new AppError('internal', `${tensor.name} is not there.`);
        return openTensor(source, one);
      },
    },
    { ...output, sync },
    {
      onPlanned: (planned) => onEvent({ type: 'planned', ...planned }),
      onProgress: (progress) => onEvent({ type: 'progress', ...progress }),
    },
  );
}
