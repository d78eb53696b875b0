/**
 * A reader of safetensors headers, after the format's specification in the safetensors project: eight bytes with the header's length,
 * a JSON object with a place for each tensor, and the data. The file is untrusted: length, counts, names and places are checked before
 * anything is kept, and what is kept has a limit.
 */
import type { AppError } from '../../preload/wire/errors.ts';
import { shownName } from '../base/foreign-text.ts';
import { invalidCheckpoint, unsupportedCheckpoint, type CheckpointFault } from './checkpoint-error.ts';
import { createHeaderScanner, type HeaderScanner } from './header-scanner.ts';
import { assertNoLfsPointer } from './lfs-pointer.ts';

/** Element types that can be read, by the names in a header, with their size. */
export const dtypeBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  U16: 2,
  U32: 4,
  U64: 8,
  BOOL: 1,
} as const;

export type Dtype = keyof typeof dtypeBytes;

export interface SafetensorsTensor {
  readonly name: string;
  readonly dtype: Dtype;
  /** The slowest dimension first. */
  readonly shape: readonly number[];
  /** From the start of the file; the end is not part of it. */
  readonly startByte: number;
  readonly endByte: number;
}

export interface SafetensorsHeader {
  /** In the order of their places in the file. */
  readonly tensors: readonly SafetensorsTensor[];
  /** The texts of `__metadata__`. Long ones are left out. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Where the data begins, from the start of the file. */
  readonly dataStartByte: number;
}

