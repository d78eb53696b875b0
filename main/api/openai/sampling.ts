/** The fields of OpenAI's requests that shape a reply, and those that llama.cpp's servers add to them. */
import { z } from 'zod';
import type { Sampling } from '../../../preload/contract/chat.ts';

const token = z.string().regex(/^\d{1,9}$/, 'expected the id of a token');

/** Null counts as absent, as in OpenAI's own clients. */
export const samplingFields = {
  temperature: z.number().min(0).max(5).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(-1).max(1000).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  repeat_penalty: z.number().min(0.5).max(3).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  seed: z.int().min(-1).max(4_294_967_295).nullish(),
  stop: z.union([z.string().min(1).max(500), z.array(z.string().min(1).max(500)).max(16)]).nullish(),
  logit_bias: z.record(token, z.number().min(-100).max(100)).nullish(),
};
export interface SamplingFields extends z.infer<z.ZodObject<typeof samplingFields>> {}

/** The engine's sampling; what the request does not say is absent. */
export function readSampling(fields: SamplingFields): Partial<Sampling> {
  const { temperature, top_p, top_k, min_p, repeat_penalty, presence_penalty, frequency_penalty } = fields;
  const { seed, stop, logit_bias } = fields;
  const given: { [Key in keyof Sampling]?: Sampling[Key] | null | undefined } = {
    ...{ temperature, topP: top_p, minP: min_p, repeatPenalty: repeat_penalty },
    ...{ presencePenalty: presence_penalty, frequencyPenalty: frequency_penalty },
    topK: top_k == null ? undefined : Math.max(0, top_k),
    seed: seed == null || seed < 0 ? undefined : seed,
    stop: typeof stop === 'string' ? [stop] : stop?.length === 0 ? undefined : stop,
    logitBias:
      logit_bias == null ? undefined : Object.entries(logit_bias).map(([id, bias]) => ({ token: Number(id), bias })),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value != null));
}

/** A form that the reply must have. `json_object` is any object. */
export const responseFormatSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object'), schema: z.record(z.string(), z.unknown()).optional() }),
  z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({ name: z.string().max(64).optional(), schema: z.record(z.string(), z.unknown()) }),
  }),
]);

export function readResponseFormat(format: z.infer<typeof responseFormatSchema> | null | undefined): Partial<Sampling> {
  switch (format?.type) {
    case undefined:
    case 'text':
      return {};
    case 'json_object':
      return { grammar: { kind: 'json_schema', text: JSON.stringify(format.schema ?? { type: 'object' }) } };
    case 'json_schema':
      return { grammar: { kind: 'json_schema', text: JSON.stringify(format.json_schema.schema) } };
    default:
      return format satisfies never;
  }
}

/** -1 and 0 mean no limit in llama.cpp's servers. */
export const maxTokensSchema = z.int().min(-1).max(1_000_000).nullish();
export const readMaxTokens = (value: number | null | undefined): Partial<Sampling> =>
  value == null || value < 0 ? {} : { maxTokens: value };
