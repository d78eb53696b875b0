import { describe, expect, it } from 'vitest';
import { madeSafetensors, rawSafetensors } from '../../test/support/safetensors-file.ts';
import { readSafetensorsHeader, type SafetensorsHeader } from './safetensors.ts';

const nextTurn = (): Promise<void> => Promise.resolve();

async function read(bytes: Uint8Array): Promise<SafetensorsHeader> {
  return await readSafetensorsHeader(
    {
      path: 'model.safetensors',
      sizeBytes: bytes.byteLength,
      read: (start, end) => Promise.resolve(bytes.subarray(start, end)),
    },
    nextTurn,
  );
}

const entry = (name: string, rest: string): string => `{"${name}":{${rest}}}`;
/** A tensor of single bytes between two offsets. */
const bytesAt = (start: number, end: number): string =>
  `{"dtype":"U8","shape":[${String(end - start)}],"data_offsets":[${String(start)},${String(end)}]}`;

async function refused(bytes: Uint8Array, reason: string): Promise<void> {
  await expect(read(bytes)).rejects.toMatchObject({ data: { reason, file: 'model.safetensors' } });
}

describe('a safetensors header', () => {
  it('has the tensors in the order of their places, and short texts', async () => {
    const header =
      '{"b":{"dtype":"BF16","shape":[2,1],"data_offsets":[8,12]}, "__metadata__":{"format":"p\\u0074"},\n "a":{"shape":[2],"data_offsets":[0,8],"dtype":"F32"}, "empty":{"dtype":"U8","shape":[0,4],"data_offsets":[12,12]}, "scalar":{"dtype":"I64","shape":[],"data_offsets":[12,20]} }   ';
    const { tensors, metadata, dataStartByte } = await read(rawSafetensors(header, new Uint8Array(20)));
    expect(dataStartByte).toBe(8 + header.length);
    expect(
      tensors.map(({ name, startByte, endByte }) => [name, startByte - dataStartByte, endByte - dataStartByte]),
    ).toEqual([
      ['a', 0, 8],
      ['b', 8, 12],
      ['empty', 12, 12],
      ['scalar', 12, 20],
    ]);
    expect(tensors[1]).toMatchObject({ dtype: 'BF16', shape: [2, 1] });
    expect([...metadata]).toEqual([['format', 'pt']]);
  });

  it('keeps names of JavaScript as plain names', async () => {
    const bytes = new Uint8Array(4);
    const file = madeSafetensors(
      Object.fromEntries(
        ['__proto__', 'constructor', 'toString'].map((name) => [name, { dtype: 'F32', shape: [1], bytes }]),
      ),
    );
    const { tensors } = await read(file);
    expect(tensors.map(({ name }) => name)).toEqual(['__proto__', 'constructor', 'toString']);
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });

  it('is read in two pieces where it is long, with long texts left out', async () => {
    const text = 'x'.repeat(100_000);
    const header = `{"__metadata__":{"long":"${text}","short":"yes"},"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}`;
    const bytes = rawSafetensors(header, new Uint8Array(3));
    const reads: (readonly [number, number])[] = [];
    const { tensors, metadata } = await readSafetensorsHeader(
      {
        path: 'model.safetensors',
        sizeBytes: bytes.byteLength,
        read(start, end) {
          reads.push([start, end]);
          return Promise.resolve(bytes.subarray(start, end));
        },
      },
      nextTurn,
    );
    expect(tensors).toHaveLength(1);
    expect([...metadata]).toEqual([['short', 'yes']]);
    expect(reads).toEqual([
      [0, 65_536],
      [65_536, 8 + header.length],
    ]);
  });

  it.each([
    ['an empty file', new Uint8Array(0), 'not_safetensors'],
    [
      'a pointer of Git LFS',
      new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 2471645608\n'),
      'lfs_pointer',
    ],
    ['broken UTF-8', rawSafetensors('{"a"}').map((byte) => (byte === 0x61 ? 0xff : byte)), 'header_not_json'],
  ])('refuses %s', async (_, bytes, reason) => {
    await refused(bytes, reason);
  });

  it.each([
    ['another bracket', '[]', 'header_not_json'],
    ['text that ends early', '{"a":{"dtype":"U8"', 'header_not_json'],
    ['a string without an end', '{"a', 'header_not_json'],
    ['text after it', '{}x', 'header_not_json'],
    ['a comma before nothing', '{"__metadata__":{},}', 'header_not_json'],
    ['nested metadata', '{"__metadata__":{"a":{}}}', 'header_not_json'],
    ['a long name', entry('a'.repeat(1025), '"dtype":"U8","shape":[0],"data_offsets":[0,0]'), 'name_too_long'],
    ['a tensor twice', `{"a":${bytesAt(0, 0)},"a":${bytesAt(0, 0)}}`, 'duplicate_tensor'],
  ])('refuses a header with %s', async (_, header, reason) => {
    await refused(rawSafetensors(header), reason);
  });

  it.each([
    ['a number with a fraction', '"dtype":"U8","shape":[1.5],"data_offsets":[0,1]', 'header_not_json'],
    ['a number with an exponent', '"dtype":"U8","shape":[1e3],"data_offsets":[0,1]', 'header_not_json'],
    ['a number beyond 2^53', '"dtype":"U8","shape":[9007199254740993],"data_offsets":[0,1]', 'header_not_json'],
    ['nine dimensions', '"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]', 'header_not_json'],
    ['three offsets', '"dtype":"U8","shape":[1],"data_offsets":[0,1,2]', 'header_not_json'],
    ['one offset', '"dtype":"U8","shape":[1],"data_offsets":[0]', 'field_missing'],
    ['no dtype', '"shape":[1],"data_offsets":[0,1]', 'field_missing'],
    ['an unknown field', '"dtype":"U8","shape":[1],"data_offsets":[0,1],"__proto__":1', 'unknown_field'],
    ['a field twice', '"dtype":"U8","dtype":"F32","shape":[1],"data_offsets":[0,1]', 'unknown_field'],
    ['a negative dimension', '"dtype":"U8","shape":[-1],"data_offsets":[0,1]', 'bad_shape'],
    ['negative offsets', '"dtype":"U8","shape":[64],"data_offsets":[-64,0]', 'bad_offsets'],
    ['offsets in the wrong order', '"dtype":"U8","shape":[0],"data_offsets":[2,1]', 'bad_offsets'],
    ['an element type of JavaScript', '"dtype":"constructor","shape":[1],"data_offsets":[0,1]', 'dtype'],
    ['a shape that needs more bytes', '"dtype":"F16","shape":[2],"data_offsets":[0,2]', 'size_mismatch'],
    [
      'a product beyond 2^53',
      '"dtype":"U8","shape":[9007199254740991,9007199254740991],"data_offsets":[0,1]',
      'size_mismatch',
    ],
  ])('refuses a tensor with %s', async (_, fields, reason) => {
    await refused(rawSafetensors(entry('a', fields)), reason);
  });

  it.each([
    ['overlapping tensors', `{"a":${bytesAt(0, 4)},"b":${bytesAt(2, 6)}}`, 6, 'overlap'],
    ['a gap', `{"a":${bytesAt(1, 2)}}`, 2, 'gap'],
    ['a cut file', `{"a":${bytesAt(0, 4)}}`, 3, 'cut_short'],
    ['bytes after the last tensor', `{"a":${bytesAt(0, 4)}}`, 5, 'trailing_bytes'],
  ])('refuses %s', async (_, header, dataBytes, reason) => {
    await refused(rawSafetensors(header, new Uint8Array(dataBytes)), reason);
  });

  it('refuses a length that lies before anything is allocated for it', async () => {
    const bytes = rawSafetensors('{}');
    new DataView(bytes.buffer).setBigUint64(0, 0xffff_ffff_ffff_ffffn, true);
    await expect(read(bytes)).rejects.toMatchObject({ data: { reason: 'header_past_end' } });
    const sizeBytes = 2 ** 41;
    const claim = new Uint8Array(65_536);
    new DataView(claim.buffer).setBigUint64(0, BigInt(2 ** 40), true);
    const file = { path: 'model.safetensors', sizeBytes, read: () => Promise.resolve(claim) };
    await expect(readSafetensorsHeader(file, nextTurn)).rejects.toMatchObject({ data: { reason: 'header_too_long' } });
  });

  it('names the tensor, what is expected and what is found', async () => {
    const header = entry('model.norm.weight', '"dtype":"F16","shape":[3],"data_offsets":[0,4]');
    await expect(read(rawSafetensors(header, new Uint8Array(4)))).rejects.toMatchObject({
      code: 'convert.invalid',
      message: 'The tensor model.norm.weight with the shape 3 and the type F16 needs 6 bytes; its offsets give it 4.',
      data: { tensor: 'model.norm.weight', expected: 6, found: 4 },
    });
  });
});
