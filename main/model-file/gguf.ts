/**
 * A bounds-checked reader of GGUF headers (versions 2 and 3, little-endian), after the format's specification in the ggml project.
 * The file is untrusted: every count and length is checked against the file's size before anything is allocated for it, so that
 * reading never needs more memory than a small multiple of the header's size.
 */
import { AppError } from '../../preload/wire/errors.ts';
import { ggmlTypes } from './ggml-types.ts';

export type GgufScalar = string | number | bigint | boolean;
/** Of a long list, such as a vocabulary, only the length is kept. */
export type GgufValue = GgufScalar | readonly GgufScalar[] | { readonly omittedLength: number };

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
}

/** Thrown when parsing needs more of the file than was read: read up to `bytes` and parse again. */
class NeedMore extends Error {
  readonly bytes: number;
  constructor(bytes: number) {
    super();
    this.bytes = bytes;
  }
}

/** Lists longer than this are not kept. Per-layer lists (heads, feed-forward sizes) are shorter. */
const KEPT_LIST_LENGTH = 1024;
/** GGML_MAX_DIMS of ggml. */
const MAX_DIMENSIONS = 4;
/** GGML_MAX_NAME is 64 including its terminator; llama.cpp refuses the longer names that some converters write. */
const MAX_TENSOR_NAME_BYTES = 63;
/** The specification's limit for keys. */
const MAX_KEY_BYTES = 65_535;

const STRING = 8;
const ARRAY = 9;
/** Bytes of a metadata value by its type number; strings and arrays have none. */
const scalarBytes: readonly (number | undefined)[] = [1, 1, 2, 2, 4, 4, 4, 1, undefined, undefined, 8, 8, 8];

const utf8 = new TextDecoder('utf-8');

/** How far an unfinished parse came, for estimating where the header ends. */
interface Progress {
  tensorCount: number;
  isBytePair: boolean;
  list: { readonly key: string; readonly start: number; readonly length: number; read: number } | null;
}

class Cursor {
  position = 0;
  readonly progress: Progress = { tensorCount: 0, isBytePair: false, list: null };
  private readonly view: DataView;
  private readonly bytes: Uint8Array;
  private readonly fileBytes: number;

