/** The files are split by the writer of the test Hub, with the keys that `llama-gguf-split` writes. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AppError } from '../../preload/wire/errors.ts';
import { readGgufHeader, type GgufValue } from './gguf.ts';
import { createWholeModel, type SplitFile } from './split.ts';
import { tinyShape, writeGguf } from '../../test/hub-server/gguf-file.ts';

function check(files: readonly SplitFile[]): void {
  const model = createWholeModel(files.length);
  for (const [index, file] of files.entries()) model.add(index, file);
  model.whole();
}

describe('the files of a model', () => {
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
        check(await Promise.all(read));
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
      splitTensors: 12,
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
    expect(() => check([{ path: 'quantized.gguf', header, sizeBytes: content.byteLength }])).toThrow(/whole model/);
  });

  const header = (number: number, count: number, names: readonly string[]): SplitFile => ({
    path: `m-${String(number)}.gguf`,
    sizeBytes: 1,
    header: {
      version: 3,
      metadata: new Map<string, GgufValue>([
        ['split.no', number],
        ['split.count', count],
        ['general.name', 'x'.repeat(1000)],
      ]),
      tensors: names.map((name) => ({ name, shape: [1], type: 'F32', offsetBytes: 0, sizeBytes: 4 })),
      alignment: 32,
      dataOffsetBytes: 0,
      tensorBytes: 4,
      parameterCount: 1,
      notes: [],
    },
  });

  it('are alone where one is padded to its alignment, and pasted where more is behind the last tensor', () => {
    const lone = { ...header(0, 3, ['a']), header: { ...header(0, 3, ['a']).header, dataOffsetBytes: 128 } };
    const reasonAt = (sizeBytes: number): unknown => {
      try {
        createWholeModel(1).add(0, { ...lone, sizeBytes });
      } catch (error) {
        return (error as AppError).data['reason'];
      }
    };
    // The tensor ends at byte 128.
    expect([reasonAt(128), reasonAt(128 + 32), reasonAt(128 + 33)]).toEqual([
      'shard_alone',
      'shard_alone',
      'shards_pasted',
    ]);
  });

  it('have each tensor once', () => {
    expect(() => check([header(0, 2, ['a', 'b']), header(1, 2, ['c', 'a'])])).toThrow(
      expect.objectContaining({ code: 'model.corrupt', data: { reason: 'shards_mixed', name: null, tensor: 'a' } }),
    );
  });

  it('have one limit for what is kept of all of them, and none is taken behind a file that does not fit', () => {
    const model = createWholeModel(1000);
    const names = (file: number): string[] => Array.from({ length: 10_000 }, (_, index) => `${file} ${index}`);
    for (let file = 0; file < 10; file++) model.add(file, header(file, 1000, names(file)));
    expect(() => model.add(10, header(10, 1000, names(10)))).toThrow(
      expect.objectContaining({
        code: 'model.unsupported',
        data: expect.objectContaining({ reason: 'header_too_long' }) as unknown,
      }),
    );
    // As 1,000 names of one file without split keys, which a repository can have.
    const others = createWholeModel(1000);
    const alone = { ...header(0, 1000, []), path: 'alone.gguf' };
    others.add(0, alone);
    expect(() => others.add(1, alone)).toThrow(
      expect.objectContaining({ data: { reason: 'shards_mixed', name: 'alone.gguf' } }),
    );
  });

  it('are kept without the metadata of all but the first', () => {
    const model = createWholeModel(2);
    model.add(1, header(1, 2, ['b']));
    model.add(0, header(0, 2, ['a']));
    const { first, others } = model.whole();
    expect([first.metadata.size, others.map(({ metadata }) => metadata.size)]).toEqual([3, [0]]);
  });
});
