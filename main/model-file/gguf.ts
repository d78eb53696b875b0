/**
 * A bounds-checked reader of GGUF headers (versions 2 and 3, little-endian), after the format's specification in the ggml project.
 * The file is untrusted, at the Hub and on the disk alike: every count and length is checked before anything is allocated for it.
 * The header is parsed once, from a window that moves over it. What no caller needs (long lists and strings) is passed over, and
 * what is kept has a limit, so that memory and time do not depend on what the file claims.
 */
import type { HeaderNote } from '../../preload/contract/model.ts';
import { bytesInType, ggmlTypes, paddedBytes, valueCount } from './ggml-types.ts';
import { corrupt, createCursor, tooLong, type Cursor } from './gguf-cursor.ts';
import { shownName } from '../base/foreign-text.ts';
import { headerError } from './header-error.ts';
import { ggufValueTypes, LIST, STRING, typesOfKeys } from './gguf-value-types.ts';

export type GgufScalar = string | number | bigint | boolean;
/** Of a long list, such as a vocabulary, only its place is kept, and of a long string only the length. */
export type GgufValue = GgufScalar | readonly GgufScalar[] | OmittedValue;

interface OmittedValue {
  readonly omittedLength: number;
  /** Of a list: the number of its elements' type, and where the first of them is from the start of the file. */
  readonly list?: { readonly elementType: number; readonly offsetBytes: number };
}

export interface GgufTensor {
  readonly name: string;
  /** In ggml's order: the contiguous dimension comes first. */
  readonly shape: readonly number[];
  readonly type: string;
  /** Offset from the start of the file. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

export interface GgufHeader {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
  readonly alignment: number;
  /** Offset of the tensor data from the start of the file. */
  readonly dataOffsetBytes: number;
  /** Sum of the tensors' sizes. */
  readonly tensorBytes: number;
  readonly parameterCount: number;
  readonly notes: readonly HeaderNote[];
}

/** Lists longer than this are not kept. Per-layer lists (heads, feed-forward sizes) are shorter. */
const KEPT_LIST_LENGTH = 1024;
/** Strings longer than this are not kept. The longest chat templates have some 100 KB. */
const KEPT_STRING_BYTES = 1024 * 1024;
/** Limit for all keys and values that are kept. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;
/** Memory of a kept value besides its text: a place in the map, or in a list. */
const KEY_OVERHEAD_BYTES = 100;
const ELEMENT_OVERHEAD_BYTES = 16;
/** Known models have fewer than 100 keys. */
const MAX_KEYS = 10_000;
/** Known models have fewer than 2,000 tensors; before experts were merged into one tensor, some had 50,000. */
export const MAX_TENSORS = 100_000;
/** Only so many notes are kept: a header may be odd in each of its keys. */
export const MAX_NOTES = 20;
/** GGML_MAX_DIMS of ggml. */
const MAX_DIMENSIONS = 4;
/** GGML_MAX_NAME is 64 including its terminator; llama.cpp refuses the longer names that some converters write. */
const MAX_TENSOR_NAME_BYTES = 63;
/** The specification's limit for keys. */
const MAX_KEY_BYTES = 65_535;
const MAX_ALIGNMENT = 1 << 20;

/** What was read so far: for the limits, and for estimating where the header ends. */
interface Progress {
  keptBytes: number;
  tensorCount: number;
  isBytePair: boolean;
  list: { readonly key: string; readonly start: number; readonly length: number; read: number } | null;
  readonly notes: HeaderNote[];
}

/** A part of the parser: it pauses where it needs bytes that are not in the cursor's window. */
type Steps<T> = Generator<undefined, T, undefined>;

function keep(progress: Progress, bytes: number, field: string): void {
  progress.keptBytes += bytes;
  if (progress.keptBytes > MAX_KEPT_BYTES)
    throw tooLong(field, `up to ${field} it has more than ${MAX_KEPT_BYTES} bytes of names and values`);
}

function noteOddity(cursor: Cursor, { notes }: Progress, field: string): void {
  const code = cursor.takeOddity();
  if (code !== null && notes.length < MAX_NOTES) notes.push({ code, field });
}

function* readName(cursor: Cursor, field: string, maxBytes: number): Steps<string> {
  while (cursor.lacks(8, field)) yield;
  const length = cursor.count(`the length of ${field}`);
  if (length > maxBytes) throw corrupt(field, `${field} is ${length} bytes long; at most ${maxBytes} are allowed`);
  if (length === 0) throw corrupt(field, `${field} is empty`);
  while (cursor.lacks(length, field)) yield;
  return cursor.text(length);
}

