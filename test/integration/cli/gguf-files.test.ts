/** The commands that divide, join and rewrite GGUF files, as a person calls them. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openModel } from '../../../main/convert/split/gguf-files.ts';

const root = path.join(import.meta.dirname, '../../..');
const story = path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf');
const shared = path.join(root, '../shared/fixtures/conversion');

let folder = '';
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-gguf-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function hearth(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const env = { PATH: process.env['PATH'], HOME: folder, HEARTH_DATA_DIR: path.join(folder, 'data') };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [path.join(root, 'main/hearth.mjs'), ...args],
      { cwd: folder, env },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

async function tensorCount(name: string): Promise<number> {
  const model = await openModel(path.join(folder, name));
  await model.close();
  return model.tensors.length;
}

describe('hearth', () => {
  it('splits and merges', async () => {
    const split = await hearth('split', story, 'story', '--max-tensors', '20');
    expect(split.code).toBe(0);
    expect(split.out.split('\n')[2]).toContain('story-00003-of-00003.gguf  166 kB, 7 tensors');
    const merged = await hearth('merge', 'story-00001-of-00003.gguf', 'merged.gguf', '--json');
    expect(merged.code).toBe(0);
    expect(JSON.parse(merged.out.trim().split('\n').at(-1) ?? '')).toMatchObject({
      path: 'merged.gguf',
      tensorCount: 47,
    });
    expect(readFileSync(path.join(folder, 'merged.gguf')).equals(readFileSync(story))).toBe(true);
    const again = await hearth('merge', 'story-00001-of-00003.gguf', 'merged.gguf');
    expect(again).toEqual({
      code: 1,
      out: '',
      err: 'invalid_input: There is a file called merged.gguf already. Name another output.\n',
    });
  });

  it('exports a model as safetensors', async () => {
    expect((await hearth('export', story, 'exported')).code).toBe(0);
    expect(readdirSync(path.join(folder, 'exported')).sort()).toEqual([
      ...['config.json', 'generation_config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'],
    ]);
  });

  it.runIf(existsSync(shared))('converts the adapter of the fixtures, and merges it', async () => {
    const [adapter, base] = [path.join(shared, 'lora-llama'), path.join(shared, 'llama')];
    expect((await hearth('adapter', adapter, base, 'lora.gguf', '--to', 'f32')).code).toBe(0);
    expect((await hearth('adapter', adapter, base, 'merged.gguf', '--merge')).code).toBe(0);
    expect(await Promise.all(['lora.gguf', 'merged.gguf'].map(tensorCount))).toEqual([42, 31]);
  });

  it('says which of the two is no adapter or base, and leaves nothing', async () => {
    mkdirSync(path.join(folder, 'lora'));
    expect((await hearth('adapter', './none', 'lora', 'x.gguf')).err).toContain('The adapter "./none" is no folder');
    expect((await hearth('adapter', 'lora', './none', 'x.gguf')).err).toContain('The base "./none" is no folder');
    expect((await hearth('adapter', 'lora', 'lora', 'x.gguf')).code).toBe(1);
    expect(readdirSync(folder).filter((name) => name !== 'data')).toEqual(['lora']);
  });

  it.each([
    [['split', story, 'x', '--max-size', '5'], '--max-size takes a size such as 500M or 4G, not "5".'],
    [['split', story, 'x', '--max-tensors', '0'], '--max-tensors takes a whole number above 0.'],
    [
      ['split', story, 'x', '--max-tensors', '1', '--max-size', '1G'],
      '--max-size and --max-tensors exclude each other.',
    ],
    [['adapter', 'a', 'b', 'c', '--to', 'Q4_0'], '--to takes F32, F16, BF16, Q8_0, not "Q4_0".'],
  ])('says what is wrong with %j', async (args, sentence) => {
    const { code, err } = await hearth(...args);
    expect(code).toBe(2);
    expect(err.split('\n')[0]).toBe(sentence);
  });
});
