/** The files that a model can become: their sizes, how they would sit on this machine, and which one to take. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  directTypes,
  isDirectType,
  outputTypes,
  usualTypes,
  type ConversionOutput,
  type OutputPurpose,
  type OutputType,
} from '../../../preload/contract/convert.ts';
import { recommend } from '../../hub/hub.ts';
import type { FitOf } from '../../model-file/fit-of.ts';
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import type { GgufHeader, GgufTensor, GgufValue } from '../../model-file/gguf.ts';
import { bytesInType, DEFAULT_ALIGNMENT, paddedBytes, valueCount, type GgmlType } from '../../model-file/ggml-types.ts';
import { summarizeModel } from '../../model-file/model-summary.ts';
import { fallsBack, mixtureOf, type MixtureModel, type MixtureTensor } from './mixture.ts';

/** What outputs are predicted from. */
export interface OutputBasis {
  readonly architecture: string;
  readonly tensors: readonly MixtureTensor[];
  /** Of the GGUF file. The lists of its vocabulary may be left out, but for the length of `tokenizer.ggml.tokens` where it is known. */
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** Bytes of the file before its tensors. */
  readonly headerBytes: number;
  /** False where `headerBytes` is an estimate. */
  readonly isHeaderExact: boolean;
  /** The dtype of most values, such as `BF16`; F32 where values are computed from a quantized checkpoint. */
  readonly sourceType: string;
}

/** Types that llama.cpp writes only with an importance matrix, by its own refusals. */
const needImatrix: ReadonlySet<OutputType> = new Set([
  ...(['Q2_K_S', 'IQ3_XS', 'IQ3_XXS', 'IQ2_M', 'IQ2_S', 'IQ2_XS', 'IQ2_XXS', 'IQ1_M', 'IQ1_S'] as const),
]);
const withoutImatrix: ReadonlySet<OutputType> = new Set([...directTypes, 'Q6_K']);

/** The type of most values; F32 without any tensors. */
export function mainTypeOf(tensors: readonly { readonly type: string; readonly shape: readonly number[] }[]): string {
  const counts = new Map<string, number>();
  for (const { type, shape } of tensors) counts.set(type, (counts.get(type) ?? 0) + valueCount(shape));
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'F32';
}

/** Whether llama.cpp writes this type only with an importance matrix. */
export const needsImatrix = (type: OutputType): boolean => needImatrix.has(type);

/** The id in questions about a file that is not made yet: nobody chose load settings for it, and nothing of it was measured. */
export const NOT_MADE = '';

/** A file that is there already, of which outputs are made. */
export interface OutputSource {
  readonly type: string | null;
  readonly sizeBytes: number;
}

/**
 * All outputs, from the largest. Of a source that is there its own type is left out, and only a smaller file is recommended. Other work
 * of the process goes on between them: all together they take a tenth of a second of a model with many layers.
 */
export async function describeOutputs(
  basis: OutputBasis,
  fitOf: FitOf,
  source: OutputSource | null = null,
): Promise<readonly ConversionOutput[]> {
  const model = mixtureModel(basis);
  const outputs: Described[] = [];
  for (const type of outputTypes) {
    if (type === source?.type) continue;
    const types = mixtureOf(basis.tensors, type, model);
    const sizeBytes = fileBytes(basis, types);
    const fit = fitOf({ modelId: NOT_MADE, sizeBytes, summary: summaryOf(basis, types) });
    const isExact = basis.isHeaderExact && isDirectType(type);
    outputs.push({ type, sizeBytes, fit, isExact, fallsBack: fallsBack(basis.tensors, type, model) });
    await nextTurn();
  }
  outputs.sort((a, b) => b.sizeBytes - a.sizeBytes);
  const best = recommendedOf(outputs, source);
  return outputs.map((output) => ({
    ...output,
    purpose: purposeOf(output, basis.sourceType, source),
    isRecommended: output.type === best,
    imatrix: needsImatrix(output.type) ? 'required' : withoutImatrix.has(output.type) ? 'unneeded' : 'helps',
  }));
}

type Described = Pick<ConversionOutput, 'type' | 'sizeBytes' | 'fit' | 'isExact' | 'fallsBack'>;

/**
 * The type to take: one of the usual ones that the rows of the model are long enough for, else another one. None of a source that has
 * lost something already, except of Q8_0, and none that needs an importance matrix, which is a step more.
 */
function recommendedOf(outputs: readonly Described[], source: OutputSource | null): string | undefined {
  if (source !== null && isLossy(source)) return undefined;
  const wanted = outputs.filter(
    (output) => !needsImatrix(output.type) && !output.fallsBack && gains(output.sizeBytes, source),
  );
  const usual = wanted.filter(({ type }) => usualTypes.includes(type) || (isDirectType(type) && type !== 'F32'));
  const best = (of: readonly Described[]) =>
    recommend(
      of.map(({ type, sizeBytes, fit }) => ({ path: type, kind: 'model', quantization: type, sizeBytes, fit })),
    );
  return (best(usual) ?? best(wanted))?.path;
}

/** Whether a file has lost something that a second quantization adds to; one of an unknown type has not. */
const isLossy = (source: OutputSource): boolean => source.type !== 'Q8_0' && isQuantized(source);

