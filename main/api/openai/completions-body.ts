/** The body of `/v1/completions`. */
import { z } from 'zod';
import { textSchema } from './chat-messages.ts';
import { formFields, keepAliveSchema, maxTokensSchema, modelNameSchema, samplingFields } from './sampling.ts';
import { tokenIdsSchema } from './texts.ts';

const MOST_PROMPTS = 1024;

export const completionsSchema = z.object({
  model: modelNameSchema,
  /** A text or the ids of its tokens, or several of either. */
  prompt: z.union(
    [
      textSchema,
      z.array(textSchema).min(1).max(MOST_PROMPTS),
      tokenIdsSchema,
      z.array(tokenIdsSchema).min(1).max(MOST_PROMPTS),
    ],
    { error: 'expected a text, the ids of its tokens, or a list of either' },
  ),
  /** The text that follows: the reply fills in what is between. */
  suffix: textSchema.nullish(),
  ...samplingFields,
  max_tokens: maxTokensSchema,
  echo: z.boolean().nullish(),
  n: z.int().min(1).max(16).nullish(),
  best_of: z.int().min(1).max(16).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  /** Alternatives told for each token. OpenAI takes 5 at most. */
  logprobs: z.int().min(0).max(20).nullish(),
  ...formFields,
  keep_alive: keepAliveSchema,
});
export type CompletionsBody = z.infer<typeof completionsSchema>;