function* readStringValue(cursor: Cursor, progress: Progress, field: string, form: 'text' | 'token'): Steps<GgufValue> {
  while (cursor.lacks(8, field)) yield;
  const length = cursor.count(`the length of ${field}`);
  if (length > KEPT_STRING_BYTES) {
    cursor.skip(length, field);
    return { omittedLength: length };
  }
  while (cursor.lacks(length, field)) yield;
  keep(progress, length, field);
  return cursor[form](length);
}

function* readScalar(cursor: Cursor, progress: Progress, type: number, key: string): Steps<GgufValue> {
  if (type === STRING) return yield* readStringValue(cursor, progress, key, 'text');
  const width = ggufValueTypes[type]?.sizeBytes ?? null;
  if (width === null) throw corrupt(key, `${key} has the unknown value type ${type}`);
  while (cursor.lacks(width, key)) yield;
  return cursor.scalar(type);
}

function* readList(cursor: Cursor, progress: Progress, key: string): Steps<GgufValue> {
  while (cursor.lacks(12, key)) yield;
  const type = cursor.u32();
  const width = type === STRING ? 8 : (ggufValueTypes[type]?.sizeBytes ?? null);
  if (type === LIST) throw corrupt(key, `${key} is a list of lists`);
  if (width === null) throw corrupt(key, `${key} has the unknown element type ${type}`);
  const length = cursor.count(`the length of ${key}`);
  cursor.checkHolds(length, width, `the length of ${key}`);
  if (length <= KEPT_LIST_LENGTH) {
    const values: GgufScalar[] = [];
    for (let i = 0; i < length; i++) {
      keep(progress, ELEMENT_OVERHEAD_BYTES, key);
      const value = yield* type === STRING
        ? readStringValue(cursor, progress, key, 'token')
        : readScalar(cursor, progress, type, key);
      values.push(typeof value === 'object' ? '' : value);
    }
    return values;
  }
  const place = { elementType: type, offsetBytes: cursor.position() };
  if (type === STRING) {
    const list = { key, start: cursor.position(), length, read: 0 };
    progress.list = list;
    for (; list.read < length; list.read++) {
      while (cursor.lacks(8, key)) yield;
      cursor.skip(cursor.count(`a length in ${key}`), key);
    }
    progress.list = null;
  } else cursor.skip(length * width, key);
  return { omittedLength: length, list: place };
}

const typeName = (type: number): string => ggufValueTypes[type]?.name ?? String(type);

function* readMetadata(cursor: Cursor, progress: Progress, count: number): Steps<Map<string, GgufValue>> {
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < count; i++) {
    const key = yield* readName(cursor, `metadata key ${i}`, MAX_KEY_BYTES);
    const shown = shownName(key);
    noteOddity(cursor, progress, shown);
    keep(progress, key.length + KEY_OVERHEAD_BYTES, `metadata key ${i}`);
    if (metadata.has(key)) throw corrupt(shown, `the key ${shown} is there twice`);
    while (cursor.lacks(4, `the type of ${shown}`)) yield;
    const type = cursor.u32();
    const ownType = typesOfKeys.get(key) ?? type;
    if (type !== ownType) throw corrupt(key, `${key} has the type ${typeName(type)} in place of ${typeName(ownType)}`);
    const value = yield* type === LIST ? readList(cursor, progress, shown) : readScalar(cursor, progress, type, shown);
    noteOddity(cursor, progress, shown);
    metadata.set(key, value);
    if (key === 'tokenizer.ggml.model') progress.isBytePair = value === 'gpt2';
  }
  return metadata;
}

interface TensorEntry {
  readonly name: string;
  readonly shape: number[];
  readonly type: string;
  readonly relativeOffset: number;
  readonly sizeBytes: number;
  readonly elements: number;
}

function* readTensorEntry(cursor: Cursor, progress: Progress, index: number): Steps<TensorEntry> {
  const ownName = yield* readName(cursor, `the name of tensor ${index}`, MAX_TENSOR_NAME_BYTES);
  const name = shownName(ownName);
  noteOddity(cursor, progress, name);
  while (cursor.lacks(4, name)) yield;
  const dimensions = cursor.u32();
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS)
    throw corrupt(name, `the tensor ${name} has ${dimensions} dimensions; 1 to ${MAX_DIMENSIONS} are possible`);
  while (cursor.lacks(8 * dimensions + 12, name)) yield;
  const shape = Array.from({ length: dimensions }, () => cursor.count(`the shape of ${name}`));
  const typeNumber = cursor.u32();
  const type = ggmlTypes.get(typeNumber);
  if (!type) throw corrupt(name, `the tensor ${name} has the unknown type ${typeNumber}`);
  const elements = valueCount(shape);
  if (elements > Number.MAX_SAFE_INTEGER)
    throw corrupt(name, `the tensor ${name} has more elements than can be counted`);
  if (elements === 0) throw corrupt(name, `the tensor ${name} has a dimension of 0`);
  if ((shape[0] ?? 0) % type.blockSize !== 0)
    throw corrupt(name, `the rows of ${name} do not divide into blocks of ${type.blockSize} (${type.name})`);
  const sizeBytes = bytesInType(shape, type);
  const relativeOffset = cursor.count(`the offset of ${name}`);
  return { name: ownName, shape, type: type.name, relativeOffset, sizeBytes, elements };
}

