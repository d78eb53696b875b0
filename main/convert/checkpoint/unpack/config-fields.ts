/** Values of the quantization's part in config.json, each of which may be anything. */
import { shownName } from '../../../base/foreign-text.ts';
import { invalidCheckpoint, unsupportedCheckpoint } from '../../../model-file/checkpoint-error.ts';

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Groups and blocks are smaller; no matrix has more columns. */
const MAX_SIZE = 2 ** 24;

const isSize = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_SIZE;

/** A whole number above 0; null where there is none. @throws AppError `convert.invalid` for anything else. */
export function readSize(key: string, found: unknown): number | null {
  if (found === undefined || found === null) return null;
  if (isSize(found)) return found;
  throw wrongField(key, `a whole number from 1 to ${String(MAX_SIZE)}`, found);
}

export interface Block {
  readonly rows: number;
  readonly columns: number;
}

/** Rows and columns of a block, `[128, 128]`, or `128x128` in older checkpoints; null where there is none. */
export function readBlock(key: string, found: unknown): Block | null {
  if (found === undefined || found === null) return null;
  const parts: readonly unknown[] =
    typeof found === 'string' ? found.split('x').map(Number) : Array.isArray(found) ? found : [];
  const [rows, columns] = parts;
  if (parts.length === 2 && isSize(rows) && isSize(columns)) return { rows, columns };
  throw wrongField(key, 'two whole numbers above 0', found);
}

/** The error for a value that contradicts its method. */
export function wrongField(key: string, expected: string, found: unknown): Error {
  const shown = (JSON.stringify(found) ?? 'nothing').slice(0, 100);
  return invalidCheckpoint({
    ...{ reason: 'config', file: 'config.json', expected, found: shown },
    detail: `config.json says that ${shownName(key)} of the quantization is ${shown}; it should be ${expected}.`,
  });
}

/** The error for a quantization that cannot be unpacked; `method` names it. */
export function unknownMethod(method: string): Error {
  return unsupportedCheckpoint({
    ...{ reason: 'quantization', file: 'config.json', found: method },
    detail: `This checkpoint is quantized with ${shownName(method)}, which cannot be unpacked. Take the original model, or one in FP8, GPTQ, AWQ or compressed-tensors.`,
  });
}
