/** KoboldCpp's `/api/v1/generate` and its stream: https://lite.koboldai.net/koboldcpp_api. */
import { z } from 'zod';
import { textSchema } from '../generation/fields.ts';
import { MOST_STOP_TEXTS, type Sampling } from '../../../preload/contract/chat.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import type { GenerateResult } from '../../engine/engine.ts';
import { generate, openOrder, type GenerationOrder } from '../generation/generation.ts';
import { isGiven } from '../generation/given.ts';
import { seedSchema, topKSchema } from '../generation/sampling-values.ts';
import { contextSizeOf, cuttable } from '../../inference/inference.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ListedModel } from '../names/models.ts';
import { route, type AnyRoute } from '../route.ts';
import type { Services } from '../services.ts';
import { runsOf, type Run } from './runs.ts';
import { modelOf } from './which-model.ts';

const text = textSchema;
export const genkeySchema = z.string().max(300).nullish();
const generateSchema = z.object({
  /** Hearth's own: the model, where it is not the loaded one. */
  model: z.string().max(600).nullish(),
  prompt: text,
  /** Stands before the prompt and is kept where the prompt is cut. */
  memory: text.nullish(),
  max_context_length: z.int().min(1).max(16_777_216).nullish(),
  max_length: z.int().min(1).max(1_000_000).nullish(),
  temperature: z.number().min(0).max(5).nullish(),
  top_k: topKSchema.nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  rep_pen: z.number().min(0.5).max(3).nullish(),
  rep_pen_range: z.int().min(-1).max(1_000_000).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  sampler_seed: seedSchema.nullish(),
  stop_sequence: z.array(z.string().max(500)).max(MOST_STOP_TEXTS).nullish(),
  /** False: the stop text that ended the reply is a part of it. */
  trim_stop: z.boolean().nullish(),
  ban_eos_token: z.boolean().nullish(),
  grammar: z.string().max(100_000).nullish(),
  logit_bias: z.record(z.string().regex(/^\d{1,9}$/), z.number().min(-100).max(100)).nullish(),
  dry_multiplier: z.number().min(0).max(10).nullish(),
  dry_base: z.number().min(0).max(10).nullish(),
  dry_allowed_length: z.int().min(0).max(1000).nullish(),
  dry_penalty_last_n: z.int().min(-1).max(1_000_000).nullish(),
  xtc_probability: z.number().min(0).max(1).nullish(),
  xtc_threshold: z.number().min(0).max(1).nullish(),
  images: z.array(z.unknown()).max(64).nullish(),
  genkey: genkeySchema,
});
type GenerateBody = z.infer<typeof generateSchema>;

/** Tokens of a reply whose length nobody said. */
export const USUAL_LENGTH = 512;

const withoutNull = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => isGiven(value))) as {
    [Key in keyof T]?: NonNullable<T[Key]>;
  };

function samplingOfBody(body: GenerateBody, maxTokens: number): Partial<Sampling> {
  const stop = (body.stop_sequence ?? []).filter((one) => one !== '');
  const { rep_pen_range: range, sampler_seed: seed } = body;
  const strength = body.dry_multiplier ?? 0;
  const probability = body.xtc_probability ?? 0;
  const last = body.dry_penalty_last_n ?? -1;
  return {
    ...withoutNull({
      ...{ temperature: body.temperature, topK: body.top_k, topP: body.top_p, minP: body.min_p },
      ...{ repeatPenalty: body.rep_pen, presencePenalty: body.presence_penalty },
    }),
    maxTokens,
    ...(isGiven(range) && { penaltyTokens: range < 0 ? null : range }),
    ...(isGiven(seed) && seed >= 0 && { seed }),
    ...(stop.length > 0 && { stop }),
    ...(isGiven(body.grammar) && body.grammar !== '' && { grammar: { kind: 'gbnf' as const, text: body.grammar } }),
    ...(isGiven(body.logit_bias) && {
      logitBias: Object.entries(body.logit_bias).map(([id, bias]) => ({ token: Number(id), bias })),
    }),
    ...(body.ban_eos_token === true && { minTokens: maxTokens }),
    ...(strength > 0 && {
      dry: {
        ...{ strength, base: Math.max(1, body.dry_base ?? 1.75) },
        ...{ allowedLength: Math.max(1, body.dry_allowed_length ?? 2), lastTokens: last < 0 ? null : last },
      },
    }),
    ...(probability > 0 && { xtc: { probability, threshold: Math.min(0.5, body.xtc_threshold ?? 0.2) } }),
  };
}

/**
 * The prompt as far as it fits beside the reply: the memory, and of the prompt its end, as in KoboldCpp. The reply is shortened where
 * nothing of the prompt would be left.
 */
