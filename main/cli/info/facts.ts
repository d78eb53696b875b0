/** What a command says of a model: the facts of its header, and how it fits here. Bounded, as JSON and as text. */
import type { Fit, ModelFileKind } from '../../../preload/contract/model.ts';
import type { ErrorBody } from '../../../preload/wire/errors.ts';
import type { GgufHeader, GgufTensor, GgufValue } from '../../model-file/gguf.ts';
import type { ModelSummary } from '../../model-file/model-summary.ts';
import type { FitOf } from '../../model-file/fit-of.ts';

/** The headers of a model's files, the first one's first, and what they say together. */
export interface ReadModel {
  /** As a command names the model. */
  readonly modelId: string;
  readonly place: 'here' | 'hub';
  /** Where the first file is; null at the Hub. */
  readonly file: string | null;
  readonly revision: string | null;
  readonly kind: ModelFileKind;
  readonly sizeBytes: number;
  readonly fileCount: number;
  readonly license: string | null;
  /** Empty where none can be read. */
  readonly headers: readonly GgufHeader[];
  readonly summary: ModelSummary | null;
  readonly problem: ErrorBody | null;
  /** What reading it at the Hub has cost. */
  readonly cost: { readonly requests: number; readonly bytes: number } | null;
}

export interface TypeCount {
  readonly type: string;
  readonly tensors: number;
  readonly sizeBytes: number;
}

export interface Tokenizer {
  readonly model: string;
  /** The pre-tokenizer, as llama.cpp calls it; null where the header names none. */
  readonly pre: string | null;
  readonly tokens: number | null;
  readonly bosId: number | null;
  readonly eosId: number | null;
}

export type JsonValue =
  string | number | boolean | readonly (string | number | boolean)[] | { readonly omittedLength: number };

/** Context sizes of the table: those below the trained one, and that itself. */
const contextSizes = [2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144, 1_048_576];

const metadataOf = ({ headers }: ReadModel): GgufHeader['metadata'] => headers[0]?.metadata ?? new Map();

export const tensorsOf = ({ headers }: ReadModel): readonly GgufTensor[] => headers.flatMap(({ tensors }) => tensors);

/** The types of the tensors, that with the most bytes first. */
export function typesOf(model: ReadModel): readonly TypeCount[] {
  const types = new Map<string, { tensors: number; sizeBytes: number }>();
  for (const { type, sizeBytes } of tensorsOf(model)) {
    const found = types.get(type) ?? { tensors: 0, sizeBytes: 0 };
    types.set(type, { tensors: found.tensors + 1, sizeBytes: found.sizeBytes + sizeBytes });
  }
  return [...types].map(([type, sums]) => ({ type, ...sums })).sort((one, other) => other.sizeBytes - one.sizeBytes);
}

/** Null: the header has none. */
export function templateOf(model: ReadModel): string | null {
  const source = metadataOf(model).get('tokenizer.chat_template');
  return typeof source === 'string' && source !== '' ? source : null;
}

/** Null: the header has none, as that of an adapter. */
export function tokenizerOf(model: ReadModel): Tokenizer | null {
  const metadata = metadataOf(model);
  const name = metadata.get('tokenizer.ggml.model');
  if (typeof name !== 'string') return null;
  const pre = metadata.get('tokenizer.ggml.pre');
  const idOf = (key: string): number | null => {
    const id = metadata.get(`tokenizer.ggml.${key}_token_id`);
    return typeof id === 'number' ? id : null;
  };
  const tokens = metadata.get('tokenizer.ggml.tokens');
  return {
    model: name,
    pre: typeof pre === 'string' ? pre : null,
    tokens: tokens === undefined ? null : lengthOf(tokens),
    bosId: idOf('bos'),
    eosId: idOf('eos'),
  };
}

function lengthOf(value: GgufValue): number | null {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' && 'omittedLength' in value ? value.omittedLength : null;
}

/** The fit with an automatic context, and with each other usual context that the model was trained for. */
export function fitsOf(
  { modelId, sizeBytes, summary }: ReadModel,
  fitOf: FitOf,
): { readonly automatic: Fit; readonly contexts: readonly Fit[] } | null {
  if (summary === null) return null;
  const question = { modelId, sizeBytes, summary };
  const trained = summary.contextLength;
  const sizes = contextSizes.filter((size) => size < (trained ?? 65_536));
  const automatic = fitOf(question);
  return {
    automatic,
    contexts: [...sizes, ...(trained === null ? [] : [trained])]
      .filter((contextSize) => contextSize !== automatic.contextSize)
      .map((contextSize) => fitOf(question, { contextSize })),
  };
}

/** The metadata as JSON has it: numbers that JSON cannot hold are text, and of long lists there is the length. */
export function metadataAsJson(model: ReadModel): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries([...metadataOf(model)].map(([key, value]) => [key, asJson(value)]));
}

function asJson(value: GgufValue): JsonValue {
  if (Array.isArray(value))
    return (value as readonly GgufValue[]).map((one) => scalar(one as string | number | bigint | boolean));
  if (typeof value === 'object' && 'omittedLength' in value) return { omittedLength: value.omittedLength };
  return scalar(value as string | number | bigint | boolean);
}

function scalar(value: string | number | bigint | boolean): string | number | boolean {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
