import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import { layOutGguf } from '../../model-file/gguf-writer.ts';
import { exportSafetensors } from '../safetensors/export-safetensors.ts';
import { openModel } from './gguf-files.ts';
import { mergeModel, splitModel, type SplitLimit, type SplitRequest } from './split.ts';
import { writeTogether, type CopyContext } from './write-together.ts';

const root = path.join(import.meta.dirname, '../../..');
const story = path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf');

let folder = '';
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-split-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const context = (signal = new AbortController().signal): CopyContext => ({ signal, progress: () => {} });
const inFolder = (name: string): string => path.join(folder, name);
const names = (): string[] => readdirSync(folder).sort();

const split = (limit: SplitLimit, inputPath = story, outputPrefix = inFolder('story')): ReturnType<typeof splitModel> =>
  splitModel({ inputPath, outputPrefix, limit }, context());

describe('a model that is split', () => {
  // The hash of all files in order, as llama-gguf-split of llama.cpp 0.7.0 writes them.
  it.each<[string, number, string, Omit<SplitRequest, 'inputPath' | 'outputPrefix'>]>([
    [
      '10 tensors',
      5,
      'c7153486eaffaa3374afb6fbfbb1a0d21367048fa4e86da1a189cd66820cf035',
      { limit: { kind: 'tensors', count: 10 } },
    ],
    [
      '1 MB',
      2,
      '2b40ccd13814a8ef92a90b2ac8fb9fd918f854ddf43f8b65cb12634bd5702cfe',
      { limit: { kind: 'bytes', bytes: 1_000_000 } },
    ],
    [
      '10 tensors after the metadata',
      6,
      '7914b25b90725f9605d40d5abe8bfdaebdc202f9f4774ed04a924cdc3eeb0f2d',
      { limit: { kind: 'tensors', count: 10 }, isFirstWithoutTensors: true },
    ],
  ])('into files of %s has the bytes of the reference', async (_, count, sha256, request) => {
    const files = await splitModel({ ...request, inputPath: story, outputPrefix: inFolder('story') }, context());
    expect(files).toHaveLength(count);
    const hash = createHash('sha256');
    for (const file of files) hash.update(readFileSync(file.path));
    expect(hash.digest('hex')).toBe(sha256);
  });

  it.each<[string, SplitLimit]>([
    ['tensors', { kind: 'tensors', count: 20 }],
    ['bytes', { kind: 'bytes', bytes: 300_000 }],
  ])('by %s is the same file when it is merged', async (_, limit) => {
    const files = await split(limit);
    expect(names()).toEqual(files.map((file) => path.basename(file.path)));
    expect(files.length).toBeGreaterThan(2);
    for (const { path: at, sizeBytes } of files) expect(readFileSync(at).byteLength).toBe(sizeBytes);
    const merged = await mergeModel(
      { inputPath: files[1]?.path ?? '', outputPath: inFolder('merged.gguf') },
      context(),
    );
    expect(readFileSync(merged.path).equals(readFileSync(story))).toBe(true);
    expect(names()).toHaveLength(files.length + 1);
  });

  it('has as many tensors in each file as it may, and no file with more bytes than it may', async () => {
    const byCount = await split({ kind: 'tensors', count: 20 });
    expect(byCount.map(({ tensorCount }) => tensorCount)).toEqual([20, 20, 7]);
    const limit = { kind: 'bytes', bytes: 140_000 } as const;
    const byBytes = await split(limit, story, inFolder('b'));
    // The table of a file's tensors is not counted, as in the reference.
    expect(byBytes.slice(1).every(({ sizeBytes }) => sizeBytes <= limit.bytes + 4096)).toBe(true);
    const alone = await split({ kind: 'bytes', bytes: 1 }, story, inFolder('c'));
    expect(alone.map(({ tensorCount }) => tensorCount)).toEqual(new Array(47).fill(1));
  });

  it('can have a first file of metadata alone, and be split again', async () => {
    const files = await splitModel(
      {
        inputPath: story,
        outputPrefix: inFolder('a'),
        limit: { kind: 'tensors', count: 30 },
        isFirstWithoutTensors: true,
      },
      context(),
    );
    expect(files.map(({ tensorCount }) => tensorCount)).toEqual([0, 30, 17]);
    const again = await split({ kind: 'tensors', count: 13 }, files[0]?.path, inFolder('again'));
    expect(again.map(({ tensorCount }) => tensorCount)).toEqual([13, 13, 13, 8]);
    const { path: merged } = await mergeModel(
      { inputPath: again[0]?.path ?? '', outputPath: inFolder('m.gguf') },
      context(),
    );
    expect(readFileSync(merged).equals(readFileSync(story))).toBe(true);
  });

  it('keeps an alignment of its own, and metadata of every type', async () => {
    const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
    const u64 = (value: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
    const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
    const bytes = Buffer.concat([
      Buffer.concat([text('general.alignment'), u32(4), u32(128)]),
      Buffer.concat([text('a.u8'), u32(0), Buffer.of(7)]),
      Buffer.concat([text('a.f64'), u32(12), Buffer.from(Float64Array.of(0.1).buffer)]),
      Buffer.concat([text('a.i64s'), u32(9), u32(11), u64(2), u64(1), u64(2)]),
      Buffer.concat([text('a.texts'), u32(9), u32(8), u64(2), text('eins'), text('')]),
    ]);
    const kept = { count: 5, bytes, alignment: 128, keys: [] };
    const tensors = ['a', 'b', 'c'].map((name) => ({ name, shape: [5], type: 'F32' }));
    const layout = layOutGguf([], tensors, kept);
    const file = new Uint8Array(layout.fileBytes);
    file.set(layout.header);
    for (const { offsetBytes } of layout.tensors) file.fill(offsetBytes % 251, offsetBytes, offsetBytes + 20);
    writeFileSync(inFolder('odd.gguf'), file);
    const files = await split({ kind: 'tensors', count: 1 }, inFolder('odd.gguf'));
    const merged = await mergeModel({ inputPath: files[2]?.path ?? '', outputPath: inFolder('m.gguf') }, context());
    expect(readFileSync(merged.path).equals(file)).toBe(true);
  });
});

describe('a split or a merge that cannot be', () => {
  it('leaves nothing when it is cancelled, and what another process left is removed', async () => {
    writeFileSync(inFolder('old.gguf.999999999-0123abcd.unfinished'), 'x');
    const controller = new AbortController();
    let calls = 0;
    const stopped = splitModel(
      { inputPath: story, outputPrefix: inFolder('story'), limit: { kind: 'tensors', count: 20 } },
      {
        signal: controller.signal,
        progress: (done, total, file) => {
          expect(done).toBeLessThanOrEqual(total);
          if (++calls > 50 && file.includes('00003')) controller.abort(new Error('enough'));
        },
      },
    );
    await expect(stopped).rejects.toThrow('enough');
    expect(names()).toEqual([]);
  });

  it('leaves nothing of a model that changed meanwhile', async () => {
    const copy = inFolder('copy.gguf');
    copyFileSync(story, copy);
    const change = (): void => utimesSync(copy, 1, 1);
    const running = { signal: new AbortController().signal, progress: change };
    const changed = { code: 'model.corrupt', data: { reason: 'changed', name: 'copy.gguf' } };
    const limit: SplitLimit = { kind: 'tensors', count: 10 };
    await expect(splitModel({ inputPath: copy, outputPrefix: inFolder('x'), limit }, running)).rejects.toMatchObject(
      changed,
    );
    copyFileSync(story, copy);
    await expect(mergeModel({ inputPath: copy, outputPath: inFolder('m.gguf') }, running)).rejects.toMatchObject(
      changed,
    );
    copyFileSync(story, copy);
    await expect(
      exportSafetensors({ inputPath: copy, outputFolder: inFolder('new/out') }, running),
    ).rejects.toMatchObject(changed);
    expect(names()).toEqual(['copy.gguf']);
  });

  it('leaves neither files nor folders on a full disk, and says what is needed', async () => {
    const fill = (): Promise<void> => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    const file = { path: inFolder('new/deep/model.gguf'), sizeBytes: 10, fill };
    await expect(writeTogether([file], context())).rejects.toMatchObject({
      code: 'disk.full',
      data: { neededBytes: 10 },
    });
    const tooLarge = { ...file, sizeBytes: 1e18 };
    await expect(writeTogether([tooLarge], context())).rejects.toMatchObject({ code: 'disk.full' });
    expect(names()).toEqual([]);
  });

  it('replaces no file', async () => {
    writeFileSync(inFolder('story-00002-of-00003.gguf'), 'mine');
    await expect(split({ kind: 'tensors', count: 20 })).rejects.toMatchObject({
      code: 'invalid_input',
      data: { reason: 'name_taken', name: 'story-00002-of-00003.gguf' },
    });
    expect(names()).toEqual(['story-00002-of-00003.gguf']);
    expect(readFileSync(inFolder('story-00002-of-00003.gguf'), 'utf8')).toBe('mine');
  });

  it('names the file that is missing, foreign or damaged', async () => {
    const files = await split({ kind: 'tensors', count: 20 });
    const merge = (): Promise<unknown> =>
      mergeModel({ inputPath: files[0]?.path ?? '', outputPath: inFolder('merged.gguf') }, context());
    const second = inFolder('story-00002-of-00003.gguf');
    const bytes = readFileSync(second);
    rmSync(second);
    await expect(merge()).rejects.toMatchObject({
      code: 'model.missing',
      data: { reason: 'shard_missing', name: 'story-00002-of-00003.gguf', shardNumber: 2, shardCount: 3 },
    });
    copyFileSync(inFolder('story-00003-of-00003.gguf'), second);
    await expect(merge()).rejects.toMatchObject({ code: 'model.corrupt', data: { reason: 'shards_mixed' } });
    copyFileSync(story, second);
    await expect(merge()).rejects.toMatchObject({ code: 'model.corrupt', data: { reason: 'shards_mixed' } });
    writeFileSync(second, bytes);
    truncateSync(second, bytes.byteLength - 100);
    await expect(merge()).rejects.toMatchObject({ code: 'model.corrupt' });
    expect(existsSync(inFolder('merged.gguf'))).toBe(false);
    expect(names()).toHaveLength(3);
  });

  it('writes no more than a thousand files, and only where there is a model', async () => {
    const tensors = Array.from({ length: 1200 }, (_, index) => ({
      name: `t${String(index)}`,
      shape: [1],
      type: 'F32',
    }));
    const layout = layOutGguf([], tensors);
    const file = new Uint8Array(layout.fileBytes);
    file.set(layout.header);
    writeFileSync(inFolder('many.gguf'), file);
    await expect(split({ kind: 'tensors', count: 1 }, inFolder('many.gguf'))).rejects.toMatchObject({
      code: 'invalid_input',
      data: { reason: 'too_many_files', count: 1200 },
    });
    await expect(split({ kind: 'tensors', count: 1 }, inFolder('none.gguf'))).rejects.toMatchObject({
      code: 'model.missing',
    });
  });
});

it('carries no verification of the whole model in its parts', async () => {
  const model = await openModel(story);
  const entries: GgufEntry[] = [{ key: 'hearth.verification', type: 'string', value: '{"result":"passed"}' }];
  const layout = layOutGguf(entries, model.tensors, model.entries);
  await model.close();
  const data = readFileSync(story).subarray(model.tensors[0]?.offsetBytes);
  writeFileSync(inFolder('verified.gguf'), Buffer.concat([layout.header, data]));
  const files = await split({ kind: 'tensors', count: 20 }, inFolder('verified.gguf'));
  const { path: merged } = await mergeModel(
    { inputPath: files[0]?.path ?? '', outputPath: inFolder('merged.gguf') },
    context(),
  );
  for (const file of [files[0]?.path ?? '', merged]) {
    const one = await openModel(file);
    expect(one.metadata.get('hearth.verification')).toBe(' '.repeat(19));
    await one.close();
  }
});
