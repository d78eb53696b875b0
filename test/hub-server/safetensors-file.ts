/**
 * A safetensors file of a llama model's shape: a valid header and synthetic BF16 weights. Format: the safetensors
 * README.
 */
import { generatedContent, type Content } from './content.ts';
import type { LlamaShape } from './gguf-file.ts';

/** Content with the tensors that transformers' LlamaForCausalLM has in this shape, with tied embeddings. */
export function safetensorsContent(shape: Omit<LlamaShape, 'name' | 'contextLength'>, seed: number): Content {
  const { embedding, feedForward } = shape;
  const kvWidth = (embedding / shape.heads) * shape.kvHeads;
  const tensors: [string, number[]][] = [['model.embed_tokens.weight', [shape.vocabulary, embedding]]];
  for (let layer = 0; layer < shape.layers; layer++) {
    const name = (part: string): string => `model.layers.${String(layer)}.${part}.weight`;
    tensors.push(
      [name('input_layernorm'), [embedding]],
      [name('self_attn.q_proj'), [embedding, embedding]],
      [name('self_attn.k_proj'), [kvWidth, embedding]],
      [name('self_attn.v_proj'), [kvWidth, embedding]],
      [name('self_attn.o_proj'), [embedding, embedding]],
      [name('post_attention_layernorm'), [embedding]],
      [name('mlp.gate_proj'), [feedForward, embedding]],
      [name('mlp.up_proj'), [feedForward, embedding]],
      [name('mlp.down_proj'), [embedding, feedForward]],
    );
  }
  tensors.push(['model.norm.weight', [embedding]]);
  const header: Record<string, unknown> = { __metadata__: { format: 'pt', note: 'made-up weights, for tests' } };
  let offset = 0;
  for (const [name, dimensions] of tensors) {
    const end = offset + dimensions.reduce((product, size) => product * size, 2);
    header[name] = { dtype: 'BF16', shape: dimensions, data_offsets: [offset, end] };
    offset = end;
  }
  const json = JSON.stringify(header);
  const padded = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.byteLength));
  const head = Buffer.concat([length, padded]);
  return generatedContent(head.byteLength + offset, seed, head);
}
