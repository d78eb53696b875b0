/** Conversion of safetensors to GGUF, quantization, what it costs, verification, and tokenizers. */
import { z } from 'zod';
import type { ErrorBody } from '../wire/errors.ts';
import { call } from '../wire/rpc.ts';
import { repoIdSchema, revisionSchema } from './hub.ts';
import { modelIdSchema, type Fit } from './model.ts';

/** The types that a conversion writes by itself, by their names in llama.cpp. */
export const directTypes = ['F32', 'F16', 'BF16', 'Q8_0'] as const;
export type DirectType = (typeof directTypes)[number];

/** The types of files that a conversion can give: the direct ones, and the others by quantization. */
export const outputTypes = [
  ...directTypes,
  ...['Q6_K', 'Q5_K_M', 'Q5_K_S', 'Q5_1', 'Q5_0', 'Q4_K_M', 'Q4_K_S', 'Q4_1', 'Q4_0', 'IQ4_NL', 'IQ4_XS'],
  ...['Q3_K_L', 'Q3_K_M', 'Q3_K_S', 'Q2_K', 'Q2_K_S'],
  ...['IQ3_M', 'IQ3_S', 'IQ3_XS', 'IQ3_XXS', 'IQ2_M', 'IQ2_S', 'IQ2_XS', 'IQ2_XXS', 'IQ1_M', 'IQ1_S'],
] as const;
export const outputTypeSchema = z.enum(outputTypes);
export type OutputType = z.infer<typeof outputTypeSchema>;

/** Whether a conversion writes the type by itself, without llama.cpp. */
export function isDirectType(type: OutputType): type is DirectType {
  return (directTypes as readonly OutputType[]).includes(type);
}

/** The types of single tensors, by their names in ggml. */
export const tensorTypeSchema = z.enum([
  ...['F32', 'F16', 'BF16', 'Q8_0', 'Q6_K', 'Q5_K', 'Q5_1', 'Q5_0', 'Q4_K', 'Q4_1', 'Q4_0', 'Q3_K', 'Q2_K'],
  ...['IQ4_NL', 'IQ4_XS', 'IQ3_S', 'IQ3_XXS', 'IQ2_S', 'IQ2_XS', 'IQ2_XXS', 'IQ1_M', 'IQ1_S'],
] as const);
export type TensorType = z.infer<typeof tensorTypeSchema>;

const idSchema = z.string().regex(/^[a-z0-9-]{1,64}$/);

/**
 * Where a checkpoint is: a repository, whose files are taken from this computer where they are there, or a folder by the id with which
 * `convert.pickFolder` or `settings.listFolders` showed it.
 */
const conversionSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hub'), repoId: repoIdSchema, revision: revisionSchema.default('main') }),
  z.strictObject({ kind: z.literal('folder'), folderId: idSchema }),
]);
export type ConversionSource = z.infer<typeof conversionSourceSchema>;

/** The largest number of characters of a text to measure on or to collect an importance matrix from. */
export const MAX_MEASURED_TEXT = 4_000_000;
/** Limits of the options of a quantization. */
export const quantizeLimits = { rules: 64, patternLength: 200, prunedLayers: 1_000, lastLayer: 9_999 } as const;
/** Models beside the reference in one measurement. */
export const MAX_MEASURED_MODELS = 24;

/** A text to measure on or to collect an importance matrix from; null is the text that the app brings. */
const measuredTextSchema = z.string().min(1).max(MAX_MEASURED_TEXT).nullable().default(null);

const imatrixChoiceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  /** An importance matrix in the list of models. */
  z.strictObject({ kind: z.literal('file'), modelId: modelIdSchema }),
  /** Collected from a text for this quantization alone; the job of an importance matrix makes one that stays. */
  z.strictObject({ kind: z.literal('text'), text: measuredTextSchema }),
]);
export type ImatrixChoice = z.infer<typeof imatrixChoiceSchema>;

