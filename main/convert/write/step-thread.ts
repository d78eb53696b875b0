/** A thread that does steps of writing a file: it takes the next one, reads, converts, writes, and takes another. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { encodeError, type ErrorBody } from '../../../preload/wire/errors.ts';
import { createScratch, createValueConverter, type OddValues } from './values/convert-values.ts';
import { encodedBytes } from './values/encode-values.ts';
import { interleaveRows } from './values/rearrange.ts';
import type { Step } from './steps.ts';

export type PlainStep = Extract<Step, { readonly kind: 'rows' }>;

export interface ThreadWork {
  /** Steps over tensors that are stored as they are read, with their numbers. */
  readonly steps: readonly (readonly [index: number, step: PlainStep])[];
  /** The folder of the checkpoint. */
  readonly folder: string;
  /** The file that is written. */
  readonly output: string;
  /** The place in `steps` that is taken next, for all threads. */
  readonly next: Int32Array<SharedArrayBuffer>;
}

export type ThreadMessage =
  | { readonly index: number; readonly odd: OddValues }
  | { readonly error: ErrorBody }
  /** A file of the checkpoint ended early. */
  | { readonly changed: string };

/**
 * Written at once. For a larger write Linux takes as large pieces of free memory, and a virtual machine has often given those back to its
 * host: getting them again took up to ten times as long as the write.
 */
const WRITE_BYTES = 256 * 1024;

function grown(buffer: Uint8Array, bytes: number): Uint8Array {
  return buffer.byteLength < bytes ? new Uint8Array(bytes) : buffer;
}

const rowCountOf = ({ runs }: PlainStep): number => runs.reduce((sum, { rowCount }) => sum + rowCount, 0);

/** Does steps until none is left, and tells each. */
function work({ steps, folder, output, next }: ThreadWork, tell: (message: ThreadMessage) => void): void {
  const scratch = createScratch();
  const files = new Map<string, number>();
  const written = openSync(output, 'r+');
  const bytesOf = (step: PlainStep): number => rowCountOf(step) * step.rowBytes;
  const room = scratch.vectors?.room(
    steps.reduce((most, [, step]) => Math.max(most, bytesOf(step)), 0),
    steps.reduce((most, [, step]) => Math.max(most, encodedBytes(step.output, step.valueCount)), 0),
  );
  let input: Uint8Array = room?.[0] ?? new Uint8Array(0);
  let into: Uint8Array = room?.[1] ?? new Uint8Array(0);
  let arranged: Uint8Array = new Uint8Array(0);

  /** Reads all rows of the step into `input`; false where the file ends before. */
  function readRows({ source, runs, rowBytes }: PlainStep): boolean {
    const [stored] = source.stored;
    if (stored === undefined) return false;
    const file = files.get(stored.file) ?? openSync(path.join(folder, stored.file), 'r');
    files.set(stored.file, file);
    let at = 0;
    for (const { firstRow, rowCount } of runs) {
      const end = at + rowCount * rowBytes;
      for (let place = stored.startByte + firstRow * rowBytes; at < end;) {
        const count = readSync(file, input, at, end - at, place);
        if (count === 0) return false;
        at += count;
        place += count;
      }
    }
    return true;
  }

  for (let taken = Atomics.add(next, 0, 1); taken < steps.length; taken = Atomics.add(next, 0, 1)) {
    const [index, step] = steps[taken] ?? [];
    if (index === undefined || step === undefined) break;
    const inputBytes = bytesOf(step);
    input = grown(input, inputBytes);
    if (!readRows(step)) return tell({ changed: step.source.stored[0]?.file ?? '' });
    let bytes = input;
    if (step.interleave !== null) {
      arranged = grown(arranged, inputBytes);
      interleaveRows(input.subarray(0, inputBytes), step.rowBytes, step.interleave, arranged);
      bytes = arranged;
    }
    const converter = createValueConverter(step.dtype, step.output, step.add, scratch);
    into = grown(into, encodedBytes(step.output, step.valueCount));
    const result = converter.convert(bytes, step.valueCount, into);
    for (let done = 0; done < result.byteLength;)
      done += writeSync(written, result, done, Math.min(WRITE_BYTES, result.byteLength - done), step.atByte + done);
    tell({ index, odd: converter.odd });
  }
  closeSync(written);
  for (const file of files.values()) closeSync(file);
}

const port = parentPort;
if (port !== null)
  try {
    work(workerData as ThreadWork, (message) => port.postMessage(message));
  } catch (error) {
    port.postMessage({ error: encodeError(error) } satisfies ThreadMessage);
  }
