import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { headerBytes, soundPlan, typed, u32, u64 } from '../../test/support/odd-headers.ts';
import { isAppError } from '../../preload/wire/errors.ts';
import { readGgufHeader, type GgufHeader } from './gguf.ts';
import { SUMMARY_FORMAT, summarizeModel } from './model-summary.ts';

const root = path.join(import.meta.dirname, '../..');
const bad = path.join(root, 'test/fixtures/gguf-bad');
const ember = readFileSync(path.join(root, 'assets/models/ember-3M-Q8_0.gguf'));

/** Reads a header from memory in small pieces, and counts the bytes that were asked for. */
async function readPieces(
  bytes: Uint8Array,
  pieceBytes: number,
  fileBytes = bytes.byteLength,
): Promise<{ header: GgufHeader; bytesRead: number }> {
  let bytesRead = 0;
  const header = await readGgufHeader(
    async (start, neededEnd) => {
      const piece = bytes.subarray(start, Math.max(neededEnd, start + pieceBytes));
      bytesRead += piece.byteLength;
      return piece;
    },
    fileBytes,
    nextTurn,
  );
  return { header, bytesRead };
}
async function readWhole(bytes: Uint8Array): Promise<GgufHeader> {
  return (await readPieces(bytes, 256 * 1024)).header;
}
async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => 'no error',
    (error: unknown) => error,
  );
}