function* readTensorEntries(cursor: Cursor, progress: Progress, count: number): Steps<TensorEntry[]> {
  const entries: TensorEntry[] = [];
  const names = new Set<string>();
  for (let i = 0; i < count; i++) {
    const entry = yield* readTensorEntry(cursor, progress, i);
    if (names.has(entry.name)) throw corrupt(entry.name, `the tensor ${shownName(entry.name)} is there twice`);
    names.add(entry.name);
    entries.push(entry);
  }
  return entries;
}

function alignmentOf(metadata: ReadonlyMap<string, GgufValue>): number {
  const key = 'general.alignment';
  const value = Number(metadata.get(key) ?? 32);
  if (value > MAX_ALIGNMENT) throw corrupt(key, `${key} is ${value}; at most ${MAX_ALIGNMENT} is possible`);
  if (value < 1 || (value & (value - 1)) !== 0) throw corrupt(key, `${key} is ${value}, not a power of two`);
  return value;
}

/** Tensors that are placed in one piece of work. */
const PLACED_AT_ONCE = 4096;

/** The tensors with their places in the file. As in llama.cpp, they follow one another in the order of the table, without gaps. */
function* placeTensors(
  entries: readonly TensorEntry[],
  alignment: number,
  dataOffsetBytes: number,
  fileBytes: number,
): Steps<Pick<GgufHeader, 'tensors' | 'tensorBytes' | 'parameterCount'>> {
  const tensors: GgufTensor[] = [];
  let [next, tensorBytes, parameterCount] = [0, 0, 0];
  for (const { name, shape, type, relativeOffset, sizeBytes, elements } of entries) {
    if (tensors.length % PLACED_AT_ONCE === PLACED_AT_ONCE - 1) yield;
    const offsetBytes = dataOffsetBytes + relativeOffset;
    const fault = placeFault(relativeOffset, next, alignment, offsetBytes + sizeBytes, fileBytes);
    if (fault !== null) throw corrupt(name, `the tensor ${shownName(name)} ${fault}`);
    next = paddedBytes(relativeOffset + sizeBytes, alignment);
    tensorBytes += sizeBytes;
    parameterCount += elements;
    tensors.push({ name, shape, type, offsetBytes, sizeBytes });
  }
  return { tensors, tensorBytes, parameterCount };
}

/** What is wrong with the place of a tensor in the data; null when it is right. */
function placeFault(at: number, place: number, alignment: number, end: number, fileBytes: number): string | null {
  if (at % alignment !== 0) return `is not aligned to ${alignment} bytes`;
  if (end > fileBytes) return `ends at byte ${end}, but the file has ${fileBytes}. It may be cut short`;
  if (at < place) return `begins at byte ${at} of the data, inside of another tensor`;
  return at === place ? null : `begins at byte ${at} of the data; its place is byte ${place}`;
}

/** "GGUF" as a little-endian number. Files for big-endian machines have the same four bytes, and all numbers after them swapped. */
const MAGIC = 0x46554747;

function checkVersion(version: number): void {
  const swapped = ((version << 24) | ((version & 0xff00) << 8) | ((version >>> 8) & 0xff00) | (version >>> 24)) >>> 0;
  if (swapped >= 1 && swapped <= 3)
    throw headerError('model.unsupported', 'This GGUF file is big-endian. Only little-endian files can be run.', {
      reason: 'big_endian',
      field: 'the version',
    });
  if (version === 1)
    throw headerError(
      'model.unsupported',
      'This GGUF file has version 1, which llama.cpp no longer reads. Look for a newer conversion.',
      { reason: 'gguf_version', field: 'the version' },
    );
  if (version !== 2 && version !== 3) throw corrupt('the version', `the version is ${version}; 2 and 3 are known`);
}

