/** Applies an architecture's table to the tensors of a checkpoint. */
import { valueCount } from '../../model-file/ggml-types.ts';
import type { Dtype } from '../../model-file/safetensors.ts';
import type { Architecture, Change, Condition, Description, Size, TensorRow } from '../architectures/architecture.ts';
import type { CheckpointTensor } from '../checkpoint/checkpoint-tensor.ts';
import { staysFloat32 } from './output-types.ts';
import type { PlannedTensor, RowPiece, TensorOrigin } from './planned-tensor.ts';
import { createProblems, shownShape, type Problems } from './problems.ts';
import { evaluateSize } from './size-expression.ts';
import { createNameTest, isOfOtherSenses, plainName, prefixOf } from './tensor-names.ts';

/** Dtypes that weights are stored as. Integers wider than 8 bits hold positions or packed values, which no row asks for. */
const weightDtypes: readonly Dtype[] = ['F64', 'F32', 'F16', 'BF16', 'I8', 'U8'];

/** Where each tensor of the GGUF file comes from, in the order of the checkpoint's tensors. */
export function planRows(
  architecture: Architecture,
  description: Description,
  tensors: readonly CheckpointTensor[],
): { readonly tensors: readonly PlannedTensor[]; readonly problems: Problems } {
  const problems = createProblems();
  // A body that was saved alone has no prefix and no head, whatever class config.json names.
  const isBody = architecture.prefixes.length > 0 && prefixOf(tensors, architecture) === '';
  const described = isBody ? withoutHead(description) : description;
  const stock = createStock(architecture, tensors, problems);
  const planned: { readonly tensor: PlannedTensor; readonly place: number }[] = [];
  for (const row of architecture.rows) {
    for (const layer of layersOf(row, described)) {
      if (problems.areMany) break;
      const tensor = planRow(row, layer, described, stock, problems);
      if (tensor !== null) planned.push(tensor);
    }
  }
  if (!problems.areMany) stock.reportLeft();
  const inOrder = planned.toSorted((one, other) => one.place - other.place).map(({ tensor }) => tensor);
  const computed = description.computed.map(({ name, values }): PlannedTensor => ({
    name,
    shape: [values.length],
    isFloat32: true,
    origin: { kind: 'values', values },
  }));
  return { tensors: [...computed, ...inOrder], problems };
}

/** The description of the same model where no head of its own is needed. */
export const withoutHead = (description: Description): Description =>
  'untied' in description.conditions
    ? { ...description, conditions: { ...description.conditions, untied: false } }
    : description;

interface Stock {
  /** The first of `names` that the checkpoint has, which is then used; null without any. */
  take(names: readonly string[]): CheckpointTensor | null;
  /** The plain name as the checkpoint would write it. */
  nameOfMissing(plain: string, row: TensorRow): string;
  /** Its number among the checkpoint's tensors. */
  placeOf(tensor: CheckpointTensor): number;
  /** Names every tensor that was not taken and that the architecture does not leave out. */
  reportLeft(): void;
}

function createStock(architecture: Architecture, tensors: readonly CheckpointTensor[], problems: Problems): Stock {
  const isIgnored = createNameTest(architecture.ignored);
  const byName = new Map<string, CheckpointTensor>();
  const places = new Map(tensors.map((tensor, place) => [tensor, place]));
  for (const tensor of tensors) {
    if (isOfOtherSenses(tensor.name)) continue;
    const plain = plainName(tensor.name, architecture);
    const other = byName.get(plain);
    if (other === undefined) byName.set(plain, tensor);
    else problems.add({ reason: 'duplicate_tensor', tensor: other.name, found: tensor.name, ...fileOf(tensor) });
  }
  const left = new Map(byName);
  const prefix = prefixOf(tensors, architecture);
  return {
    take(names) {
      for (const name of names) {
        const tensor = byName.get(name);
        if (tensor === undefined) continue;
        left.delete(name);
        return tensor;
      }
      return null;
    },
    nameOfMissing: (plain, { isBesidePrefix }) => (isBesidePrefix === true ? plain : prefix + plain),
    placeOf: (tensor) => places.get(tensor) ?? 0,
    reportLeft() {
      for (const [plain, tensor] of left) {
        if (isIgnored(plain) || tensor.isSpareBias === true) continue;
        if (problems.areMany) return;
        const found = `${tensor.dtype}, ${shownShape(tensor.shape)}`;
        problems.add({ reason: 'unexpected_tensor', tensor: tensor.name, ...fileOf(tensor), found });
      }
    },
  };
}

const fileOf = ({ stored: [first] }: CheckpointTensor): { readonly file?: string } =>
  first === undefined ? {} : { file: first.file };

/** The layers that have the row; one of null for a row outside of layers. */
export function layersOf(row: TensorRow, { sizes, conditions }: Description): readonly (number | null)[] {
  const condition = conditionOf(row, conditions);
  if (condition === false) return [];
  if (!namesOf(row).some((name) => name.includes('{layer}'))) return [null];
  const layers = Array.from({ length: sizes.layers }, (_, layer) => layer);
  return condition === true ? layers : layers.filter(condition);
}

function conditionOf({ when = '' }: TensorRow, conditions: Description['conditions']): Condition {
  if (when === '') return true;
  const isNegated = when.startsWith('!');
  const condition = conditions[isNegated ? when.slice(1) : when];
  if (condition === undefined) throw new Error(`The condition ${when} is not described.`);
  if (!isNegated) return condition;
  return typeof condition === 'boolean' ? !condition : (layer) => !condition(layer);
}

