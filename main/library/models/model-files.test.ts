import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { writeScriptedShards } from '../../../test/support/made-models.ts';
import { joinByHeader, joinShards, type ModelFile } from './model-files.ts';
import { readModelHeader } from './model-header.ts';

const read = async (file: ModelFile) => ({ file, ...(await readModelHeader(file)) });

async function listed(folder: string, names: readonly string[]) {
  const entries = names.map((path) => {
    const openPath = join(folder, path);
    return { repoId: 'o/n', commit: '', path, openPath, sizeBytes: statSync(openPath).size, modifiedAtMs: 1 };
  });
  const models = await joinByHeader(await Promise.all(joinShards(entries).map(read)), read);
  return models
    .map(({ file, problem }) => [file.path, file.shards.length, problem?.data?.['reason'] ?? 'sound'])
    .sort();
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hearth-joined-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

it('joins files by their headers, unless their names or their tensors tell that they are of different models', async () => {
  const folder = temporary();
  const write = (names: readonly string[], pieces: readonly string[]): void =>
    writeScriptedShards(
      names.map((name) => join(folder, name)),
      { pieces },
    );
  write(['Gemma-a.gguf', 'x.gguf'], ['a']);
  write(['y.gguf', 'Qwen-b.gguf'], ['b']);
  expect(await listed(folder, ['Gemma-a.gguf', 'x.gguf'])).toEqual([['Gemma-a.gguf', 2, 'sound']]);
  expect(await listed(folder, ['Gemma-a.gguf', 'Qwen-b.gguf'])).toEqual([
    ['Gemma-a.gguf', 1, 'shard_alone'],
    ['Qwen-b.gguf', 1, 'shard_alone'],
  ]);
  // The first and the last file of three, as if they were two: they lack tensors.
  write(['first.gguf', 'between.gguf', 'last.gguf'], ['c']);
  for (const [number, name] of ['first.gguf', 'last.gguf'].entries()) {
    const bytes = readFileSync(join(folder, name));
    for (const [key, value] of [
      ['split.no', number],
      ['split.count', 2],
    ] as const)
      bytes.writeUInt16LE(value, bytes.indexOf(key) + key.length + 4);
    writeFileSync(join(folder, name), bytes);
  }
  expect(await listed(folder, ['first.gguf', 'last.gguf'])).toEqual([
    ['first.gguf', 1, 'shard_alone'],
    ['last.gguf', 1, 'shard_alone'],
  ]);
});
