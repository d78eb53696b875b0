/** The fields that `/completion` and `/infill` share. */
import { z } from 'zod';
import { textSchema } from '../generation/fields.ts';
import type { Sampling } from '../../../preload/contract/chat.ts';
import type { GenerationOrder } from '../generation/generation.ts';
import { isGiven } from '../generation/given.ts';
import { schemaGrammar, schemaSchema } from '../generation/json-schemas.ts';
import { samplingFields, readSampling } from '../openai/sampling.ts';

export { textSchema };
export const tokenSchema = z.int().min(0).max(4_294_967_295);
const { logit_bias: _openai, min_tokens: _least, ...shared } = samplingFields;
/** Empty for none, as editors send it. */
export const optionalModel = z.string().max(600).nullish();
const bias = z.union([z.number().min(-100).max(100), z.literal(false)]);
export const completionFields = {
  model: optionalModel,
  ...shared,
  /** -1: until the model ends or the context is full. */
  n_predict: z.int().min(-1).max(1_000_000).nullish(),
  stream: z.boolean().nullish(),
  logit_bias: z
    .union([z.array(z.tuple([z.union([tokenSchema, z.string().min(1).max(200)]), bias])), z.record(z.string(), bias)])
    .refine((given) => Object.keys(given).length <= 1024, 'expected at most 1024 tokens')
    .nullish(),
  grammar: z.string().max(100_000).nullish(),
  json_schema: schemaSchema.nullish(),
  n_probs: z.int().min(0).max(20).nullish(),
  return_tokens: z.boolean().nullish(),
  ignore_eos: z.boolean().nullish(),
  /** Milliseconds after the first token, from which on the reply ends at the next line break. */
  t_max_predict_ms: z.int().min(-1).max(86_400_000).nullish(),
  /** The only fields that are answered; `a/b` is one inside another. */
  response_fields: z.array(z.string().max(200)).max(100).nullish(),
};
export type CompletionFields = z.infer<z.ZodObject<typeof completionFields>>;

/** What a request says of sampling. */
export function samplingOfFields(fields: CompletionFields): Partial<Sampling> {
  const { n_predict: most, logit_bias: biases, ...rest } = fields;
  const logprobs =
    isGiven(fields.n_probs) && fields.n_probs > 0 ? fields.n_probs : fields.return_tokens === true ? 0 : null;
  return {
    ...readSampling({ ...rest, logit_bias: null, min_tokens: null }),
    ...(isGiven(most) && most >= 0 && { maxTokens: most }),
    ...(isGiven(biases) && { logitBias: readBiases(biases) }),
    ...(isGiven(fields.grammar) &&
      fields.grammar !== '' && { grammar: { kind: 'gbnf' as const, text: fields.grammar } }),
    ...(isGiven(fields.json_schema) && { grammar: schemaGrammar(fields.json_schema) }),
    ...(logprobs !== null && { logprobs }),
    ...(fields.ignore_eos === true && { minTokens: isGiven(most) && most >= 0 ? most : 1_000_000 }),
  };
}

/** `false` forbids a token. A text that is no number stands for its tokens. */
function readBiases(biases: NonNullable<CompletionFields['logit_bias']>): NonNullable<Sampling['logitBias']> {
  const pairs: readonly (readonly [string | number, number | false])[] = Array.isArray(biases)
    ? biases
    : Object.entries(biases);
  return pairs.map(([what, value]) => {
    const given = value === false ? -100 : value;
    return typeof what === 'number' || /^\d{1,9}$/.test(what)
      ? { token: Number(what), bias: given }
      : { text: what.slice(0, 200), bias: given };
  });
}

export interface CompletionOrder {
  readonly order: GenerationOrder;
  /** As the answer tells it. */
  readonly prompt: string;
}
