import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { madeSafetensors, type MadeTensor } from '../../../test/support/safetensors-file.ts';
import { readStoredTensors } from './checkpoint.ts';
import { readAdapter } from '../adapters/adapter.ts';
import { readTokenizerFiles } from '../vocabulary/tokenizer-files.ts';
import { readSmallJson, readSmallText, type CheckpointSource } from './checkpoint-source.ts';
import { openLocalSource } from './local-source.ts';
import { createStoredReader } from './stored-reader.ts';

const root = path.join(import.meta.dirname, '../../..');
const nextTurn = (): Promise<void> => Promise.resolve();

let folder = '';
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-checkpoint-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytesOf = (...values: number[]): MadeTensor => ({
  dtype: 'U8',
  shape: [values.length],
  bytes: Uint8Array.from(values),
});

function put(name: string, content: string | Uint8Array): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), content);
}

const putIndex = (weight_map: Readonly<Record<string, unknown>>): void =>
  put('model.safetensors.index.json', JSON.stringify({ metadata: {}, weight_map }));

async function tensorsOf(at = folder): Promise<readonly string[]> {
  const source = await openLocalSource(at);
  try {
    return (await readStoredTensors(source, nextTurn)).tensors.map(({ name, file }) => `${file}: ${name}`);
  } finally {
    await source.close();
  }
}

async function opened<T>(work: (source: CheckpointSource) => Promise<T>): Promise<T> {
  const source = await openLocalSource(folder);
  try {
    return await work(source);
  } finally {
    await source.close();
  }
}

const tokenizerOf = (): Promise<unknown> => opened(readTokenizerFiles);
const adapterOf = (): Promise<unknown> => opened((source) => readAdapter(source, nextTurn));