describe('readGgufHeader', () => {
  const index = JSON.parse(readFileSync(path.join(bad, 'index.json'), 'utf8')) as { path: string; what: string }[];
  it.each(index)('refuses $path: $what', async ({ path: file }) => {
    const thrown = await errorOf(readWhole(readFileSync(path.join(bad, file))));
    expect(isAppError(thrown, 'model.corrupt') || isAppError(thrown, 'model.unsupported')).toBe(true);
    if (isAppError(thrown)) expect(thrown.data['field']).toBeTypeOf('string');
  });

  it('reads the sound file of the same set', async () => {
    expect((await readWhole(readFileSync(path.join(bad, 'valid.gguf')))).tensors.length).toBeGreaterThan(0);
  });

  it('reads Ember as its model card describes it', async () => {
    const header = await readWhole(ember);
    const summary = summarizeModel(header);
    const { layers } = summary;
    expect(summary).toEqual({
      format: SUMMARY_FORMAT,
      architecture: 'llama',
      name: expect.any(String),
      quantization: 'Q8_0',
      license: 'mit',
      parameterCount: 3_049_920,
      weightsBytes: header.tensorBytes,
      contextLength: 1024,
      // 6 layers, 6 KV heads, 32 for the key and 32 for the value
      layers: Array.from({ length: 6 }, () => ({
        weightsBytes: layers[0]?.weightsBytes,
        keyElements: 6 * 32,
        valueElements: 6 * 32,
        windowTokens: null,
        stateBytes: 0,
      })),
      inputBytes: (2048 * 192 * 34) / 32,
      outputBytes: expect.any(Number),
      outputCopyBytes: expect.any(Number),
      embeddingLength: 192,
      feedForwardLength: 512,
      headCount: 6,
      vocabularySize: 2048,
      hasChatTemplate: true,
      notes: [],
    });
    const inLayers = layers.reduce((sum, layer) => sum + layer.weightsBytes, 0);
    expect(inLayers + summary.inputBytes + summary.outputBytes).toBe(summary.weightsBytes);
  });

  it('refuses a file that lacks the last byte of its last tensor, and names the tensor', async () => {
    const { tensors } = await readWhole(ember);
    const last = tensors.at(-1);
    if (!last) throw new Error('there is none');
    const end = last.offsetBytes + last.sizeBytes;
    expect((await readPieces(ember, 256 * 1024, end)).header.tensors).toEqual(tensors);
    expect(await errorOf(readPieces(ember, 256 * 1024, end - 1))).toMatchObject({
      code: 'model.corrupt',
      message: expect.stringContaining(`ends at byte ${end}, but the file has ${end - 1}`) as string,
      data: { field: last.name },
    });
  });

  it('refuses rows that are no whole number of blocks, also where all of the tensor is', async () => {
    for (const [shape, isSound] of [
      [[32n, 1n], true],
      [[16n, 2n], false],
      [[48n, 2n], false],
    ] as const) {
      const plan = soundPlan();
      const tensor = plan.tensors.find(({ name }) => name.toString() === 'blk.0.attn_norm.weight');
      // Q8_0: 34 bytes for 32 weights.
      Object.assign(tensor ?? {}, { shape: [...shape], type: 8, sizeBytes: (Number(shape[0] * shape[1]) / 32) * 34 });
      expect(await errorOf(readWhole(headerBytes(plan)))).toEqual(
        isSound
          ? 'no error'
          : expect.objectContaining({
              code: 'model.corrupt',
              data: expect.objectContaining({ field: 'blk.0.attn_norm.weight' }),
            }),
      );
    }
  });

  it('ends when the file gets shorter while it is read', async () => {
    for (const leftBytes of [3, 100, 20_000]) {
      let reads = 0;
      const cut = ember.subarray(0, leftBytes);
      const work = readGgufHeader(
        async (start, neededEnd) => {
          if (++reads > 1000) throw new Error('It reads for ever.');
          return cut.subarray(start, Math.max(neededEnd, start + 4096));
        },
        ember.byteLength,
        nextTurn,
      );
      expect(await errorOf(work)).toMatchObject({
        code: 'model.corrupt',
        message: 'This is not a sound GGUF file: it ended while it was being read.',
      });
    }
  });

  it('reads the same from pieces of any size, and no byte of the weights', async () => {
    const whole = await readWhole(ember);
    for (const pieceBytes of [1, 13, 1000, 100_000]) {
      const { header, bytesRead } = await readPieces(ember, pieceBytes);
      expect(header).toEqual(whole);
      expect(bytesRead).toBeLessThan(whole.dataOffsetBytes + 2 * pieceBytes);
    }
  });

  it('passes over long values without reading them, and keeps the rest', async () => {
    const plan = soundPlan();
    // The file's bytes end where the long value begins; what follows lies 100 MB further on.
    const length = 100_000_000;
    for (const [type, claimed] of [
      [8, u64(length)],
      [9, Buffer.concat([u32(0), u64(length)])],
    ] as const) {
      const long = { key: Buffer.from('long'), value: { type, bytes: claimed } };
      const bytes = headerBytes({ ...plan, entries: [long, ...plan.entries] });
      const hole = bytes.indexOf('long') + 'long'.length + 4 + claimed.byteLength;
      let bytesRead = 0;
      const header = await readGgufHeader(
        async (start, neededEnd) => {
          bytesRead += neededEnd - start;
          expect(start < hole ? neededEnd <= hole : start >= hole + length).toBe(true);
          const from = start < hole ? start : start - length;
          return bytes.subarray(from, from + neededEnd - start);
        },
        // Padding of the data as if the value were there: 100,000,000 is a multiple of 32.
        bytes.byteLength + length,
        nextTurn,
      );
      const list = type === 9 ? { elementType: 0, offsetBytes: hole } : undefined;
      expect(header.metadata.get('long')).toEqual({ omittedLength: length, ...(list && { list }) });
      expect(header.metadata.get('general.architecture')).toBe('llama');
      expect(header.tensors).toHaveLength(plan.tensors.length);
      expect(bytesRead).toBeLessThan(bytes.byteLength);
    }
  });

  it.each([
    ['a string of 1.9 GB', 'x', typed.text('').type, u64(1_900_000_000), 2_000_000_000],
    ['a string of 6 GB', 'x', typed.text('').type, u64(6_000_000_000), 7_000_000_000],
    ['a string of 900 GB', 'x', typed.text('').type, u64(900_000_000_000), 1e12],
    ['a list of 10^11 numbers', 'x', 9, Buffer.concat([u32(4), u64(100_000_000_000)]), 1e12],
  ])('refuses %s after its length was read', async (_what, key, type, claimed, fileBytes) => {
    const bytes = headerBytes({
      ...soundPlan(),
      entries: [{ key: Buffer.from(key), value: { type, bytes: claimed } }],
    });
    const thrown = await errorOf(readPieces(bytes, 0, fileBytes));
    expect(thrown).toMatchObject({ code: 'model.unsupported', data: { reason: 'header_too_long', field: 'x' } });
  });

  it.each([
    ['1,000,000 keys', { entryCount: 1_000_000n }, 'the metadata count'],
    ['1,000,000 tensors', { tensorCount: 1_000_000n }, 'the tensor count'],
  ])('refuses %s by their number', async (_what, counts, field) => {
    const thrown = await errorOf(readPieces(headerBytes({ ...soundPlan(), ...counts }), 0, 1e9));
    expect(thrown).toMatchObject({ code: 'model.unsupported', data: { reason: 'header_too_long', field } });
  });

  it('keeps no more than 16 MB of names and values', async () => {
    const value = typed.text('v'.repeat(1_000_000));
    const entries = Array.from({ length: 20 }, (_, index) => ({ key: Buffer.from(`k${index}`), value }));
    const bytes = headerBytes({ ...soundPlan(), entries });
    const thrown = await errorOf(readWhole(bytes));
    expect(thrown).toMatchObject({ code: 'model.unsupported', data: { reason: 'header_too_long', field: 'k16' } });
    // One longer string alone is passed over.
    const longer = { key: Buffer.from('longer'), value: typed.text('v'.repeat(1_100_000)) };
    const header = await readWhole(headerBytes({ ...soundPlan(), entries: [longer] }));
    expect(header.metadata.get('longer')).toEqual({ omittedLength: 1_100_000 });
  });

  it('leaves the thread to others between two slices', async () => {
    const plan = soundPlan();
    const entries = Array.from({ length: 9000 }, (_, index) => ({
      key: Buffer.from(`key-of-some-length-${index}`.padEnd(100, '.')),
      value: typed.u32(index),
    }));
    const bytes = headerBytes({ ...plan, entries: [...entries, ...plan.entries] });
    let turns = 0;
    const count = (): void => void (turns++, (timer = setImmediate(count)));
    let timer = setImmediate(count);
    // All bytes come at once, as from a fast network.
    const { header } = await readPieces(bytes, bytes.byteLength);
    clearImmediate(timer);
    expect(header.metadata.size).toBe(9000 + plan.entries.length);
    expect(turns).toBeGreaterThanOrEqual(
      Math.floor(bytes.subarray(0, header.dataOffsetBytes).byteLength / 131_072) - 1,
    );
  });

  /** Processor time of the longest piece of work of a reading, in ms: of this thread alone, so that a busy machine does not count. */
  async function longestSlice(bytes: Uint8Array): Promise<{ ms: number; turns: number; header: GgufHeader }> {
    const now = (): number => {
      const { user, system } = process.threadCpuUsage();
      return (user + system) / 1000;
    };
    let [since, ms, turns] = [now(), 0, 0];
    const header = await readGgufHeader(
      async (start) => bytes.subarray(start),
      bytes.byteLength,
      async () => {
        ms = Math.max(ms, now() - since);
        turns++;
        await nextTurn();
        since = now();
      },
    );
    return { ms: Math.max(ms, now() - since), turns, header };
  }

  it('is not held up by texts that are no UTF-8', async () => {
    const token = Buffer.concat([u64(1), Buffer.of(0xff)]);
    const list = Buffer.concat([u32(9), u32(8), u64(1024), ...Array.from({ length: 1024 }, () => token)]);
    const keys = Array.from({ length: 100 }, (_, index) => {
      const key = Buffer.from(`list-${index}`);
      return Buffer.concat([u64(key.length), key, list]);
    });
    const texts = Array.from({ length: 4000 }, (_, index) => {
      const key = Buffer.from(`text-${index}`);
      return Buffer.concat([u64(key.length), key, u32(8), token]);
    });
    const entries = [...keys, ...texts];
    const bytes = Buffer.concat([Buffer.from('GGUF'), u32(3), u64(0), u64(entries.length), ...entries]);
    const { ms, header } = await longestSlice(bytes);
    expect(header.metadata.get('list-0')).toEqual(Array.from({ length: 1024 }, () => '\ufffd'));
    expect(header.metadata.get('text-3999')).toBe('\ufffd');
    // Of lists nothing is noted: a vocabulary may have tokens that are no text.
    expect(header.notes.map(({ code, field }) => [code, field])).toEqual(
      Array.from({ length: 20 }, (_, index) => ['invalid_utf8', `text-${index}`]),
    );
    expect(ms).toBeLessThan(50);
  });

  it('takes a text for UTF-8 that has the replacement character itself', async () => {
    const entries = [{ key: Buffer.from('right'), value: typed.text('a\ufffdb\ufeff') }];
    const header = await readWhole(headerBytes({ ...soundPlan(), entries }));
    expect([header.metadata.get('right'), header.notes]).toEqual(['a\ufffdb\ufeff', []]);
  });

  it('leaves the thread to others also while it places many tensors', async () => {
    const count = 40_000;
    const rows = Array.from({ length: count }, (_, index) => {
      const name = Buffer.from(`t${index}`);
      return Buffer.concat([u64(name.length), name, u32(1), u64(32), u32(0), u64(index * 128)]);
    });
    const head = Buffer.concat([Buffer.from('GGUF'), u32(3), u64(count), u64(0), ...rows]);
    const bytes = Buffer.concat([head, Buffer.alloc(((32 - (head.length % 32)) % 32) + count * 128)]);
    const { ms, turns, header } = await longestSlice(bytes);
    expect([header.tensors.length, header.parameterCount, header.tensorBytes]).toEqual([
      count,
      count * 32,
      count * 128,
    ]);
    // A turn for each 64 KiB of the table, and one for each 4,096 tensors that are placed.
    expect(turns).toBeGreaterThanOrEqual(Math.floor(head.length / 65_536) + Math.floor(count / 4096));
    expect(ms).toBeLessThan(50);
  });

  it.each([
    [
      'controls',
      '\u001b]0;title\u0007\u001b[31mred\n2026-01-01 error forged\u202e',
      '\ufffd]0;title\ufffd\ufffd[31mred\ufffd2026-01-01 error forged\ufffd',
    ],
    ['65,000 bytes', 'k'.repeat(65_000), `${'k'.repeat(199)}…`],
  ])('shows a key with %s cut and without what a terminal obeys', async (_, key, shown) => {
    const name = Buffer.from(key);
    const head = [Buffer.from('GGUF'), u32(3), u64(0), u64(2), u64(name.length), name];
    for (const [rest, field, says] of [
      [[u32(77), u64(0), u64(0)], shown, `${shown} has the unknown value type 77`],
      [[u32(8), u64(2n ** 40n)], shown, 'runs past the end of the file'],
      [[u32(7), Buffer.of(1), u64(name.length), name, u32(7), Buffer.of(1)], shown, `the key ${shown} is there twice`],
      [[u32(9), u32(4), u64(2n ** 40n)], `the length of ${shown}`.slice(0, 199), 'more than the file can hold'],
    ] as const) {
      const thrown = await errorOf(readWhole(Buffer.concat([...head, ...rest, Buffer.alloc(20)])));
      expect(isAppError(thrown, 'model.corrupt') || isAppError(thrown, 'model.unsupported')).toBe(true);
      if (!isAppError(thrown)) continue;
      expect(thrown.data['field']).toContain(field.slice(0, 190));
      expect(thrown.message).toContain(says);
      expect(thrown.message + JSON.stringify(thrown.data)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      expect(JSON.stringify(thrown.data).length + thrown.message.length).toBeLessThan(1000);
    }
  });
});