export const quantizeOptionsSchema = z.strictObject({
  /** Every tensor in the file's type, instead of the mixture that llama.cpp chooses. */
  pure: z.boolean().default(false),
  /** The type of the output tensor; null as the mixture has it. */
  outputTensorType: tensorTypeSchema.nullable().default(null),
  embeddingTensorType: tensorTypeSchema.nullable().default(null),
  /** Types of the tensors whose names match a regular expression, as llama-quantize reads it; the first match counts. */
  tensorTypes: z
    .array(z.strictObject({ pattern: z.string().min(1).max(quantizeLimits.patternLength), type: tensorTypeSchema }))
    .max(quantizeLimits.rules)
    .default([]),
  /** Layers to leave out, counted from 0. */
  pruneLayers: z.array(z.int().min(0).max(quantizeLimits.lastLayer)).max(quantizeLimits.prunedLayers).default([]),
  imatrix: imatrixChoiceSchema.default({ kind: 'none' }),
  /** Whether tensors that are quantized already may be quantized again, which loses more than quantizing once. */
  allowRequantize: z.boolean().default(false),
});
export type QuantizeOptions = z.infer<typeof quantizeOptionsSchema>;

/**
 * Whether llama.cpp writes the output, of a file that is converted first. A conversion itself gives the direct types, where nothing is
 * asked for that changes them: `pure` does not, because every tensor has the file's type already. Of the direct types llama.cpp takes an
 * importance matrix for Q8_0 alone.
 */
export function needsQuantizing(type: OutputType, options: QuantizeOptions | null): boolean {
  if (!isDirectType(type)) return true;
  if (options === null) return false;
  const { outputTensorType, embeddingTensorType, tensorTypes, pruneLayers, imatrix } = options;
  return (
    outputTensorType !== null ||
    embeddingTensorType !== null ||
    tensorTypes.length > 0 ||
    pruneLayers.length > 0 ||
    (type === 'Q8_0' && imatrix.kind !== 'none')
  );
}

/** The types that are offered at once; the others are folded. */
export const usualTypes: readonly OutputType[] = ['Q8_0', 'Q6_K', 'Q5_K_M', 'Q4_K_M'];

/** What an output is good for. */
export type OutputPurpose =
  /** Every value as the source has it. */
  | 'as_source'
  /** Larger than the source, and not better. */
  | 'larger_than_source'
  /** Half precision; differs from the source only by rounding. */
  | 'half_precision'
  | 'nearly_exact'
  | 'very_close'
  | 'close'
  /** The usual balance of quality and size. */
  | 'balanced'
  | 'small'
  /** Answers are noticeably worse. */
  | 'smaller'
  /** Only for a large model that fits in no other way. */
  | 'smallest';

export interface ConversionOutput {
  readonly type: OutputType;
  readonly sizeBytes: number;
  /** False: predicted from the rules of llama.cpp's mixtures, within some percent. */
  readonly isExact: boolean;
  /** How it would sit in this machine's memory, with the speed that is to be expected. */
  readonly fit: Fit;
  readonly purpose: OutputPurpose;
  readonly isRecommended: boolean;
  /** The rows of most tensors do not divide into blocks of this type: llama.cpp gives those tensors another one, which is larger. */
  readonly fallsBack: boolean;
  /** `required`: without an importance matrix llama.cpp refuses it, or its answers are of no use. */
  readonly imatrix: 'unneeded' | 'helps' | 'required';
}

/** The answer of the early check, from config.json, the tokenizer's files and the headers of the safetensors files. */
export interface ConversionCheck {
  readonly name: string;
  /** Null for a folder. */
  readonly repoId: string | null;
  /** The commit; null for a folder. */
  readonly revision: string | null;
  /**
   * Every reason why it cannot be converted; empty where it can. Codes are `convert.unsupported`, `convert.invalid` and
   * `tokenizer.invalid`; `data` has `reason`, `detail` in English, and the facts.
   */
  readonly refusals: readonly ErrorBody[];
  /** What config.json names, such as `LlamaForCausalLM`; null where it names none. */
  readonly modelClass: string | null;
  /** The architecture's name in GGUF, such as `llama`; null where it is not known. */
  readonly architecture: string | null;
  /**
   * The tokenizer's model and pre-tokenizer in GGUF, such as `gpt2` and `llama-bpe`; null where it was not recognized. `size`: its tokens,
   * without rows of the model's table that have none; null where only the beginning of a large tokenizer.json was read.
   */
  readonly tokenizer: { readonly model: string; readonly pre: string | null; readonly size: number | null } | null;
  readonly parameterCount: number | null;
  /** Values by dtype of the stored tensors, such as BF16. */
  readonly dtypes: Readonly<Record<string, number>>;
  /** The format of a quantized checkpoint, such as `fp8`; null for a plain one. */
  readonly quantizedBy: string | null;
  readonly contextLength: number | null;
  /** The layers that can be left out, counted from 0; null where the number is not known. */
  readonly layerCount: number | null;
  readonly hasChatTemplate: boolean;
  readonly license: string | null;
  /** All files that the conversion reads, and the bytes of them that are on this computer. */
  readonly sourceBytes: number;
  readonly storedBytes: number;
  /** From the largest; empty where it cannot be converted. */
  readonly outputs: readonly ConversionOutput[];
  /** What the check took from the network; 0 when it was answered from what is kept. */
  readonly requests: number;
  readonly readBytes: number;
}

