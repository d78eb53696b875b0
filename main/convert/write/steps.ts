/**
 * The work of writing a file, in steps that each take a bounded number of values. They are in the order of the checkpoint's files, so
 * that a file can be read from its beginning to its end; each knows its place in the output.
 */
import { AppError } from '../../../preload/wire/errors.ts';
import { shownName } from '../../base/foreign-text.ts';
import { valueCount } from '../../model-file/ggml-types.ts';
import { dtypeBytes } from '../../model-file/safetensors.ts';
import { unsupportedCheckpoint } from '../../model-file/checkpoint-error.ts';
import type { PlacedTensor } from '../../model-file/gguf-writer.ts';
import type { CheckpointTensor } from '../checkpoint/checkpoint-tensor.ts';
import { rowLength } from '../checkpoint/stored-reader.ts';
import type { OutputType } from '../plan/output-types.ts';
import type { PlannedTensor, RowPiece } from '../plan/planned-tensor.ts';
import { plainDtype, type PlainDtype } from './values/decode-values.ts';
import { encodedBytes } from './values/encode-values.ts';

/** What every step has. */
interface StepPlace {
  /** The tensor's number in the output's table. */
  readonly tensor: number;
  readonly output: OutputType;
  /** In the output file. */
  readonly atByte: number;
  readonly valueCount: number;
}

export type Step =
  | (StepPlace & {
      readonly kind: 'rows';
      readonly source: CheckpointTensor;
      readonly dtype: PlainDtype;
      readonly runs: readonly Run[];
      /** Bytes of a row in the source. */
      readonly rowBytes: number;
      /** The step's rows are interleaved in groups of this many. */
      readonly interleave: number | null;
      readonly add: number;
    })
  | (StepPlace & {
      /** Some columns of a matrix, or of some of its rows; each becomes a row. */
      readonly kind: 'columns';
      readonly source: CheckpointTensor;
      readonly dtype: PlainDtype;
      readonly firstRow: number;
      readonly firstColumn: number;
      readonly columnCount: number;
    })
  | (StepPlace & { readonly kind: 'values'; readonly values: Float32Array });

/** Consecutive rows of the source that are read at once. */
export interface Run {
  readonly firstRow: number;
  readonly rowCount: number;
}

/** Values that are converted at once: 4 MiB as F32. */
export const STEP_VALUES = 2 ** 20;
/** The longest rows that are read: twenty times those of the largest published models. */
const MAX_ROW_VALUES = 2 ** 21;
/** Values of a matrix that are transposed at once: 32 MiB as F32. */
const TILE_VALUES = 2 ** 23;

/**
 * The steps that write `planned` into the places of `placed`, tensor by tensor the same. `sources` has the checkpoint's tensors by name.
 * @throws AppError `convert.unsupported` for rows that are too long, or a dtype that is no value.
 */
export function planSteps(
  planned: readonly PlannedTensor[],
  placed: readonly PlacedTensor[],
  sources: ReadonlyMap<string, CheckpointTensor>,
): readonly Step[] {
  const steps: Step[] = [];
  planned.forEach((tensor, index) => {
    const place = placed[index];
    if (place?.name !== tensor.name) throw new AppError('internal', `${tensor.name} has no place in the file.`);
    addSteps(tensor, index, place, sources, steps);
  });
  const places = new Map(steps.map((step) => [step, placeOf(step)]));
  const key = (step: Step): Place => places.get(step) ?? { file: '', byte: 0 };
  return steps.sort((one, other) => {
    const [a, b] = [key(one), key(other)];
    return a.file === b.file ? a.byte - b.byte || one.atByte - other.atByte : a.file < b.file ? -1 : 1;
  });
}

interface Place {
  readonly file: string;
  readonly byte: number;
}

/** Where in the checkpoint a step reads first. */
function placeOf(step: Step): Place {
  if (step.kind === 'values') return { file: '', byte: 0 };
  const [stored] = step.source.stored;
  if (stored === undefined) return { file: '', byte: 0 };
  const firstRow = step.kind === 'rows' ? (step.runs[0]?.firstRow ?? 0) : step.firstRow;
  const share = firstRow / rowsOf(step.source);
  return { file: stored.file, byte: stored.startByte + (stored.endByte - stored.startByte) * share };
}

const rowsOf = (tensor: CheckpointTensor): number => valueCount(tensor.shape) / rowLength(tensor);

