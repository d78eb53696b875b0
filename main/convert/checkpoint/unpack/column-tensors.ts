/**
 * The tensors of checkpoints in the layout of GPTQ or AWQ, after `QuantLinear` of GPTQModel and `WQLinear_GEMM` of AutoAWQ: `qweight`,
 * `qzeros`, `scales` and `g_idx` stand for a module's `weight`.
 */
import { shownName } from '../../../base/foreign-text.ts';
import { invalidCheckpoint } from '../../../model-file/checkpoint-error.ts';
import type { StoredTensor } from '../checkpoint-tensor.ts';
import { packedWords } from './bit-codes.ts';
import type { ColumnPacking, UnpackedTensor } from './packing.ts';
import type { QuantizationMethod } from './quantization-config.ts';
import { scaleDtypes, wrongDtype } from './scalars.ts';
import { asStored, assertShape, createStoredNames, type StoredNames } from './stored-names.ts';

type ColumnMethod = Extract<QuantizationMethod, { kind: 'gptq' | 'awq' }>;

const CODES = '.qweight';
const BIAS = '.bias';
const OTHERS = ['.qzeros', '.scales', '.g_idx'] as const;

/** The unpacked tensors. @throws AppError `convert.invalid` where the headers contradict one another or config.json. */
export function columnTensors(stored: readonly StoredTensor[], method: ColumnMethod): readonly UnpackedTensor[] {
  const names = createStoredNames(stored);
  return stored.flatMap((tensor): readonly UnpackedTensor[] => {
    const other = OTHERS.find((suffix) => tensor.name.endsWith(suffix));
    if (other !== undefined) {
      names.need(`${tensor.name.slice(0, -other.length)}${CODES}`, tensor);
      return [];
    }
    if (!tensor.name.endsWith(CODES)) return [isSpareBias(tensor, names) ? spareBias(tensor) : asStored(tensor)];
    return [method.kind === 'gptq' ? gptqTensor(tensor, names, method) : awqTensor(tensor, names, method)];
  });
}

/** AutoGPTQ stores a bias for every module, of zeros where the model has none. */
function isSpareBias({ name, dtype, shape }: StoredTensor, names: StoredNames): boolean {
  if (!name.endsWith(BIAS) || !scaleDtypes.includes(dtype)) return false;
  const scales = names.find(`${name.slice(0, -BIAS.length)}.scales`);
  return shape.length === 1 && shape[0] === scales?.shape[1];
}

function spareBias(stored: StoredTensor): UnpackedTensor {
  const { tensor, packing } = asStored(stored);
  return { tensor: { ...tensor, isSpareBias: true }, packing };
}

/**
 * The tensors without the spare biases that are not `used`: a reader of their module's weights looks that they are zero.
 * `used` has the names of the tensors that are written.
 */
export function withoutSpareBiases(
  tensors: readonly UnpackedTensor[],
  used: ReadonlySet<string>,
): readonly UnpackedTensor[] {
  const isUnused = ({ tensor }: UnpackedTensor): boolean => tensor.isSpareBias === true && !used.has(tensor.name);
  const biases = new Map(
    tensors
      .filter(isUnused)
      .map(({ tensor: { name, stored } }) => [`${name.slice(0, -BIAS.length)}.weight`, stored[0]]),
  );
  return tensors
    .filter((one) => !isUnused(one))
    .map((one) => {
      const { tensor, packing } = one;
      const unusedBias = biases.get(tensor.name);
      if (unusedBias === undefined || packing.kind !== 'columns') return one;
      return { tensor: { ...tensor, stored: [...tensor.stored, unusedBias] }, packing: { ...packing, unusedBias } };
    });
}

function matrix(tensor: StoredTensor, dtypes: readonly string[]): readonly [rows: number, columns: number] {
  if (!dtypes.includes(tensor.dtype)) throw wrongDtype(tensor, dtypes);
  const [rows, columns, ...rest] = tensor.shape;
  if (rows !== undefined && columns !== undefined && rest.length === 0 && rows > 0 && columns > 0)
    return [rows, columns];
  throw fault(tensor, 'a matrix', tensor.shape.join(' x '));
}