/** What adapter_config.json and the header of an adapter say, and with a base whether they belong together. */
export interface AdapterCheck {
  readonly name: string;
  /** Null for a folder. */
  readonly repoId: string | null;
  /** The commit; null for a folder. */
  readonly revision: string | null;
  /** The base as the adapter names it, which may be a folder of another computer; empty where it names none. */
  readonly baseName: string;
  /** The repository that this name is, or that the adapter's page names. */
  readonly baseRepoId: string | null;
  /** Tensors of the base that it changes or replaces; 0 where it cannot be read. */
  readonly changedCount: number;
  readonly sizeBytes: number;
  /** Why it cannot be used with any base; null where it can. */
  readonly refusal: ErrorBody | null;
  /** Why it cannot be merged into the base, or not become a file beside it; null without a base. */
  readonly withBase: { readonly merged: ErrorBody | null; readonly alone: ErrorBody | null } | null;
}

/** What quantizing a model on this computer can give. */
export interface ModelOutputs {
  /** Whether tensors of it are quantized already: then `allowRequantize` is needed. */
  readonly isQuantized: boolean;
  readonly layerCount: number | null;
  /** From the largest; the model's own type is not among them. */
  readonly outputs: readonly ConversionOutput[];
}

/** A safetensors repository in the cache of this computer. */
export interface StoredCheckpoint {
  readonly repoId: string;
  readonly revision: string;
  readonly sizeBytes: number;
}

/**
 * Why llama.cpp may give other ids than the original tokenizer: it applies no Unicode composition to BPE, reads marks, a literal U+2581 or
 * a space at the beginning otherwise, takes the spaces beside added tokens otherwise, divides words that WordPiece finds too long, or has no
 * token for white space that a table of characters leaves as it is.
 */
export type KnownDifferenceKind =
  | 'composed_form'
  | 'combining_marks'
  | 'literal_mark'
  | 'leading_space'
  | 'spaces_beside_tokens'
  | 'long_word'
  | 'unmapped_space';

export interface KnownDifference {
  readonly kind: KnownDifferenceKind;
  readonly text: string;
}