function addSteps(
  planned: PlannedTensor,
  tensor: number,
  { offsetBytes, type }: PlacedTensor,
  sources: ReadonlyMap<string, CheckpointTensor>,
  steps: Step[],
): void {
  const output = type as OutputType;
  const { origin } = planned;
  const find = (name: string): CheckpointTensor => {
    const source = sources.get(name);
    if (source === undefined) throw new AppError('internal', `The plan names ${name}, which is not there.`);
    return source;
  };
  let done = 0;
  switch (origin.kind) {
    case 'values':
      steps.push({
        kind: 'values',
        tensor,
        output,
        atByte: offsetBytes,
        valueCount: origin.values.length,
        values: origin.values,
      });
      done = origin.values.length;
      break;
    case 'rows':
      for (const piece of origin.pieces) {
        const source = find(piece.source);
        const place = { tensor, output, atByte: offsetBytes + encodedBytes(output, done) };
        done += addRows(piece, source, origin.add, place, steps);
      }
      break;
    case 'transposed': {
      const source = find(origin.source);
      const rows = rowsOf(source) / origin.blocks;
      for (let block = 0; block < origin.blocks; block++) {
        const atByte = offsetBytes + encodedBytes(output, block * rows * rowLength(source));
        addColumns(source, { firstRow: block * rows, rowCount: rows }, { tensor, output, atByte }, steps);
      }
      done = valueCount(source.shape);
      break;
    }
    default:
      origin satisfies never;
  }
  if (done !== valueCount(planned.shape))
    throw new AppError('internal', `The plan of ${planned.name} has ${String(done)} values.`);
}

type Where = Pick<StepPlace, 'tensor' | 'output' | 'atByte'>;

/** Adds the steps of a piece, and answers its number of values. */
function addRows(piece: RowPiece, source: CheckpointTensor, add: number, where: Where, steps: Step[]): number {
  const length = checkedLength(source);
  const dtype = plainDtype(source.dtype, source.name);
  const rowBytes = dtypeBytes[dtype] * length;
  const { interleave } = piece;
  if (piece.firstRow < 0 || piece.firstRow + piece.rowCount > rowsOf(source))
    throw new AppError('internal', `The plan names rows of ${source.name} that are not there.`);
  if (interleave !== null && (interleave % 2 !== 0 || interleave < 2 || piece.rowCount % interleave !== 0))
    throw new AppError('internal', `${source.name} does not divide into groups of ${String(interleave)} rows.`);
  const atOnce = rowsAtOnce(length, where.output);
  let atByte = where.atByte;
  const push = (runs: readonly Run[], groups: number | null): void => {
    const valueCount = runs.reduce((sum, { rowCount }) => sum + rowCount, 0) * length;
    steps.push({ kind: 'rows', ...where, atByte, valueCount, source, dtype, runs, rowBytes, interleave: groups, add });
    atByte += encodedBytes(where.output, valueCount);
  };
  const end = piece.firstRow + piece.rowCount;
  if (interleave === null || interleave <= atOnce) {
    const step = interleave === null ? atOnce : atOnce - (atOnce % interleave);
    for (let row = piece.firstRow; row < end; row += step)
      push([{ firstRow: row, rowCount: Math.min(step, end - row) }], interleave);
  } else {
    // A group that is too large for one step is read as rows of its first half and as many of its second.
    const half = interleave / 2;
    const step = Math.max(1, Math.floor(atOnce / 2));
    for (let group = piece.firstRow; group < end; group += interleave)
      for (let row = 0; row < half; row += step) {
        const rowCount = Math.min(step, half - row);
        push(
          [
            { firstRow: group + row, rowCount },
            { firstRow: group + half + row, rowCount },
          ],
          rowCount * 2,
        );
      }
  }
  return piece.rowCount * length;
}

/** Values in a block of Q8_0, which no step divides. */
const BLOCK = 32;

function rowsAtOnce(length: number, output: OutputType): number {
  const rows = Math.max(1, Math.floor(STEP_VALUES / length));
  if (output !== 'Q8_0' || length % BLOCK === 0) return rows;
  return Math.max(BLOCK, rows - (rows % BLOCK));
}

function checkedLength(source: CheckpointTensor): number {
  const length = rowLength(source);
  if (length > MAX_ROW_VALUES)
    throw unsupportedCheckpoint({
      ...{ reason: 'row_too_long', tensor: source.name, expected: MAX_ROW_VALUES, found: length },
      detail: `The rows of ${shownName(source.name)} have ${String(length)} values; at most ${String(MAX_ROW_VALUES)} are read.`,
    });
  return length;
}

function addColumns(source: CheckpointTensor, { firstRow, rowCount: rows }: Run, where: Where, steps: Step[]): void {
  const columns = checkedLength(source);
  // A column becomes a row of the output.
  checkedLength({ ...source, shape: [columns, rows] });
  const dtype = plainDtype(source.dtype, source.name);
  const atOnce = Math.max(1, Math.floor(TILE_VALUES / rows));
  for (let first = 0; first < columns; first += atOnce) {
    const columnCount = Math.min(atOnce, columns - first);
    const atByte = where.atByte + encodedBytes(where.output, first * rows);
    steps.push({
      kind: 'columns',
      ...where,
      atByte,
      valueCount: columnCount * rows,
      source,
      dtype,
      firstRow,
      firstColumn: first,
      columnCount,
    });
  }
}
