/** llama-server's own `/completion`: https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md. */
import { z } from 'zod';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { openOrder, type GenerationOrder } from '../generation/generation.ts';
import { isGiven } from '../generation/given.ts';
import type { Exchange } from '../http/exchange.ts';
import { namedOrLoaded } from '../names/loaded-models.ts';
import type { ListedModel } from '../names/models.ts';
import { samplingFields, schemaGrammar, schemaSchema, readSampling } from '../openai/sampling.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { answerCompletions, streamCompletions } from './completion-answer.ts';

const text = z.string().max(8_000_000);
export const tokenSchema = z.int().min(0).max(4_294_967_295);
const MOST_TOKENS = 1_000_000;
const MOST_PROMPTS = 16;
/** Texts and tokens, of which one prompt is made. */
const mixedSchema = z.array(z.union([text, tokenSchema])).max(MOST_TOKENS);
const promptSchema = z.union([text, mixedSchema, z.array(z.union([text, mixedSchema])).max(MOST_PROMPTS)]);

const { logit_bias: _openai, seed: _seed, min_tokens: _least, ...shared } = samplingFields;
/** Empty for none, as editors send it. */
export const optionalModel = z.string().max(600).nullish();
const bias = z.union([z.number().min(-100).max(100), z.literal(false)]);
export const completionFields = {
  model: optionalModel,
  ...shared,
  /** -1: until the model ends or the context is full. 0: the prompt is evaluated and kept for the next request. */
  n_predict: z.int().min(-1).max(1_000_000).nullish(),
  stream: z.boolean().nullish(),
  seed: z.int().min(-1).max(4_294_967_295).nullish(),
  logit_bias: z
    .union([z.array(z.tuple([z.union([tokenSchema, z.string().min(1).max(200)]), bias])), z.record(z.string(), bias)])
    .refine((given) => Object.keys(given).length <= 1024, 'expected at most 1024 tokens')
    .nullish(),
  repeat_last_n: z.int().min(-1).max(1_000_000).nullish(),
  dry_multiplier: z.number().min(0).max(10).nullish(),
  dry_base: z.number().min(1).max(10).nullish(),
  dry_allowed_length: z.int().min(1).max(1000).nullish(),
  dry_penalty_last_n: z.int().min(-1).max(1_000_000).nullish(),
  dry_sequence_breakers: z.array(z.string().min(1).max(40)).max(16).nullish(),
  xtc_probability: z.number().min(0).max(1).nullish(),
  xtc_threshold: z.number().min(0).max(1).nullish(),
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
const completionSchema = z.object({ ...completionFields, prompt: promptSchema });
export type CompletionFields = z.infer<z.ZodObject<typeof completionFields>>;
type CompletionBody = z.infer<typeof completionSchema>;
type OnePrompt = string | readonly (string | number)[];

/** Several prompts are texts alone, or lists among them; texts among tokens are one. */
function promptsOf(prompt: CompletionBody['prompt']): readonly OnePrompt[] {
  if (typeof prompt === 'string') return [prompt];
  const isOne = prompt.some((part) => typeof part === 'number');
  if (isOne || prompt.length === 0) return [prompt as readonly (string | number)[]];
  if (prompt.length > MOST_PROMPTS)
    throw new AppError('invalid_input', `"prompt" may be ${MOST_PROMPTS} prompts at most.`, { field: 'prompt' });
  return prompt as readonly OnePrompt[];
}

/**
 * A prompt as the engine takes it: a text, or the tokens of all its parts. As in llama-server a first text gets what the vocabulary puts
 * before texts, and tokens get nothing.
 */
async function inputOf(
  prompt: OnePrompt,
  tokenize: (text: string, isFirst: boolean) => Promise<readonly number[]>,
): Promise<{ readonly rawPrompt: string | readonly number[] }> {
  if (typeof prompt === 'string') return { rawPrompt: prompt };
  const rawPrompt: number[] = [];
  for (const [at, part] of prompt.entries())
    for (const token of typeof part === 'string' ? await tokenize(part, at === 0) : [part]) rawPrompt.push(token);
  return { rawPrompt };
}

/** What a request says of sampling. */
export function samplingOfFields(fields: CompletionFields): Partial<Sampling> {
  const { n_predict: most, logit_bias: biases, ...rest } = fields;
  const probability = fields.xtc_probability ?? 0;
  const strength = fields.dry_multiplier ?? 0;
  const last = fields.dry_penalty_last_n ?? -1;
  const range = fields.repeat_last_n;
  const logprobs =
    isGiven(fields.n_probs) && fields.n_probs > 0 ? fields.n_probs : fields.return_tokens === true ? 0 : null;
  return {
    ...readSampling({ ...rest, logit_bias: null, min_tokens: null }),
    ...(isGiven(most) && most >= 0 && { maxTokens: most }),
    ...(isGiven(biases) && { logitBias: readBiases(biases) }),
    ...(isGiven(range) && { penaltyTokens: range < 0 ? null : range }),
    ...(probability > 0 && { xtc: { probability, threshold: Math.min(0.5, fields.xtc_threshold ?? 0.1) } }),
    ...(strength > 0 && {
      dry: {
        ...{ strength, base: fields.dry_base ?? 1.75, allowedLength: fields.dry_allowed_length ?? 2 },
        lastTokens: last < 0 ? null : last,
        ...(isGiven(fields.dry_sequence_breakers) && { breakers: fields.dry_sequence_breakers }),
      },
    }),
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

async function ordersOf(exchange: Exchange<CompletionBody>, services: Services, model: ListedModel) {
  const { body } = exchange;
  const opening = openOrder(exchange, services);
  const sampling = samplingOfFields(body);
  const orders: CompletionOrder[] = [];
  const textOf = async ({ rawPrompt }: Awaited<ReturnType<typeof inputOf>>): Promise<string> =>
    typeof rawPrompt === 'string'
      ? rawPrompt
      : await services.inference.detokenize(model.modelId, rawPrompt, { ...opening, asPieces: true });
  for (const prompt of promptsOf(body.prompt)) {
    const input = await inputOf(prompt, async (part, isFirst) => {
      const options = { special: true, withEnds: isFirst, order: opening };
      return (await services.inference.tokenize(model.modelId, part, options)).tokens.map(({ id }) => id);
    });
    orders.push({ prompt: await textOf(input), order: { model, input, sampling } });
  }
  return orders;
}

const definition = {
  method: 'POST' as const,
  dialect: 'llama-server' as const,
  group: 'generate' as const,
  summary: 'Continues a text, in the form of llama-server.',
  body: completionSchema,
  example: { model: 'ember', prompt: 'Once upon a time', n_predict: 32 },
  async handle(exchange: Exchange<CompletionBody>, services: Services) {
    const { body } = exchange;
    const model = await namedOrLoaded(body.model, exchange, services);
    const orders = await ordersOf(exchange, services, model);
    const isList = Array.isArray(body.prompt) && orders.length > 1;
    if (body.stream === true) await streamCompletions(exchange, services, orders, body);
    else await answerCompletions(exchange, services, orders, body, isList);
  },
};
export const completionRoutes = [
  route({ ...definition, path: '/completion' }),
  // In llama-server it is not OpenAI's, which has `/v1` before it.
  route({ ...definition, path: '/completions' }),
];