const namesOf = ({ from }: TensorRow): readonly string[] => (typeof from === 'string' ? [from] : from);

function planRow(
  row: TensorRow,
  layer: number | null,
  { sizes }: Description,
  stock: Stock,
  problems: Problems,
): { readonly tensor: PlannedTensor; readonly place: number } | null {
  const size = (expression: Size): number => evaluateSize(expression, sizes);
  const shape = row.shape.map(size);
  const names = namesOf(row).map((name) => name.replace('{layer}', String(layer)));
  const count = row.change?.kind === 'stacked' ? size(row.change.count) : 1;
  const sources: CheckpointTensor[] = [];
  for (let item = 0; item < count && !problems.areMany; item += 1) {
    const wanted = names.map((name) => name.replace('{item}', String(item)));
    const found = stock.take(wanted);
    if (found !== null) {
      check(found, shape, problems);
      sources.push(found);
    } else if (row.isOptional !== true) {
      const tensor = stock.nameOfMissing(wanted[0] ?? '', row);
      problems.add({ reason: 'missing_tensor', tensor, expected: shownShape(shape) });
    }
  }
  const [first] = sources;
  // After a problem there is no plan, and a hostile config.json could ask for millions of pieces.
  if (row.to === null || first === undefined || sources.length < count || problems.count > 0) return null;
  const name = row.to.replace('{layer}', String(layer));
  const { shape: planned, origin } = applyChange(row.change, sources, shape, size);
  return {
    tensor: { name, shape: planned.toReversed(), isFloat32: staysFloat32(name, planned.length), origin },
    place: stock.placeOf(first),
  };
}

function check(tensor: CheckpointTensor, shape: readonly number[], problems: Problems): void {
  const at = { tensor: tensor.name, ...fileOf(tensor) };
  if (tensor.shape.length !== shape.length || tensor.shape.some((length, dimension) => length !== shape[dimension])) {
    problems.add({ reason: 'wrong_shape', ...at, expected: shownShape(shape), found: shownShape(tensor.shape) });
  } else if (!weightDtypes.includes(tensor.dtype)) {
    problems.add({ reason: 'wrong_dtype', ...at, expected: weightDtypes.join(', '), found: tensor.dtype });
  }
}

/** The shape, the slowest dimension first, and the origin of a tensor whose sources all have `shape`. */
function applyChange(
  change: Change | undefined,
  sources: readonly CheckpointTensor[],
  shape: readonly number[],
  size: (expression: Size) => number,
): { readonly shape: readonly number[]; readonly origin: TensorOrigin } {
  const source = sources[0]?.name ?? '';
  const rowCount = rowCountOf(shape);
  const rows = (pieces: readonly RowPiece[], add = 0): TensorOrigin => ({ kind: 'rows', pieces, add });
  const whole = (name: string, interleave: number | null = null): RowPiece => ({
    ...{ source: name, firstRow: 0, rowCount, interleave },
  });
  switch (change?.kind) {
    case undefined:
      return { shape, origin: rows([whole(source)]) };
    case 'transposed':
      return { shape: shape.toReversed(), origin: { kind: 'transposed', source, blocks: 1 } };
    case 'interleaved':
      return { shape, origin: rows([whole(source, rowCount / size(change.heads))]) };
    case 'regrouped':
      return regroup(source, shape, size(change.groups), change.parts.map(size), change.take);
    case 'stacked':
      return { shape: [sources.length, ...shape], origin: rows(sources.map(({ name }) => whole(name))) };
    case 'divided': {
      const blocks = size(change.count);
      const [, columns = 1] = shape;
      const rowsOfBlock = rowCount / blocks;
      if (change.isTransposed !== true) return { shape: [blocks, rowsOfBlock, columns], origin: rows([whole(source)]) };
      return { shape: [blocks, columns, rowsOfBlock], origin: { kind: 'transposed', source, blocks } };
    }
    case 'sliced': {
      const count = size(change.count);
      const piece: RowPiece = { source, firstRow: size(change.first), rowCount: count, interleave: null };
      return { shape: [count, ...shape.slice(1)], origin: rows([piece]) };
    }
    case 'added':
      return { shape, origin: rows([whole(source)], change.value) };
    default:
      return change satisfies never;
  }
}

/** Rows of a shape: values, where it has no second dimension. */
export const rowCountOf = (shape: readonly number[]): number =>
  valueCount(shape.length < 2 ? shape : shape.slice(0, -1));

/** A group of a tensor with three dimensions is its slowest one, which stays where only one part is taken. */
function regroup(
  source: string,
  shape: readonly number[],
  groups: number,
  parts: readonly number[],
  take: number | undefined,
): { readonly shape: readonly number[]; readonly origin: TensorOrigin } {
  const groupRows = parts.reduce((sum, part) => sum + part, 0);
  if (groupRows * groups !== rowCountOf(shape)) throw new Error(`The parts of ${source} are not all of its rows.`);
  const pieces: RowPiece[] = [];
  let before = 0;
  let taken = 0;
  for (const [index, part] of parts.entries()) {
    if (take === undefined || take === index) {
      taken += part;
      for (let group = 0; group < groups; group += 1) {
        pieces.push({ source, firstRow: group * groupRows + before, rowCount: part, interleave: null });
      }
    }
    before += part;
  }
  const rows = shape.length === 3 ? [groups, taken] : [groups * taken];
  return { shape: shape.length < 2 ? rows : [...rows, ...shape.slice(-1)], origin: { kind: 'rows', pieces, add: 0 } };
}
