/** BERT as an embedding model. Heads for other tasks are left out. */
import type { Architecture, Description, TensorRow } from '../architecture.ts';
import { limits, unknownFeature, type Config } from '../config.ts';
import { checkActivation, classNameOf, linear, readHeads, sizeEntries } from '../decoder.ts';
import { float32, uint32 } from '../entries.ts';
import { encoderEntries } from '../pooling.ts';

/** Old checkpoints call weight and bias of a norm gamma and beta. */
export const norm = (from: string, to: string): readonly TensorRow[] => [
  { from: [`${from}.weight`, `${from}.gamma`], to: `${to}.weight`, shape: ['hidden'] },
  { from: [`${from}.bias`, `${from}.beta`], to: `${to}.bias`, shape: ['hidden'] },
];

/** A layer's rows; `layer` and `block` stand before the names in the checkpoint and in the GGUF file. */
const layer = 'encoder.layer.{layer}';
const block = 'blk.{layer}';

/** All rows but that of the positions, which RoBERTa cuts. */
const bertRows: readonly TensorRow[] = [
  { from: 'embeddings.word_embeddings.weight', to: 'token_embd.weight', shape: ['vocabulary', 'hidden'] },
  { from: 'embeddings.token_type_embeddings.weight', to: 'token_types.weight', shape: ['tokenTypes', 'hidden'] },
  ...norm('embeddings.LayerNorm', 'token_embd_norm'),
  ...linear(`${layer}.attention.self.query`, `${block}.attn_q`, 'hidden', 'hidden'),
  ...linear(`${layer}.attention.self.key`, `${block}.attn_k`, 'hidden', 'hidden'),
  ...linear(`${layer}.attention.self.value`, `${block}.attn_v`, 'hidden', 'hidden'),
  ...linear(`${layer}.attention.output.dense`, `${block}.attn_output`, 'hidden', 'hidden'),
  ...norm(`${layer}.attention.output.LayerNorm`, `${block}.attn_output_norm`),
  ...linear(`${layer}.intermediate.dense`, `${block}.ffn_up`, 'feedForward', 'hidden'),
  ...linear(`${layer}.output.dense`, `${block}.ffn_down`, 'hidden', 'feedForward'),
  ...norm(`${layer}.output.LayerNorm`, `${block}.layer_output_norm`),
];

const positionRow: TensorRow = {
  from: 'embeddings.position_embeddings.weight',
  to: 'position_embd.weight',
  shape: ['allPositions', 'hidden'],
};

/** Position numbers, and the heads for classification and for masked words. */
export const bertIgnored: readonly string[] = ['embeddings.position_ids', 'pooler.dense.*', 'cls.*', 'lm_head.*'];

interface BertKind {
  /** Tokens where config.json names no number. */
  readonly vocabulary: number;
  /** Rows at the start of the position table that no token uses. */
  readonly skippedPositions: number;
}

/**
 * The description of a BERT.
 *
 * @throws AppError `convert.unsupported` for what llama.cpp computes otherwise.
 */
function describeBert(config: Config, { vocabulary, skippedPositions }: BertKind): Description {
  checkActivation(config, 'hidden_act', ['gelu', 'gelu_new', 'gelu_fast', 'gelu_pytorch_tanh']);
  const positionKind = config.text('position_embedding_type', 'absolute');
  if (positionKind !== 'absolute') {
    throw unknownFeature(
      positionKind,
      `config.json asks for ${positionKind} positions, which llama.cpp does not compute for BERT.`,
    );
  }
  if (config.flag('is_decoder', false)) {
    throw unknownFeature('is_decoder', 'config.json asks for BERT as a decoder, which llama.cpp does not compute.');
  }
  const hidden = config.count('hidden_size', { max: limits.hidden, fallback: 768 });
  const heads = readHeads(config, 'num_attention_heads', hidden, 12);
  const layers = config.count('num_hidden_layers', { max: limits.layers, fallback: 12 });
  const feedForward = config.count('intermediate_size', { max: limits.feedForward, fallback: 3072 });
  const allPositions = config.count('max_position_embeddings', {
    min: skippedPositions + 1,
    max: limits.positions,
    fallback: 512,
  });
  const positions = allPositions - skippedPositions;
  const tokenTypes = config.count('type_vocab_size', { max: limits.vocabulary, fallback: 2 });
  return {
    name: 'bert',
    sizes: {
      vocabulary: config.count('vocab_size', { max: limits.vocabulary, fallback: vocabulary }),
      ...{ layers, hidden, heads, feedForward, tokenTypes, allPositions, positions, skippedPositions },
    },
    conditions: {},
    metadata: [
      ...sizeEntries({ layers, context: positions, hidden, feedForward, heads }),
      float32('attention.layer_norm_epsilon', config.number('layer_norm_eps', 1e-12)),
      ...encoderEntries,
      uint32('tokenizer.ggml.token_type_count', tokenTypes),
    ],
    computed: [],
  };
}

export const bert: Architecture = {
  classes: ['BertModel', 'BertForMaskedLM'],
  prefixes: ['bert.'],
  describe: (config) => describeBert(config, { vocabulary: 30_522, skippedPositions: 0 }),
  rows: [...bertRows, positionRow],
  ignored: bertIgnored,
};

/** RoBERTa and XLM-RoBERTa: positions begin after the padding token's id. */
export const roberta: Architecture = {
  classes: ['RobertaModel', 'RobertaForMaskedLM', 'XLMRobertaModel', 'XLMRobertaForMaskedLM'],
  prefixes: ['roberta.'],
  describe: (config) => {
    const isMultilingual = classNameOf(config).startsWith('XLM');
    return describeBert(config, {
      vocabulary: isMultilingual ? 30_522 : 50_265,
      skippedPositions: config.count('pad_token_id', { min: 0, max: limits.vocabulary, fallback: 1 }) + 1,
    });
  },
  rows: [...bertRows, { ...positionRow, change: { kind: 'sliced', first: 'skippedPositions', count: 'positions' } }],
  ignored: bertIgnored,
};
