/** The files are split by the writer of the test Hub, with the keys that `llama-gguf-split` writes. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readGgufHeader } from './gguf.ts';
import { assertWholeSplit } from './split.ts';
import { tinyShape, writeGguf } from '../../test/hub-server/gguf-file.ts';

describe('assertWholeSplit', () => {
  it('accepts a whole model and a set in order, and tells what is wrong with others', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hearth-split-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const write = async (name: string, shard?: { index: number; count: number }, layers = 1): Promise<void> =>
      void (await writeGguf(join(folder, name), {
        shape: { ...tinyShape, layers },
        quantization: 'F16',
        seed: 1,
        ...(shard ? { shard } : {}),
      }));
    const names = [0, 1, 2].map((index) => `m-0000${String(index + 1)}-of-00003.gguf`);
    for (const [index, name] of names.entries()) await write(name, { index, count: 3 });
    await write('whole.gguf');
    await write('of-two.gguf', { index: 1, count: 2 });
    await write('of-another.gguf', { index: 1, count: 3 }, 4);
    const bytes = await Promise.all(names.map((name) => readFile(join(folder, name))));
    await writeFile(join(folder, 'pasted.gguf'), Buffer.concat(bytes));
    await writeFile(join(folder, 'renamed.gguf'), bytes[1] ?? '');
    const problem = async (...files: readonly (readonly [file: string, path: string])[]): Promise<unknown> => {
      const read = files.map(async ([file, path]) => {
        const content = await readFile(join(folder, file));
        const header = await readGgufHeader(
          async (start, end) => content.subarray(start, end),
          content.byteLength,
          async () => {},
        );
        return { path, header, sizeBytes: content.byteLength };
      });
      try {
        assertWholeSplit(await Promise.all(read));
        return null;
      } catch (error) {
        return (error as { data: unknown }).data;
      }
    };
    const set = names.map((name) => [name, name] as const);
    expect(await problem(...set)).toBeNull();
    expect(await problem(['whole.gguf', 'whole.gguf'])).toBeNull();
    expect(await problem(['whole.gguf', 'whole-00001-of-00001.gguf'])).toBeNull();
    expect(await problem(['pasted.gguf', 'pasted.gguf'])).toMatchObject({ reason: 'shards_pasted', shardCount: 3 });
    expect(await problem(['renamed.gguf', 'renamed.gguf'])).toEqual({
      reason: 'shard_alone',
      shardNumber: 2,
      shardCount: 3,
    });
    const [first = ['', ''], second = ['', ''], third = ['', '']] = set;
    expect(await problem(first, [third[0], second[1]], [second[0], third[1]])).toMatchObject({
      reason: 'shards_mixed',
      name: second[1],
    });
    expect(await problem(first, ['of-two.gguf', second[1]], third)).toMatchObject({ reason: 'shards_mixed' });
    expect(await problem(['whole.gguf', first[1]], second, third)).toMatchObject({ reason: 'shards_mixed' });
    // The same number of the same count, of a larger model: only the tensors tell.
    expect(await problem(first, ['of-another.gguf', second[1]], third)).toEqual({ reason: 'shards_mixed', name: null });
  });

  it('tells a whole model whose header still says that it is one of several files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hearth-split-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'quantized.gguf');
    await writeGguf(file, { shape: tinyShape, quantization: 'F16', seed: 1, shard: { index: 0, count: 1 } });
    const content = await readFile(file);
    // As `llama-quantize` leaves the keys of a split model that it writes into one file.
    const at = content.indexOf('split.count') + 'split.count'.length + 4;
    content.writeUInt16LE(2, at);
    const header = await readGgufHeader(
      async (start, end) => content.subarray(start, end),
      content.byteLength,
      async () => {},
    );
    expect(() => assertWholeSplit([{ path: 'quantized.gguf', header, sizeBytes: content.byteLength }])).toThrow(
      /whole model/,
    );
  });
});
