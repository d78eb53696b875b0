import { describe, expect, it } from 'vitest';
import { firstShardPath, parseShard, shardPaths } from './shards.ts';

describe('shards', () => {
  it('reads a shard in a folder', () => {
    expect(parseShard('BF16/model-00002-of-00003.gguf')).toEqual({ prefix: 'BF16/model', number: 2, count: 3 });
  });

  it.each([
    'model.gguf',
    'm-0001-of-0002.gguf',
    'm-00000-of-00002.gguf',
    'm-00003-of-00002.gguf',
    'm-00001-of-99999.gguf',
    'm-00001-of-00002.bin',
  ])('%s is no shard', (name) => {
    expect(parseShard(name)).toBeNull();
    expect(shardPaths(name)).toEqual([name]);
  });

  it('names the whole set from any of its files', () => {
    expect(shardPaths('m-00002-of-00003.gguf')).toEqual([
      'm-00001-of-00003.gguf',
      'm-00002-of-00003.gguf',
      'm-00003-of-00003.gguf',
    ]);
    expect(firstShardPath('m-00003-of-00003.gguf')).toBe('m-00001-of-00003.gguf');
  });
});
