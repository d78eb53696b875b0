/** DistilBERT: a BERT of half the layers without token types, under names of its own. */
import type { Architecture } from '../architecture.ts';
import { limits } from '../config.ts';
import { checkActivation, linear, readHeads, sizeEntries } from '../decoder.ts';
import { float32, uint32 } from '../entries.ts';
import { encoderEntries } from '../pooling.ts';
import { bertIgnored, norm } from './bert.ts';

const layer = 'transformer.layer.{layer}';
const block = 'blk.{layer}';

export const distilBert: Architecture = {
  classes: ['DistilBertModel', 'DistilBertForMaskedLM'],
  prefixes: ['distilbert.'],
  describe: (config) => {
    checkActivation(config, 'activation', ['gelu']);
    const hidden = config.count('dim', { max: limits.hidden, fallback: 768 });
    const heads = readHeads(config, 'n_heads', hidden, 12);
    const layers = config.count('n_layers', { max: limits.layers, fallback: 6 });
    const feedForward = config.count('hidden_dim', { max: limits.feedForward, fallback: 3072 });
    const positions = config.count('max_position_embeddings', { max: limits.positions, fallback: 512 });
    return {
      name: 'bert',
      sizes: {
        vocabulary: config.count('vocab_size', { max: limits.vocabulary, fallback: 30_522 }),
        ...{ layers, hidden, heads, feedForward, positions },
      },
      conditions: {},
      metadata: [
        ...sizeEntries({ layers, context: positions, hidden, feedForward, heads }),
        // The number stands in the code of transformers.
        float32('attention.layer_norm_epsilon', 1e-12),
        ...encoderEntries,
        uint32('tokenizer.ggml.token_type_count', 1),
      ],
      computed: [],
    };
  },
  rows: [
    { from: 'embeddings.word_embeddings.weight', to: 'token_embd.weight', shape: ['vocabulary', 'hidden'] },
    { from: 'embeddings.position_embeddings.weight', to: 'position_embd.weight', shape: ['positions', 'hidden'] },
    ...norm('embeddings.LayerNorm', 'token_embd_norm'),
    ...linear(`${layer}.attention.q_lin`, `${block}.attn_q`, 'hidden', 'hidden'),
    ...linear(`${layer}.attention.k_lin`, `${block}.attn_k`, 'hidden', 'hidden'),
    ...linear(`${layer}.attention.v_lin`, `${block}.attn_v`, 'hidden', 'hidden'),
    ...linear(`${layer}.attention.out_lin`, `${block}.attn_output`, 'hidden', 'hidden'),
    ...norm(`${layer}.sa_layer_norm`, `${block}.attn_output_norm`),
    ...linear(`${layer}.ffn.lin1`, `${block}.ffn_up`, 'feedForward', 'hidden'),
    ...linear(`${layer}.ffn.lin2`, `${block}.ffn_down`, 'hidden', 'feedForward'),
    ...norm(`${layer}.output_layer_norm`, `${block}.layer_output_norm`),
  ],
  ignored: [...bertIgnored, 'vocab_transform.*', 'vocab_layer_norm.*', 'vocab_projector.*'],
};
