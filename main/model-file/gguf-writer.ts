/**
 * Writes GGUF headers (version 3, little-endian), after the format's specification in the ggml project: the metadata, the table of the
 * tensors, and padding up to the tensors' data. The data follows in the order of the table, each tensor at a multiple of the alignment.
 */
import { bytesInType, DEFAULT_ALIGNMENT, ggmlTypes, paddedBytes } from './ggml-types.ts';
import type { GgufEntry, GgufEntryValue } from './gguf-entry.ts';
import { LIST, STRING, ggufValueTypes } from './gguf-value-types.ts';

/** A tensor of the table. */
export interface GgufTensorEntry {
  /** Of 1 to 63 bytes (GGML_MAX_NAME with its terminator is 64). */
  readonly name: string;
  /** In ggml's order: the contiguous dimension comes first. One to four of them. */
  readonly shape: readonly number[];
  /** A name of ggml's types, such as `Q8_0`. */
  readonly type: string;
}

export interface PlacedTensor extends GgufTensorEntry {
  /** From the start of the file. */
  readonly offsetBytes: number;
  /** Without padding. */
  readonly sizeBytes: number;
}

export interface GgufLayout {
  /** Everything before the tensors' data, padding included. */
  readonly header: Uint8Array;
  /** In the order of the table. */
  readonly tensors: readonly PlacedTensor[];
  /** Of the whole file. The last tensor is padded too, as llama.cpp does. */
  readonly fileBytes: number;
}

/** Entries of another file, as they stand there. They are written before the new ones. */
export interface KeptEntries {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Their `general.alignment`, or 32 without it. */
  readonly alignment: number;
  /** To find keys that are there twice. */
  readonly keys: readonly string[];
}

const MAX_NAME_BYTES = 63;
const MAX_DIMENSIONS = 4;
const MAGIC = 0x46554747;
const VERSION = 3;

const encoder = new TextEncoder();

const tensorTypes = new Map([...ggmlTypes].map(([number, type]) => [type.name, { number, ...type }]));
const valueNumbers = new Map(ggufValueTypes.map(({ name }, number) => [name, number]));

function found<T>(types: ReadonlyMap<string, T>, name: string): T {
  const type = types.get(name);
  if (type === undefined) throw new RangeError(`There is no type ${name}.`);
  return type;
}

/** Bytes of a tensor's data. @throws RangeError for an unknown type, or a row that does not divide into its blocks. */
export function tensorBytes({ name, shape, type }: GgufTensorEntry): number {
  const known = found(tensorTypes, type);
  if ((shape[0] ?? 0) % known.blockSize !== 0)
    throw new RangeError(`The rows of ${name} do not divide into blocks of ${type}.`);
  return bytesInType(shape, known);
}

/**
 * The file with these entries and tensors, in their orders, after the entries of another file where `kept` has some.
 * @throws RangeError for names, shapes and values that GGUF cannot have.
 */
export function layOutGguf(
  entries: readonly GgufEntry[],
  tensors: readonly GgufTensorEntry[],
  kept: KeptEntries | null = null,
): GgufLayout {
  const alignment = kept?.alignment ?? DEFAULT_ALIGNMENT;
  const padded = (bytes: number): number => paddedBytes(bytes, alignment);
  checkKeys(entries, kept?.keys ?? []);
  const writer = createByteWriter();
  writer.u32(MAGIC);
  writer.u32(VERSION);
  writer.u64(tensors.length);
  writer.u64((kept?.count ?? 0) + entries.length);
  if (kept !== null) writer.raw(kept.bytes);
  for (const entry of entries) {
    writer.text(entry.key);
    writeValue(writer, entry);
  }
  const names = new Set<string>();
  const sizes: number[] = [];
  let dataBytes = 0;
  for (const tensor of tensors) {
    checkTensor(tensor, names);
    writer.text(tensor.name);
    writer.u32(tensor.shape.length);
    for (const length of tensor.shape) writer.u64(length);
    writer.u32(found(tensorTypes, tensor.type).number);
    writer.u64(dataBytes);
    const size = tensorBytes(tensor);
    sizes.push(size);
    dataBytes += padded(size);
  }
  writer.zeros(padded(writer.length()) - writer.length());
  const header = writer.bytes();
  let at = header.byteLength;
  const placed = tensors.map((tensor, index): PlacedTensor => {
    const sizeBytes = sizes[index] ?? 0;
    const offsetBytes = at;
    at += padded(sizeBytes);
    return { ...tensor, offsetBytes, sizeBytes };
  });
  return { header, tensors: placed, fileBytes: at };
}

function checkKeys(entries: readonly GgufEntry[], kept: readonly string[]): void {
  const keys = new Set<string>(kept);
  for (const { key } of entries) {
    if (key === '' || keys.has(key)) throw new RangeError(`The key ${key} is empty or there twice.`);
    if (key === 'general.alignment') throw new RangeError('Another alignment than 32 is not written.');
    keys.add(key);
  }
}

