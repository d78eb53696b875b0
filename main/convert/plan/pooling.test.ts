/** Embedding models: how they pool, what stands behind the pooling, and that they need no head. */
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../../test/support/memory-source.ts';
import { readReference, referenceNames } from '../../../test/support/made-checkpoint.ts';
import { findArchitecture } from '../architectures/registry.ts';
import { makePlan, type Plan } from './plan.ts';
import { readPooling } from './pooling-files.ts';

type Values = Readonly<Record<string, unknown>>;

const references = referenceNames
  .map((name) => ({ name, ...readReference(name) }))
  .filter(({ config }) => config['text_config'] === undefined);

function plan(name: string, pooling: 'mean' | null, values: Values = {}): Plan {
  const { config, stored } = readReference(name);
  return makePlan({
    config: { ...config, ...values },
    tensors: stored.map((tensor) => ({
      ...tensor,
      stored: [{ ...tensor, file: 'model.safetensors', startByte: 0, endByte: 0 }],
    })),
    ...{ generation: null, vocabulary: [], pooling, facts: { name: 'model' } },
  });
}

describe.each(references)('$name', ({ name }) => {
  it('has its pooling in the metadata, and none without one', () => {
    const poolingOf = (made: Plan): readonly unknown[] =>
      made
        .metadata('F16')
        .filter(({ key }) => key === `${made.architecture}.pooling_type`)
        .map(({ value }) => value);
    expect(poolingOf(plan(name, 'mean'))).toEqual([1]);
    expect(poolingOf(plan(name, null))).toEqual([]);
  });
});

it.each(['gemma', 'gemma2', 'gemma3-text'])('%s needs no tied head where it pools, or is a body alone', (name) => {
  const untied = { tie_word_embeddings: false };
  expect(() => plan(name, null, untied)).toThrow('a head with weights of its own');
  const pooled = plan(name, 'mean', untied).tensors.map((tensor) => tensor.name);
  expect(pooled).toEqual(plan(name, null).tensors.map((tensor) => tensor.name));
});

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const modules = (...types: readonly string[]): Uint8Array =>
  json(types.map((type, index) => ({ path: `${index}_${type}`, type: `sentence_transformers.models.${type}` })));
const mean = json({ pooling_mode_mean_tokens: true });

it('the pooling is that of the module, between those that change no vector', async () => {
  const files = { 'modules.json': modules('Transformer', 'Pooling', 'Normalize'), '1_Pooling/config.json': mean };
  expect(await readPooling(memorySource(files))).toBe('mean');
  expect(await readPooling(memorySource({}))).toBeNull();
});

it.each(['Dense', 'LayerNorm', 'CNN', 'WeightedLayerPooling'])('a module %s behind it is refused', async (module) => {
  const files = { 'modules.json': modules('Transformer', 'Pooling', module), '1_Pooling/config.json': mean };
  await expect(readPooling(memorySource(files))).rejects.toMatchObject({
    code: 'convert.unsupported',
    data: { reason: 'pooling', file: 'modules.json', found: module },
  });
});

it('EmbeddingGemma is refused by its name', () => {
  expect(() => findArchitecture({ architectures: ['Gemma3TextModel'] })).toThrow('EmbeddingGemma');
});

it('vectors that are joined of several ways of pooling are refused', async () => {
  const both = json({ pooling_mode_cls_token: true, pooling_mode_mean_tokens: true, pooling_mode_max_tokens: false });
  const files = { 'modules.json': modules('Transformer', 'Pooling'), '1_Pooling/config.json': both };
  await expect(readPooling(memorySource(files))).rejects.toMatchObject({
    code: 'convert.unsupported',
    data: { reason: 'pooling', found: 'pooling_mode_cls_token, pooling_mode_mean_tokens' },
  });
});
