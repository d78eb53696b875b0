/** The stored tensors of a checkpoint by name, and which of them belong to an unpacked one. */
import { shownName } from '../../../base/foreign-text.ts';
import { invalidCheckpoint } from '../../../model-file/checkpoint-error.ts';
import { shownShape } from '../../../model-file/safetensors.ts';
import type { StoredTensor } from '../checkpoint-tensor.ts';
import { plainTensor } from '../stored-reader.ts';
import type { UnpackedTensor } from './packing.ts';

export interface StoredNames {
  readonly find: (name: string) => StoredTensor | null;
  /** @throws AppError `convert.invalid` (`reason: 'missing_tensor'`) where `name` is not stored; `neededFor` needs it. */
  readonly need: (name: string, neededFor: StoredTensor) => StoredTensor;
}

export function createStoredNames(stored: readonly StoredTensor[]): StoredNames {
  const byName = new Map(stored.map((tensor) => [tensor.name, tensor]));
  return {
    find: (name) => byName.get(name) ?? null,
    need(name, neededFor) {
      const found = byName.get(name);
      if (found !== undefined) return found;
      throw invalidCheckpoint({
        ...{ reason: 'missing_tensor', tensor: name, file: neededFor.file, expected: name, found: 'nothing' },
        detail: `The checkpoint lacks ${shownName(name)}, which the values of ${shownName(neededFor.name)} need.`,
      });
    },
  };
}

/** A tensor that is stored as it is. */
export const asStored = (stored: StoredTensor): UnpackedTensor => ({
  tensor: plainTensor(stored),
  packing: { kind: 'stored', stored },
});

/** @throws AppError `convert.invalid` (`reason: 'shape_mismatch'`) where `tensor` has none of the shapes `expected`. */
export function assertShape(tensor: StoredTensor, ...expected: readonly (readonly number[])[]): void {
  const { name, file, shape } = tensor;
  if (expected.some((one) => one.length === shape.length && one.every((length, at) => length === shape[at]))) return;
  const [shown, found] = [expected.map(shownShape).join(' or '), shownShape(shape)];
  throw invalidCheckpoint({
    ...{ reason: 'shape_mismatch', file, tensor: name, expected: shown, found },
    detail: `The tensor ${shownName(name)} has the shape ${found}; the tensors that belong to it make it ${shown}.`,
  });
}

/** A tensor as matrices that lie one behind the other. Of a tensor with one dimension each value is a row. */
export interface Matrices {
  readonly outer: readonly number[];
  readonly rows: number;
  readonly columns: number;
}

export function matricesOf(shape: readonly number[]): Matrices {
  if (shape.length < 2) return { outer: [], rows: shape[0] ?? 1, columns: 1 };
  return { outer: shape.slice(0, -2), rows: shape.at(-2) ?? 1, columns: shape.at(-1) ?? 1 };
}
