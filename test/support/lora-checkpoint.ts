/** A small LoRA adapter in the layout of the PEFT library. Its factors are small random numbers. */
import { madeSafetensors } from './safetensors-file.ts';
import { createRandom } from './random.ts';

/** The files of an adapter of rank 2 for one matrix with this many outputs and inputs. */
export function loraFiles(
  base: string,
  module: string,
  [outputs, inputs]: readonly [number, number],
): Record<'adapter_config.json' | 'adapter_model.safetensors' | 'README.md', Uint8Array> {
  const random = createRandom(7);
  const factor = (rows: number, columns: number): { dtype: string; shape: number[]; bytes: Uint8Array } => {
    const values = Float32Array.from({ length: rows * columns }, () => (random(2001) - 1000) / 16_000);
    return { dtype: 'F32', shape: [rows, columns], bytes: new Uint8Array(values.buffer) };
  };
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  const config = { peft_type: 'LORA', base_model_name_or_path: base, r: 2, lora_alpha: 4 };
  return {
    'adapter_config.json': text(JSON.stringify(config)),
    'adapter_model.safetensors': madeSafetensors({
      [`base_model.model.${module}.lora_A.weight`]: factor(2, inputs),
      [`base_model.model.${module}.lora_B.weight`]: factor(outputs, 2),
    }),
    'README.md': text(`---\nbase_model: ${base}\nlibrary_name: peft\n---\nAn adapter.\n`),
  };
}
