/**
 * Does the steps of writing a file: reads ahead, converts, and writes behind. Reads and writes are in flight while values are converted,
 * and the memory for them is that of a few steps, whatever the size of the model.
 */
import { dtypeBytes } from '../../model-file/safetensors.ts';
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import type { CheckpointTensor, StoredTensor, TensorReader } from '../checkpoint/checkpoint-tensor.ts';
import { rowLength } from '../checkpoint/stored-reader.ts';
import { createScratch, createValueConverter, type OddValues, type Scratch } from './values/convert-values.ts';
import { decodeValues } from './values/decode-values.ts';
import { encodedBytes } from './values/encode-values.ts';
import { isWorthThreads, writeOnThreads } from './step-threads.ts';
import { interleaveRows, transpose } from './values/rearrange.ts';
import { STEP_VALUES, type Step } from './steps.ts';

export interface StepsOptions {
  readonly steps: readonly Step[];
  /** The numbers of those that are written already. */
  readonly done: ReadonlySet<number>;
  readonly source: Pick<CheckpointSource, 'read' | 'localFolder'>;
  /** A reader of a tensor that is stored otherwise than it is read. */
  readonly openReader: (tensor: CheckpointTensor) => Promise<TensorReader>;
  /** The file that is written. */
  readonly output: string;
  /** Writes all of `bytes` at a place of the output. */
  readonly write: (bytes: Uint8Array, atByte: number) => Promise<void>;
  /** Gets each step once it is written. Only those that threads do come out of order. */
  readonly onDone: (index: number, odd: OddValues) => void;
}

/** Memory of one step from its read to the end of its write. */
interface Slot {
  /** A buffer for what is read, what is rearranged, and what is written. Each grows to the largest request. */
  readonly input: (bytes: number) => Uint8Array;
  readonly arranged: (bytes: number) => Uint8Array;
  readonly output: (bytes: number) => Uint8Array;
}

/** Two that are read, one that is converted, two that are written. */
const SLOTS = 5;

type RowsStep = Extract<Step, { readonly kind: 'rows' }>;
type ColumnsStep = Extract<Step, { readonly kind: 'columns' }>;

/**
 * Does the steps that are not done. Those of a large model in a folder are done by threads, as far as its tensors are stored as they are read.
 * @throws what `source`, a reader or `write` throws, when nothing is in flight any more.
 */
export async function writeSteps(options: StepsOptions): Promise<void> {
  const { steps, source, done } = options;
  const plain: (readonly [number, RowsStep])[] = [];
  if (source.localFolder !== undefined)
    steps.forEach((step, index) => {
      if (!done.has(index) && step.kind === 'rows' && plainlyStored(step.source) !== null) plain.push([index, step]);
    });
  if (source.localFolder === undefined || !isWorthThreads(plain.reduce((sum, [, step]) => sum + step.valueCount, 0)))
    return await writeInTurn(options);
  const { output, onDone } = options;
  await writeOnThreads({ steps: plain, folder: source.localFolder, output, onDone });
  await writeInTurn({ ...options, done: new Set([...done, ...plain.map(([index]) => index)]) });
}

