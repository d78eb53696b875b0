/** The fields of OpenAI's requests that shape a reply, and those that llama.cpp's servers and vLLM add to them. */
import { z } from 'zod';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { isGiven } from '../generation/given.ts';
import { llamaSamplerFields, readLlamaSamplers } from '../generation/llama-samplers.ts';
import { schemaGrammar, schemaSchema } from '../generation/json-schemas.ts';
import { guidedFields, readGuided } from './guided.ts';
import { seedSchema, stopSchema, topKSchema } from '../generation/sampling-values.ts';

const token = z.string().regex(/^\d{1,9}$/, 'expected the id of a token');
const MOST_BIASES = 1024;
export const modelNameSchema = z.string().min(1).max(600);

const penaltySchema = z.number().min(0.5).max(3).nullish();
/** Null counts as absent, as in OpenAI's own clients. */
export const samplingFields = {
  temperature: z.number().min(0).max(5).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: topKSchema.nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  repeat_penalty: penaltySchema,
  /** Of vLLM and OpenRouter. */
  repetition_penalty: penaltySchema,
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  min_tokens: z.int().min(0).max(1_000_000).nullish(),
  seed: seedSchema.nullish(),
  stop: stopSchema.nullish(),
  logit_bias: z
    .record(token, z.number().min(-100).max(100))
    .refine((bias) => Object.keys(bias).length <= MOST_BIASES, `expected at most ${MOST_BIASES} tokens`)
    .nullish(),
  ...llamaSamplerFields,
};
export type SamplingFields = z.infer<z.ZodObject<typeof samplingFields>>;

/** Seconds that the model stays loaded after the reply; negative: until it is unloaded. Of Ollama, whose programs send it here too. */
export const keepAliveSchema = z.number().min(-1).max(10_000_000).nullish();
export const readKeepAlive = (seconds: number | null | undefined): { keepMs?: number | null } =>
  isGiven(seconds) ? { keepMs: seconds < 0 ? null : seconds * 1000 } : {};

/** The engine's sampling; what the request does not say is absent. */
export function readSampling(fields: SamplingFields): Partial<Sampling> {
  const { temperature, top_p, top_k, min_p, repeat_penalty, presence_penalty, frequency_penalty } = fields;
  const { seed, stop, logit_bias, min_tokens, repetition_penalty } = fields;
  const said: { [Key in keyof Sampling]?: Sampling[Key] | null | undefined } = {
    ...{ temperature, topK: top_k, topP: top_p, minP: min_p, minTokens: min_tokens },
    repeatPenalty: repeat_penalty ?? repetition_penalty,
    ...{ presencePenalty: presence_penalty, frequencyPenalty: frequency_penalty },
    seed: isGiven(seed) && seed >= 0 ? seed : undefined,
    stop: stop?.length === 0 ? undefined : stop,
    logitBias: isGiven(logit_bias)
      ? Object.entries(logit_bias).map(([id, bias]) => ({ token: Number(id), bias }))
      : undefined,
  };
  return {
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => isGiven(value))),
    ...readLlamaSamplers(fields),
  };
}

/** A form that the reply must have. `json_object` is any object. The model is held to it token by token, whatever `strict` says. */
const responseFormatSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object'), schema: schemaSchema.nullish() }),
  z
    .object({
      type: z.literal('json_schema'),
      json_schema: z.object({ name: z.string().max(200).nullish(), schema: schemaSchema }).nullish(),
      /** As in the examples of llama-server. */
      schema: schemaSchema.nullish(),
    })
    .refine(
      (format) => isGiven(format.json_schema ?? format.schema),
      'expected the schema in "json_schema": {"name": …, "schema": {…}}',
    ),
]);

/** The forms of a reply that llama-server and vLLM take beside `response_format`. */
export const formFields = {
  ...guidedFields,
  response_format: responseFormatSchema.nullish(),
  grammar: z.string().max(100_000).nullish(),
  json_schema: schemaSchema.nullish(),
};

/** The form in force: a grammar over a schema over a `response_format`. An empty grammar is none. */
export function readForm({
  grammar,
  json_schema: schema,
  response_format: format,
  ...guided
}: z.infer<z.ZodObject<typeof formFields>>): Sampling['grammar'] | undefined {
  if (isGiven(grammar) && grammar !== '') return { kind: 'gbnf', text: grammar };
  return isGiven(schema) ? schemaGrammar(schema) : (readGuided(guided) ?? readResponseFormat(format));
}

/** Of llama-server and vLLM: variables for the chat template. One that is null is as one that is not there. */
export const templateVariablesSchema = z.record(
  z.string().max(64),
  z
    .union([z.string().max(10_000), z.number(), z.boolean()], {
      error: 'expected a text, a number or a truth value',
    })
    .nullable(),
);
export const readTemplateVariables = (
  variables: z.infer<typeof templateVariablesSchema> | null | undefined,
): Record<string, string | number | boolean> =>
  Object.fromEntries(
    Object.entries(variables ?? {}).filter((entry): entry is [string, string | number | boolean] => isGiven(entry[1])),
  );

function readResponseFormat(
  format: z.infer<typeof responseFormatSchema> | null | undefined,
): Sampling['grammar'] | undefined {
  switch (format?.type) {
    case undefined:
    case 'text':
      return undefined;
    case 'json_object':
      return schemaGrammar(format.schema ?? { type: 'object' });
    case 'json_schema':
      return schemaGrammar(format.json_schema?.schema ?? format.schema ?? {});
    default:
      return format satisfies never;
  }
}

/** -1 means no limit in llama.cpp's servers. With 0 only the prompt is evaluated. */
export const maxTokensSchema = z.int().min(-1).max(1_000_000).nullish();
export const readMaxTokens = (value: number | null | undefined): Partial<Sampling> =>
  isGiven(value) && value >= 0 ? { maxTokens: value } : {};

export const effortSchema = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']);

/** Variables for the chat template: models know three efforts, and those that only think or do not, a switch. */
export function effortOptions(
  effort: z.infer<typeof effortSchema> | null | undefined,
): Record<string, string | boolean> {
  if (!isGiven(effort)) return {};
  const known = { none: 'low', minimal: 'low', low: 'low', medium: 'medium', high: 'high', xhigh: 'high', max: 'high' };
  return { reasoning_effort: known[effort], enable_thinking: effort !== 'none' };
}
