/** What the app needs to know of a model, taken from its GGUF header. Plain JSON: it is kept in the database. */
import { AppError } from '../../preload/contract/errors.ts';
import { fileTypeName } from './ggml-types.ts';
import type { GgufHeader, GgufValue } from './gguf.ts';

export interface ModelSummary {
  readonly architecture: string;
  readonly name: string | null;
  readonly quantization: string | null;
  readonly licence: string | null;
  readonly parameterCount: number;
  readonly weightsBytes: number;
  readonly contextLength: number | null;
  readonly layerCount: number;
  readonly embeddingLength: number | null;
  /** Elements of K and of V that one token takes in the cache, over all layers. */
  readonly kvElementsPerToken: number | null;
  readonly vocabularySize: number | null;
  readonly hasChatTemplate: boolean;
}

function number(value: GgufValue | undefined): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'bigint' ? Number(value) : null;
}
function text(value: GgufValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
/** The value of a layer: one number for all, or a list with one for each. */
function perLayer(value: GgufValue | undefined, layer: number): number | null {
  return Array.isArray(value) ? number((value as readonly GgufValue[])[layer]) : number(value);
}

/**
 * Cache elements per token: for every layer, KV heads times the lengths of a key and a value
 * (default: embedding length over head count), as llama.cpp sizes its cache.
 */
function kvElements(metadata: GgufHeader['metadata'], architecture: string, layerCount: number): number | null {
  const get = (key: string): GgufValue | undefined => metadata.get(`${architecture}.${key}`);
  const embedding = number(get('embedding_length'));
  let sum = 0;
  for (let layer = 0; layer < layerCount; layer++) {
    const heads = perLayer(get('attention.head_count'), layer);
    const kvHeads = perLayer(get('attention.head_count_kv'), layer) ?? heads;
    if (heads === null || kvHeads === null) return null;
    const fallback = embedding !== null && heads > 0 ? embedding / heads : null;
    const key = number(get('attention.key_length')) ?? fallback;
    const value = number(get('attention.value_length')) ?? fallback;
    if (heads === 0 || kvHeads === 0) continue; // a layer without attention (a recurrent one) keeps no keys
    if (key === null || value === null) return null;
    sum += kvHeads * (key + value);
  }
  return sum;
}

/**
 * @throws AppError `model.unsupported` when the file holds no language model (no architecture, no layers):
 * a LoRA adapter, an image projector, a vocabulary.
 */
export function summarizeModel(header: GgufHeader): ModelSummary {
  const { metadata } = header;
  const architecture = text(metadata.get('general.architecture'));
  if (architecture === null)
    throw new AppError('model.corrupt', 'This GGUF file does not say its architecture.', {
      field: 'general.architecture',
    });
  const kind = text(metadata.get('general.type'));
  if (kind === 'adapter' || kind === 'mmproj' || architecture === 'clip')
    throw new AppError(
      'model.unsupported',
      'This file is a part for another model (an adapter or an image projector), not a model of its own.',
    );
  const layerCount = number(metadata.get(`${architecture}.block_count`));
  if (layerCount === null || layerCount < 1 || layerCount > 10_000 || header.tensors.length === 0)
    throw new AppError('model.unsupported', 'This GGUF file holds no layers, so there is nothing to run.', {
      architecture,
    });
  const tokens = metadata.get('tokenizer.ggml.tokens');
  const fileType = number(metadata.get('general.file_type'));
  return {
    architecture,
    name: text(metadata.get('general.name')),
    quantization: fileType === null ? null : fileTypeName(fileType),
    licence: text(metadata.get('general.license')),
    parameterCount: header.parameterCount,
    weightsBytes: header.tensorBytes,
    contextLength: number(metadata.get(`${architecture}.context_length`)),
    layerCount,
    embeddingLength: number(metadata.get(`${architecture}.embedding_length`)),
    kvElementsPerToken: kvElements(metadata, architecture, layerCount),
    vocabularySize:
      tokens === undefined
        ? null
        : Array.isArray(tokens)
          ? tokens.length
          : typeof tokens === 'object' && 'omittedLength' in tokens
            ? tokens.omittedLength
            : null,
    hasChatTemplate: text(metadata.get('tokenizer.chat_template')) !== null,
  };
}
