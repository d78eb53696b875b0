/** The notebook: documents that a model continues as raw text, without a chat template. */
import { z } from 'zod';
import { samplingSchema, type Sampling, type Timing, type TokenAlternative, type TokenLogprob } from './chat.ts';
import { modelIdSchema } from './model.ts';
import { call, stream } from '../wire/rpc.ts';

/** Characters (UTF-16 units) of one document. */
export const MAX_DOCUMENT_LENGTH = 2_000_000;
/** Alternatives that are told of each token, where the sampling does not say how many. */
export const TOLD_ALTERNATIVES = 8;

/** A document without its text. */
export interface NotebookDocument {
  readonly id: string;
  /** Empty: it is named after its first line. */
  readonly title: string;
  /** The beginning of the text, by which a document without a title is named. */
  readonly beginning: string;
  /** Null: the model that ships with the app. */
  readonly modelId: string | null;
  /** Null: the defaults of the settings. */
  readonly sampling: Sampling | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Characters `from` to `to` of the text are replaced by `text`. */
const textChangeSchema = z.strictObject({
  from: z.int().min(0).max(MAX_DOCUMENT_LENGTH),
  to: z.int().min(0).max(MAX_DOCUMENT_LENGTH),
  text: z.string().max(MAX_DOCUMENT_LENGTH),
});
export type TextChange = z.infer<typeof textChangeSchema>;

export type NotebookListEvent =
  | { readonly type: 'snapshot'; readonly documents: readonly NotebookDocument[] }
  | { readonly type: 'document'; readonly document: NotebookDocument }
  | { readonly type: 'removed'; readonly documentId: string };

/** `version` counts the edits of a document. All changes of an edit have their places in the text before it. */
export type NotebookEvent =
  | {
      readonly type: 'snapshot';
      readonly document: NotebookDocument;
      readonly version: number;
      readonly text: string;
      /** The last edits that are in the text, by their ids: a window that lost the answer learns that its edit arrived. */
      readonly editIds: readonly string[];
    }
  | {
      readonly type: 'edit';
      readonly version: number;
      readonly editId: string;
      readonly changes: readonly TextChange[];
    }
  | { readonly type: 'document'; readonly document: NotebookDocument }
  | { readonly type: 'removed' };

/** A token within a text: characters `from` to `to`. */
export interface PlacedToken extends Omit<TokenLogprob, 'logprob'> {
  readonly from: number;
  readonly to: number;
  /** Null for the first token of a text of a model that begins texts with no token of its own. */
  readonly logprob: number | null;
}

export type CompletionStep =
  /** The model is being loaded. */
  | { readonly type: 'loading'; readonly modelName: string }
  /** Other replies come first. */
  | { readonly type: 'queued'; readonly ahead: number }
  /** The prompt is being read; `omittedCharacters` of the text before the place did not fit into the context. */
  | { readonly type: 'prompt'; readonly promptTokens: number; readonly omittedCharacters: number }
  /** Text, and the tokens that are known now. Their places count from the beginning of what is generated. */
  | { readonly type: 'text'; readonly text: string; readonly tokens: readonly PlacedToken[] }
  | {
      readonly type: 'end';
      readonly endReason: Timing['endReason'];
      readonly promptTokens: number;
      readonly generatedTokens: number;
      readonly generateMs: number;
      readonly seed: number;
      /** Samplers that a server elsewhere does not take. */
      readonly samplersNotTaken: readonly string[];
    };

export type ScoreStep =
  | { readonly type: 'loading'; readonly modelName: string }
  /** `windowTokens`: how far each token looks back at most. */
  | { readonly type: 'begin'; readonly tokens: number; readonly windowTokens: number }
  | { readonly type: 'tokens'; readonly tokens: readonly PlacedToken[] }
  /** `perplexity` is null for a text without a token that has another before it. */
  | { readonly type: 'end'; readonly perplexity: number | null; readonly scoredTokens: number };

const documentId = z.string().regex(/^[a-z0-9-]{1,64}$/, 'expected an id');
const title = z.string().max(200);
const text = z.string().max(MAX_DOCUMENT_LENGTH);
const oneDocument = z.strictObject({ documentId });

export const notebookRoutes = {
  /** All documents, the last changed first, then single changes. */
  'notebook.watchList': stream(z.strictObject({})).emits<NotebookListEvent>(),
  /** One document: a snapshot with its text, then its edits. Ends after `removed`. Throws not_found. */
  'notebook.watch': stream(oneDocument).emits<NotebookEvent>(),
  'notebook.create': call(
    z.strictObject({ title, text, modelId: modelIdSchema.nullable(), sampling: samplingSchema.nullable() }),
  ).returns<NotebookDocument>(),
  'notebook.update': call(
    z.strictObject({
      documentId,
      title: title.exactOptional(),
      modelId: modelIdSchema.nullable().exactOptional(),
      sampling: samplingSchema.nullable().exactOptional(),
    }),
  ).returns<NotebookDocument>(),
  /** The document can be brought back for `undoMs`. */
  'notebook.delete': call(oneDocument).returns<{ undoMs: number }>(),
  /** False when it was deleted for good. */
  'notebook.undoDelete': call(oneDocument).returns<{ restored: boolean }>(),
  /**
   * Changes the text, if it is at `version`; it is stored when this is answered. False: another window was earlier, and its edit comes by
   * `notebook.watch`. An edit that is in the text already changes nothing and is taken. Throws not_found, invalid_input (a place outside of
   * the text, or too much text), disk.full.
   */
  'notebook.edit': call(
    z.strictObject({
      documentId,
      version: z.int().min(0),
      editId: z.string().regex(/^[a-z0-9-]{16,64}$/, 'expected a random id'),
      changes: z.array(textChangeSchema).min(1).max(10_000),
    }),
  ).returns<{ taken: boolean; version: number }>(),
  /**
   * Continues `before`, or with `after` writes what stands between the two. Leaving ends it. Throws model.*, engine.*, unsupported (a model
   * that cannot fill in), invalid_input (a grammar), busy.
   */
  'notebook.generate': stream(
    z.strictObject({
      modelId: modelIdSchema.nullable(),
      before: text,
      after: text.nullable(),
      sampling: samplingSchema,
    }),
  ).emits<CompletionStep>(),
  /**
   * What the model would write behind `before`, likeliest first, before any sampler changes the probabilities. Throws model.*, engine.*.
   */
  'notebook.alternatives': call(z.strictObject({ modelId: modelIdSchema.nullable(), before: text })).returns<{
    alternatives: readonly TokenAlternative[];
  }>(),
  /** How probable each token of a text is for the model. Leaving ends it. Throws model.*, engine.*, unsupported (a server elsewhere). */
  'notebook.score': stream(z.strictObject({ modelId: modelIdSchema.nullable(), text })).emits<ScoreStep>(),
};