/** Does the steps that are not done, in this thread. @throws what `source`, a reader or `write` throws, when nothing is in flight any more. */
async function writeInTurn(options: StepsOptions): Promise<void> {
  const { steps, done, source, write } = options;
  const scratch = createScratch();
  const readers = createReaders(options);
  const free = Array.from({ length: SLOTS }, createSlot);
  const ahead: { readonly slot: Slot; readonly bytes: Promise<Uint8Array> }[] = [];
  const writing = new Set<Promise<void>>();
  const inOrder = createOrder(
    [...steps.keys()].filter((index) => !done.has(index)),
    options.onDone,
  );
  let nextRead = 0;

  /** Starts reads while there is memory for them, up to the next step of another kind. */
  function readAhead(): void {
    for (; free.length > 0; nextRead++) {
      const step = steps[nextRead];
      if (step?.kind !== 'rows' || done.has(nextRead)) return;
      const slot = free.pop();
      if (slot === undefined) return;
      const bytes = readRows(step, slot, source, readers);
      bytes.catch(() => {}); // awaited when it is this step's turn
      ahead.push({ slot, bytes });
    }
  }

  function startWrite(index: number, bytes: Uint8Array, odd: OddValues, slot: Slot): void {
    const written = write(bytes, steps[index]?.atByte ?? 0).then(() => {
      writing.delete(written);
      free.push(slot);
      inOrder(index, odd);
    });
    written.catch(() => {}); // awaited as one of `writing`
    writing.add(written);
  }

  async function writeRows(index: number, step: RowsStep): Promise<void> {
    readAhead();
    while (ahead.length === 0) {
      await Promise.race(writing);
      readAhead();
    }
    const turn = ahead.shift();
    if (turn === undefined) return;
    const bytes = arrange(step, await turn.bytes, turn.slot);
    const converter = createValueConverter(step.dtype, step.output, step.add, scratch);
    const into = turn.slot.output(encodedBytes(step.output, step.valueCount));
    startWrite(index, converter.convert(bytes, step.valueCount, into), converter.odd, turn.slot);
  }

  try {
    for (const [index, step] of steps.entries()) {
      if (done.has(index)) {
        nextRead = index + 1;
        continue;
      }
      if (step.kind === 'rows') {
        await writeRows(index, step);
        continue;
      }
      const odd = await (step.kind === 'values'
        ? writeValues(step, scratch, write)
        : writeColumns(step, options, readers, scratch));
      inOrder(index, odd);
      nextRead = index + 1;
    }
  } finally {
    // After an error, too: what is written is noted then, and the file is closed.
    await Promise.allSettled([...writing, ...ahead.map(({ bytes }) => bytes)]);
  }
  await Promise.all(writing);
}

/** Calls `onDone` in the order of `indexes`. Their writes end in any order. */
function createOrder(indexes: readonly number[], onDone: StepsOptions['onDone']): StepsOptions['onDone'] {
  const waiting = new Map<number, OddValues>();
  let at = 0;
  return (index, odd) => {
    waiting.set(index, odd);
    for (let next = indexes[at]; next !== undefined; next = indexes[at]) {
      const found = waiting.get(next);
      if (found === undefined) return;
      waiting.delete(next);
      at++;
      onDone(next, found);
    }
  };
}

function createSlot(): Slot {
  const growing = (): ((bytes: number) => Uint8Array) => {
    let buffer = new Uint8Array(0);
    return (bytes) => {
      if (buffer.byteLength < bytes) buffer = new Uint8Array(bytes);
      return buffer.subarray(0, bytes);
    };
  };
  return { input: growing(), arranged: growing(), output: growing() };
}

/** The tensor that is stored as it is read; null where it is unpacked first. */
function plainlyStored({ dtype, shape, stored }: CheckpointTensor): StoredTensor | null {
  const [only] = stored;
  const isSame =
    only !== undefined && stored.length === 1 && only.dtype === dtype && String(only.shape) === String(shape);
  return isSame ? only : null;
}

interface Readers {
  /** Bytes of rows of a tensor that is unpacked, copied into `into`. One call after the other, as readers want it. */
  read(tensor: CheckpointTensor, firstRow: number, rowCount: number, into: Uint8Array): Promise<void>;
}

function createReaders({ openReader }: StepsOptions): Readers {
  let current: { readonly name: string; readonly reader: Promise<TensorReader> } | null = null;
  let last: Promise<unknown> = Promise.resolve();
  return {
    async read(tensor, firstRow, rowCount, into) {
      const turn = last.then(async () => {
        if (current?.name !== tensor.name) current = { name: tensor.name, reader: openReader(tensor) };
        const reader = await current.reader;
        into.set(await reader.readRows(firstRow, rowCount));
      });
      last = turn.catch(() => {});
      await turn;
    },
  };
}

