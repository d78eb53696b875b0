/**
 * The tensors of checkpoints that store their codes row by row: FP8 as transformers, vLLM and ModelOpt write it, and the formats of
 * compressed-tensors. `weight` or `weight_packed` holds the codes, and tensors beside it their scales, zero points and groups.
 */
import { shownName } from '../../../base/foreign-text.ts';
import { invalidCheckpoint, unsupportedCheckpoint } from '../../../model-file/checkpoint-error.ts';
import { valueCount } from '../../../model-file/ggml-types.ts';
import { shownShape } from '../../../model-file/safetensors.ts';
import type { StoredTensor } from '../checkpoint-tensor.ts';
import { packedCodes, packedWords } from './bit-codes.ts';
import type { Scheme, Sharing } from './compressed-tensors-config.ts';
import type { RowCode, RowPacking, Scale, UnpackedTensor, ZeroPoint } from './packing.ts';
import { scaleDtypes, wrongDtype } from './scalars.ts';
import { asStored, assertShape, createStoredNames, matricesOf, type StoredNames } from './stored-names.ts';

/** How the weights of some modules are stored. `by shape`: with one scale for the tensor or one for each row. */
export interface RowScheme extends Omit<Scheme, 'sharing'> {
  readonly sharing: Sharing | { readonly kind: 'by shape' };
}

/** What belongs to activations, the cache and the making of a checkpoint. */
const unused =
  /(?:^|[._])(?:input_scale|input_scale_ub|output_scale|activation_scale|[kqv]_scale|kv_scale|prob_output_scale|input_global_scale|input_zero_point|output_zero_point)$/;
const part = /^(.*)_(scale_inv|scale|zero_point|g_idx|shape)$/;
const PACKED = '_packed';

/** Without the scales that belong to no weights. */
export const withoutUnused = (stored: readonly StoredTensor[]): readonly StoredTensor[] =>
  stored.filter(({ name }) => !unused.test(name));

/**
 * The unpacked tensors. Without schemes 8-bit floats are values without a scale.
 * @throws AppError `convert.invalid` where the headers contradict one another or the schemes, `convert.unsupported` where these leave
 * open how a tensor is stored.
 */
export function rowTensors(stored: readonly StoredTensor[], schemes: readonly RowScheme[]): readonly UnpackedTensor[] {
  const names = createStoredNames(stored);
  const isCoded = (tensor: StoredTensor | null): boolean => tensor !== null && kindOf(tensor, schemes, names) !== null;
  return stored.flatMap((tensor): readonly UnpackedTensor[] => {
    const code = kindOf(tensor, schemes, names);
    if (code !== null) return [codedTensor(tensor, code, names, schemes)];
    if (schemes.length === 0) return [asStored(tensor)];
    if (unused.test(tensor.name)) return [];
    const [, owner, kind] = part.exec(tensor.name) ?? [];
    if (owner === undefined) return [asStored(tensor)];
    if (isCoded(names.find(owner)) || isCoded(names.find(owner + PACKED))) return [];
    if (kind !== 'scale_inv' && !owner.endsWith('weight')) return [asStored(tensor)];
    throw wrongOwner(names.need(owner, tensor), tensor);
  });
}

type CodeKind = 'float' | 'int8' | 'packed';

/** How the codes of a tensor are stored; null for one that holds none. */
function kindOf({ name, dtype }: StoredTensor, schemes: readonly RowScheme[], names: StoredNames): CodeKind | null {
  if (unused.test(name) || part.test(name)) return null;
  if (dtype === 'F8_E4M3' || dtype === 'F8_E5M2') return 'float';
  if (dtype === 'I32' && name.endsWith(PACKED) && schemes.some(({ isPacked }) => isPacked)) return 'packed';
  const isInteger = dtype === 'I8' && schemes.some(({ isFloat, isPacked }) => !isFloat && !isPacked);
  return isInteger && names.find(`${name}_scale`) !== null ? 'int8' : null;
}

function wrongOwner(owner: StoredTensor, of: StoredTensor): Error {
  return invalidCheckpoint({
    ...{ reason: 'dtype', file: owner.file, tensor: owner.name, expected: 'quantized values', found: owner.dtype },
    detail: `The tensor ${shownName(owner.name)} is of the type ${owner.dtype}, though ${shownName(of.name)} is there to scale quantized values.`,
  });
}

