/** Small adapters and configurations of their bases, with values that single precision holds exactly. */
import { createHash } from 'node:crypto';
import type { CheckpointSource } from '../../main/convert/checkpoint/checkpoint-source.ts';
import { valueCount } from '../../main/model-file/ggml-types.ts';
import { memorySource } from './memory-source.ts';
import { madeSafetensors, type MadeTensor } from './safetensors-file.ts';

export const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Multiples of 1/16 from -1 to 1: every sum of their products that is computed here is exact. */
export function valuesFor(name: string, count: number): Float32Array {
  let state = createHash('sha256').update(name).digest().readUInt32LE();
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((state >>> 24) % 33) / 16 - 1;
  });
}

export const tensor = (name: string, shape: readonly number[]): MadeTensor => {
  const values = valuesFor(name, valueCount(shape));
  return { dtype: 'F32', shape, bytes: bytesOf(values) };
};

export const small = {
  ...{ hidden_size: 32, intermediate_size: 48, num_attention_heads: 4, num_key_value_heads: 2, num_hidden_layers: 2 },
  ...{ vocab_size: 40, max_position_embeddings: 64, rms_norm_eps: 1e-5, rope_theta: 10000 },
};
export const llama = { ...small, architectures: ['LlamaForCausalLM'], model_type: 'llama', tie_word_embeddings: false };
/** An adapter with this adapter_config.json. */
export const sourceOfAdapter = (config: object, tensors: Readonly<Record<string, MadeTensor>>): CheckpointSource =>
  memorySource({
    'adapter_config.json': Buffer.from(JSON.stringify(config)),
    'adapter_model.safetensors': madeSafetensors(tensors),
  });