/** What a verification found. */
export interface Verification {
  readonly result: 'passed' | 'failed';
  /** Null where no original tokenizer was there to compare with. */
  readonly tokenizer: {
    readonly textCount: number;
    /** Without the known differences. */
    readonly mismatchCount: number;
    /** Texts whose ids differ for a reason that is understood and lies in llama.cpp; absent in older records. */
    readonly knownDifferences?: readonly KnownDifference[];
    /** The first text whose token ids differ. */
    readonly firstMismatch: {
      readonly text: string;
      readonly expected: readonly number[];
      readonly found: readonly number[];
    } | null;
  } | null;
  /** The reply to a short prompt; null for a model that generates none, such as one for embeddings. */
  readonly generated: { readonly text: string; readonly tokenCount: number } | null;
  /** Why it failed. */
  readonly error: ErrorBody | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** How a model on this computer was made by Hearth. */
export interface ConversionRecord {
  /** The repository, or the name of the folder, of the checkpoint. */
  readonly sourceName: string;
  readonly sourceRepoId: string | null;
  readonly sourceRevision: string | null;
  /** The model that it was quantized from; null where it was converted. */
  readonly sourceModelId: string | null;
  /** The layers that it lacks of its checkpoint's: left out when it was made, or of what it was made of. */
  readonly prunedLayerCount: number;
  readonly type: OutputType;
  readonly converterVersion: string;
  /** Null before the verification. */
  readonly verification: Verification | null;
}

/** One model in a measurement. */
export interface MeasuredModel {
  readonly modelId: string;
  readonly name: string;
  readonly quantization: string | null;
  readonly sizeBytes: number;
  /** Null until it is measured, here and below. */
  readonly decodeTokensPerSecond: number | null;
  readonly promptTokensPerSecond: number | null;
  readonly perplexity: number | null;
  /** The standard error of the perplexity. */
  readonly perplexityError: number | null;
  /** The mean over all positions, in nats, against the reference; 0 for the reference. */
  readonly klDivergence: number | null;
  /** The share of positions where its likeliest token is the reference's, from 0 to 1. */
  readonly topAgreement: number | null;
  readonly isReference: boolean;
  /** The best quality for size and speed among them. */
  readonly isPick: boolean;
  readonly error: ErrorBody | null;
}

export interface Measurement {
  readonly id: string;
  readonly at: number;
  readonly models: readonly MeasuredModel[];
  /** The tokens of the text that were measured. */
  readonly tokenCount: number;
  readonly isDefaultText: boolean;
}

/** Whose tokenizer: a model on this computer, or a repository, whose tokenizer.json is read without any weights. */
const tokenizerSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('model'), modelId: modelIdSchema }),
  z.strictObject({ kind: z.literal('hub'), repoId: repoIdSchema, revision: revisionSchema.default('main') }),
  z.strictObject({ kind: z.literal('folder'), folderId: idSchema }),
]);
export type TokenizerSource = z.infer<typeof tokenizerSourceSchema>;

export interface EncodedToken {
  readonly id: number;
  /** The text that it stands for; a part of a character is U+FFFD. */
  readonly text: string;
  /** Its bytes in hexadecimal, where they are no whole characters; else null. */
  readonly bytes: string | null;
  /** Where it stands in the text, in UTF-16 units; null for a token that no text stands for. */
  readonly start: number | null;
  readonly end: number | null;
  readonly isSpecial: boolean;
}

