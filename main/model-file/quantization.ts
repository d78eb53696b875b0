/**
 * GGUF quantizations by their llama.cpp names: order, nominal size, and how to find one in a file name.
 * Names are those of `llama_ftype` in llama.h; the `_L` and `_XL` mixtures are names that publishers
 * (bartowski, unsloth) gave to files whose embedding and output tensors are kept at higher precision.
 */
import { tableSpelling } from '../../preload/contract/model-tags.ts';

export interface Quantization {
  /** The name as people write it: `Q4_K_M`, `F16`, `IQ2_XXS`. */
  readonly name: string;
  /** Average bits per weight in a typical transformer, for sorting and for files whose parameter count is unknown. */
  readonly bitsPerWeight: number;
}

/** Every known quantization, from the most to the fewest bits per weight. */
export const quantizations: readonly Quantization[] = (
  [
    ['F32', 32],
    ['BF16', 16],
    ['F16', 16],
    ['Q8_K_XL', 10.5],
    ['Q8_0', 8.5],
    ['Q6_K_XL', 7.4],
    ['Q6_K_L', 6.7],
    ['Q6_K', 6.56],
    ['Q5_1', 6],
    ['Q5_K_L', 5.8],
    ['Q5_K_XL', 5.75],
    ['Q5_K_M', 5.69],
    ['Q5_K_S', 5.54],
    ['Q5_0', 5.5],
    ['Q4_1', 5],
    ['Q4_K_L', 4.95],
    ['Q4_K_XL', 4.92],
    ['Q4_K_M', 4.85],
    ['Q4_K_S', 4.58],
    ['Q4_0', 4.55],
    ['IQ4_NL', 4.5],
    ['NVFP4', 4.5],
    ['Q3_K_XL', 4.4],
    ['Q3_K_L', 4.27],
    ['MXFP4', 4.25],
    ['IQ4_XS', 4.25],
    ['Q3_K_M', 3.91],
    ['IQ3_M', 3.66],
    ['Q3_K_S', 3.5],
    ['IQ3_S', 3.44],
    ['IQ3_XS', 3.3],
    ['Q2_K_XL', 3.2],
    ['Q2_K_L', 3.1],
    ['IQ3_XXS', 3.06],
    ['Q2_K', 2.96],
    ['Q2_K_S', 2.8],
    ['IQ2_M', 2.7],
    ['IQ2_S', 2.5],
    ['IQ2_XS', 2.31],
    ['Q2_0', 2.25],
    ['IQ2_XXS', 2.06],
    ['TQ2_0', 2.06],
    ['IQ1_M', 1.75],
    ['TQ1_0', 1.69],
    ['IQ1_S', 1.56],
    ['Q1_0', 1.13],
  ] as const
).map(([name, bitsPerWeight]) => ({ name, bitsPerWeight }));

const byName = new Map(quantizations.map((quantization, rank) => [quantization.name, { ...quantization, rank }]));

/** The table's name for a spelling such as `q4_k_m`, `UD-Q4_K_XL`, `i1-IQ2_M` or `fp16`; null for an unknown one. */
export function canonicalQuantization(spelling: string): string | null {
  const name = tableSpelling(spelling);
  return byName.has(name) ? name : null;
}

/** Typical bits per weight of a quantization; null for a name that is not in the table. */
export function nominalBitsPerWeight(name: string): number | null {
  return byName.get(name)?.bitsPerWeight ?? null;
}

/** For sorting: more bits first, unknown and null names last. */
export function compareQuantizations(a: string | null, b: string | null): number {
  const rank = (name: string | null): number => (name === null ? Infinity : (byName.get(name)?.rank ?? Infinity));
  const [left, right] = [rank(a), rank(b)];
  return left === right ? 0 : left - right;
}

/**
 * The quantization in a file's name or path: the last known spelling in the name, else in the nearest folder
 * (`BF16/model-00001-of-00002.gguf`). Null when there is none.
 */
export function quantizationFromFileName(path: string): string | null {
  const parts = path.split('/');
  const base = (parts.pop() ?? '').replace(/\.gguf$/i, '').replace(/-\d{5}-of-\d{5}$/, '');
  return (
    lastQuantization(base) ??
    parts.reverse().reduce<string | null>((found, folder) => found ?? lastQuantization(folder), null)
  );
}

/** The model's name in a file's name: without quantization and shard, in lower case. Files of one model have the same one. */
export function modelNameInFile(path: string): string {
  const base = (path.split('/').at(-1) ?? '').replace(/\.gguf$/i, '').replace(/-\d{5}-of-\d{5}$/, '');
  return underscored(base)
    .replace(inName, ' ')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && word !== 'ud' && word !== 'i1')
    .join('-');
}

/** A whole quantization name between separators; the longest spelling wins, so that `Q4_K_M` is never read as `Q4_K`. */
const inName =
  /(?<![A-Za-z0-9])(?:I?Q\d_(?:K_(?:XL|[LMS])|K|XXS|XS|NL|[01SM])|TQ\d_0|MXFP4(?:_MOE)?|NVFP4|B?F(?:P|LOAT)?(?:16|32))(?![A-Za-z0-9]|_[A-Za-z0-9])/gi;

function lastQuantization(text: string): string | null {
  return [...underscored(text).matchAll(inName)].reduce<string | null>(
    (last, match) => canonicalQuantization(match[0]) ?? last,
    null,
  );
}

/** Some publishers write Q4-K-M: dashes inside a quantization become underscores. */
function underscored(text: string): string {
  return text.replace(
    /(I?Q\d)-(K|0|1|XXS|XS|NL|S|M)(?![A-Za-z0-9])(?:-(XL|[LMS])(?![A-Za-z0-9]))?/gi,
    (_all, head: string, kind: string, size?: string) =>
      [head, kind, size].filter((part) => part !== undefined).join('_'),
  );
}
