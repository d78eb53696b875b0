import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GgufEntry } from './gguf-entry.ts';
import { readGgufHeader, type GgufHeader } from './gguf.ts';
import { layOutGguf, type GgufTensorEntry } from './gguf-writer.ts';

const story = path.join(import.meta.dirname, '../../test/fixtures/stories260K/stories260K-F32.gguf');

async function headerOf(bytes: Uint8Array, fileBytes = bytes.byteLength): Promise<GgufHeader> {
  return await readGgufHeader(
    (start) => Promise.resolve(bytes.subarray(start)),
    fileBytes,
    () => Promise.resolve(),
  );
}

/** Entries as gguf-py typed them: its lists are of int32, float32 and strings, its counts uint32. */
function entryOf(key: string, value: unknown): GgufEntry {
  if (typeof value === 'string') return { key, type: 'string', value };
  if (typeof value === 'boolean') return { key, type: 'bool', value };
  if (Array.isArray(value) && typeof value[0] === 'string') return { key, type: 'strings', value: value as string[] };
  if (Array.isArray(value) && key.endsWith('scores'))
    return { key, type: 'float32s', value: Float32Array.from(value as number[]) };
  if (Array.isArray(value)) return { key, type: 'int32s', value: Int32Array.from(value as number[]) };
  return { key, type: /epsilon|freq_base/.test(key) ? 'float32' : 'uint32', value: Number(value) };
}

describe('the header of a GGUF file', () => {
  it('is byte for byte the one that gguf-py writes', async () => {
    const file = readFileSync(story);
    const header = await headerOf(file);
    const entries = [...header.metadata].map(([key, value]) => entryOf(key, value));
    const layout = layOutGguf(entries, header.tensors);
    expect(layout.tensors).toEqual(header.tensors);
    expect(layout.fileBytes).toBe(file.byteLength);
    expect(Buffer.from(layout.header).equals(file.subarray(0, header.dataOffsetBytes))).toBe(true);
  });

  it('holds any length of text before a number, also where its first room ends', async () => {
    // The number's key begins 64 KiB of header less so many bytes.
    for (let less = 0; less < 48; less++) {
      const value = 'x'.repeat(64 * 1024 - 60 - less);
      const entries: GgufEntry[] = [
        { key: 'a', type: 'string', value },
        { key: 'b', type: 'uint32', value: 7 },
        { key: 'c', type: 'float32', value: 0.5 },
      ];
      const { metadata } = await headerOf(layOutGguf(entries, []).header);
      expect([metadata.get('a') === value, metadata.get('b'), metadata.get('c')]).toEqual([true, 7, 0.5]);
    }
  });

  it('reads back with every type of value', async () => {
    const entries: GgufEntry[] = [
      { key: 'general.architecture', type: 'string', value: 'llama' },
      { key: 'a.text', type: 'string', value: 'ä€😀\ud800' },
      { key: 'a.no', type: 'bool', value: false },
      { key: 'a.uint32', type: 'uint32', value: 0xffff_ffff },
      { key: 'a.int32', type: 'int32', value: -0x8000_0000 },
      { key: 'a.uint64', type: 'uint64', value: 2 ** 53 - 1 },
      { key: 'a.float32', type: 'float32', value: 0.1 },
      { key: 'a.strings', type: 'strings', value: ['', 'x'.repeat(100_000), 'ü'] },
      { key: 'a.bools', type: 'bools', value: [true, false] },
      { key: 'a.int32s', type: 'int32s', value: Int32Array.of(-1, 2) },
      { key: 'a.uint32s', type: 'uint32s', value: Uint32Array.of(0xffff_ffff) },
      { key: 'a.float32s', type: 'float32s', value: Float32Array.of(Math.fround(0.1), -Infinity) },
    ];
    const tensors: GgufTensorEntry[] = [
      { name: 'a', shape: [3], type: 'F32' },
      { name: 'b'.repeat(63), shape: [64, 2, 1, 5], type: 'Q8_0' },
      { name: 'c', shape: [1, 7], type: 'BF16' },
    ];
    const layout = layOutGguf(entries, tensors);
    const header = await headerOf(layout.header, layout.fileBytes);
    expect(layout.header.byteLength % 32).toBe(0);
    expect(header.tensors).toEqual(layout.tensors);
    expect(layout.tensors.map(({ sizeBytes }) => sizeBytes)).toEqual([12, 680, 14]);
    expect(layout.fileBytes).toBe(layout.header.byteLength + 32 + 704 + 32);
    expect(Object.fromEntries(header.metadata)).toEqual({
      'general.architecture': 'llama',
      'a.text': 'ä€😀\ufffd',
      'a.no': false,
      'a.uint32': 0xffff_ffff,
      'a.int32': -0x8000_0000,
      'a.uint64': 2n ** 53n - 1n,
      'a.float32': Math.fround(0.1),
      'a.strings': ['', 'x'.repeat(100_000), 'ü'],
      'a.bools': [true, false],
      'a.int32s': [-1, 2],
      'a.uint32s': [0xffff_ffff],
      'a.float32s': [Math.fround(0.1), -Infinity],
    });
  });

  it.each<[string, readonly GgufEntry[], readonly GgufTensorEntry[]]>([
    ['a name of 64 bytes', [], [{ name: 'ä'.repeat(32), shape: [1], type: 'F32' }]],
    ['a tensor without a name', [], [{ name: '', shape: [1], type: 'F32' }]],
    ['five dimensions', [], [{ name: 'a', shape: [1, 1, 1, 1, 1], type: 'F32' }]],
    ['an empty dimension', [], [{ name: 'a', shape: [1, 0], type: 'F32' }]],
    ['no dimension', [], [{ name: 'a', shape: [], type: 'F32' }]],
    ['a row that is no whole block', [], [{ name: 'a', shape: [48], type: 'Q8_0' }]],
    ['an unknown type', [], [{ name: 'a', shape: [1], type: 'F23' }]],
    ['a tensor twice', [], Array.from({ length: 2 }, () => ({ name: 'a', shape: [1], type: 'F32' }))],
    ['a key twice', Array.from({ length: 2 }, () => ({ key: 'a', type: 'bool', value: true })), []],
    ['another alignment', [{ key: 'general.alignment', type: 'uint32', value: 64 }], []],
    ['a fraction as a whole number', [{ key: 'a', type: 'uint32', value: 1.5 }], []],
    ['a number below zero', [{ key: 'a', type: 'uint64', value: -1 }], []],
    ['a number that is too large', [{ key: 'a', type: 'int32', value: 2 ** 31 }], []],
  ])('cannot have %s', (_, entries, tensors) => {
    expect(() => layOutGguf(entries, tensors)).toThrow(RangeError);
  });
});
