import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../preload/wire/errors.ts';
import { createStreamedFile, type StreamedFile } from './streamed-file.ts';

const BLOCK = 64;
const content = randomBytes(BLOCK * 200 + 10);
// A header of 92 bytes.
content.writeBigUInt64LE(92n, 0);

interface Opened {
  readonly file: StreamedFile;
  /** What was asked for on its own. */
  readonly requests: (readonly [start: number, end: number])[];
  position(): number;
}

function open({ requested = content, isRight = true } = {}): Opened {
  const requests: [number, number][] = [];
  let position = 0;
  const file = createStreamedFile({
    ...{ repoId: 'owner/name', path: 'model.safetensors', sizeBytes: content.byteLength, blockBytes: BLOCK },
    async *receive() {
      for (let at = 0; at < content.byteLength; at += 37) yield content.subarray(at, at + 37);
      if (!isRight) throw new AppError('hub.hash_mismatch', 'Other bytes.');
    },
    request(start, end) {
      requests.push([start, end]);
      return Promise.resolve(requested.subarray(start, end));
    },
    onPosition: (bytes) => void (position = bytes),
  });
  return { file, requests, position: () => position };
}

async function expectRead(file: StreamedFile, start: number, end: number): Promise<void> {
  expect(Buffer.from(await file.read(start, end)).equals(content.subarray(start, end))).toBe(true);
}

describe('a streamed file', () => {
  it('asks for its header alone, and receives the rest in order', async () => {
    const { file, requests, position } = open();
    await expectRead(file, 0, 8);
    await expectRead(file, 8, 100);
    expect(position()).toBe(0);
    for (let at = 100; at < content.byteLength; at += 333)
      await expectRead(file, at, Math.min(at + 333, content.byteLength));
    await file.finish();
    expect(position()).toBe(content.byteLength);
    expect(requests).toEqual([
      [0, 64],
      [64, 128],
    ]);
  });

  it('answers what came a while ago, and asks for what came before that', async () => {
    const { file, requests } = open();
    await expectRead(file, 150 * BLOCK, 151 * BLOCK);
    expect(requests).toHaveLength(1);
    for (let block = 10; block < 110; block += 10) await expectRead(file, block * BLOCK, (block + 1) * BLOCK);
    requests.length = 0;
    await expectRead(file, 60 * BLOCK + 5, 61 * BLOCK);
    expect(requests).toEqual([]);
    await expectRead(file, 5, 20);
    await expectRead(file, 2 * BLOCK + 5, 2 * BLOCK + 20);
    expect(requests).toEqual([
      [0, BLOCK],
      [2 * BLOCK, 3 * BLOCK],
    ]);
  });

  it('follows reads that stay far ahead, and receives every byte once more for them at most', async () => {
    const { file, requests, position } = open();
    for (let block = 100; block < 200; block++) await expectRead(file, block * BLOCK, (block + 1) * BLOCK);
    expect(position()).toBeGreaterThanOrEqual(200 * BLOCK);
    expect(requests.length).toBeLessThan(20);
  });

  it('says where bytes that came twice are others, before and after they are received', async () => {
    const other = Buffer.from(content);
    other[150 * BLOCK] = 255 - (other[150 * BLOCK] ?? 0);
    other[5] = 255 - (other[5] ?? 0);
    const ahead = open({ requested: other });
    await ahead.file.read(150 * BLOCK, 150 * BLOCK + 1);
    await expect(ahead.file.finish()).rejects.toMatchObject({ code: 'hub.hash_mismatch' });
    const behind = open({ requested: other });
    for (let block = 2; block < 110; block += 10) await behind.file.read(block * BLOCK, (block + 1) * BLOCK);
    await expect(behind.file.read(0, 10)).rejects.toMatchObject({ code: 'hub.hash_mismatch' });
  });

  it('is finished only where its hash is right', async () => {
    const { file } = open({ isRight: false });
    await expectRead(file, 199 * BLOCK, content.byteLength);
    await expect(file.finish()).rejects.toMatchObject({ code: 'hub.hash_mismatch' });
  });
});
