/** The names are those of real repositories, as their publishers write them. */
import { describe, expect, it } from 'vitest';
import { auxiliaryKindOf, kindsByName } from './auxiliary.ts';
import type { GgufTensor, GgufValue } from './gguf.ts';

const kinds = (files: readonly (readonly [path: string, gigabytes: number])[]): string[] =>
  kindsByName(files.map(([path, gigabytes]) => ({ path, sizeBytes: gigabytes * 1e9 })));

describe('kindsByName', () => {
  it.each<[string, readonly (readonly [string, number, string])[]]>([
    [
      'unsloth: heads in a folder, projectors and a matrix at the root',
      [
        ['gemma-4-E4B-it-Q8_0.gguf', 8.2, 'model'],
        ['gemma-4-E4B-it-UD-Q4_K_XL.gguf', 5.1, 'model'],
        ['MTP/gemma-4-E4B-it-Q8_0-MTP.gguf', 0.097, 'draft'],
        ['MTP/gemma-4-E4B-it-BF16-MTP.gguf', 0.18, 'draft'],
        ['mmproj-BF16.gguf', 1, 'projector'],
        ['imatrix_unsloth.gguf', 0.004, 'imatrix'],
      ],
    ],
    [
      'a prefix, and a head with its quantization at the end',
      [
        ['Qwen3.5-9B-Q4_K_M.gguf', 5.6, 'model'],
        ['mtp-Qwen3.5-9B-Q8_0.gguf', 0.3, 'draft'],
        ['Qwen3.5-9B-MTP-Q8_0.gguf', 0.3, 'draft'],
      ],
    ],
    [
      'block drafters and assistants that draft',
      [
        ['Muse-Glimmer-30B-KQuant-17GB-Q4_K_M.gguf', 17, 'model'],
        ['mmproj-Muse-Glimmer-30B-Q4_K_M.gguf', 0.9, 'projector'],
        ['dflash-Muse-Glimmer-30B-Q4_K_M.gguf', 0.6, 'draft'],
        ['gemma-4-E4B-it-assistant-Q8_0.gguf', 0.3, 'draft'],
        ['OpenAssistant-Assistant-12B-Q4_K_M.gguf', 7, 'model'],
        ['clip-vit-f16.gguf', 0.6, 'projector'],
        ['Muse-audio-encoder-F16.gguf', 0.6, 'projector'],
      ],
    ],
    ['a model that is called an assistant', [['Llama-3-Assistant-8B-Q4_K_M.gguf', 5, 'model']]],
    [
      'models with built-in heads beside those without',
      [
        ['GLM-4.5-Air-Q4_K_M.gguf', 68, 'model'],
        ['GLM-4.5-Air-MTP-Q4_K_M.gguf', 70, 'model'],
      ],
    ],
    [
      'a repository in which every model has its heads',
      [
        ['Qwen3.6-27B-MTP-Q4_K_M.gguf', 17, 'model'],
        ['Qwen3.6-27B-MTP-Q8_0.gguf', 29, 'model'],
      ],
    ],
    [
      'a repository of drafters',
      [
        ['Mistral-Small-3.1-DRAFT-0.5B.Q8_0.gguf', 0.5, 'model'],
        ['Mistral-Small-3.1-DRAFT-0.5B.Q4_K_M.gguf', 0.3, 'model'],
      ],
    ],
    [
      'a drafter beside its model',
      [
        ['Qwen3-Coder-30B-A3B-Q4_K_M.gguf', 18, 'model'],
        ['Qwen3-Coder-0.8B-draft-Q8_0.gguf', 0.8, 'draft'],
      ],
    ],
    [
      'mradermacher, bartowski: a matrix, and quantizations that were made with one',
      [
        ['Qwen3-8B.i1-Q4_K_M.gguf', 5, 'model'],
        ['Qwen3-8B.imatrix.gguf', 0.005, 'imatrix'],
        ['Qwen3-8B-imatrix.gguf', 0.005, 'imatrix'],
        ['Qwen3-8B-Q4_K_M-imatrix.gguf', 5, 'model'],
      ],
    ],
    [
      'ggml-org: speech, vision and adapters',
      [
        ['LFM2-Audio-1.5B-Q8_0.gguf', 1.2, 'model'],
        ['vocoder-LFM2-Audio-1.5B-Q8_0.gguf', 0.2, 'vocoder'],
        ['mmproj-LFM2-Audio-1.5B-Q8_0.gguf', 0.2, 'projector'],
        ['WavTokenizer-Large-75-F16.gguf', 0.1, 'vocoder'],
        ['LoRA-Qwen2.5-7B-Instruct-abliterated-v3-F16.gguf', 0.1, 'adapter'],
        ['pirate-lora-f16.gguf', 0.1, 'adapter'],
      ],
    ],
  ])('%s', (_name, files) => {
    expect(kinds(files.map(([path, gigabytes]) => [path, gigabytes]))).toEqual(files.map(([, , kind]) => kind));
  });
});

describe('auxiliaryKindOf', () => {
  const kindOf = (metadata: Readonly<Record<string, GgufValue>>, blocks: readonly number[] = [0]): string | null =>
    auxiliaryKindOf({
      metadata: new Map(Object.entries(metadata)),
      tensors: blocks.map((block) => ({ name: `blk.${String(block)}.attn_q.weight` }) as GgufTensor),
    });

  it.each<[string, Readonly<Record<string, GgufValue>>]>([
    ['projector', { 'general.architecture': 'clip' }],
    ['projector', { 'general.type': 'mmproj', 'general.architecture': 'clip' }],
    ['projector', { 'clip.has_vision_encoder': true }],
    ['adapter', { 'general.type': 'adapter', 'general.architecture': 'llama' }],
    ['adapter', { 'general.architecture': 'llama', 'adapter.type': 'lora', 'adapter.lora.alpha': 16 }],
    ['imatrix', { 'general.type': 'imatrix', 'imatrix.chunk_count': 64 }],
    ['vocoder', { 'general.architecture': 'wavtokenizer-dec', 'wavtokenizer-dec.block_count': 12 }],
    ['draft', { 'general.architecture': 'qwen3_mtp', 'qwen3_mtp.block_count': 1 }],
    ['draft', { 'general.architecture': 'dflash', 'dflash.block_count': 2 }],
    ['draft', { 'general.architecture': 'gemma4-assistant', 'gemma4-assistant.block_count': 4 }],
    ['draft', { 'general.architecture': 'glm4moe', 'glm4moe.block_count': 1, 'glm4moe.nextn_predict_layers': 1 }],
  ])('%s: %j', (kind, metadata) => {
    expect(kindOf(metadata)).toBe(kind);
  });

  it('tells a head that was cut out of its model from the model that has it', () => {
    const glm = { 'general.architecture': 'glm4moe', 'glm4moe.block_count': 47, 'glm4moe.nextn_predict_layers': 1 };
    expect(kindOf(glm, [46])).toBe('draft');
    expect(kindOf(glm, [0, 1, 45, 46])).toBeNull();
    expect(kindOf({ 'general.architecture': 'llama', 'llama.block_count': 32 })).toBeNull();
  });
});
