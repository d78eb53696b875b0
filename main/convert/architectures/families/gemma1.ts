/** The first Gemma, and CodeGemma. Its norms multiply by 1 + weight; llama.cpp multiplies by the weight. */
import type { Architecture, Surroundings, TensorRow } from '../architecture.ts';
import { unknownFeature, type Config } from '../config.ts';
import {
  attentionRows,
  checkActivation,
  decoderEntries,
  gatedRows,
  hasOwnHead,
  headSizeEntries,
  normRows,
  readDecoderSizes,
  rotaryBuffers,
  tiedRows,
} from '../decoder.ts';
import { entriesWithoutUsualBase, readRope } from '../rope.ts';

/** Adds 1 to the weights of norms. */
export const shiftedNorms = (rows: readonly TensorRow[]): readonly TensorRow[] =>
  rows.map((row): TensorRow =>
    row.to?.endsWith('norm.weight') === true ? { ...row, change: { kind: 'added', value: 1 } } : row,
  );

/**
 * Checks that the head is the embeddings. The body of a model, and an embedding model, need none.
 * @throws AppError `convert.unsupported` for a head with weights of its own, which llama.cpp does not take for Gemma.
 */
export function checkTied(config: Config, { pooling }: Surroundings): void {
  if (pooling === null && hasOwnHead(config, true))
    throw unknownFeature(
      'tie_word_embeddings',
      'config.json asks for a head with weights of its own, which llama.cpp does not compute for this architecture.',
    );
}

export const gemma1: Architecture = {
  classes: ['GemmaForCausalLM'],
  prefixes: ['model.'],
  describe: (config, surroundings) => {
    checkTied(config, surroundings);
    checkActivation(
      config,
      ['hidden_act', 'hidden_activation'],
      ['gelu_pytorch_tanh', 'gelu', 'gelu_new', 'gelu_fast'],
    );
    const sizes = readDecoderSizes(config, {
      vocabulary: 256_000,
      layers: 28,
      hidden: 3072,
      feedForward: 24_576,
      heads: 16,
      kvHeads: 16,
      headSize: 256,
      context: 8192,
    });
    const rope = readRope(config, { theta: 10_000, scalings: [] });
    return {
      name: 'gemma',
      sizes,
      conditions: { untied: false },
      metadata: [
        ...decoderEntries(sizes, config.number('rms_norm_eps', 1e-6)),
        ...headSizeEntries(sizes.headSize),
        ...entriesWithoutUsualBase(rope),
      ],
      computed: [],
    };
  },
  rows: [...shiftedNorms(tiedRows), ...attentionRows, ...gatedRows, ...shiftedNorms(normRows)],
  ignored: rotaryBuffers,
};