function codedTensor(
  codes: StoredTensor,
  kind: CodeKind,
  names: StoredNames,
  schemes: readonly RowScheme[],
): UnpackedTensor {
  const name = kind === 'packed' ? codes.name.slice(0, -PACKED.length) : codes.name;
  const code: RowCode = kind === 'int8' ? { kind } : { kind: codes.dtype === 'F8_E5M2' ? 'e5m2' : 'e4m3' };
  const plain = { scale: null, zeroPoint: null, groupIndex: null, storedShape: null };
  if (schemes.length === 0) {
    const { shape } = codes;
    return { tensor: { name, dtype: 'F32', shape, stored: [codes] }, packing: { kind: 'rows', codes, code, ...plain } };
  }
  const scaleTensor = names.find(`${name}_scale_inv`) ?? names.need(`${name}_scale`, codes);
  if (!scaleDtypes.includes(scaleTensor.dtype)) throw wrongDtype(scaleTensor, scaleDtypes);
  const scheme = schemeOf(codes, kind, scaleTensor, schemes);
  const { shape, isWhole } = layoutOf(codes, kind, scaleTensor, scheme);
  const scale = scaleOf(scaleTensor, shape, scheme);
  const zeros = scheme.hasZeroPoints ? names.need(`${name}_zero_point`, codes) : names.find(`${name}_zero_point`);
  const zeroPoint = zeros === null ? null : zeroPointOf(zeros, shape, scale, scheme, isWhole);
  const groupIndex = names.find(`${name}_g_idx`);
  if (groupIndex !== null) assertShape(groupIndex, [shape.at(-1) ?? 0]);
  const storedShape = kind === 'packed' ? names.find(`${name}_shape`) : null;
  if (storedShape !== null) assertShape(storedShape, [shape.length]);
  const packing: RowPacking = {
    ...{ kind: 'rows', codes, scale, zeroPoint, groupIndex, storedShape },
    code: kind === 'packed' ? { kind, bits: scheme.bits, isWhole } : code,
  };
  const stored = [codes, scaleTensor, zeros, groupIndex, storedShape].filter((one) => one !== null);
  return { tensor: { name, dtype: 'F32', shape, stored }, packing };
}

/** The scheme of a tensor: of several for its kind the one that the shapes fit. */
function schemeOf(codes: StoredTensor, kind: CodeKind, scale: StoredTensor, schemes: readonly RowScheme[]): RowScheme {
  const ofKind = schemes.filter(
    ({ isFloat, isPacked }) => isFloat === (kind === 'float') && isPacked === (kind === 'packed'),
  );
  const [only, ...others] = ofKind;
  if (only === undefined)
    throw invalidCheckpoint({
      ...{ reason: 'dtype', file: codes.file, tensor: codes.name, found: codes.dtype },
      detail: `The tensor ${shownName(codes.name)} is of the type ${codes.dtype}, which no group in config.json has.`,
    });
  if (others.length === 0) return only;
  const fitting = ofKind.filter((one) => {
    const layout = layoutFor(codes, kind, scale, one);
    return layout !== null && scaleShapes(layout.shape, one.sharing).some((fits) => isSame(fits, scale.shape));
  });
  const [first = only, ...rest] = fitting;
  if (rest.every((one) => JSON.stringify(one) === JSON.stringify(first))) return first;
  throw unsupportedCheckpoint({
    ...{ reason: 'quantization', file: codes.file, tensor: codes.name, found: 'several groups' },
    detail: `Several groups in config.json fit the tensor ${shownName(codes.name)}, and its shapes do not tell which is meant.`,
  });
}

const isSame = (one: readonly number[], other: readonly number[]): boolean =>
  one.length === other.length && one.every((length, at) => length === other[at]);

/** The shape of the values, and whether each packed code lies in one word. */
interface Layout {
  readonly shape: readonly number[];
  readonly isWhole: boolean;
}