const isQuantized = ({ type }: OutputSource): boolean =>
  outputTypes.some((one) => one === type) && type !== 'F32' && type !== 'F16' && type !== 'BF16';

/** The least share of the source's bytes that is worth a loss of quality. */
const WORTHWHILE_SHARE = 0.05;

const gains = (sizeBytes: number, source: OutputSource | null): boolean =>
  source === null || sizeBytes <= source.sizeBytes * (1 - WORTHWHILE_SHARE);

/** The size of the file of this type, exact for direct types where the header is. */
export function outputBytes(basis: OutputBasis, type: OutputType): number {
  return fileBytes(basis, mixtureOf(basis.tensors, type, mixtureModel(basis)));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The size of the file with these types for its tensors. */
function fileBytes({ tensors, headerBytes }: OutputBasis, types: readonly GgmlType[]): number {
  return (
    headerBytes + sum(tensors.map((tensor, index) => paddedBytes(bytesInType(tensor.shape, typeAt(types, index)))))
  );
}

function typeAt(types: readonly GgmlType[], index: number): GgmlType {
  const type = types[index];
  if (type === undefined) throw new RangeError(`There is no type for tensor ${String(index)}.`);
  return type;
}

function mixtureModel({ architecture, tensors, metadata }: OutputBasis): MixtureModel {
  const numberOf = (key: string): number | null => largestOf(metadata.get(`${architecture}.${key}`));
  const heads = numberOf('attention.head_count') ?? 1;
  return {
    architecture,
    layers: numberOf('block_count') ?? 1,
    grouping: Math.floor(heads / Math.max(1, numberOf('attention.head_count_kv') ?? heads)),
    experts: numberOf('expert_count') ?? 0,
    isTied: !tensors.some(({ name }) => name === 'output.weight'),
  };
}

/** The summary that the header of such a file would have. */
function summaryOf(basis: OutputBasis, types: readonly GgmlType[]): ReturnType<typeof summarizeModel> {
  const tensors = basis.tensors.map((tensor, index): GgufTensor => {
    const type = typeAt(types, index);
    return {
      name: tensor.name,
      shape: tensor.shape,
      type: type.name,
      offsetBytes: 0,
      sizeBytes: bytesInType(tensor.shape, type),
    };
  });
  const header: GgufHeader = {
    version: 3,
    metadata: basis.metadata,
    tensors,
    alignment: DEFAULT_ALIGNMENT,
    dataOffsetBytes: basis.headerBytes,
    tensorBytes: sum(tensors.map(({ sizeBytes }) => sizeBytes)),
    parameterCount: sum(tensors.map(({ shape }) => valueCount(shape))),
    notes: [],
  };
  return summarizeModel(header);
}

/** A number, or the largest one of a list with one for each layer. */
function largestOf(value: GgufValue | undefined): number | null {
  if (typeof value === 'number') return value;
  if (!Array.isArray(value)) return null;
  const numbers = (value as readonly unknown[]).filter((one) => typeof one === 'number');
  return numbers.length === 0 ? null : Math.max(...numbers);
}

/** An entry as a header has it once the file is written. */
export function valueOf(entry: GgufEntry): GgufValue {
  switch (entry.type) {
    case 'strings':
    case 'uint8s':
      return { omittedLength: entry.value.length };
    case 'bools':
      return entry.value;
    case 'int32s':
    case 'uint32s':
    case 'float32s':
      return [...entry.value];
    default:
      return entry.value;
  }
}

function purposeOf(
  { type, sizeBytes }: Pick<Described, 'type' | 'sizeBytes'>,
  sourceType: string,
  source: OutputSource | null,
): OutputPurpose {
  // The most frequent type of a quantized file is that of some of its tensors: nothing else keeps all of its values.
  if (source !== null && isQuantized(source)) {
    if (sizeBytes >= source.sizeBytes) return 'larger_than_source';
  } else if (type === sourceType) return 'as_source';
  switch (type) {
    case 'F32':
      return 'larger_than_source';
    case 'F16':
    case 'BF16':
      return 'half_precision';
    case 'Q8_0':
      return 'nearly_exact';
    case 'Q6_K':
      return 'very_close';
    case 'Q5_K_M':
    case 'Q5_K_S':
    case 'Q5_1':
    case 'Q5_0':
      return 'close';
    case 'Q4_K_M':
      return 'balanced';
    case 'Q4_K_S':
    case 'Q4_1':
    case 'Q4_0':
    case 'IQ4_NL':
    case 'IQ4_XS':
      return 'small';
    case 'Q3_K_L':
    case 'Q3_K_M':
    case 'Q3_K_S':
    case 'IQ3_M':
    case 'IQ3_S':
    case 'IQ3_XS':
    case 'IQ3_XXS':
      return 'smaller';
    case 'Q2_K':
    case 'Q2_K_S':
    case 'IQ2_M':
    case 'IQ2_S':
    case 'IQ2_XS':
    case 'IQ2_XXS':
    case 'IQ1_M':
    case 'IQ1_S':
      return 'smallest';
    default:
      return type satisfies never;
  }
}