  constructor(bytes: Uint8Array, fileBytes: number) {
    this.bytes = bytes;
    this.fileBytes = fileBytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Moves past `length` bytes of `field` and returns where they start. They must lie in the file. */
  skip(length: number, field: string): number {
    const start = this.position;
    const end = start + length;
    if (end > this.fileBytes) throw corrupt(field, `${field} runs past the end of the file`);
    if (end > this.bytes.byteLength) throw new NeedMore(end);
    this.position = end;
    return start;
  }
  /** Checks that the rest of the file can hold `count` items of at least `eachBytes`. */
  checkHolds(count: number, eachBytes: number, field: string): void {
    if (count * eachBytes > this.fileBytes - this.position)
      throw corrupt(field, `${field} says ${count}, more than the file can hold`);
  }
  u32(field: string): number {
    return this.view.getUint32(this.skip(4, field), true);
  }
  /** A 64-bit count or length as a number. */
  count(field: string): number {
    const value = this.view.getBigUint64(this.skip(8, field), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      throw corrupt(field, `${field} says ${value}, more than the file can hold`);
    return Number(value);
  }
  string(field: string, maxBytes = Number.MAX_SAFE_INTEGER): string {
    const length = this.count(`the length of ${field}`);
    if (length > maxBytes) throw corrupt(field, `${field} is ${length} bytes long; at most ${maxBytes} are allowed`);
    const start = this.skip(length, field);
    return utf8.decode(this.bytes.subarray(start, start + length));
  }
  scalar(type: number, field: string): GgufScalar {
    if (type === STRING) return this.string(field);
    const width = scalarBytes[type];
    if (width === undefined) throw corrupt(field, `${field} has the unknown value type ${type}`);
    const at = this.skip(width, field);
    switch (type) {
      case 0:
        return this.view.getUint8(at);
      case 1:
        return this.view.getInt8(at);
      case 2:
        return this.view.getUint16(at, true);
      case 3:
        return this.view.getInt16(at, true);
      case 4:
        return this.view.getUint32(at, true);
      case 5:
        return this.view.getInt32(at, true);
      case 6:
        return this.view.getFloat32(at, true);
      case 7:
        return this.view.getUint8(at) !== 0;
      case 10:
        return this.view.getBigUint64(at, true);
      case 11:
        return this.view.getBigInt64(at, true);
      default:
        return this.view.getFloat64(at, true);
    }
  }
}

function corrupt(field: string, message: string): AppError {
  return new AppError('model.corrupt', `This is not a sound GGUF file: ${message}.`, { reason: 'header', field });
}

function readValue(cursor: Cursor, key: string): GgufValue {
  const type = cursor.u32(`the type of ${key}`);
  if (type !== ARRAY) return cursor.scalar(type, key);
  const elementType = cursor.u32(`the element type of ${key}`);
  const width = elementType === STRING ? 8 : scalarBytes[elementType];
  if (elementType === ARRAY) throw corrupt(key, `${key} is a list of lists`);
  if (width === undefined) throw corrupt(key, `${key} has the unknown element type ${elementType}`);
  const length = cursor.count(`the length of ${key}`);
  cursor.checkHolds(length, width, `the length of ${key}`);
  if (length <= KEPT_LIST_LENGTH) return Array.from({ length }, () => cursor.scalar(elementType, key));
  if (elementType === STRING) {
    const list = { key, start: cursor.position, length, read: 0 };
    cursor.progress.list = list;
    for (; list.read < length; list.read++) cursor.skip(cursor.count(`a length in ${key}`), key);
    cursor.progress.list = null;
  } else cursor.skip(length * width, key);
  return { omittedLength: length };
}

interface TensorEntry {
  readonly name: string;
  readonly shape: number[];
  readonly type: string;
  readonly relativeOffset: number;
  readonly sizeBytes: number;
  readonly elements: number;
}

function readTensorEntry(cursor: Cursor, index: number): TensorEntry {
  const name = cursor.string(`the name of tensor ${index}`, MAX_TENSOR_NAME_BYTES);
  const dimensions = cursor.u32(`the dimensions of ${name}`);
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS)
    throw corrupt(name, `the tensor ${name} has ${dimensions} dimensions; 1 to ${MAX_DIMENSIONS} are possible`);
  const shape = Array.from({ length: dimensions }, () => cursor.count(`the shape of ${name}`));
  const typeNumber = cursor.u32(`the type of ${name}`);
  const type = ggmlTypes.get(typeNumber);
  if (!type) throw corrupt(name, `the tensor ${name} has the unknown type ${typeNumber}`);
  const elements = shape.reduce((product, length) => product * length, 1);
  if (elements > Number.MAX_SAFE_INTEGER)
    throw corrupt(name, `the tensor ${name} has more elements than can be counted`);
  if ((shape[0] ?? 0) % type.blockSize !== 0)
    throw corrupt(name, `the rows of ${name} do not divide into blocks of ${type.blockSize} (${type.name})`);
  const sizeBytes = (elements / type.blockSize) * type.blockBytes;
  return { name, shape, type: type.name, relativeOffset: cursor.count(`the offset of ${name}`), sizeBytes, elements };
}

function readAlignment(metadata: ReadonlyMap<string, GgufValue>): number {
  const value = metadata.get('general.alignment') ?? 32;
  if (
    typeof value !== 'number' ||
    !Number.isInteger(value) ||
    value < 1 ||
    value > 1 << 20 ||
    (value & (value - 1)) !== 0
  )
    throw corrupt(
      'general.alignment',
      `general.alignment is ${typeof value === 'object' ? 'a list' : value}, not a power of two`,
    );
  return value;
}

function parse(cursor: Cursor, fileBytes: number): GgufHeader {
  const magic = cursor.u32('the magic number');
  if (magic === 0x47475546)
    throw new AppError('model.unsupported', 'This GGUF file is big-endian. Only little-endian files can be run.', {
      reason: 'big_endian',
    });
  if (magic !== 0x46554747) throw corrupt('the magic number', 'it does not begin with "GGUF"');
  const version = cursor.u32('the version');
  if (version === 1)
    throw new AppError(
      'model.unsupported',
      'This GGUF file has version 1, which llama.cpp no longer reads. Look for a newer conversion.',
      { reason: 'gguf_version' },
    );
  if (version !== 2 && version !== 3) throw corrupt('the version', `the version is ${version}; 2 and 3 are known`);
  const tensorCount = cursor.count('the tensor count');
  const metadataCount = cursor.count('the metadata count');
  // The minimum size of each: length 8 + dimensions 4 + one dimension 8 + type 4 + offset 8; length 8 + type 4 + value 1.
  cursor.checkHolds(tensorCount, 32, 'the tensor count');
  cursor.checkHolds(metadataCount, 13, 'the metadata count');

  cursor.progress.tensorCount = tensorCount;

  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < metadataCount; i++) {
    const key = cursor.string(`metadata key ${i}`, MAX_KEY_BYTES);
    if (metadata.has(key)) throw corrupt(key, `the key ${key} is there twice`);
    metadata.set(key, readValue(cursor, key));
    if (key === 'tokenizer.ggml.model') cursor.progress.isBytePair = metadata.get(key) === 'gpt2';
  }
  const entries: TensorEntry[] = [];
  const names = new Set<string>();
  for (let i = 0; i < tensorCount; i++) {
    const entry = readTensorEntry(cursor, i);
    if (names.has(entry.name)) throw corrupt(entry.name, `the tensor ${entry.name} is there twice`);
    names.add(entry.name);
    entries.push(entry);
  }

