/** Reads the sources of a GGUF adapter. */
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import type { TensorReader } from '../checkpoint/checkpoint-tensor.ts';
import { createStoredReader } from '../checkpoint/stored-reader.ts';
import { plainDtype } from '../write/values/decode-values.ts';
import { createChangedReader } from './changed-reader.ts';
import type { AdapterSource } from './lora-plan.ts';

/** A reader of a factor's values, multiplied in float32 where the module has a scale of its own. */
export function openAdapterSource(source: CheckpointSource, { tensor, stored, factor }: AdapterSource): TensorReader {
  const reader = createStoredReader(source, stored);
  if (factor === 1) return reader;
  const dtype = plainDtype(stored.dtype, stored.name);
  return createChangedReader(tensor, reader, dtype, (values) => {
    for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) * factor;
  });
}