function fault(tensor: StoredTensor, expected: string, found: string): Error {
  return invalidCheckpoint({
    ...{ reason: 'shape_mismatch', file: tensor.file, tensor: tensor.name, expected, found },
    detail: `The tensor ${shownName(tensor.name)} should be ${expected}, and is ${found}.`,
  });
}

function unpacked(
  codes: StoredTensor,
  shape: readonly [rows: number, columns: number],
  packing: Omit<ColumnPacking, 'kind' | 'codes' | 'unusedBias'>,
): UnpackedTensor {
  const name = `${codes.name.slice(0, -CODES.length)}.weight`;
  const stored = [codes, packing.scales, packing.zeros, packing.groupIndex].filter((one) => one !== null);
  return {
    tensor: { name, dtype: 'F32', shape, stored },
    packing: { kind: 'columns', codes, unusedBias: null, ...packing },
  };
}

function gptqTensor(
  codes: StoredTensor,
  names: StoredNames,
  method: Extract<ColumnMethod, { kind: 'gptq' }>,
): UnpackedTensor {
  const base = codes.name.slice(0, -CODES.length);
  const scales = names.need(`${base}.scales`, codes);
  const zeros = names.need(`${base}.qzeros`, codes);
  const order = names.find(`${base}.g_idx`);
  const [wordRows, rows] = matrix(codes, ['I32']);
  const [groupCount, scaleColumns] = matrix(scales, scaleDtypes);
  const [, zeroWords] = matrix(zeros, ['I32']);
  // Where single modules may have other bits than the rest, the words of the zero points tell.
  const bits = method.bits ?? [2, 3, 4, 8].find((one) => packedWords(scaleColumns, one) === zeroWords) ?? 4;
  const columns = order === null ? Math.floor((wordRows * 32) / bits) : (order.shape[0] ?? 0);
  if (order === null && method.hasOwnOrder) names.need(`${base}.g_idx`, codes);
  if (order !== null) {
    assertShape(order, [columns]);
    if (order.dtype !== 'I32' && order.dtype !== 'I64') throw wrongDtype(order, ['I32', 'I64']);
  }
  const groupSize = method.groupSize ?? Math.ceil(columns / groupCount);
  assertShape(codes, [packedWords(columns, bits), rows]);
  assertShape(scales, [method.bits === null ? groupCount : Math.ceil(columns / groupSize), rows]);
  assertShape(zeros, [groupCount, packedWords(rows, bits)]);
  return unpacked(codes, [rows, columns], {
    ...{ order: 'gptq', bits, scales, groupCount, groupSize, zeros },
    ...{ isZeroLessOne: method.isZeroLessOne, groupIndex: order },
  });
}

function awqTensor(
  codes: StoredTensor,
  names: StoredNames,
  method: Extract<ColumnMethod, { kind: 'awq' }>,
): UnpackedTensor {
  const base = codes.name.slice(0, -CODES.length);
  const scales = names.need(`${base}.scales`, codes);
  const zeros = method.hasZeroPoints ? names.need(`${base}.qzeros`, codes) : names.find(`${base}.qzeros`);
  const bits = 4;
  const [columns, wordColumns] = matrix(codes, ['I32']);
  const [groupCount] = matrix(scales, scaleDtypes);
  if (zeros !== null) matrix(zeros, ['I32']);
  const rows = (wordColumns * 32) / bits;
  const groupSize = method.groupSize ?? columns;
  assertShape(scales, [Math.ceil(columns / groupSize), rows]);
  if (zeros !== null) assertShape(zeros, [groupCount, wordColumns]);
  return unpacked(codes, [rows, columns], {
    ...{ order: 'awq', bits, scales, groupCount, groupSize, zeros, isZeroLessOne: false, groupIndex: null },
  });
}
