/** Writes GGUF files of version 3 for tests. The product's own writer is not asked, which is what some of them try. */
import { writeFileSync } from 'node:fs';

const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
const f32 = (values: Float32Array | readonly number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);
const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const list = (type: number, values: readonly Buffer[]): Buffer =>
  Buffer.concat([u32(9), u32(type), u64(values.length), ...values]);

/** Values of the header, by key. A number is an unsigned integer of 32 bits, unless its type is named. */
export type GgufHeader = Readonly<
  Record<
    string,
    | string
    | number
    | boolean
    | { readonly f32: number }
    | { readonly u16: number }
    | { readonly i32: number }
    | readonly string[]
    | { readonly floats: readonly number[] }
    | { readonly integers: readonly number[] }
  >
>;

function entry(key: string, value: GgufHeader[string]): Buffer {
  const typed = (): Buffer => {
    if (typeof value === 'string') return Buffer.concat([u32(8), text(value)]);
    if (typeof value === 'number') return Buffer.concat([u32(4), u32(value)]);
    if (typeof value === 'boolean') return Buffer.concat([u32(7), Buffer.from([value ? 1 : 0])]);
    if ('u16' in value) return Buffer.concat([u32(2), Buffer.from(Uint16Array.of(value.u16).buffer)]);
    if ('i32' in value) return Buffer.concat([u32(5), Buffer.from(Int32Array.of(value.i32).buffer)]);
    if ('f32' in value) return Buffer.concat([u32(6), f32([value.f32])]);
    if ('floats' in value)
      return list(
        6,
        value.floats.map((one) => f32([one])),
      );
    if ('integers' in value) return list(5, value.integers.map(u32));
    return list(8, value.map(text));
  };
  return Buffer.concat([text(key), typed()]);
}

export interface WrittenTensor {
  readonly name: string;
  /** In ggml's order. */
  readonly sizes: readonly number[];
  /** A number of ggml_type. */
  readonly type: number;
  readonly bytes: Uint8Array;
}

export function writeGguf(file: string, header: GgufHeader, tensors: readonly WrittenTensor[]): void {
  const entries = Object.entries(header).map(([key, value]) => entry(key, value));
  const padding = (length: number): Buffer => Buffer.alloc((32 - (length % 32)) % 32);
  let offset = 0;
  const infos = tensors.map(({ name, sizes, type, bytes }) => {
    const info = Buffer.concat([text(name), u32(sizes.length), ...sizes.map(u64), u32(type), u64(offset)]);
    offset += bytes.byteLength + padding(bytes.byteLength).byteLength;
    return info;
  });
  const counts = [u64(tensors.length), u64(entries.length)];
  const head = Buffer.concat([Buffer.from('GGUF'), u32(3), ...counts, ...entries, ...infos]);
  writeFileSync(
    file,
    Buffer.concat([
      ...[head, padding(head.byteLength)],
      ...tensors.flatMap(({ bytes }) => [bytes, padding(bytes.byteLength)]),
    ]),
  );
}
