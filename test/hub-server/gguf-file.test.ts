import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readGgufFileInfo } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ggufQuantizations, planGguf, shardName, writeGguf, type LlamaShape } from './gguf-file.ts';

const shape: LlamaShape = {
  name: 'Tiny',
  layers: 2,
  embedding: 256,
  heads: 8,
  kvHeads: 2,
  // Not a multiple of 32: this tensor must fall back to F16, as in a quantizer.
  feedForward: 172,
  vocabulary: 300,
  contextLength: 512,
};
let folder = '';
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'gguf-'))));
afterAll(() => rm(folder, { recursive: true }));

describe('the GGUF writer', () => {
  it.each(ggufQuantizations)('writes %s as another reader expects it', async (quantization) => {
    const path = join(folder, `${quantization}.gguf`);
    const { sizeBytes } = await writeGguf(path, { shape, quantization, seed: 2 });
    expect((await stat(path)).size).toBe(sizeBytes);
    const info = await readGgufFileInfo(path, { logWarnings: false });
    expect(info.metadata.general.architecture).toBe('llama');
    expect(info.architectureMetadata).toMatchObject({ block_count: 2, embedding_length: 256, context_length: 512 });
    expect(info.metadata.tokenizer.ggml.tokens).toHaveLength(300);
    expect(new Set(info.metadata.tokenizer.ggml.tokens).size).toBe(300);
    const tensors = info.fullTensorInfo ?? [];
    expect(tensors).toHaveLength(21);
    const down = tensors.find((tensor) => tensor.name === 'blk.0.ffn_down.weight');
    expect(down?.dimensions).toEqual([172, 256]);
    expect([0, 1, 30]).toContain(down?.ggmlType);
  });

  it('has the size of a real file at 7 billion parameters', () => {
    const large = {
      ...shape,
      layers: 32,
      embedding: 4096,
      heads: 32,
      kvHeads: 8,
      feedForward: 14_336,
      vocabulary: 32_000,
    };
    const plan = planGguf({ shape: large, quantization: 'Q4_K_M', seed: 1 });
    expect(plan.parameterCount).toBe(7_241_732_096);
    // A published Q4_K_M of this shape has 4.37 GB; the mixes here are simpler.
    expect(plan.sizeBytes / 1e9).toBeCloseTo(4.4, 1);
    expect(() => planGguf({ shape: { ...shape, heads: 7 }, quantization: 'F16', seed: 1 })).toThrow(RangeError);
  });

  it('splits a model into shards that read as one', async () => {
    const count = 3;
    for (let index = 0; index < count; index++) {
      const path = join(folder, shardName('split', index, count));
      await writeGguf(path, { shape, quantization: 'Q8_0', seed: 2, shard: { index, count } });
    }
    const info = await readGgufFileInfo(join(folder, 'split-00001-of-00003.gguf'), { logWarnings: false });
    expect(info.splicedParts).toBe(3);
    expect(info.fullTensorInfo).toHaveLength(21);
  });
});
