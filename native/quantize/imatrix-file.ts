/**
 * Importance matrices in GGUF files, as llama-imatrix writes them: for each weight tensor the sums of its squared inputs by column
 * (`NAME.in_sum2`), and the number of rows that were summed (`NAME.counts`), one for each expert.
 */
import { open, type FileHandle } from 'node:fs/promises';
import type { GgufHeader, GgufTensor } from '../../main/model-file/gguf.ts';
import { readHeader } from '../../main/model-file/disk/header-of-file.ts';
import { shownName } from '../../main/base/foreign-text.ts';
import { invalid } from './errors.ts';

export interface Imatrix {
  /** Means of squared inputs: a row of columns for each expert, one row for a tensor without experts. */
  readonly importances: ReadonlyMap<string, Float32Array>;
  readonly datasets: readonly string[];
  readonly chunkCount: number;
}

const SUMS = '.in_sum2';
const COUNTS = '.counts';
/** The matrix of a model with 128 experts and 60 layers has 1.3 GB. */
const MAX_BYTES = 4 * 2 ** 30;

/**
 * @throws AppError `convert.invalid` (`reason: 'imatrix_format'`) for a file that is no importance matrix; `model.*` for a broken header.
 */
export async function readImatrix(path: string): Promise<Imatrix> {
  const header = await readHeader(path).catch((error: unknown) => {
    throw error instanceof Error && /begin with "GGUF"/.test(error.message)
      ? invalid('imatrix_format', 'The importance matrix is not a GGUF file. Older ones (.dat) are not read.')
      : error;
  });
  const chunkCount = header.metadata.get('imatrix.chunk_count');
  const datasets = header.metadata.get('imatrix.datasets');
  if (typeof chunkCount !== 'number' || !header.metadata.has('imatrix.chunk_size') || datasets === undefined)
    throw invalid('imatrix_format', 'This GGUF file is no importance matrix: it lacks the keys of one.');
  if (header.tensorBytes > MAX_BYTES) throw invalid('imatrix_format', 'The importance matrix is too large to be one.');
  const file = await open(path);
  try {
    const importances = new Map<string, Float32Array>();
    for (const [name, sums, counts] of pairs(header)) importances.set(name, await readMeans(file, name, sums, counts));
    if (importances.size === 0) throw invalid('imatrix_format', 'The importance matrix has no entries.');
    return {
      importances,
      datasets: Array.isArray(datasets) ? datasets.filter((one) => typeof one === 'string') : [],
      chunkCount,
    };
  } finally {
    await file.close();
  }
}

function pairs({ tensors }: GgufHeader): [name: string, sums: GgufTensor, counts: GgufTensor][] {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return tensors.flatMap((sums) => {
    if (!sums.name.endsWith(SUMS)) return [];
    const name = sums.name.slice(0, -SUMS.length);
    const counts = byName.get(name + COUNTS);
    if (counts === undefined)
      throw invalid('imatrix_format', `The importance matrix has no counts for ${shownName(name)}.`);
    return [[name, sums, counts]];
  });
}

/** The mean of the squares for each column. An expert that no token reached counts as equally important in all columns. */
async function readMeans(file: FileHandle, name: string, sums: GgufTensor, counts: GgufTensor): Promise<Float32Array> {
  const [values, rows] = [await readFloats(file, sums), await readFloats(file, counts)];
  if (rows.length === 0 || values.length % rows.length !== 0)
    throw invalid('imatrix_format', `The importance matrix has counts that do not fit the sums of ${shownName(name)}.`);
  const width = values.length / rows.length;
  for (const [row, exact] of rows.entries()) {
    const count = Math.round(exact);
    const part = values.subarray(row * width, (row + 1) * width);
    if (count > 0) for (const [at, sum] of part.entries()) part[at] = sum / count;
    else part.fill(1);
  }
  if (!values.every(Number.isFinite))
    throw invalid('imatrix_format', `The importance matrix has infinite values or NaN for ${shownName(name)}.`);
  return values;
}

async function readFloats(file: FileHandle, tensor: GgufTensor): Promise<Float32Array> {
  if (tensor.type !== 'F32')
    throw invalid('imatrix_format', `${shownName(tensor.name)} in the importance matrix is not F32.`);
  const values = new Float32Array(tensor.sizeBytes / 4);
  const { bytesRead } = await file.read(values, 0, tensor.sizeBytes, tensor.offsetBytes);
  if (bytesRead !== tensor.sizeBytes)
    throw invalid('imatrix_format', 'The importance matrix was cut short while it was read.');
  return values;
}