async function readInto(
  tensor: CheckpointTensor,
  { firstRow, rowCount, rowBytes }: { readonly firstRow: number; readonly rowCount: number; readonly rowBytes: number },
  into: Uint8Array,
  source: StepsOptions['source'],
  readers: Readers,
): Promise<void> {
  const stored = plainlyStored(tensor);
  if (stored === null) return await readers.read(tensor, firstRow, rowCount, into);
  const start = stored.startByte + firstRow * rowBytes;
  const bytes = await source.read(stored.file, start, start + rowCount * rowBytes, into);
  // A source may give memory of its own.
  if (bytes.buffer !== into.buffer) into.set(bytes);
}

async function readRows(
  step: RowsStep,
  slot: Slot,
  source: StepsOptions['source'],
  readers: Readers,
): Promise<Uint8Array> {
  const { rowBytes } = step;
  const count = step.runs.reduce((sum, { rowCount }) => sum + rowCount, 0);
  const bytes = slot.input(count * rowBytes);
  let at = 0;
  for (const run of step.runs) {
    const length = run.rowCount * rowBytes;
    await readInto(step.source, { ...run, rowBytes }, bytes.subarray(at, at + length), source, readers);
    at += length;
  }
  return bytes;
}

function arrange({ interleave, rowBytes }: RowsStep, bytes: Uint8Array, slot: Slot): Uint8Array {
  if (interleave === null) return bytes;
  const arranged = slot.arranged(bytes.byteLength);
  interleaveRows(bytes, rowBytes, interleave, arranged);
  return arranged;
}

async function writeValues(
  { values, output, atByte, valueCount }: Extract<Step, { readonly kind: 'values' }>,
  scratch: Scratch,
  write: StepsOptions['write'],
): Promise<OddValues> {
  const converter = createValueConverter('F32', output, 0, scratch);
  const bytes = new Uint8Array(values.slice().buffer);
  await write(converter.convert(bytes, valueCount, new Uint8Array(encodedBytes(output, valueCount))), atByte);
  return converter.odd;
}

/** Reads the whole matrix, or the rows that are wanted, keeps some of its columns, and writes them as rows. */
async function writeColumns(
  step: ColumnsStep,
  { source, write }: StepsOptions,
  readers: Readers,
  scratch: Scratch,
): Promise<OddValues> {
  const columns = rowLength(step.source);
  const rows = step.valueCount / step.columnCount;
  const tile = new Float32Array(step.valueCount);
  const rowBytes = columns * dtypeBytes[step.dtype];
  const atOnce = Math.max(1, Math.floor(STEP_VALUES / columns));
  const bytes = new Uint8Array(atOnce * rowBytes);
  for (let row = 0; row < rows; row += atOnce) {
    const rowCount = Math.min(atOnce, rows - row);
    await readInto(
      step.source,
      { firstRow: step.firstRow + row, rowCount, rowBytes },
      bytes.subarray(0, rowCount * rowBytes),
      source,
      readers,
    );
    const values = scratch.floats(rowCount * columns);
    decodeValues(step.dtype, bytes, values.length, values);
    transpose(
      { values, columns, firstColumn: step.firstColumn, columnCount: step.columnCount },
      { tile, rows, firstRow: row },
    );
  }
  const converter = createValueConverter('F32', step.output, 0, scratch);
  const rowsOut = Math.max(1, Math.floor(STEP_VALUES / rows));
  const into = new Uint8Array(encodedBytes(step.output, Math.min(rowsOut, step.columnCount) * rows));
  for (let column = 0; column < step.columnCount; column += rowsOut) {
    const count = Math.min(rowsOut, step.columnCount - column) * rows;
    const values = new Uint8Array(tile.buffer, column * rows * 4, count * 4);
    await write(converter.convert(values, count, into), step.atByte + encodedBytes(step.output, column * rows));
  }
  return converter.odd;
}
