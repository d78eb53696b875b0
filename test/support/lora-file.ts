import { writeFileSync } from 'node:fs';

/** An adapter (LoRA) of rank one for the attention output of the first layer of stories260K; GGUF version 3. */
export function writeLora(file: string, strength: number): void {
  const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
  const u64 = (value: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
  const floats = (values: readonly number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);
  const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
  const entry = (key: string, value: string): Buffer => Buffer.concat([text(key), u32(8), text(value)]);
  const WIDTH = 64;
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(2),
    u64(4),
    entry('general.architecture', 'llama'),
    entry('general.type', 'adapter'),
    entry('adapter.type', 'lora'),
    Buffer.concat([text('adapter.lora.alpha'), u32(6), floats([1])]),
    Buffer.concat([text('blk.0.attn_output.weight.lora_a'), u32(2), u64(WIDTH), u64(1), u32(0), u64(0)]),
    Buffer.concat([text('blk.0.attn_output.weight.lora_b'), u32(2), u64(1), u64(WIDTH), u32(0), u64(WIDTH * 4)]),
  ]);
  const wave = (phase: number): number[] => Array.from({ length: WIDTH }, (_, i) => strength * Math.sin(i + phase));
  writeFileSync(
    file,
    Buffer.concat([head, Buffer.alloc((32 - (head.byteLength % 32)) % 32), floats(wave(0)), floats(wave(1))]),
  );
}