function checkTensor({ name, shape }: GgufTensorEntry, names: Set<string>): void {
  const nameBytes = encoder.encode(name).byteLength;
  if (nameBytes === 0 || nameBytes > MAX_NAME_BYTES)
    throw new RangeError(
      `The name ${name} has ${String(nameBytes)} bytes; 1 to ${String(MAX_NAME_BYTES)} are possible.`,
    );
  if (names.has(name)) throw new RangeError(`The tensor ${name} is there twice.`);
  names.add(name);
  if (
    shape.length < 1 ||
    shape.length > MAX_DIMENSIONS ||
    !shape.every((length) => Number.isSafeInteger(length) && length > 0)
  )
    throw new RangeError(`The tensor ${name} cannot have the shape ${shape.join(' x ')}.`);
}

function writeValue(writer: ByteWriter, entry: GgufEntryValue): void {
  const type = (name: string): void => writer.u32(found(valueNumbers, name));
  const list = (elementType: number, length: number): void => {
    writer.u32(LIST);
    writer.u32(elementType);
    writer.u64(length);
  };
  switch (entry.type) {
    case 'string':
      writer.u32(STRING);
      return writer.text(entry.value);
    case 'bool':
      type('boolean');
      return writer.u8(entry.value ? 1 : 0);
    case 'uint16':
      type('uint16');
      return writer.u16(whole(entry.value, 0, 0xffff));
    case 'uint32':
      type('uint32');
      return writer.u32(whole(entry.value, 0, 0xffff_ffff));
    case 'int32':
      type('int32');
      return writer.u32(whole(entry.value, -0x8000_0000, 0x7fff_ffff) >>> 0);
    case 'uint64':
      type('uint64');
      return writer.u64(whole(entry.value, 0, Number.MAX_SAFE_INTEGER));
    case 'float32':
      type('float32');
      return writer.f32(entry.value);
    case 'strings':
      list(STRING, entry.value.length);
      for (const text of entry.value) writer.text(text);
      return;
    case 'bools':
      list(found(valueNumbers, 'boolean'), entry.value.length);
      for (const value of entry.value) writer.u8(value ? 1 : 0);
      return;
    case 'uint8s':
      list(found(valueNumbers, 'uint8'), entry.value.length);
      for (const value of entry.value) writer.u8(value);
      return;
    case 'int32s':
    case 'uint32s':
    case 'float32s':
      list(found(valueNumbers, entry.type.slice(0, -1)), entry.value.length);
      return writer.words(entry.value);
    default:
      entry satisfies never;
  }
}

function whole(value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`${String(value)} is no whole number from ${String(least)} to ${String(most)}.`);
  return value;
}

interface ByteWriter {
  u8(value: number): void;
  u16(value: number): void;
  u32(value: number): void;
  u64(value: number): void;
  f32(value: number): void;
  /** With its length in bytes before it. Unpaired surrogates become U+FFFD. */
  text(text: string): void;
  /** Values of four bytes each, in this machine's order, which is little-endian wherever Node runs. */
  words(values: Int32Array | Uint32Array | Float32Array): void;
  raw(bytes: Uint8Array): void;
  zeros(count: number): void;
  length(): number;
  bytes(): Uint8Array;
}

const FIRST_BYTES = 64 * 1024;

function createByteWriter(): ByteWriter {
  let buffer = new Uint8Array(FIRST_BYTES);
  let view = new DataView(buffer.buffer);
  let at = 0;

  /** The place of the next `count` bytes. It may replace `view`, which is read after it. */
  function take(count: number): number {
    if (at + count > buffer.byteLength) {
      const larger = new Uint8Array(Math.max(buffer.byteLength * 2, at + count));
      larger.set(buffer.subarray(0, at));
      buffer = larger;
      view = new DataView(buffer.buffer);
    }
    at += count;
    return at - count;
  }

  return {
    u8(value) {
      const place = take(1);
      view.setUint8(place, value);
    },
    u16(value) {
      const place = take(2);
      view.setUint16(place, value, true);
    },
    u32(value) {
      const place = take(4);
      view.setUint32(place, value, true);
    },
    u64(value) {
      const place = take(8);
      view.setBigUint64(place, BigInt(value), true);
    },
    f32(value) {
      const place = take(4);
      view.setFloat32(place, value, true);
    },
    text(text) {
      const bytes = encoder.encode(text);
      const start = take(8 + bytes.byteLength);
      view.setBigUint64(start, BigInt(bytes.byteLength), true);
      buffer.set(bytes, start + 8);
    },
    words(values) {
      const place = take(values.byteLength);
      buffer.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), place);
    },
    raw(bytes) {
      const place = take(bytes.byteLength);
      buffer.set(bytes, place);
    },
    zeros(count) {
      const place = take(count);
      buffer.fill(0, place, place + count);
    },
    length: () => at,
    bytes: () => buffer.subarray(0, at),
  };
}