export const convertRoutes = {
  /**
   * Whether a checkpoint can be converted, from a few hundred KB of it, and what the outputs would be. Answers are kept by commit. A reason
   * to refuse is part of the answer. Throws hub.*, not_found for an unknown folder id.
   */
  'convert.check': call(z.strictObject({ source: conversionSourceSchema })).returns<ConversionCheck>(),
  /** Opens the shell's folder dialog. Null when it was closed. Throws unsupported where the shell has none. */
  'convert.pickFolder': call(z.strictObject({})).returns<{ folderId: string; path: string } | null>(),
  /** The safetensors repositories in the cache that are complete. */
  'convert.stored': call(z.strictObject({})).returns<{ checkpoints: readonly StoredCheckpoint[] }>(),
  /** What a LoRA adapter (PEFT) is, and whether `base` is one that it fits. Throws hub.*, not_found, and `convert.*` for a base without config.json. */
  'convert.checkAdapter': call(
    z.strictObject({ adapter: conversionSourceSchema, base: conversionSourceSchema.nullable() }),
  ).returns<AdapterCheck>(),
  /**
   * Converts an adapter to a GGUF file that llama.cpp loads beside a GGUF of its base, as a job. Of the base only config.json is read. Throws
   * convert.*, hub.*, busy.
   */
  'convert.adapter': call(
    z.strictObject({ adapter: conversionSourceSchema, base: conversionSourceSchema, type: z.enum(directTypes) }),
  ).returns<{ jobId: string }>(),
  /** Divides a model of one file into several, or joins one of several files, as a job. Throws model.*, busy. */
  'convert.split': call(
    z.strictObject({
      modelId: modelIdSchema,
      limit: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('tensors'), count: z.int().min(1).max(100_000) }),
        z.strictObject({ kind: z.literal('bytes'), bytes: z.int().min(1_000_000).max(1e13) }),
      ]),
    }),
  ).returns<{ jobId: string }>(),
  'convert.merge': call(z.strictObject({ modelId: modelIdSchema })).returns<{ jobId: string }>(),
  /**
   * Writes a model as safetensors files with config.json into a new folder in the one that the user chose, as a job. `quantizedAs` is what
   * quantized tensors become. Throws model.*, not_found for an unknown folder id, busy.
   */
  'convert.export': call(
    z.strictObject({
      modelId: modelIdSchema,
      folderId: idSchema,
      quantizedAs: z.enum(['F32', 'F16', 'BF16']).default('F16'),
    }),
  ).returns<{ jobId: string }>(),
  /**
   * Converts a checkpoint, and quantizes and verifies the result, as a job. With `adapter`, that is merged into it first. With `keepSource`
   * the files of a repository are downloaded into the cache first; without, they are converted while they arrive and are not stored. The
   * job's `modelId` is the result's. Throws convert.*, tokenizer.invalid, hub.*, disk.full, busy for a conversion that is under way already.
   */
  'convert.start': call(
    z.strictObject({
      source: conversionSourceSchema,
      adapter: conversionSourceSchema.nullable().optional(),
      type: outputTypeSchema,
      keepSource: z.boolean(),
      quantize: quantizeOptionsSchema.nullable().default(null),
    }),
  ).returns<{ jobId: string }>(),
  /** What a model on this computer can be quantized to. Throws model.*, unsupported for an auxiliary file. */
  'convert.outputs': call(z.strictObject({ modelId: modelIdSchema })).returns<ModelOutputs>(),
  /** How the models on this computer that Hearth made were made, and what their verification found. */
  'convert.records': call(z.strictObject({})).returns<{
    records: readonly { readonly modelId: string; readonly record: ConversionRecord }[];
  }>(),
  /** Quantizes a model on this computer, as a job. Throws model.*, unsupported, busy, convert.unsupported (`requantize` without leave). */
  'convert.quantize': call(
    z.strictObject({ modelId: modelIdSchema, type: outputTypeSchema, options: quantizeOptionsSchema }),
  ).returns<{ jobId: string }>(),
  /** The size that quantizing would give, exactly: libllama's dry run. Throws as `convert.quantize`. */
  'convert.predictSize': call(
    z.strictObject({ modelId: modelIdSchema, type: outputTypeSchema, options: quantizeOptionsSchema }),
  ).returns<{ sizeBytes: number; fit: Fit }>(),
  /** Collects an importance matrix from a text, as a job. It is in the list of models as an auxiliary file of its model. Throws model.*, busy. */
  'convert.imatrix': call(z.strictObject({ modelId: modelIdSchema, text: measuredTextSchema })).returns<{
    jobId: string;
  }>(),
  /** Measures models side by side against a reference on a text, as a job; `measurementId` is there from the start. Throws model.*, unsupported. */
  'convert.measure': call(
    z.strictObject({
      referenceId: modelIdSchema,
      modelIds: z.array(modelIdSchema).max(MAX_MEASURED_MODELS),
      text: measuredTextSchema,
    }),
  ).returns<{ jobId: string; measurementId: string }>(),
  /** The measurements, newest first; at most 100 are kept. */
  'convert.measurements': call(z.strictObject({})).returns<{ measurements: readonly Measurement[] }>(),
  'convert.deleteMeasurement': call(z.strictObject({ measurementId: idSchema })).returns<null>(),
  /** Loads a model, compares its tokenizer with that of its checkpoint where that can be had, and generates 16 tokens, as a job. Throws model.*. */
  'convert.verify': call(
    z.strictObject({ modelId: modelIdSchema, source: conversionSourceSchema.nullable().default(null) }),
  ).returns<{ jobId: string }>(),
  /** Token ids of texts, each with its place in the text. Throws tokenizer.invalid, hub.*, model.*. */
  'tokenizer.encode': call(
    z.strictObject({
      source: tokenizerSourceSchema,
      texts: z
        .array(z.string().max(1_000_000))
        .min(1)
        .max(256)
        .refine((texts) => texts.reduce((sum, text) => sum + text.length, 0) <= 2_000_000, 'too much text'),
      /** Whether the tokens are added that the tokenizer puts around a text, such as the one at its beginning. */
      addSpecialTokens: z.boolean().default(true),
    }),
  ).returns<{ results: readonly { readonly tokens: readonly EncodedToken[] }[]; vocabularySize: number }>(),
  'tokenizer.decode': call(
    z.strictObject({
      source: tokenizerSourceSchema,
      batch: z
        .array(z.array(z.int().min(0).max(16_777_216)).max(100_000))
        .min(1)
        .max(256),
      skipSpecialTokens: z.boolean().default(false),
    }),
  ).returns<{ texts: readonly string[] }>(),
};
