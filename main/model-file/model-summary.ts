/** The facts of a model that the app needs, read from its GGUF header. Plain JSON, because the database keeps it. */
import type { HeaderNote } from '../../preload/contract/model.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { shownName } from '../base/foreign-text.ts';
import { auxiliaryKindOf, type AuxiliaryKind } from './auxiliary.ts';
import { fileTypeName } from './ggml-types.ts';
import { MAX_NOTES, type GgufHeader, type GgufTensor, type GgufValue } from './gguf.ts';
import { headerError } from './header-error.ts';

/** The memory of one block (layer) of the model, for planning on which device it goes. */
export interface LayerSummary {
  readonly weightsBytes: number;
  /** Of these, what one token does not pass: experts, and all of a layer that only predicts further tokens. Absent: none. */
  readonly idleBytes?: number;
  /** Elements of the KV cache per token; both 0 in a layer without attention. */
  readonly keyElements: number;
  readonly valueElements: number;
  /** The window of a layer with sliding-window attention, in tokens; null for full attention. */
  readonly windowTokens: number | null;
  /** State of a recurrent layer for one sequence; independent of the sequence's length. */
  readonly stateBytes: number;
}

export interface ModelSummary {
  /** The version of this type; see `readKeptSummary`. */
  readonly format: typeof SUMMARY_FORMAT;
  readonly architecture: string;
  readonly name: string | null;
  readonly quantization: string | null;
  readonly license: string | null;
  readonly parameterCount: number;
  readonly weightsBytes: number;
  readonly contextLength: number | null;
  /** Blocks in the order in which they compute. llama.cpp counts the output layer as one more. */
  readonly layers: readonly LayerSummary[];
  /** Tables of inputs, such as the token embeddings: they always stay in main memory. */
  readonly inputBytes: number;
  /** Weights outside blocks and embeddings: the output layer and the norms. */
  readonly outputBytes: number;
  /** Where the token embeddings double as the output layer: the copy of them that llama.cpp puts on a GPU; else 0. */
  readonly outputCopyBytes: number;
  readonly embeddingLength: number | null;
  /** Width of the feed-forward network that one token passes, all active experts together. */
  readonly feedForwardLength: number | null;
  /** The largest number of attention heads of any layer. */
  readonly headCount: number | null;
  readonly vocabularySize: number | null;
  readonly hasChatTemplate: boolean;
  /** What is odd in the headers, of all shards. */
  readonly notes: readonly HeaderNote[];
}

/** The facts of an auxiliary file, which works only together with a model. */
export interface AuxiliarySummary {
  readonly kind: AuxiliaryKind;
  /** Of an adapter: the architecture of the models it was made for. */
  readonly architecture: string;
  readonly quantization: string | null;
  readonly license: string | null;
  readonly parameterCount: number;
  /** Absent in what earlier versions kept. */
  readonly notes?: readonly HeaderNote[];
}

/** Increased with every change of `ModelSummary`, so that summaries kept by an older version are read from the file again. */
export const SUMMARY_FORMAT = 6;
/** More layers than any model has: a header that claims more is an attack. */
const MAX_LAYERS = 10_000;
/** llama.cpp keeps recurrent states in F32. */
const STATE_ELEMENT_BYTES = 4;

/** A kept summary as `JSON.parse` returns it; undefined for one that an older version wrote. */
export function readKeptSummary(kept: unknown): ModelSummary | undefined {
  const isCurrent =
    typeof kept === 'object' && kept !== null && 'format' in kept && kept.format === SUMMARY_FORMAT && 'layers' in kept;
  return isCurrent ? withLicense(kept as ModelSummary) : undefined;
}

/** The same for an auxiliary file; undefined for anything else. Earlier versions wrote `part` for `kind`. */
export function readKeptAuxiliary(kept: unknown): AuxiliarySummary | undefined {
  if (typeof kept !== 'object' || kept === null) return undefined;
  const { part, ...summary } = kept as Partial<AuxiliarySummary> & { readonly part?: AuxiliarySummary['kind'] };
  const kind = summary.kind ?? part;
  return kind === undefined ? undefined : withLicense({ ...summary, kind } as AuxiliarySummary);
}

/** The summary with its license under the present key: earlier versions wrote `licence`. */
function withLicense<T extends { readonly license: string | null; readonly licence?: string | null }>(kept: T): T {
  if (!('licence' in kept)) return kept;
  const { licence, ...rest } = kept;
  return { ...rest, license: licence } as unknown as T;
}

