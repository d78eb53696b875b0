import { describe, expect, it } from 'vitest';
import { readReference, referenceNames } from '../../../test/support/made-checkpoint.ts';
import type { GgufValue } from '../../model-file/gguf.ts';
import { createConfig } from '../architectures/config.ts';
import { findArchitecture } from '../architectures/registry.ts';
import type { CheckpointTensor } from '../checkpoint/checkpoint-tensor.ts';
import { planRows } from '../plan/rows.ts';
import { configOfGguf, shortNumber } from './gguf-config.ts';
import { reversePlan } from './reverse-plan.ts';

/** Checkpoints with names, or with tensors of another part, that leave no trace in their GGUF file. */
const otherNames = [
  ...['bert-masked-lm', 'distilbert', 'gemma3-multimodal', 'gemma3-sparse-config', 'modernbert-masked-lm'],
  ...['bert-sparse-config', 'nomic-bert-moe', 'qwen2-embedding', 'qwen3-embedding-body', 'roberta', 'xlm-roberta'],
];

/** Metadata that config.json has no place for. */
const elsewhere = /^(?:tokenizer|general)\.|\.(?:pooling_type|classifier\.\w+|tokenizer\..*)$/;
const noSurroundings = { pooling: null, tokenCount: null };
const languageModelOf = (config: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
  ...config,
  ...(config['text_config'] as object | undefined),
});

describe('a GGUF file of the reference converter', () => {
  it.each(referenceNames)('%s becomes the tensors of a checkpoint that makes it again', (name) => {
    const { metadata, tensors, stored, config: original } = readReference(name);
    const values = new Map(Object.entries(metadata).map(([key, [, value]]) => [key, value as GgufValue]));
    const { computed } = findArchitecture(original).describe(createConfig(languageModelOf(original)), noSurroundings);
    const ropeFactors = new Map(computed.map(({ name: one, values: factors }) => [one, factors]));
    // References have long lists as their types alone.
    for (const [key, value] of values) if (value === 'BOOL') values.set(key, [true, true, true, false, true]);
    const facts = { metadata: values, tensors, ropeFactors };
    const config = configOfGguf(facts);
    const found = reversePlan(config, facts);
    if (!otherNames.includes(name))
      expect(Object.fromEntries(found.map(({ name: one, shape }) => [one, shape]))).toEqual(
        Object.fromEntries(stored.map(({ name: one, shape }) => [one, shape])),
      );
    const architecture = findArchitecture(config);
    const description = architecture.describe(createConfig(config), noSurroundings);
    const again = planRows(
      architecture,
      description,
      found.map(({ name: one, shape }): CheckpointTensor => ({ name: one, shape, dtype: 'F32', stored: [] })),
    );
    again.problems.assertNone();
    const isComputed = /^rope_(?:freqs|factors_\w+)\.weight$/;
    const shapes = (list: readonly { readonly name: string; readonly shape: readonly number[] }[]): object =>
      Object.fromEntries(list.filter((one) => !isComputed.test(one.name)).map((one) => [one.name, one.shape]));
    expect(shapes(again.tensors)).toEqual(shapes(tensors));
    const own = description.metadata.map(({ key, value }) => [
      `${description.name}.${key}`,
      typeof value === 'number' ? Math.fround(value) : value,
    ]);
    const wanted = Object.entries(metadata).map(([key, [, value]]) => [key, value] as const);
    expect(own.filter(([key]) => !elsewhere.test(String(key))).sort()).toEqual(
      wanted
        .filter(([key]) => !elsewhere.test(key))
        .map(([key]) => [key, values.get(key)])
        .sort(),
    );
  });

  it.each<[string, Readonly<Record<string, GgufValue>>, Readonly<Record<string, unknown>>]>([
    // transformers takes 0 for a window in which nothing is seen; null is none.
    ['phi3-small-window', { 'phi3.attention.sliding_window': 0 }, { sliding_window: undefined }],
    ['phi3-small-window', {}, { sliding_window: 64 }],
    ['gemma3-text', { 'gemma3.final_logit_softcapping': 30 }, { final_logit_softcapping: 30 }],
  ])('%s with %j has the configuration %j', (name, changed, expected) => {
    const { metadata, tensors } = readReference(name);
    const values = Object.entries(metadata).map(([key, [, value]]) => [key, value as GgufValue] as const);
    const config = configOfGguf({
      ...{ metadata: new Map([...values, ...Object.entries(changed)]), tensors },
      ropeFactors: new Map(),
    });
    for (const [key, value] of Object.entries(expected)) expect(config[key], key).toBe(value);
  });

  it('has the biases of a mixture of experts alone that are there', () => {
    const { metadata, tensors } = readReference('qwen2-moe');
    const values = new Map(Object.entries(metadata).map(([key, [, value]]) => [key, value as GgufValue]));
    const namesOf = (kept: typeof tensors): readonly string[] => {
      const facts = { metadata: values, tensors: kept, ropeFactors: new Map() };
      return reversePlan(configOfGguf(facts), facts).map(({ name }) => name);
    };
    const all = namesOf(tensors);
    expect(all.filter((name) => name.endsWith('_proj.bias'))).toHaveLength(6);
    const without = namesOf(tensors.filter(({ name }) => !name.endsWith('.bias')));
    expect(without).toEqual(all.filter((name) => !name.endsWith('_proj.bias')));
  });

  it.each([
    [Math.fround(1e-5), 1e-5],
    [Math.fround(0.22), 0.22],
    [999_999.4375, 999_999.44],
    [10_000, 10_000],
    [Math.fround(1 / 3), 0.33333334],
  ])('has the number %d as a person would write it', (value, short) => {
    expect(shortNumber(value)).toBe(short);
    expect(Math.fround(shortNumber(value))).toBe(Math.fround(value));
  });
});