  const alignment = readAlignment(metadata);
  const dataOffsetBytes = Math.ceil(cursor.position / alignment) * alignment;
  let tensorBytes = 0;
  let parameterCount = 0;
  const tensors = entries.map((entry): GgufTensor => {
    if (entry.relativeOffset % alignment !== 0)
      throw corrupt(entry.name, `the tensor ${entry.name} is not aligned to ${alignment} bytes`);
    const offsetBytes = dataOffsetBytes + entry.relativeOffset;
    if (offsetBytes + entry.sizeBytes > fileBytes)
      throw corrupt(
        entry.name,
        `the tensor ${entry.name} ends at byte ${offsetBytes + entry.sizeBytes}, but the file has ${fileBytes}. It may be cut short`,
      );
    tensorBytes += entry.sizeBytes;
    parameterCount += entry.elements;
    return { name: entry.name, shape: entry.shape, type: entry.type, offsetBytes, sizeBytes: entry.sizeBytes };
  });
  return { version, metadata, tensors, alignment, dataOffsetBytes, tensorBytes, parameterCount };
}

/** Typical sizes of what follows the vocabulary: a row of the tensor table, and templates and other metadata together. */
const TYPICAL_TENSOR_BYTES = 80;
const TYPICAL_REST_BYTES = 96 * 1024;
/** Bytes of merge rules per byte of tokens in a byte-pair vocabulary; some have twice as many. */
const MERGES_SHARE = 1.3;
/** A token's score and type, four bytes each. */
const TOKEN_FACTS_BYTES = 8;

/** The likely end of the header, extrapolated from the elements of the unfinished list that were read. */
function likelyEnd({ progress }: Cursor, needBytes: number, haveBytes: number): number {
  const { list } = progress;
  let rest = progress.tensorCount * TYPICAL_TENSOR_BYTES + TYPICAL_REST_BYTES;
  let end = needBytes;
  if (list !== null && list.read > 0) {
    const listBytes = ((haveBytes - list.start) / list.read) * list.length;
    end = Math.max(end, list.start + listBytes * 1.05);
    if (list.key === 'tokenizer.ggml.tokens')
      rest += list.length * TOKEN_FACTS_BYTES + (progress.isBytePair ? listBytes * MERGES_SHARE : 0);
  }
  return Math.ceil(end + rest);
}

/**
 * Parses a header from the first bytes of a file of `fileBytes`. When the header is longer than `head`, it returns the bytes that are
 * needed for the next step, and the likely end of the header.
 * @throws AppError `model.corrupt` with `data.field`, or `model.unsupported`.
 */
export function parseGgufHeader(
  head: Uint8Array,
  fileBytes: number,
): { header: GgufHeader } | { needBytes: number; likelyBytes: number } {
  const cursor = new Cursor(head, fileBytes);
  try {
    return { header: parse(cursor, fileBytes) };
  } catch (thrown) {
    if (!(thrown instanceof NeedMore)) throw thrown;
    const likelyBytes = Math.min(fileBytes, likelyEnd(cursor, thrown.bytes, head.byteLength));
    return { needBytes: thrown.bytes, likelyBytes };
  }
}

/** The first read covers a small model's whole header. Real vocabularies need some megabytes. */
const FIRST_READ_BYTES = 256 * 1024;

/**
 * Reads a header through `read(start, end)`, which returns those bytes of the file. Each read is four times as long as the one
 * before, so that a header of some megabytes takes a few reads.
 * @throws AppError as `parseGgufHeader`, and what `read` throws.
 */
export async function readGgufHeader(
  read: (start: number, end: number) => Promise<Uint8Array>,
  fileBytes: number,
): Promise<GgufHeader> {
  let head = await read(0, Math.min(fileBytes, FIRST_READ_BYTES));
  for (;;) {
    const parsed = parseGgufHeader(head, fileBytes);
    if ('header' in parsed) return parsed.header;
    const end = Math.min(fileBytes, Math.max(parsed.needBytes, head.byteLength * 4));
    const more = await read(head.byteLength, end);
    if (more.byteLength !== end - head.byteLength) throw corrupt('the file', 'it ended while it was being read');
    const joined = new Uint8Array(end);
    joined.set(head);
    joined.set(more, head.byteLength);
    head = joined;
  }
}