function number(value: GgufValue | undefined): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'bigint' ? Number(value) : null;
}
/** A size or count; null for a value that cannot be one. */
function count(value: GgufValue | undefined): number | null {
  const found = number(value);
  return found !== null && Number.isSafeInteger(found) && found >= 0 ? found : null;
}
function text(value: GgufValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
/** A name that is only shown: every event of the list has it. */
function shownText(value: GgufValue | undefined): string | null {
  const found = text(value);
  return found === null ? null : shownName(found);
}
/** A layer's value: the header has one number for all layers, or a list with one for each. */
function perLayer(value: GgufValue | undefined, layer: number): number | null {
  return count(Array.isArray(value) ? (value as readonly GgufValue[])[layer] : value);
}
function largest(value: GgufValue | undefined): number | null {
  const all = Array.isArray(value) ? (value as readonly GgufValue[]).map(count) : [count(value)];
  return all.reduce<number | null>((most, one) => (one !== null && one > (most ?? 0) ? one : most), null);
}

/** Tables of which a token needs one row: llama.cpp keeps them in main memory (its layer of inputs). */
const inputTensors = [
  'token_embd.weight',
  'per_layer_token_embd.weight',
  'position_embd.weight',
  'token_types.weight',
] as const;

type Lookup = (key: string) => GgufValue | undefined;

/**
 * The period of full-attention layers among sliding-window layers, where the header does not say: llama.cpp's own defaults. Any
 * other architecture counts as full attention throughout, which estimates too much memory rather than too little.
 */
const windowPeriods: Readonly<Record<string, number>> = {
  gemma2: 2,
  gemma3: 6,
  gemma3n: 5,
  cohere2: 4,
  'gpt-oss': 2,
  olmo2: 4,
  exaone4: 4,
  llama4: 4,
  plamo3: 8,
  afmoe: 4,
};
/** Windows of architectures whose header may leave them out. */
const defaultWindows: Readonly<Record<string, number>> = { gemma2: 4096, llama4: 8192 };

/** The window of each layer. `attention.sliding_window_pattern` is a period, whose last layer has full attention, or a list of flags. */
function windowsOf(architecture: string, get: Lookup): (layer: number) => number | null {
  const key = architecture === 'llama4' ? 'attention.chunk_size' : 'attention.sliding_window';
  const window = count(get(key)) ?? defaultWindows[architecture] ?? 0;
  const pattern = get('attention.sliding_window_pattern');
  const period = count(pattern) ?? windowPeriods[architecture] ?? null;
  if (window === 0 || (!Array.isArray(pattern) && period === null)) return () => null;
  const flags = Array.isArray(pattern) ? (pattern as readonly GgufValue[]) : null;
  return (layer) => {
    const slides =
      flags !== null
        ? ![undefined, false, 0].includes(flags[layer % flags.length] as boolean | undefined)
        : period === 0 || layer % (period ?? 1) < (period ?? 1) - 1;
    return slides ? window : null;
  };
}

/**
 * Bytes of a recurrent layer's state, as llama.cpp sizes it: convolution and state-space (Mamba and related), token
 * shifts and the matrix state (RWKV), a short convolution (LFM2).
 */
function recurrentStateBytes(get: Lookup, names: ReadonlySet<string>, embedding: number): number {
  if (names.has('shortconv')) return Math.max(0, (count(get('shortconv.l_cache')) ?? 1) - 1) * embedding * 4;
  if (names.has('time_mix')) {
    const shifts = count(get('token_shift_count')) ?? 2;
    return embedding * (shifts + (count(get('wkv.head_size')) ?? 64)) * STATE_ELEMENT_BYTES;
  }
  const inner = count(get('ssm.inner_size')) ?? 2 * embedding;
  const state = count(get('ssm.state_size')) ?? 16;
  const groups = count(get('ssm.group_count')) ?? 0;
  const convolution = Math.max(0, (count(get('ssm.conv_kernel')) ?? 4) - 1) * (inner + 2 * groups * state);
  return (convolution + state * inner) * STATE_ELEMENT_BYTES;
}

/** The kinds of layer that a tensor's name tells of its block. */
function kindsOf(name: string): string[] {
  const inBlock = name.slice(name.indexOf('.', 4) + 1);
  const kinds = [];
  if (inBlock.startsWith('ssm_')) kinds.push('ssm');
  if (inBlock.startsWith('time_mix')) kinds.push('time_mix');
  if (inBlock.startsWith('shortconv')) kinds.push('shortconv');
  if (/^attn_(k|v|kv_a_mqa|k_b|output)\./.test(inBlock)) kinds.push('attention');
  return kinds;
}

interface Blocks {
  readonly weightsBytes: Map<number, number>;
  /** Bytes of all experts of a mixture; shared experts, which every token passes, not included. */
  readonly expertBytes: Map<number, number>;
  readonly kinds: Map<number, Set<string>>;
}

function blocksOf(tensors: Iterable<GgufTensor>): Blocks {
  const weightsBytes = new Map<number, number>();
  const expertBytes = new Map<number, number>();
  const kinds = new Map<number, Set<string>>();
  for (const { name, sizeBytes } of tensors) {
    const found = /^blk\.(\d{1,5})\./.exec(name)?.[1];
    if (found === undefined) continue;
    const layer = Number(found);
    weightsBytes.set(layer, (weightsBytes.get(layer) ?? 0) + sizeBytes);
    if (/_exps\./.test(name)) expertBytes.set(layer, (expertBytes.get(layer) ?? 0) + sizeBytes);
    const set = kinds.get(layer) ?? new Set();
    for (const kind of kindsOf(name)) set.add(kind);
    kinds.set(layer, set);
  }
  return { weightsBytes, expertBytes, kinds };
}

/**
 * The layers with the size of their tensors and of their KV cache. As in llama.cpp, a cache row has KV heads times the lengths of a
 * key and a value (default: embedding length over head count).
 */
function layersOf(architecture: string, layerCount: number, get: Lookup, blocks: Blocks): LayerSummary[] {
  const embedding = count(get('embedding_length')) ?? 0;
  const windowOf = windowsOf(architecture, get);
  // Multi-token prediction layers at the end have weights but no cache; layers that share a cache have none of their own.
  const inTrunk = layerCount - (count(get('nextn_predict_layers')) ?? 0);
  const withCache = inTrunk - (count(get('attention.shared_kv_layers')) ?? 0);
  // Multi-head latent attention keeps one compressed row for keys and values together.
  const isLatent = get('attention.key_length_mla') !== undefined;
  const isEncoder = get('attention.causal') === false;
  const expertCount = count(get('expert_count')) ?? 0;
  const usedShare = expertCount > 0 ? Math.min(1, (count(get('expert_used_count')) ?? expertCount) / expertCount) : 1;
  return Array.from({ length: layerCount }, (_, layer): LayerSummary => {
    const kinds = blocks.kinds.get(layer) ?? new Set<string>();
    const isRecurrent = kinds.has('ssm') || kinds.has('time_mix') || kinds.has('shortconv');
    const windowTokens = windowOf(layer);
    const heads = perLayer(get('attention.head_count'), layer) ?? 0;
    const kvHeads = perLayer(get('attention.head_count_kv'), layer) ?? heads;
    const fallback = heads > 0 ? embedding / heads : 0;
    const length = (name: string): number =>
      (windowTokens === null ? null : count(get(`attention.${name}_length_swa`))) ??
      count(get(`attention.${name}_length`)) ??
      fallback;
    const weightsBytes = blocks.weightsBytes.get(layer) ?? 0;
    const keepsKeys = !isEncoder && layer < withCache && (!isRecurrent || kinds.has('attention'));
    return {
      weightsBytes,
      ...idleOf(layer < inTrunk ? (blocks.expertBytes.get(layer) ?? 0) * (1 - usedShare) : weightsBytes),
      keyElements: keepsKeys ? kvHeads * length('key') : 0,
      valueElements: keepsKeys && !isLatent ? kvHeads * length('value') : 0,
      windowTokens,
      stateBytes: isRecurrent ? recurrentStateBytes(get, kinds, embedding) : 0,
    };
  });
}

const idleOf = (bytes: number): Pick<LayerSummary, 'idleBytes'> => (bytes > 0 ? { idleBytes: Math.round(bytes) } : {});

function listLength(value: GgufValue | undefined): number | null {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' && 'omittedLength' in value ? value.omittedLength : null;
}

/** The summary of an auxiliary file, by its header; null for any other file. */
export function summarizeAuxiliary(header: GgufHeader): AuxiliarySummary | null {
  const { metadata, parameterCount, notes } = header;
  const architecture = text(metadata.get('general.architecture')) ?? '';
  const kind = auxiliaryKindOf(header);
  if (kind === null) return null;
  const fileType = number(metadata.get('general.file_type'));
  return {
    kind,
    architecture,
    quantization: fileType === null ? null : fileTypeName(fileType),
    license: shownText(metadata.get('general.license')),
    parameterCount,
    ...(notes.length > 0 ? { notes } : {}),
  };
}

const auxiliarySentences: Readonly<Record<AuxiliaryKind, string>> = {
  adapter: 'This file is an adapter (LoRA), not a model by itself. Choose it in the load settings of a model.',
  projector: 'This file is a projector, which lets a model see images or hear sound. It is not a model by itself.',
  draft: 'This file only predicts tokens for another model (multi-token prediction). It is not a model by itself.',
  vocoder: 'This file is a vocoder, which makes sound of the replies of a speech model. It is not a model by itself.',
  imatrix: 'This file is an importance matrix, with which models are quantized. It is not a model by itself.',
};

/** The error for somebody who uses an auxiliary file as a model: `model.unsupported`. */
export function auxiliaryError(kind: AuxiliarySummary['kind']): AppError {
  return new AppError('model.unsupported', auxiliarySentences[kind], { reason: kind });
}

/**
 * The summary of a model over all its shards: `header` is that of the first one, which holds the metadata.
 * @throws AppError `model.unsupported` when the file holds no language model (no layers): a LoRA adapter, an image
 * projector, a vocabulary; `model.corrupt` when it does not say its architecture.
 */
export function summarizeModel(header: GgufHeader, otherShards: readonly GgufHeader[] = []): ModelSummary {
  const { metadata } = header;
  const architecture = text(metadata.get('general.architecture'));
  const auxiliary = summarizeAuxiliary(header);
  if (auxiliary !== null) throw auxiliaryError(auxiliary.kind);
  if (architecture === null)
    throw headerError('model.corrupt', 'This GGUF file does not say its architecture.', {
      reason: 'no_architecture',
      field: 'general.architecture',
    });
  const get: Lookup = (key) => metadata.get(`${architecture}.${key}`);
  const layerCount = count(get('block_count'));
  const headers = [header, ...otherShards];
  const hasTensors = headers.some(({ tensors }) => tensors.length > 0);
  if (layerCount === null || layerCount < 1 || layerCount > MAX_LAYERS || !hasTensors)
    throw headerError('model.unsupported', 'This GGUF file holds no layers, so there is nothing to run.', {
      reason: 'no_layers',
      field: `${architecture}.block_count`,
      architecture,
    });
  const tensors = headers.flatMap((one) => one.tensors);
  const weightsBytes = headers.reduce((sum, one) => sum + one.tensorBytes, 0);
  const layers = layersOf(architecture, layerCount, get, blocksOf(tensors));
  const inLayers = layers.reduce((sum, layer) => sum + layer.weightsBytes, 0);
  const bytesOf = (name: string): number => tensors.find((tensor) => tensor.name === name)?.sizeBytes ?? 0;
  const inputBytes = inputTensors.reduce((sum, name) => sum + bytesOf(name), 0);
  const hasOutput = tensors.some(({ name }) => name === 'output.weight');
  const fileType = number(metadata.get('general.file_type'));
  const experts = count(get('expert_used_count')) ?? 0;
  const expertWidth =
    experts *
    (count(get('expert_feed_forward_length')) ?? (experts > 0 ? largest(get('feed_forward_length')) : 0) ?? 0);
  return {
    format: SUMMARY_FORMAT,
    architecture,
    name: shownText(metadata.get('general.name')),
    quantization: fileType === null ? null : fileTypeName(fileType),
    license: shownText(metadata.get('general.license')),
    parameterCount: headers.reduce((sum, one) => sum + one.parameterCount, 0),
    weightsBytes,
    contextLength: contextLengthOf(count(get('context_length'))),
    layers,
    inputBytes,
    outputBytes: Math.max(0, weightsBytes - inLayers - inputBytes),
    // An encoder ends with its vectors and has no output layer.
    outputCopyBytes: hasOutput || get('attention.causal') === false ? 0 : bytesOf('token_embd.weight'),
    embeddingLength: count(get('embedding_length')),
    feedForwardLength: Math.max(largest(get('feed_forward_length')) ?? 0, expertWidth) || null,
    headCount: largest(get('attention.head_count')),
    vocabularySize: listLength(metadata.get('tokenizer.ggml.tokens')) ?? count(get('vocab_size')),
    hasChatTemplate: text(metadata.get('tokenizer.chat_template')) !== null,
    notes: headers.flatMap((one) => one.notes).slice(0, MAX_NOTES),
  };
}

/** Null for what no model was trained with: 0, and more than llama.cpp can count. */
function contextLengthOf(tokens: number | null): number | null {
  return tokens !== null && tokens > 0 && tokens < 2 ** 31 ? tokens : null;
}
