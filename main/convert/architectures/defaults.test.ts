/** What a config.json leaves out is what transformers takes: test/support/reference/make_defaults.py reads it out of its classes. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readReference } from '../../../test/support/made-checkpoint.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { describeModel } from './registry.ts';

type Values = Readonly<Record<string, unknown>>;

const defaults = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../../test/fixtures/conversion/defaults.json'), 'utf8'),
) as Readonly<Record<string, Values>>;

/** A checkpoint of each kind. */
const references: Readonly<Record<string, string>> = {
  ...{ llama: 'llama-yarn-rope', mistral: 'mistral-nemo', mixtral: 'mixtral', qwen2: 'qwen2-sliding-window' },
  ...{ qwen3: 'qwen3-yarn', qwen2_moe: 'qwen2-moe', qwen3_moe: 'qwen3-moe', gemma: 'gemma', gemma2: 'gemma2' },
  ...{ gemma3_text: 'gemma3-text', phi3: 'phi3-small-window', smollm3: 'smollm3', olmo2: 'olmo2', olmo3: 'olmo3' },
  ...{ granite: 'granite', stablelm: 'stablelm-biases', starcoder2: 'starcoder2', gpt2: 'gpt2-untied' },
  ...{ falcon: 'falcon-40b', gpt_neox: 'gpt-neox-sequential', bert: 'bert-masked-lm', roberta: 'roberta' },
  ...{ 'xlm-roberta': 'xlm-roberta', distilbert: 'distilbert', nomic_bert: 'nomic-bert', modernbert: 'modernbert' },
};

/** Other names of a value, by which config.json would still say it. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  max_position_embeddings: ['n_positions'],
  ...{ hidden_size: ['n_embd'], intermediate_size: ['n_inner'], num_attention_heads: ['n_head'] },
  ...{ num_hidden_layers: ['n_layer'], hidden_act: ['activation_function', 'hidden_activation'] },
  ...{ n_positions: ['n_ctx'], rope_theta: ['rotary_emb_base', 'global_rope_theta'] },
  ...{ num_local_experts: ['num_experts'], num_experts: ['num_local_experts'], layer_norm_eps: ['layer_norm_epsilon'] },
  ...{ head_dim: [], hidden_activation: ['hidden_act'], sliding_window_pattern: ['_sliding_window_pattern'] },
};

/** What a config.json means, with its conditions for the first layers; or the error that it is refused with. */
function meaning(config: Values): unknown {
  try {
    const { description } = describeModel(config);
    const conditions = Object.entries(description.conditions).map(([name, condition]) => [
      name,
      typeof condition === 'boolean' ? condition : [0, 1, 2, 3].map((layer) => condition(layer)),
    ]);
    return { ...description, conditions: Object.fromEntries(conditions) as Values };
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, data: error.data };
    throw error;
  }
}

const without = (config: Values, names: readonly string[]): Values =>
  Object.fromEntries(Object.entries(config).filter(([key]) => !names.includes(key)));

describe.each(Object.entries(defaults))('a config.json of the kind %s', (kind, values) => {
  const { config } = readReference(references[kind] ?? '');

  it.each(Object.keys(values))('without %s', (key) => {
    const rest = without(config, [key, ...(otherNames[key] ?? [])]);
    expect(meaning(rest)).toEqual(meaning({ ...rest, [key]: values[key] }));
  });

  it('with its class alone', () => {
    const bare = { architectures: config['architectures'] };
    expect(meaning(bare)).toEqual(meaning({ ...bare, ...values }));
  });
});

it('every family has a kind', () => {
  expect(Object.keys(references)).toEqual(Object.keys(defaults));
});
