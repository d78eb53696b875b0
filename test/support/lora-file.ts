import { writeGguf } from './written-gguf.ts';

/** An adapter (LoRA) of rank one for the attention output of the first layer of stories260K. */
export function writeLora(file: string, strength: number): void {
  const WIDTH = 64;
  const wave = (phase: number): Uint8Array =>
    Buffer.from(Float32Array.from({ length: WIDTH }, (_, i) => strength * Math.sin(i + phase)).buffer);
  writeGguf(
    file,
    {
      'general.architecture': 'llama',
      'general.type': 'adapter',
      'adapter.type': 'lora',
      'adapter.lora.alpha': { f32: 1 },
    },
    [
      { name: 'blk.0.attn_output.weight.lora_a', sizes: [WIDTH, 1], type: 0, bytes: wave(0) },
      { name: 'blk.0.attn_output.weight.lora_b', sizes: [1, WIDTH], type: 0, bytes: wave(1) },
    ],
  );
}
