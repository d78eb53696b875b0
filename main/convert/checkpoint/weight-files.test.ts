import { expect, it } from 'vitest';
import type { CheckpointSource } from './checkpoint-source.ts';
import { findWeights } from './weight-files.ts';

/** A checkpoint with an index of `tensors` in one file, and a list that counts how often it is gone through. */
function sourceOf(tensors: number): CheckpointSource & { readonly searches: () => number } {
  const names = Array.from({ length: tensors }, (_, at) => [at.toString(36), 'z.safetensors']);
  const bytes = new TextEncoder().encode(JSON.stringify({ weight_map: Object.fromEntries(names) }));
  const index = 'model.safetensors.index.json';
  const files = [
    { path: 'z.safetensors', sizeBytes: 1, sha256: null, modifiedAtMs: 1 },
    { path: index, sizeBytes: bytes.length, sha256: null, modifiedAtMs: 1 },
  ];
  let searches = 0;
  return {
    get files() {
      searches += 1;
      return files;
    },
    read: (_: string, start: number, end: number) => Promise.resolve(bytes.subarray(start, end)),
    searches: () => searches,
  } as unknown as CheckpointSource & { readonly searches: () => number };
}

it('are looked up once for each file of an index, and not for each tensor', async () => {
  const source = sourceOf(1000);
  expect((await findWeights(source)).index.size).toBe(1000);
  expect(source.searches()).toBeLessThan(10);
});

it('are refused where an index names more tensors than any model has', async () => {
  await expect(findWeights(sourceOf(400_001))).rejects.toMatchObject({ data: { reason: 'bad_index' } });
});