function* parse(cursor: Cursor, progress: Progress, fileBytes: number): Steps<GgufHeader> {
  while (cursor.lacks(4, 'the magic number')) yield;
  if (cursor.u32() !== MAGIC) throw corrupt('the magic number', 'it does not begin with "GGUF"');
  while (cursor.lacks(4, 'the version')) yield;
  const version = cursor.u32();
  checkVersion(version);
  while (cursor.lacks(16, 'the tensor count')) yield;
  const tensorCount = cursor.count('the tensor count');
  const metadataCount = cursor.count('the metadata count');
  // The minimum size of each: length 8 + dimensions 4 + one dimension 8 + type 4 + offset 8; length 8 + type 4 + value 1.
  cursor.checkHolds(tensorCount, 32, 'the tensor count');
  cursor.checkHolds(metadataCount, 13, 'the metadata count');
  if (tensorCount > MAX_TENSORS) throw tooLong('the tensor count', `it says ${tensorCount} tensors`);
  if (metadataCount > MAX_KEYS) throw tooLong('the metadata count', `it says ${metadataCount} keys`);
  progress.tensorCount = tensorCount;

  const metadata = yield* readMetadata(cursor, progress, metadataCount);
  const entries = yield* readTensorEntries(cursor, progress, tensorCount);

  const alignment = alignmentOf(metadata);
  const dataOffsetBytes = paddedBytes(cursor.position(), alignment);
  const placed = yield* placeTensors(entries, alignment, dataOffsetBytes, fileBytes);
  return { version, metadata, alignment, dataOffsetBytes, notes: progress.notes, ...placed };
}

/** Typical sizes of what follows the vocabulary: a row of the tensor table, and templates and other metadata together. */
const TYPICAL_TENSOR_BYTES = 80;
const TYPICAL_REST_BYTES = 96 * 1024;
/** Bytes of merge rules per byte of tokens in a byte-pair vocabulary; some have twice as many. */
const MERGES_SHARE = 1.3;
/** A token's score and type, four bytes each. */
const TOKEN_FACTS_BYTES = 8;

/** The likely end of the header, extrapolated from the elements of the unfinished list that were read. */
function likelyEnd(progress: Progress, neededEnd: number): number {
  const { list } = progress;
  let rest = progress.tensorCount * TYPICAL_TENSOR_BYTES + TYPICAL_REST_BYTES;
  let end = neededEnd;
  if (list !== null && list.read > 0) {
    const listBytes = ((neededEnd - list.start) / list.read) * list.length;
    end = Math.max(end, list.start + listBytes * 1.05);
    if (list.key === 'tokenizer.ggml.tokens')
      rest += list.length * TOKEN_FACTS_BYTES + (progress.isBytePair ? listBytes * MERGES_SHARE : 0);
  }
  return Math.ceil(end + rest);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.byteLength + second.byteLength);
  bytes.set(first);
  bytes.set(second, first.byteLength);
  return bytes;
}

/** Bytes that are parsed in one piece of work. */
const SLICE_BYTES = 64 * 1024;

/**
 * Reads a header through `read`, which returns the bytes from `start` to `neededEnd` at least, and as many more as it likes;
 * `likelyEnd` is where the header probably ends. `nextTurn` lets other work of the process go first.
 * @throws AppError `model.corrupt` or `model.unsupported` with `data.field`, and what `read` throws.
 */
export async function readGgufHeader(
  read: (start: number, neededEnd: number, likelyEnd: number) => Promise<Uint8Array>,
  fileBytes: number,
  nextTurn: () => Promise<unknown>,
): Promise<GgufHeader> {
  const cursor = createCursor(fileBytes);
  const progress: Progress = { keptBytes: 0, tensorCount: 0, isBytePair: false, list: null, notes: [] };
  const steps = parse(cursor, progress, fileBytes);
  let held: { readonly start: number; readonly bytes: Uint8Array } = { start: 0, bytes: new Uint8Array(0) };
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value;
    const { start, end } = cursor.wanted();
    const heldEnd = held.start + held.bytes.byteLength;
    if (start >= held.start && end <= heldEnd) await nextTurn();
    else {
      // No byte is read twice: what is left of the last read stays.
      const rest = start >= held.start && start < heldEnd ? held.bytes.subarray(start - held.start) : new Uint8Array(0);
      const more = await read(start + rest.byteLength, end, Math.min(fileBytes, likelyEnd(progress, end)));
      held = { start, bytes: rest.byteLength === 0 ? more : joined(rest, more) };
      if (held.bytes.byteLength < end - start) throw corrupt('the file', 'it ended while it was being read');
    }
    const from = start - held.start;
    cursor.fill(start, held.bytes.subarray(from, from + Math.max(end - start, SLICE_BYTES)));
  }
}
