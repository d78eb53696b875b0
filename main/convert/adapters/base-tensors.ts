/** The tensors that a checkpoint of an architecture has, by its config.json alone. */
import type { Architecture, Description } from '../architectures/architecture.ts';
import type { CheckpointTensor } from '../checkpoint/checkpoint-tensor.ts';
import { layersOf } from '../plan/rows.ts';
import { evaluateSize } from '../plan/size-expression.ts';

/** A tensor for each row, layer and item, under its plain name; of several names that of `isPreferred`, or the first. */
export function expectedTensors(
  { rows }: Architecture,
  description: Description,
  isPreferred: (plainName: string) => boolean,
): readonly CheckpointTensor[] {
  const found = new Map<string, CheckpointTensor>();
  const { sizes } = description;
  for (const row of rows.filter(({ isOptional }) => isOptional !== true)) {
    const { from, shape, change } = row;
    const lengths = shape.map((size) => evaluateSize(size, sizes));
    const patterns = typeof from === 'string' ? [from] : from;
    const items = change?.kind === 'stacked' ? evaluateSize(change.count, sizes) : 1;
    for (const layer of layersOf(row, description))
      for (let item = 0; item < items; item++) {
        const names = patterns.map((name) => name.replace('{layer}', String(layer)).replace('{item}', String(item)));
        const name = names.find(isPreferred) ?? names[0] ?? '';
        if (!found.has(name)) found.set(name, { name, dtype: 'F32', shape: lengths, stored: [] });
      }
  }
  return [...found.values()];
}
