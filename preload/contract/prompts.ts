/** The prompt library: texts that people keep and insert into a message, with variables that are filled in then. */
import { z } from 'zod';
import {
  MAX_PROMPTS,
  MAX_PROMPTS_FILE,
  MAX_PROMPT_DESCRIPTION,
  MAX_PROMPT_NAME,
  MAX_PROMPT_TEXT,
} from './prompt-limits.ts';
import { call, stream } from '../wire/rpc.ts';

const id = z.uuid();
const oneLine = /^[^\p{Cc}\u2028\u2029]*$/u;

/** What a person writes of a prompt. */
export const promptSchema = z.strictObject({
  /** Unique; upper and lower case are the same. */
  name: z.string().trim().min(1).max(MAX_PROMPT_NAME).regex(oneLine, 'expected one line'),
  description: z.string().trim().max(MAX_PROMPT_DESCRIPTION).regex(oneLine, 'expected one line'),
  text: z
    .string()
    .max(MAX_PROMPT_TEXT)
    .refine((text) => text.trim() !== '', { message: 'expected some text' }),
});
export type PromptContent = z.infer<typeof promptSchema>;

export interface Prompt extends PromptContent {
  readonly id: string;
}

export interface PromptSummary extends Omit<Prompt, 'text'> {
  /** The first characters of the text, in one line. */
  readonly beginning: string;
  readonly changedAt: number;
}

/** All prompts, by name. */
export interface PromptsEvent {
  readonly prompts: readonly PromptSummary[];
}

/** Why an entry of a file was left out. */
export type RefusedPrompt = 'no_name' | 'no_text' | 'too_long' | 'not_a_prompt' | 'library_full';

export interface PromptImport {
  /** The ids of the new prompts. */
  readonly added: readonly string[];
  /** Entries with the name and the text of a prompt that was here already. */
  readonly same: number;
  /** New prompts that got another name, because theirs was taken by another text. */
  readonly renamed: number;
  /** Numbers of entries that were left out, by reason. */
  readonly refused: Readonly<Partial<Record<RefusedPrompt, number>>>;
}

/** `hearth`: with descriptions. `open-webui`: as that program exports and imports prompts, which have none there. */
const promptFormSchema = z.enum(['hearth', 'open-webui']);
export type PromptForm = z.infer<typeof promptFormSchema>;

const promptIds = z.strictObject({ promptIds: z.array(id).min(1).max(MAX_PROMPTS) });

export const promptsRoutes = {
  'prompts.watch': stream(z.strictObject({})).emits<PromptsEvent>(),
  /** Throws not_found. */
  'prompts.read': call(z.strictObject({ promptId: id })).returns<Prompt>(),
  /** Adds a prompt (`promptId` null) or changes one. Throws not_found, invalid_input (a name that another prompt has, a full library), disk.full. */
  'prompts.save': call(z.strictObject({ promptId: id.nullable(), ...promptSchema.shape })).returns<{
    readonly promptId: string;
  }>(),
  /** Deletes prompts; they can be brought back for `undoMs`. Those that are gone already are passed over. */
  'prompts.delete': call(promptIds).returns<{ readonly undoMs: number }>(),
  /** `restored`: all of them are here again. Throws disk.full. */
  'prompts.undoDelete': call(promptIds).returns<{ readonly restored: boolean }>(),
  /** Adds the prompts of a file, Hearth's or Open WebUI's. Throws invalid_input (no JSON, no prompts), disk.full. */
  'prompts.import': call(z.strictObject({ text: z.string().max(MAX_PROMPTS_FILE) })).returns<PromptImport>(),
  /** The text of a file with these prompts, or with all of them. */
  'prompts.export': call(
    z.strictObject({ form: promptFormSchema, promptIds: z.array(id).min(1).max(MAX_PROMPTS).optional() }),
  ).returns<{ readonly text: string }>(),
};
