/** What the early check finds out about a checkpoint: it reads config.json, headers, and the beginning of the tokenizer. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ConversionCheck } from '../../../preload/contract/convert.ts';
import { encodeError, isAppError, type ErrorBody } from '../../../preload/wire/errors.ts';
import { shownName } from '../../base/foreign-text.ts';
import { paddedBytes, valueCount } from '../../model-file/ggml-types.ts';
import { isRecord } from '../architectures/config.ts';
import { readStoredTensors, type StoredCheckpoint } from '../checkpoint/checkpoint.ts';
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import { readQuantizationMethod } from '../checkpoint/unpack/quantization-config.ts';
import { unpackedTensors, type UnpackedTensor } from '../checkpoint/unpack/unpack.ts';
import { architectureName, withVocabularySize, type Plan } from '../plan/plan.ts';
import { readPooling } from '../plan/pooling-files.ts';
import { isDescription, planOf, readConfig } from '../plan/read-plan.ts';
import { surveyTokenizer, type TokenizerSurvey } from './tokenizer-survey.ts';
import { VERIFICATION_BYTES } from '../write/verification-entry.ts';
import { mainTypeOf, valueOf, type OutputBasis } from './outputs.ts';

/** The answer of the check without what changes from one moment to the next. */
export interface CheckpointFacts extends Pick<
  ConversionCheck,
  | 'refusals'
  | 'modelClass'
  | 'architecture'
  | 'tokenizer'
  | 'parameterCount'
  | 'dtypes'
  | 'quantizedBy'
  | 'contextLength'
  | 'layerCount'
  | 'hasChatTemplate'
> {
  /** Every file that a conversion reads. */
  readonly neededFiles: readonly string[];
  /** Null where it cannot be converted. */
  readonly basis: OutputBasis | null;
}

type Config = Readonly<Record<string, unknown>>;

/**
 * Looks into a checkpoint. What is wrong with it is part of the answer. Throws what the source throws: hub.*, disk.denied.
 */
export async function readCheckpointFacts(source: CheckpointSource, name: string): Promise<CheckpointFacts> {
  const refusals: ErrorBody[] = [];
  /** The result of a step, or null with the reason among the refusals. */
  const step = async <T>(work: () => T | Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusals.push(encodeError(error));
      return null;
    }
  };

  const config = await step(() => readConfig(source));
  const pooling = config === null ? null : await step(() => readPooling(source));
  const architecture = config === null ? null : await step(() => architectureName(config, pooling));
  // An adapter has no weights of its own, which is no fault.
  const isAdapter = refusals[0]?.data?.['reason'] === 'adapter';
  const stored = isAdapter ? null : await step(() => readStoredTensors(source, nextTurn));
  const unpacked =
    config === null || stored === null ? null : await step(() => unpackedTensors(config, stored.tensors));
  // Without an architecture the size of the vocabulary is that of config.json, if it has one.
  const sized = architecture === null || config === null ? config : withVocabularySize(config, pooling);
  const tokenizer = sized === null ? null : await step(() => surveyTokenizer(source, architecture ?? '', sized));
  const isReady = config !== null && architecture !== null && unpacked !== null && tokenizer !== null;
  const plan = !isReady
    ? null
    : await step(() =>
        planOf(source, name, { config, tensors: unpacked.map(({ tensor }) => tensor) }, tokenizer.entries),
      );

  return {
    refusals,
    modelClass: config === null ? null : modelClassOf(config),
    architecture: plan?.architecture ?? architecture,
    tokenizer: tokenizer === null ? null : { model: tokenizer.model, pre: tokenizer.pre, size: tokenizer.tokenCount },
    parameterCount: plan?.parameterCount ?? countValues(unpacked),
    dtypes: dtypesOf(stored),
    quantizedBy: config === null ? null : quantizationOf(config),
    contextLength: plan === null ? null : numberIn(plan, 'context_length'),
    layerCount: plan === null ? null : numberIn(plan, 'block_count'),
    hasChatTemplate: tokenizer?.hasChatTemplate ?? false,
    neededFiles: [
      ...source.files.flatMap(({ path }) => (isDescription(path) ? path : [])),
      ...(stored?.weightFiles ?? []),
    ],
    basis: plan === null || tokenizer === null ? null : basisOf(plan, tokenizer, unpacked ?? []),
  };
}

function isRefusal(error: unknown): boolean {
  return (
    isAppError(error, 'convert.unsupported') ||
    isAppError(error, 'convert.invalid') ||
    isAppError(error, 'tokenizer.invalid')
  );
}

/** The first name in `architectures`, of the language model where it has one of its own. */
function modelClassOf(config: Config): string | null {
  const inner = isRecord(config['text_config']) ? config['text_config']['architectures'] : undefined;
  const names = [inner, config['architectures']].find((list) => Array.isArray(list) && list.length > 0);
  const first: unknown = Array.isArray(names) ? names[0] : null;
  return typeof first === 'string' ? first.slice(0, 100) : null;
}

function countValues(unpacked: readonly UnpackedTensor[] | null): number | null {
  if (unpacked === null) return null;
  return unpacked.reduce((sum, { tensor }) => sum + valueCount(tensor.shape), 0);
}

/** Values by dtype, of the tensors as they are stored. */
function dtypesOf(stored: StoredCheckpoint | null): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { dtype, shape } of stored?.tensors ?? []) counts[dtype] = (counts[dtype] ?? 0) + valueCount(shape);
  return counts;
}

/** The name of the quantization in config.json, known here or not. */
function quantizationOf(config: Config): string | null {
  try {
    const { kind } = readQuantizationMethod(config);
    return kind === 'none' ? null : kind === 'float8' ? 'fp8' : kind;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const group = config['quantization_config'];
    const method = isRecord(group) ? group['quant_method'] : undefined;
    return typeof method === 'string' ? shownName(method.slice(0, 40)) : 'unknown';
  }
}

function numberIn(plan: Plan, key: string): number | null {
  const entry = plan.metadata('F32').find((one) => one.key === `${plan.architecture}.${key}`);
  return typeof entry?.value === 'number' ? entry.value : null;
}

function basisOf(plan: Plan, tokenizer: TokenizerSurvey, unpacked: readonly UnpackedTensor[]): OutputBasis {
  const tensorBytes = plan.tensors.reduce((sum, { shape }) => sum + paddedBytes(valueCount(shape) * 4), 0);
  return {
    architecture: plan.architecture,
    tensors: plan.tensors.map((tensor) => ({
      name: tensor.name,
      shape: tensor.shape,
      isFloat32: tensor.isFloat32,
    })),
    // Long lists are those of the vocabulary, of which a prediction needs only the length.
    metadata: new Map([
      ...plan
        .metadata('F32')
        .filter(({ key }) => !key.startsWith('tokenizer.ggml.'))
        .map((entry) => [entry.key, valueOf(entry)] as const),
      ...(tokenizer.size === null ? [] : [['tokenizer.ggml.tokens', { omittedLength: tokenizer.size }] as const]),
    ]),
    headerBytes: plan.sizeBytes('F32', VERIFICATION_BYTES) - tensorBytes + tokenizer.missingBytes,
    isHeaderExact: tokenizer.missingBytes === 0,
    sourceType: mainTypeOf(unpacked.map(({ tensor }) => ({ type: tensor.dtype, shape: tensor.shape }))),
  };
}
