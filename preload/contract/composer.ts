/** What the field for the next message asks main: tokens of what is typed, and what was sent before. */
import { z } from 'zod';
import { modelIdSchema } from './model.ts';
import { MAX_COUNTED_LENGTH, MAX_COUNTED_TEXTS } from './prompt-limits.ts';
import { call } from '../wire/rpc.ts';

/** Sent messages that the field can bring back, at most, and the length of the longest of them. */
export const MAX_SENT_TEXTS = 100;
export const MAX_SENT_LENGTH = 20_000;

export const composerRoutes = {
  /**
   * The tokens of each text by the tokenizer of a loaded model; null while it is not loaded, and for models of servers elsewhere: what is
   * not sent yet stays on this computer. It loads no model.
   */
  'composer.countTokens': call(
    z.strictObject({
      modelId: modelIdSchema,
      texts: z
        .array(z.string().max(MAX_COUNTED_LENGTH))
        .min(1)
        .max(MAX_COUNTED_TEXTS)
        .refine((texts) => texts.reduce((sum, { length }) => sum + length, 0) <= MAX_COUNTED_LENGTH, {
          message: 'expected less text',
        }),
    }),
  ).returns<{ readonly tokens: readonly number[] | null }>(),
  /** What the user typed in sent messages, newest first and each text once, without very long ones. Those of `chatId` come first. */
  'composer.sentTexts': call(
    z.strictObject({
      chatId: z
        .string()
        .regex(/^[a-z0-9-]{1,64}$/, 'expected an id')
        .nullable(),
    }),
  ).returns<{ readonly texts: readonly string[] }>(),
};
