/** A GGUF file of a plan whose weights are made by their names, written at once; slow, and apart from the product's writer. */
import { open } from 'node:fs/promises';
import type { Plan } from '../../main/convert/plan/plan.ts';
import { layOutGguf } from '../../main/model-file/gguf-writer.ts';
import type { MadeTensor } from './made-checkpoint.ts';
import { plannedBytes, plannedValues } from './planned-values.ts';

export async function writeGgufOfPlan(plan: Plan, stored: readonly MadeTensor[], file: string): Promise<void> {
  const byName = new Map(stored.map((tensor) => [tensor.name, tensor]));
  const layout = layOutGguf(
    plan.metadata('F32'),
    plan.tensors.map(({ name, shape }) => ({ name, shape, type: 'F32' })),
  );
  await using handle = await open(file, 'w');
  await handle.truncate(layout.fileBytes);
  await handle.write(layout.header, 0, layout.header.length, 0);
  for (const [index, tensor] of plan.tensors.entries()) {
    const bytes = plannedBytes(tensor, plannedValues(tensor, byName), 'F32');
    await handle.write(bytes, 0, bytes.length, layout.tensors[index]?.offsetBytes ?? 0);
  }
}