function layoutOf(codes: StoredTensor, kind: CodeKind, scale: StoredTensor, scheme: RowScheme): Layout {
  const layout = layoutFor(codes, kind, scale, scheme);
  if (layout !== null) return layout;
  const [found, of] = [shownShape(codes.shape), shownShape(scale.shape)];
  const expected = `words of ${String(scheme.bits)} bits for ${of} scales`;
  throw invalidCheckpoint({
    ...{ reason: 'shape_mismatch', file: codes.file, tensor: codes.name, expected, found },
    detail: `The packed tensor ${shownName(codes.name)} has the shape ${found}, which does not fit its scales (${of}) at ${String(scheme.bits)} bits.`,
  });
}

/**
 * Null where the words do not fit the scales. Words may end in bits without a value. Only short rows of a length that is no multiple of 32 can
 * have as many words in both layouts; they count as packed by today's compressed-tensors.
 */
function layoutFor(
  { shape }: StoredTensor,
  kind: CodeKind,
  scale: StoredTensor,
  { bits, sharing }: RowScheme,
): Layout | null {
  if (kind !== 'packed') return { shape, isWhole: false };
  const wordCount = shape.at(-1);
  if (wordCount === undefined || shape.length < 2) return null;
  for (const isWhole of [false, true]) {
    const most = packedCodes(wordCount, bits, isWhole);
    const columns = sharing.kind === 'group' ? Math.min(most, (scale.shape.at(-1) ?? 0) * sharing.size) : most;
    if (packedWords(columns, bits, isWhole) === wordCount) return { shape: [...shape.slice(0, -1), columns], isWhole };
  }
  return null;
}

/** The shapes that the scales of a tensor may have. */
function scaleShapes(shape: readonly number[], sharing: RowScheme['sharing']): readonly (readonly number[])[] {
  const { outer, rows, columns } = matricesOf(shape);
  switch (sharing.kind) {
    case 'tensor':
      return [[], [1], [1, 1], ...(outer.length === 0 ? [] : [outer, [...outer, 1, 1]])];
    case 'channel':
      return [
        [...outer, rows, 1],
        [...outer, rows],
      ];
    case 'by shape':
      return [...scaleShapes(shape, { kind: 'tensor' }), ...scaleShapes(shape, { kind: 'channel' })];
    case 'group':
      return [[...outer, rows, Math.ceil(columns / sharing.size)]];
    case 'block':
      return [[...outer, Math.ceil(rows / sharing.rows), Math.ceil(columns / sharing.columns)]];
    default:
      return sharing satisfies never;
  }
}

function scaleOf(tensor: StoredTensor, shape: readonly number[], { sharing }: RowScheme): Scale {
  const { outer, rows, columns } = matricesOf(shape);
  assertShape(tensor, ...scaleShapes(shape, sharing));
  if (sharing.kind === 'group')
    return { tensor, blockRows: 1, blockColumns: sharing.size, rows, columns: tensor.shape.at(-1) ?? 1 };
  if (sharing.kind === 'block')
    return {
      ...{ tensor, blockRows: sharing.rows, blockColumns: sharing.columns },
      ...{ rows: tensor.shape.at(-2) ?? 1, columns: tensor.shape.at(-1) ?? 1 },
    };
  const matrices = valueCount(outer);
  const count = valueCount(tensor.shape);
  if (count === 1 || count !== matrices * rows)
    return { tensor, blockRows: rows, blockColumns: columns, rows: count === 1 ? 0 : 1, columns: 1 };
  return { tensor, blockRows: 1, blockColumns: columns, rows, columns: 1 };
}

function zeroPointOf(
  tensor: StoredTensor,
  shape: readonly number[],
  scale: Scale,
  { isPacked, bits }: RowScheme,
  isWhole: boolean,
): ZeroPoint {
  if (isPacked && tensor.dtype === 'I32') {
    assertShape(tensor, [...shape.slice(0, -2), packedWords(scale.rows, bits, isWhole), scale.columns]);
    return { tensor, kind: 'packed' };
  }
  if (tensor.dtype !== 'I8') throw wrongDtype(tensor, isPacked ? ['I32', 'I8'] : ['I8']);
  assertShape(tensor, scale.tensor.shape);
  return { tensor, kind: 'int8' };
}
