/** The tensors of a checkpoint, and which rows of a GGUF file's tensors each is made of: the plan of a conversion read backwards. */
import { shownName } from '../../base/foreign-text.ts';
import { invalidCheckpoint, unsupportedCheckpoint } from '../../model-file/checkpoint-error.ts';
import type { GgufTensor } from '../../model-file/gguf.ts';
import { shownShape } from '../../model-file/safetensors.ts';
import { expectedTensors } from '../adapters/base-tensors.ts';
import { isBodyClass } from '../architectures/decoder.ts';
import { describeModel } from '../architectures/registry.ts';
import type { PlannedTensor } from '../plan/planned-tensor.ts';
import { planRows, rowCountOf } from '../plan/rows.ts';
import type { ConfigValues, GgufFacts } from './gguf-config.ts';

/** A tensor of the checkpoint. */
export interface ReversedTensor {
  readonly name: string;
  /** The slowest dimension first. */
  readonly shape: readonly number[];
  readonly origin: ReversedOrigin;
}

export type ReversedOrigin =
  /** Rows of GGUF tensors in the order of the checkpoint's, with `subtract` taken from each value. */
  | { readonly kind: 'rows'; readonly pieces: readonly ReversedPiece[]; readonly subtract: number }
  /** The columns of a GGUF tensor become rows. */
  | { readonly kind: 'transposed'; readonly source: string };

export interface ReversedPiece {
  /** The name of the GGUF tensor. */
  readonly source: string;
  /** Counted over all of its rows; of a tensor with one dimension each value is a row. */
  readonly firstRow: number;
  readonly rowCount: number;
  /** With n: within each n rows the even ones come first, then the odd ones. Null keeps the order. */
  readonly deinterleave: number | null;
}

interface PlacedPiece extends ReversedPiece {
  /** The first row in the checkpoint's tensor. */
  readonly at: number;
}

/** Whether a tensor follows from config.json: the factors of stretched ropes. */
const isComputed = (name: string): boolean => /^rope_(?:freqs|factors_long|factors_short)\.weight$/.test(name);

/**
 * Makes the plan for a file with these tensors, whose config.json is `config`.
 * @throws AppError `convert.unsupported` (`reason: 'layout'`) where the file has other tensors than the architecture's table makes, or lacks
 * rows that a checkpoint has.
 */
export function reversePlan(config: ConfigValues, { tensors }: Pick<GgufFacts, 'tensors'>): readonly ReversedTensor[] {
  const { architecture, description } = describeModel(config);
  const className = String((config['architectures'] as readonly unknown[])[0]);
  // The body of a model alone is saved without the prefix.
  const prefix = isBodyClass(className) ? '' : (architecture.prefixes[0] ?? '');
  const beside = new Set(
    architecture.rows.flatMap(({ from, isBesidePrefix, isOptional }) =>
      isBesidePrefix === true && isOptional !== true ? from : [],
    ),
  );
  const named = expectedTensors(architecture, description, () => false).map((tensor) => ({
    ...tensor,
    name: beside.has(tensor.name) ? tensor.name : prefix + tensor.name,
  }));
  const { tensors: planned } = planRows(architecture, description, named);
  assertSame(planned, tensors);
  const pieces = new Map<string, PlacedPiece[]>();
  const origins = new Map<string, ReversedOrigin>();
  const added = new Map<string, number>();
  for (const { name, origin } of planned) {
    if (origin.kind === 'values') continue;
    if (origin.kind === 'transposed') {
      origins.set(origin.source, { kind: 'transposed', source: name });
      continue;
    }
    let firstRow = 0;
    for (const { source, firstRow: at, rowCount, interleave } of origin.pieces) {
      const list = pieces.get(source) ?? [];
      list.push({ source: name, firstRow, rowCount, deinterleave: interleave, at });
      pieces.set(source, list);
      added.set(source, origin.add);
      firstRow += rowCount;
    }
  }
  return named.flatMap(({ name, shape }): readonly ReversedTensor[] => {
    const origin = origins.get(name) ?? rowsOrigin(name, shape, pieces.get(name), added.get(name) ?? 0);
    return origin === null ? [] : [{ name, shape, origin }];
  });
}

function rowsOrigin(
  name: string,
  shape: readonly number[],
  found: readonly PlacedPiece[] | undefined,
  subtract: number,
): ReversedOrigin | null {
  // A tensor of another variant of the architecture.
  if (found === undefined) return null;
  const pieces = found.toSorted((one, other) => one.at - other.at);
  let next = 0;
  for (const { at, rowCount } of pieces) {
    if (at !== next) break;
    next += rowCount;
  }
  const rows = rowCountOf(shape);
  if (next !== rows)
    throw unsupportedCheckpoint({
      ...{ reason: 'layout', tensor: name, expected: rows, found: next },
      detail: `The file lacks rows of ${shownName(name)}: it has ${String(next)} of ${String(rows)} in a row.`,
    });
  return { kind: 'rows', subtract, pieces: pieces.map(({ at: _, ...piece }) => piece) };
}

/** @throws AppError where the tensors are not those that are planned. */
function assertSame(planned: readonly PlannedTensor[], tensors: readonly Pick<GgufTensor, 'name' | 'shape'>[]): void {
  const there = new Map(tensors.map(({ name, shape }) => [name, shape]));
  for (const { name, shape } of planned) {
    const found = there.get(name);
    there.delete(name);
    if (isComputed(name) || isSame(found, shape)) continue;
    throw invalidCheckpoint({
      ...{ reason: found === undefined ? 'missing_tensor' : 'wrong_shape', tensor: name },
      ...{ expected: shownShape(shape), found: found === undefined ? 'nothing' : shownShape(found) },
      detail: `The tensor ${shownName(name)} ${found === undefined ? 'is missing' : `is ${shownShape(found)}`}; the file's metadata implies ${shownShape(shape)}.`,
    });
  }
  const other = [...there.keys()].find((name) => !isComputed(name));
  if (other === undefined) return;
  throw unsupportedCheckpoint({
    ...{ reason: 'layout', tensor: other },
    detail: `The tensor ${shownName(other)} has no place in a checkpoint of this architecture.`,
  });
}

/** Dimensions of one at the end count for nothing in a GGUF file. */
const isSame = (found: readonly number[] | undefined, shape: readonly number[]): boolean =>
  found !== undefined && shape.every((length, at) => length === (found[at] ?? 1)) && found.length <= shape.length;
