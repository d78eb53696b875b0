/** Fields that several endpoints of Ollama have, and what they mean here: https://github.com/ollama/ollama/blob/main/docs/api.md. */
import { z } from 'zod';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { WantedSampling } from '../generation/generation.ts';
import { textSchema } from '../generation/fields.ts';
import { isGiven } from '../generation/given.ts';
import { schemaGrammar, schemaSchema } from '../generation/json-schemas.ts';
import { seedSchema, stopSchema, topKSchema } from '../generation/sampling-values.ts';
import { readGoDuration } from './go-duration.ts';

export { textSchema };

/** Old programs, and Ollama's own client for `pull`, `push` and `delete`, write `name` for `model`. */
export const modelFields = { model: z.string().max(600).nullish(), name: z.string().max(600).nullish() };

/** @throws AppError `invalid_input` where neither field has a name. */
export function modelNameOf({ model, name }: { model?: string | null | undefined; name?: string | null | undefined }) {
  const wanted = (model ?? '').trim() || (name ?? '').trim();
  if (wanted === '') throw new AppError('invalid_input', 'model is required', { field: 'model' });
  return wanted;
}

/** Ten years. What is longer is a mistake, such as milliseconds for seconds. */
const LONGEST_SECONDS = 315_360_000;

/** Seconds as a number, or a duration in Go's form. Open WebUI also sends a number as text. */
export const keepAliveSchema = z.union([z.number().min(-LONGEST_SECONDS).max(LONGEST_SECONDS), z.string().max(64)]);

/** `keepMs` of an order for a model: null for a negative time, which keeps it. @throws AppError `invalid_input`. */
export function readKeepAlive(value: z.infer<typeof keepAliveSchema> | null | undefined): number | null | undefined {
  if (!isGiven(value)) return undefined;
  const text = typeof value === 'number' ? '' : value.trim();
  const isCount = /^[-+]?(?:\d+\.?\d*|\.\d+)$/.test(text);
  const ms = typeof value === 'number' ? value * 1000 : isCount ? Number(text) * 1000 : readGoDuration(text);
  if (ms === null || Math.abs(ms) > LONGEST_SECONDS * 1000)
    throw new AppError(
      'invalid_input',
      '"keep_alive" is not valid: expected a duration such as 5m or 1h30m, or a number of seconds.',
      { field: 'keep_alive' },
    );
  return ms < 0 ? null : ms;
}

const count = z.int().min(-1).max(1_000_000_000);

/**
 * Options of a request. Those of the load (`num_ctx`, `num_gpu` and their like) are read, and change nothing: a loaded model serves
 * several programs and windows, and its load settings are the user's. See `refuseShortened` for what then happens with a `num_ctx`.
 * `typical_p`, `tfs_z` and `mirostat` change nothing either; Ollama has dropped the last two.
 */
export const optionsSchema = z.object({
  num_predict: z.int().min(-2).max(1_000_000).nullish(),
  temperature: z.number().min(0).max(5).nullish(),
  top_k: topKSchema.nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  seed: seedSchema.nullish(),
  stop: stopSchema.nullish(),
  repeat_penalty: z.number().min(0.5).max(3).nullish(),
  repeat_last_n: z.int().min(-1).max(1_000_000).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  num_ctx: z.int().min(0).max(16_777_216).nullish(),
  num_keep: count.nullish(),
  num_batch: count.nullish(),
  num_gpu: count.nullish(),
  main_gpu: count.nullish(),
  num_thread: count.nullish(),
  typical_p: z.number().min(0).max(1).nullish(),
  tfs_z: z.number().min(0).max(100).nullish(),
  mirostat: z.int().min(0).max(2).nullish(),
  mirostat_tau: z.number().min(0).max(100).nullish(),
  mirostat_eta: z.number().min(0).max(100).nullish(),
  use_mmap: z.boolean().nullish(),
  use_mlock: z.boolean().nullish(),
  low_vram: z.boolean().nullish(),
  numa: z.boolean().nullish(),
  penalize_newline: z.boolean().nullish(),
});
export type Options = z.infer<typeof optionsSchema>;

/** The engine's sampling; what the options do not say is absent. */
export function readOptions(options: Options | null | undefined): WantedSampling {
  if (!isGiven(options)) return {};
  const { num_predict, top_k, repeat_last_n, seed, stop, temperature } = options;
  const given: { [Key in keyof Sampling]?: Sampling[Key] | null | undefined } = {
    ...{ temperature, topK: top_k, topP: options.top_p, minP: options.min_p, repeatPenalty: options.repeat_penalty },
    ...{ presencePenalty: options.presence_penalty, frequencyPenalty: options.frequency_penalty },
    stop: stop?.length === 0 ? undefined : stop,
  };
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => isGiven(value))),
    // Null is a value in these: no limit, a random seed, all of the context.
    ...(isGiven(num_predict) && { maxTokens: num_predict <= 0 ? null : num_predict }),
    ...(isGiven(seed) && { seed: seed < 0 ? null : seed }),
    ...(isGiven(repeat_last_n) && { penaltyTokens: repeat_last_n < 0 ? null : repeat_last_n }),
  };
}

/** `json` is any object; an object is a JSON schema; the empty text is no format. */
export const formatSchema = z.union([z.enum(['json', '']), schemaSchema]);

export function readFormat(format: z.infer<typeof formatSchema> | null | undefined): WantedSampling['grammar'] {
  if (!isGiven(format) || format === '') return undefined;
  return schemaGrammar(format === 'json' ? { type: 'object' } : format);
}

export const thinkSchema = z.union([z.boolean(), z.enum(['low', 'medium', 'high', 'max'])]);
export type Think = z.infer<typeof thinkSchema>;

/** Variables for the chat template, as the families of models name them. */
export function readThink(think: Think | null | undefined): Record<string, string | boolean> | undefined {
  if (!isGiven(think)) return undefined;
  if (typeof think === 'boolean') return { enable_thinking: think };
  // Templates know three levels.
  return { enable_thinking: true, reasoning_effort: think === 'max' ? 'high' : think };
}

export const logprobFields = {
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
};
export const readLogprobs = ({ logprobs, top_logprobs }: z.infer<z.ZodObject<typeof logprobFields>>): WantedSampling =>
  logprobs === true ? { logprobs: top_logprobs ?? 0 } : {};

/** @throws AppError `unsupported`. */
export function refuseImages(images: readonly unknown[] | null | undefined, field: string): void {
  if (isGiven(images) && images.length > 0)
    throw new AppError('unsupported', `Hearth's models take text; "${field}" has an image.`, {
      ...{ reason: 'media', field },
    });
}
export const imagesSchema = z.array(textSchema).max(100);