/** A file whose header is to be read. */
export interface SafetensorsFile {
  /** Its name in messages. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Exactly the bytes from `start` to `end`, which is within the file. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** The field before the header. */
const LENGTH_BYTES = 8;
/** Read at first: it holds the header of most files, so that one request is enough. */
const FIRST_READ_BYTES = 64 * 1024;
/** A header needs some 130 bytes per tensor. The format itself allows 100 MB. */
const MAX_HEADER_BYTES = 32 * 1024 * 1024;
/** The largest published file has fewer than 20,000. */
const MAX_FILE_TENSORS = 100_000;
/** The longest published names have fewer than 200. */
const MAX_NAME_BYTES = 1024;
/** PyTorch's convolutions have up to five. */
const MAX_DIMENSIONS = 8;
/** Of `__metadata__`: programs for training store whole settings files there. */
const KEPT_TEXT_BYTES = 16 * 1024;
const MAX_KEPT_BYTES = 1024 * 1024;
const MAX_METADATA_KEYS = 10_000;
/** Tensors that are read in one piece of work. */
const TENSORS_AT_ONCE = 2000;

type Refuse = (fault: Omit<CheckpointFault, 'file'>) => AppError;

/**
 * Reads the header of `file`. `nextTurn` lets other work of the process go first.
 * @throws AppError `convert.invalid` or `convert.unsupported` with `reason`, `file` and, where it is about one, `tensor`; what `read` throws.
 */
export async function readSafetensorsHeader(
  file: SafetensorsFile,
  nextTurn: () => Promise<unknown>,
): Promise<SafetensorsHeader> {
  const refuse: Refuse = (fault) => invalidCheckpoint({ file: file.path, ...fault });
  const { bytes, dataStartByte } = await readHeaderBytes(file, refuse);
  const scanner = createHeaderScanner(bytes, (what) =>
    refuse({ reason: 'header_not_json', detail: `The header of ${shownName(file.path)} is damaged: ${what}.` }),
  );
  const names = new Set<string>();
  const tensors: SafetensorsTensor[] = [];
  let metadata: ReadonlyMap<string, string> | null = null;
  scanner.expect('{', 'the header');
  for (let isFirst = true; !scanner.take('}'); isFirst = false) {
    if (!isFirst) scanner.expect(',', 'the header');
    const name = scanner.string(MAX_NAME_BYTES, 'the header');
    if (name === null)
      throw refuse({
        reason: 'name_too_long',
        detail: `A tensor of ${shownName(file.path)} has a name of more than ${String(MAX_NAME_BYTES)} bytes.`,
      });
    scanner.expect(':', 'the header');
    if (name === '__metadata__' && metadata === null) metadata = readMetadata(scanner, refuse);
    else {
      if (names.has(name) || name === '__metadata__')
        throw refuse({ reason: 'duplicate_tensor', tensor: name, detail: `${shownName(name)} is there twice.` });
      names.add(name);
      tensors.push(readTensor(scanner, name, dataStartByte, file, refuse));
    }
    if (names.size > MAX_FILE_TENSORS)
      throw refuse({
        reason: 'too_many_tensors',
        detail: `${shownName(file.path)} has more than ${String(MAX_FILE_TENSORS)} tensors.`,
      });
    if (names.size % TENSORS_AT_ONCE === 0) await nextTurn();
  }
  if (!scanner.isAtEnd())
    throw refuse({ reason: 'header_not_json', detail: `Text follows the header of ${shownName(file.path)}.` });
  tensors.sort((a, b) => a.startByte - b.startByte || a.endByte - b.endByte);
  checkPlaces(tensors, dataStartByte, file, refuse);
  return { tensors, metadata: metadata ?? new Map(), dataStartByte };
}

async function readHeaderBytes(
  file: SafetensorsFile,
  refuse: Refuse,
): Promise<{ readonly bytes: Uint8Array; readonly dataStartByte: number }> {
  const { sizeBytes } = file;
  const name = shownName(file.path);
  if (sizeBytes < LENGTH_BYTES + 2)
    throw refuse({
      ...{ reason: 'not_safetensors', expected: LENGTH_BYTES + 2, found: sizeBytes },
      detail: `${name} has ${String(sizeBytes)} bytes, which is no safetensors file.`,
    });
  const first = await file.read(0, Math.min(sizeBytes, FIRST_READ_BYTES));
  const length = Number(new DataView(first.buffer, first.byteOffset, LENGTH_BYTES).getBigUint64(0, true));
  const dataStartByte = LENGTH_BYTES + length;
  assertNoLfsPointer(file.path, first);
  // Other text files in place of the model have letters there.
  if (dataStartByte > sizeBytes)
    throw refuse({
      ...{ reason: 'header_past_end', expected: dataStartByte, found: sizeBytes },
      detail: `The header of ${name} would end at byte ${String(dataStartByte)}, but the file has ${String(sizeBytes)}. It may be cut short, or no safetensors file.`,
    });
  if (length > MAX_HEADER_BYTES)
    throw refuse({
      ...{ reason: 'header_too_long', expected: MAX_HEADER_BYTES, found: length },
      detail: `The header of ${name} has ${String(length)} bytes; at most ${String(MAX_HEADER_BYTES)} are read.`,
    });
  if (dataStartByte <= first.byteLength) return { bytes: first.subarray(LENGTH_BYTES, dataStartByte), dataStartByte };
  const bytes = new Uint8Array(length);
  bytes.set(first.subarray(LENGTH_BYTES));
  bytes.set(await file.read(first.byteLength, dataStartByte), first.byteLength - LENGTH_BYTES);
  return { bytes, dataStartByte };
}

function readMetadata(scanner: HeaderScanner, refuse: Refuse): Map<string, string> {
  const where = '__metadata__';
  const metadata = new Map<string, string>();
  let keptBytes = 0;
  scanner.expect('{', where);
  for (let count = 0; !scanner.take('}'); count++) {
    if (count > 0) scanner.expect(',', where);
    if (count === MAX_METADATA_KEYS)
      throw refuse({ reason: 'too_much_metadata', detail: `__metadata__ has more than ${String(count)} keys.` });
    const key = scanner.string(MAX_NAME_BYTES, where);
    scanner.expect(':', where);
    const text = scanner.string(KEPT_TEXT_BYTES, where);
    keptBytes += (key?.length ?? 0) + (text?.length ?? 0);
    if (key !== null && text !== null && keptBytes <= MAX_KEPT_BYTES) metadata.set(key, text);
  }
  return metadata;
}

function readTensor(
  scanner: HeaderScanner,
  name: string,
  dataStartByte: number,
  file: SafetensorsFile,
  refuse: Refuse,
): SafetensorsTensor {
  const shown = shownName(name);
  let dtype: string | null = null;
  let shape: readonly number[] | null = null;
  let offsets: readonly number[] | null = null;
  scanner.expect('{', shown);
  for (let isFirst = true; !scanner.take('}'); isFirst = false) {
    if (!isFirst) scanner.expect(',', shown);
    const field = scanner.string(MAX_NAME_BYTES, shown);
    scanner.expect(':', shown);
    if (field === 'dtype' && dtype === null) dtype = scanner.string(MAX_NAME_BYTES, shown) ?? '';
    else if (field === 'shape' && shape === null) shape = readIntegers(scanner, shown, MAX_DIMENSIONS);
    else if (field === 'data_offsets' && offsets === null) offsets = readIntegers(scanner, shown, 2);
    else
      throw refuse({
        ...{ reason: 'unknown_field', tensor: name },
        detail: `The header's entry of ${shown} has the field ${shownName(field ?? '')}, which is unknown or there twice.`,
      });
  }
  const [start, end] = offsets ?? [];
  if (dtype === null || shape === null || start === undefined || end === undefined)
    throw refuse({
      ...{ reason: 'field_missing', tensor: name },
      detail: `The header's entry of ${shown} lacks its dtype, its shape or its two offsets.`,
    });
  if (!isDtype(dtype))
    throw unsupportedCheckpoint({
      ...{ reason: 'dtype', file: file.path, tensor: name, found: dtype },
      detail: `The tensor ${shown} has values of the type ${shownName(dtype)}, which cannot be read.`,
    });
  if (start < 0 || end < start)
    throw refuse({
      ...{ reason: 'bad_offsets', tensor: name, found: `[${String(start)}, ${String(end)}]` },
      detail: `The tensor ${shown} has the offsets ${String(start)} to ${String(end)}, which cannot be.`,
    });
  if (shape.some((length) => length < 0))
    throw refuse({
      ...{ reason: 'bad_shape', tensor: name, found: shownShape(shape) },
      detail: `The tensor ${shown} has the shape ${shownShape(shape)}, with a negative dimension.`,
    });
  const expected = shape.reduce((product, length) => product * length, dtypeBytes[dtype]);
  if (expected !== end - start)
    throw refuse({
      ...{ reason: 'size_mismatch', tensor: name, expected, found: end - start },
      detail: `The tensor ${shown} with the shape ${shownShape(shape)} and the type ${dtype} needs ${String(expected)} bytes; its offsets give it ${String(end - start)}.`,
    });
  return { name, dtype, shape, startByte: dataStartByte + start, endByte: dataStartByte + end };
}

const isDtype = (name: string): name is Dtype => Object.hasOwn(dtypeBytes, name);

/** A shape in words, such as `48 x 32`; `[]` for one without dimensions. */
export const shownShape = (shape: readonly number[]): string => (shape.length === 0 ? '[]' : shape.join(' x '));

function readIntegers(scanner: HeaderScanner, where: string, maxCount: number): number[] {
  const values: number[] = [];
  scanner.expect('[', where);
  while (!scanner.take(']')) {
    if (values.length > 0) scanner.expect(',', where);
    if (values.length === maxCount) scanner.expect(']', where);
    values.push(scanner.integer(where));
  }
  return values;
}

/** Checks that the tensors fill the data without gaps, as the format demands: anything else is a damaged or a cut file. */
function checkPlaces(
  tensors: readonly SafetensorsTensor[],
  dataStartByte: number,
  { path, sizeBytes }: SafetensorsFile,
  refuse: Refuse,
): void {
  let next = dataStartByte;
  let before: string | null = null;
  for (const { name, startByte, endByte } of tensors) {
    const shown = shownName(name);
    if (startByte < next)
      throw refuse({
        ...{ reason: 'overlap', tensor: name, expected: next, found: startByte },
        detail: `The tensor ${shown} begins at byte ${String(startByte)}, inside of ${before === null ? 'the header' : shownName(before)}.`,
      });
    if (endByte > sizeBytes)
      throw refuse({
        ...{ reason: 'cut_short', tensor: name, expected: endByte, found: sizeBytes },
        detail: `The tensor ${shown} ends at byte ${String(endByte)}, but ${shownName(path)} has ${String(sizeBytes)} bytes. The file is cut short.`,
      });
    if (startByte > next)
      throw refuse({
        ...{ reason: 'gap', tensor: name, expected: next, found: startByte },
        detail: `The tensor ${shown} begins at byte ${String(startByte)}; its place is byte ${String(next)}.`,
      });
    next = endByte;
    before = name;
  }
  if (next !== sizeBytes)
    throw refuse({
      ...{ reason: 'trailing_bytes', expected: next, found: sizeBytes },
      detail: `The tensors of ${shownName(path)} end at byte ${String(next)}, but the file has ${String(sizeBytes)} bytes.`,
    });
}
