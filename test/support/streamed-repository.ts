/** A llama model of three shards that each take several blocks of a stream, with random weights and the tokenizer of the small one. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FilesInput } from '../hub-server/hub-server.ts';
import { shardedLlama } from './convert-setup.ts';
import { filesOf } from './folder-files.ts';
import { createRandom } from './random.ts';
import { madeSafetensors, type MadeTensor } from './safetensors-file.ts';

const [embedding, layers, feedForward, heads, kvHeads] = [256, 6, 768, 4, 2];

export const shardName = (number: number): string => `model-0000${String(number)}-of-00003.safetensors`;

/** The files of the repository. `seed` decides about the weights. */
export function streamedRepository(seed: number): FilesInput & Readonly<Record<string, Uint8Array | string>> {
  const config = JSON.parse(readFileSync(path.join(shardedLlama, 'config.json'), 'utf8')) as Record<string, number>;
  const random = createRandom(seed);
  const tensor = (...shape: number[]): MadeTensor => {
    const values = new Uint16Array(shape.reduce((product, size) => product * size, 1));
    // Between 2^-7 and 2^-5, of both signs.
    for (let at = 0; at < values.length; at++) values[at] = (random(0x10000) & 0x80ff) | 0x3c00;
    return { dtype: 'BF16', shape, bytes: new Uint8Array(values.buffer) };
  };
  const kvWidth = (embedding / heads) * kvHeads;
  const shards: Record<string, MadeTensor>[] = [{}, {}, {}];
  const [first = {}, , last = {}] = shards;
  first['model.embed_tokens.weight'] = tensor(config['vocab_size'] ?? 0, embedding);
  for (let layer = 0; layer < layers; layer++) {
    const shard = shards[Math.floor((layer * shards.length) / layers)] ?? {};
    const name = (part: string): string => `model.layers.${String(layer)}.${part}.weight`;
    shard[name('input_layernorm')] = tensor(embedding);
    shard[name('mlp.down_proj')] = tensor(embedding, feedForward);
    shard[name('mlp.gate_proj')] = tensor(feedForward, embedding);
    shard[name('mlp.up_proj')] = tensor(feedForward, embedding);
    shard[name('post_attention_layernorm')] = tensor(embedding);
    shard[name('self_attn.k_proj')] = tensor(kvWidth, embedding);
    shard[name('self_attn.o_proj')] = tensor(embedding, embedding);
    shard[name('self_attn.q_proj')] = tensor(embedding, embedding);
    shard[name('self_attn.v_proj')] = tensor(kvWidth, embedding);
  }
  last['model.norm.weight'] = tensor(embedding);
  const files = Object.entries(filesOf(shardedLlama)).filter(([name]) => !name.includes('safetensors'));
  return {
    ...(Object.fromEntries(files) as Record<string, Uint8Array>),
    'config.json': JSON.stringify({
      ...config,
      ...{ hidden_size: embedding, num_hidden_layers: layers, intermediate_size: feedForward },
      ...{ num_attention_heads: heads, num_key_value_heads: kvHeads, head_dim: embedding / heads },
      tie_word_embeddings: true,
    }),
    ...Object.fromEntries(shards.map((shard, at) => [shardName(at + 1), madeSafetensors(shard)])),
  };
}