describe('the weights of a folder', () => {
  it('are those of model.safetensors, also with an index of other files', async () => {
    put('model.safetensors', madeSafetensors({ a: bytesOf(1) }));
    put('consolidated.safetensors', madeSafetensors({ b: bytesOf(1) }));
    putIndex({ b: 'consolidated.safetensors' });
    expect(await tensorsOf()).toEqual(['model.safetensors: a']);
  });

  it('are those of the shards in the index', async () => {
    put('model-00001-of-00002.safetensors', madeSafetensors({ a: bytesOf(1), b: bytesOf(2) }));
    put('model-00002-of-00002.safetensors', madeSafetensors({ c: bytesOf(3) }));
    putIndex({ c: 'model-00002-of-00002.safetensors', a: 'model-00001-of-00002.safetensors' });
    expect(await tensorsOf()).toEqual([
      'model-00001-of-00002.safetensors: a',
      'model-00001-of-00002.safetensors: b',
      'model-00002-of-00002.safetensors: c',
    ]);
  });

  it('are the only set without an index, whatever its name is', async () => {
    put('tiny-00002-of-00002.safetensors', madeSafetensors({ b: bytesOf(1) }));
    await expect(tensorsOf()).rejects.toMatchObject({ code: 'convert.invalid', data: { reason: 'shard_missing' } });
    put('tiny-00001-of-00002.safetensors', madeSafetensors({ a: bytesOf(1) }));
    expect(await tensorsOf()).toEqual(['tiny-00001-of-00002.safetensors: a', 'tiny-00002-of-00002.safetensors: b']);
    put('other.safetensors', madeSafetensors({ a: bytesOf(1) }));
    await expect(tensorsOf()).rejects.toMatchObject({ data: { reason: 'several_models' } });
  });

  it('may be links, as in the cache of the Hub', async () => {
    put('blobs/abc', madeSafetensors({ a: bytesOf(1) }));
    mkdirSync(path.join(folder, 'snapshots/1'), { recursive: true });
    symlinkSync('../../blobs/abc', path.join(folder, 'snapshots/1/model.safetensors'));
    expect(await tensorsOf(path.join(folder, 'snapshots/1'))).toEqual(['model.safetensors: a']);
    rmSync(path.join(folder, 'blobs/abc'));
    await expect(tensorsOf(path.join(folder, 'snapshots/1'))).rejects.toMatchObject({ data: { reason: 'no_weights' } });
  });

  it.each([
    ['a shard that is not there', '{"a":"model-00002-of-00002.safetensors"}', 'shard_missing'],
    ['a file of another folder', '{"a":"../model.safetensors"}', 'bad_index'],
    ['a file that is no name', '{"a":7}', 'bad_index'],
    ['no tensors', '{}', 'bad_index'],
    ['a tensor that no file has', '{"a":"x.safetensors","z":"x.safetensors"}', 'index_mismatch'],
    ['a tensor in another file', '{"a":"y.safetensors","b":"y.safetensors"}', 'index_mismatch'],
    ['a name of JavaScript', '{"b":"y.safetensors","__proto__":"x.safetensors"}', 'index_mismatch'],
  ])('are refused with an index that names %s', async (_, map, reason) => {
    put('x.safetensors', madeSafetensors({ a: bytesOf(1) }));
    put('y.safetensors', madeSafetensors({ b: bytesOf(1) }));
    put('model.safetensors.index.json', `{"weight_map":${map}}`);
    await expect(tensorsOf()).rejects.toMatchObject({ code: 'convert.invalid', data: { reason } });
  });

  it('are refused where two shards have one tensor', async () => {
    put('x.safetensors', madeSafetensors({ a: bytesOf(1) }));
    put('y.safetensors', madeSafetensors({ a: bytesOf(1), b: bytesOf(2) }));
    putIndex({ a: 'x.safetensors', b: 'y.safetensors' });
    await expect(tensorsOf()).rejects.toMatchObject({
      data: { reason: 'duplicate_tensor', tensor: 'a', file: 'y.safetensors' },
    });
  });

  it.each([
    ['pytorch_model.bin', 'convert.unsupported', 'pytorch_weights'],
    ['adapter_model.safetensors', 'convert.unsupported', 'adapter'],
    ['consolidated.00.pth', 'convert.unsupported', 'pytorch_weights'],
    ['README.md', 'convert.invalid', 'no_weights'],
  ])('are refused where there is only %s', async (name, code, reason) => {
    put(name, 'x');
    await expect(tensorsOf()).rejects.toMatchObject({ code, data: { reason } });
  });
});

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'4d'.repeat(32)}\nsize 2471645608\n`;

describe('a pointer of Git LFS', () => {
  it.each([
    ['model.safetensors', () => tensorsOf()],
    ['model.safetensors.index.json', () => tensorsOf()],
    ['tokenizer.json', tokenizerOf],
    ['tokenizer.model', tokenizerOf],
    ['adapter_model.safetensors', adapterOf],
  ])('is named in place of %s', async (file, open) => {
    put('adapter_config.json', '{"peft_type":"LORA","r":8,"lora_alpha":16,"base_model_name_or_path":"a/b"}');
    put(file, pointer);
    await expect(open()).rejects.toMatchObject({
      code: 'convert.invalid',
      data: { reason: 'lfs_pointer', file, detail: expect.stringContaining('git lfs pull') as string },
    });
  });
});

describe('a folder as a source', () => {
  it('gives the rows of a tensor, and exactly the bytes that are asked for', async () => {
    put(
      'model.safetensors',
      madeSafetensors({
        a: bytesOf(9, 8, 7),
        b: { dtype: 'U8', shape: [3, 2], bytes: Uint8Array.of(1, 2, 3, 4, 5, 6) },
      }),
    );
    const source = await openLocalSource(folder);
    const { tensors } = await readStoredTensors(source, nextTurn);
    const stored = tensors[1];
    if (!stored) throw new Error('There is no second tensor.');
    const reader = createStoredReader(source, stored);
    expect([...(await reader.readRows(1, 2))]).toEqual([3, 4, 5, 6]);
    expect([...(await reader.readRows(0, 1))]).toEqual([1, 2]);
    await expect(reader.readRows(2, 2)).rejects.toThrow(RangeError);
    const flat = tensors[0];
    if (!flat) throw new Error('There is no first tensor.');
    expect([...(await createStoredReader(source, flat).readRows(1, 2))]).toEqual([8, 7]);
    await source.close();
  });

  it('says that a file was changed while it was read', async () => {
    put('model.safetensors', madeSafetensors({ a: bytesOf(1) }));
    put('config.json', '{}');
    const source = await openLocalSource(folder);
    await source.read('model.safetensors', 0, 8);
    await source.assertUnchanged('model.safetensors');
    utimesSync(path.join(folder, 'model.safetensors'), 1, 1);
    await expect(source.assertUnchanged('model.safetensors')).rejects.toMatchObject({ data: { reason: 'changed' } });
    put('config.json', '{"longer": true}');
    await expect(source.read('config.json', 0, 2)).rejects.toMatchObject({
      code: 'convert.invalid',
      data: { reason: 'changed', file: 'config.json' },
    });
    await expect(source.read('model.safetensors', 0, 1000)).rejects.toMatchObject({ data: { reason: 'changed' } });
    await source.close();
  });

  it('reads small files with limits', async () => {
    put('1_Pooling/config.json', '{"word_embedding_dimension": 4}');
    put('list.json', '[1]');
    put('odd.txt', Uint8Array.of(0xff));
    const source = await openLocalSource(folder);
    expect(await readSmallJson(source, '1_Pooling/config.json')).toEqual({ word_embedding_dimension: 4 });
    expect(await readSmallText(source, 'none.txt')).toBeNull();
    await expect(readSmallJson(source, 'list.json')).rejects.toMatchObject({
      data: { reason: 'not_json', file: 'list.json' },
    });
    await expect(readSmallText(source, 'odd.txt')).rejects.toMatchObject({ data: { reason: 'not_text' } });
    await expect(readSmallText(source, 'list.json', 2)).rejects.toMatchObject({ data: { reason: 'file_too_large' } });
    await source.close();
  });

  it('is refused where it is not there', async () => {
    await expect(openLocalSource(path.join(folder, 'none'))).rejects.toMatchObject({ code: 'not_found' });
  });
});

const bad = path.join(root, '../shared/fixtures/conversion-bad');

describe.runIf(existsSync(bad))('the broken checkpoints of the fixtures', () => {
  it.each([
    ['truncated-safetensors', 'cut_short'],
    ['header-longer-than-file', 'header_past_end'],
    ['overlapping-offsets', 'overlap'],
    ['shape-not-matching-bytes', 'size_mismatch'],
    ['negative-offsets', 'bad_offsets'],
    ['index-names-missing-shard', 'shard_missing'],
  ])('%s is refused as %s', async (name, reason) => {
    await expect(tensorsOf(path.join(bad, name))).rejects.toMatchObject({ code: 'convert.invalid', data: { reason } });
  });

  it('has the tensors of valid', async () => {
    copyFileSync(path.join(bad, 'valid/model.safetensors'), path.join(folder, 'model.safetensors'));
    const names = JSON.stringify(await tensorsOf());
    const header = readFileSync(path.join(bad, 'valid/model.safetensors')).subarray(8, 1112).toString();
    for (const name of Object.keys(JSON.parse(header) as object).slice(1)) expect(names).toContain(name);
  });
});
