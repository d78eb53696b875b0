/** The chat template of a model on this computer, tried out: what it makes of a conversation, and what a reply is read as. */
import { z } from 'zod';
import { call } from '../wire/rpc.ts';
import type { LoadNote } from './load-notes.ts';
import { modelIdSchema } from './model.ts';

export interface TemplateInfo {
  /** Null: the file has none. */
  readonly source: string | null;
  /** Empty where the vocabulary has no such token. */
  readonly bos: string;
  readonly eos: string;
  /** What the template writes and the vocabulary has as one token, without the two above. */
  readonly specialTokens: readonly string[];
  /** As of a load: why the template, or its form of tools, is not used, and what is used instead. */
  readonly notes: readonly LoadNote[];
}

export interface TemplateRendering {
  readonly text: string;
  /** Why the text is not the template's own: it refused this conversation, and a chat would get this in its place. Null: it is. */
  readonly refused: string | null;
  /** The template has nothing to say of the tools; a chat would get them in words. */
  readonly leavesToolsOut: boolean;
  /** Those of the vocabulary that the text has. */
  readonly specialTokens: readonly string[];
  /** Null while the model is not loaded, and for a text that is too long to be counted at once. */
  readonly tokenCount: number | null;
}

export interface ReplyReading {
  readonly reasoning: string;
  readonly content: string;
  /** `arguments` is the JSON text of an object, with its numbers as the model wrote them. */
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
}

const jsonText = z.string().max(1_000_000);
const trial = {
  modelId: modelIdSchema,
  /** Messages as OpenAI's API has them, as JSON text. */
  messages: jsonText,
  /** Tools of the same kind; null: none. */
  tools: jsonText.nullable().default(null),
  /** The time that the template may ask for, such as 2026-01-31T12:00:00; null: now. */
  now: z.string().max(40).nullable().default(null),
};

export const templateRoutes = {
  /** Reads it from the file, without loading the model. Throws model.*. */
  'template.info': call(z.strictObject({ modelId: modelIdSchema })).returns<TemplateInfo>(),
  /** Renders exactly what the template writes. Throws invalid_input with the place, template.invalid, not_found without a template, model.*. */
  'template.render': call(z.strictObject(trial)).returns<TemplateRendering>(),
  /** What a chat makes of a reply to these messages. Throws the same. */
  'template.readReply': call(z.strictObject({ ...trial, reply: z.string().max(1_000_000) })).returns<ReplyReading>(),
};
