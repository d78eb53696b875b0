import { writeFileSync } from 'node:fs';

/** A projector by its header only: one tensor, GGUF version 3. */
export function writeProjector(file: string): void {
  const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
  const u64 = (value: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
  const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
  const entry = (key: string, value: string): Buffer => Buffer.concat([text(key), u32(8), text(value)]);
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(1),
    u64(2),
    entry('general.architecture', 'clip'),
    entry('general.type', 'mmproj'),
    Buffer.concat([text('mm.0.weight'), u32(1), u64(8), u32(0), u64(0)]),
  ]);
  writeFileSync(file, Buffer.concat([head, Buffer.alloc((32 - (head.byteLength % 32)) % 32), Buffer.alloc(32)]));
}
