/** The tensors that a checkpoint of an architecture has, by its config.json alone. */
import type { Architecture, Description } from '../architectures/architecture.ts';
import type { CheckpointTensor } from '../checkpoint/checkpoint-tensor.ts';
import { evaluateSize } from '../plan/size-expression.ts';

/** A tensor for each row, layer and item, under its plain name; of several names that of `isPreferred`, or the first. */
export function expectedTensors(
  { rows }: Architecture,
  { sizes }: Description,
  isPreferred: (plainName: string) => boolean,
): readonly CheckpointTensor[] {
  const found = new Map<string, CheckpointTensor>();
  for (const { from, shape, change } of rows) {
    const lengths = shape.map((size) => evaluateSize(size, sizes));
    const patterns = typeof from === 'string' ? [from] : from;
    const layers = patterns.some((name) => name.includes('{layer}')) ? sizes.layers : 1;
    const items = change?.kind === 'stacked' ? evaluateSize(change.count, sizes) : 1;
    for (let layer = 0; layer < layers; layer++)
      for (let item = 0; item < items; item++) {
        const names = patterns.map((name) => name.replace('{layer}', String(layer)).replace('{item}', String(item)));
        const name = names.find(isPreferred) ?? names[0] ?? '';
        if (!found.has(name)) found.set(name, { name, dtype: 'F32', shape: lengths, stored: [] });
      }
  }
  return [...found.values()];
}