async function orderOf(
  exchange: Exchange<GenerateBody>,
  services: Services,
  model: ListedModel,
): Promise<GenerationOrder> {
  const { body } = exchange;
  if ((body.images ?? []).length > 0)
    throw new AppError('unsupported', 'Hearth\'s models take text, and "images" has pictures.', {
      ...{ reason: 'media', field: 'images' },
    });
  const opening = openOrder(exchange, services);
  const of = { inference: services.inference, modelId: model.modelId, opening };
  const own = await contextSizeOf(of);
  const contextSize = own === Infinity ? own : Math.min(body.max_context_length ?? own, own);
  // As KoboldCpp: at least so much is left for the prompt.
  const least = Math.min(16, Math.max(1, contextSize - 4));
  const length = Math.max(1, Math.min(body.max_length ?? USUAL_LENGTH, contextSize - least));
  // One for the token that the vocabulary puts before a text.
  const room = Math.max(1, contextSize - length - 1);
  const memory = await cuttable(of, body.memory ?? '', contextSize);
  const prompt = await cuttable(of, body.prompt, contextSize);
  const kept = memory.last(room);
  const rawPrompt = kept + prompt.last(Math.max(0, room - memory.count));
  return { model, input: { rawPrompt }, sampling: samplingOfBody(body, length) };
}

interface Generated {
  readonly text: string;
  /** Null where it was aborted before it began. */
  readonly result: GenerateResult | null;
  readonly model: ListedModel;
}

/** A reply, whose text is given piece by piece. The last piece has the stop text that is wanted. */
async function run(
  exchange: Exchange<GenerateBody>,
  services: Services,
  write: (text: string) => Promise<void> | void,
): Promise<Generated> {
  const { body, client } = exchange;
  const model = await modelOf(body.model, exchange, services);
  const runs = runsOf(services);
  const one: Run = runs.begin(client, body.genkey ?? '');
  let result: GenerateResult | null = null;
  const signal = AbortSignal.any([exchange.signal, one.abort.signal]);
  const take = async (piece: string): Promise<void> => {
    one.text += piece;
    await write(piece);
  };
  try {
    const order = await orderOf({ ...exchange, signal }, services, model);
    for await (const event of generate({ ...exchange, signal }, services, order))
      if (event.type === 'text') await take(event.content);
      else if (event.type === 'end') ({ result } = event);
    if (!result) throw new AppError('internal', 'The reply had no end.');
    if (exchange.signal.aborted) throw new AppError('cancelled', 'The caller is gone.');
    if (body.trim_stop === false && result.stopText !== undefined) await take(result.stopText);
    return { text: one.text, result, model };
  } catch (error) {
    const isAborted = one.abort.signal.aborted && !exchange.signal.aborted;
    if (!isAborted || !isAppError(error) || error.code !== 'cancelled') throw error;
    return { text: one.text, result, model };
  } finally {
    runs.end(one, result);
  }
}

/** KoboldCpp knows two. */
const finishReason = (result: GenerateResult | null): string =>
  result?.endReason === 'max_tokens' || result?.endReason === 'context_full' ? 'length' : 'stop';

const generateAt = (path: string): AnyRoute =>
  route({
    ...{ method: 'POST', path, dialect: 'koboldcpp', group: 'generate', body: generateSchema },
    summary: 'Continues a text, in the form of KoboldCpp.',
    example: { prompt: 'Once upon a time', max_length: 32 },
    async handle(exchange: Exchange<GenerateBody>, services: Services) {
      const { text: said, result, model } = await run(exchange, services, () => {});
      exchange.json(200, {
        results: [
          {
            ...{ text: said, finish_reason: finishReason(result) },
            ...{ prompt_tokens: result?.promptTokens ?? 0, completion_tokens: result?.generatedTokens ?? 0 },
          },
        ],
        model: model.name,
      });
    },
  });

const streamRoute = route({
  method: 'POST',
  path: '/api/extra/generate/stream',
  dialect: 'koboldcpp',
  group: 'generate',
  summary: 'Continues a text, as a stream of events.',
  body: generateSchema,
  example: { prompt: 'Once upon a time', max_length: 32 },
  async handle(exchange: Exchange<GenerateBody>, services: Services) {
    let stream: ReturnType<Exchange['events']> | undefined;
    const { result } = await run(exchange, services, (token) => {
      stream ??= exchange.events();
      return token === '' ? undefined : stream.send({ token, finish_reason: null }, 'message');
    });
    stream ??= exchange.events();
    await stream.send({ token: '', finish_reason: finishReason(result) }, 'message');
    stream.end();
  },
});

export const generateRoutes = [generateAt('/api/v1/generate'), generateAt('/api/latest/generate'), streamRoute];
