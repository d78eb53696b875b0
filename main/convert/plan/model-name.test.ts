import { expect, it } from 'vitest';
import { readModelName } from './model-name.ts';

/** Name, organization, basename, finetune, version and size, as gguf-py 0.19 takes these names apart (Metadata.get_model_id_components). */
const names: readonly (readonly [string, number, readonly (string | null)[]])[] = [
  [
    'mistralai/Mistral-7B-Instruct-v0.3',
    7_248_023_552,
    ['Mistral 7B Instruct v0.3', 'Mistralai', 'Mistral', 'Instruct', 'v0.3', '7B'],
  ],
  [
    'meta-llama/Llama-3.2-1B-Instruct',
    1_235_814_400,
    ['Llama 3.2 1B Instruct', 'Meta Llama', 'Llama-3.2', 'Instruct', null, '1B'],
  ],
  ['Qwen/Qwen2.5-0.5B', 494_032_768, ['Qwen2.5 0.5B', 'Qwen', 'Qwen2.5', null, null, '0.5B']],
  ['Qwen/Qwen3-30B-A3B', 30_532_122_624, ['Qwen3 30B A3B', 'Qwen', 'Qwen3', null, null, '30B-A3B']],
  ['google/gemma-2-2b-it', 2_614_341_888, ['Gemma 2 2b It', 'Google', 'gemma-2', 'it', null, '2B']],
  [
    'microsoft/Phi-3-mini-128k-instruct',
    3_821_079_552,
    ['Phi 3 Mini 128k Instruct', 'Microsoft', 'Phi-3', '128k-instruct', null, 'mini'],
  ],
  ['tiiuae/falcon-7b', 7_217_189_760, ['Falcon 7b', 'Tiiuae', 'falcon', null, null, '7B']],
  ['EleutherAI/pythia-70m-deduped', 70_426_624, ['Pythia 70m Deduped', 'EleutherAI', 'pythia', 'deduped', null, '70M']],
  ['openai-community/gpt2', 124_439_808, ['Gpt2', 'Openai Community', null, null, null, null]],
  ['openai-community/gpt2-xl', 1_557_611_200, ['Gpt2 Xl', 'Openai Community', 'gpt2', null, null, 'xl']],
  [
    'mistralai/Mixtral-8x7B-Instruct-v0.1',
    46_702_792_704,
    ['Mixtral 8x7B Instruct v0.1', 'Mistralai', 'Mixtral', 'Instruct', 'v0.1', '8x7B'],
  ],
  ['bigscience/bloom-7b1', 7_069_016_064, ['Bloom 7b1', 'Bigscience', 'bloom', null, null, '7.1B']],
  ['BAAI/bge-small-en-v1.5', 33_360_000, ['Bge Small En v1.5', 'BAAI', 'bge', 'en', 'v1.5', 'small']],
  ['HuggingFaceTB/SmolLM3-3B', 3_075_098_624, ['SmolLM3 3B', 'HuggingFaceTB', 'SmolLM3', null, null, '3B']],
  ['allenai/OLMo-2-1124-7B', 7_298_617_344, ['OLMo 2 1124 7B', 'Allenai', 'OLMo-2-1124', null, null, '7B']],
  [
    'ibm-granite/granite-3.3-2b-instruct',
    2_533_539_840,
    ['Granite 3.3 2b Instruct', 'Ibm Granite', 'granite-3.3', 'instruct', null, '2B'],
  ],
  [
    'stabilityai/stablelm-2-1_6b-chat',
    1_644_515_328,
    ['Stablelm 2 1_6b Chat', 'Stabilityai', 'stablelm-2', 'chat', null, '1.6B'],
  ],
  ['bigcode/starcoder2-3b', 3_030_371_328, ['Starcoder2 3b', 'Bigcode', 'starcoder2', null, null, '3B']],
  [
    'nomic-ai/nomic-embed-text-v1.5',
    136_731_648,
    ['Nomic Embed Text v1.5', 'Nomic Ai', 'nomic-embed-text', null, 'v1.5', null],
  ],
  ['a name with spaces', 5, ['A Name With Spaces', null, null, null, null, null]],
  ['./x/y', 5, ['X/Y', null, null, null, null, null]],
  ['TheBloke/Llama-2-7B-fp16', 6_738_415_616, ['Llama 2 7B Fp16', 'TheBloke', 'Llama-2', null, null, '7B']],
  ['my_model', 12_345, ['My_Model', null, null, null, null, null]],
  ['Ember-3M', 3_000_000, ['Ember 3M', null, 'Ember', null, null, '3M']],
  ['org/Model-v2-Q4_K_M-chat-lora', 100, ['Model v2 Q4_K_M Chat Lora', 'Org', 'Model-v2', 'chat-lora', null, null]],
  ['x/name-small-7B-large', 7_000_000_000, ['Name Small 7B Large', 'X', 'name-small', 'large', null, '7B']],
  ['bert-base-uncased', 109_000_000, ['Bert Base Uncased', null, null, null, null, null]],
  ['UPPER-case-Word', 9, ['UPPER Case Word', null, null, null, null, null]],
];

it.each(names)('takes %s with %d parameters apart', (id, parameterCount, expected) => {
  const { name, organization, basename, finetune, version, sizeLabel } = readModelName(id, parameterCount);
  expect([name, organization, basename, finetune, version, sizeLabel]).toEqual(expected);
});

it('cuts a long name before it takes it apart', () => {
  const { name } = readModelName(`someone/${'a-'.repeat(100_000)}`, 1);
  expect(name?.length).toBeLessThan(200);
});
