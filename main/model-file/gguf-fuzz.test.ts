/** Random damage to sound headers: an answer or a typed error, in bounded time and memory, whatever the bytes say. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isAppError } from '../../preload/wire/errors.ts';
import { headerBytes, oddHeaders, soundPlan } from '../../test/support/odd-headers.ts';
import { createRandom } from '../../test/support/random.ts';
import { readGgufHeader, type GgufHeader } from './gguf.ts';
import { checkModel } from './model-check.ts';
import { summarizeAuxiliary, summarizeModel } from './model-summary.ts';

const SEED = 20_261_128;
const ROUNDS = 24_000;
const PIECE_BYTES = 4096;

interface Base {
  readonly head: Buffer;
  readonly fileBytes: number;
}

async function bases(): Promise<Base[]> {
  const root = path.join(import.meta.dirname, '../..');
  const files = [
    headerBytes(soundPlan()),
    readFileSync(path.join(root, 'test/fixtures/gguf-bad/valid.gguf')),
    ...oddHeaders.filter(({ expect: is }) => is === 'note' || is === 'sound').map(({ bytes }) => bytes),
  ];
  return await Promise.all(
    files.map(async (bytes) => {
      const { dataOffsetBytes } = await readGgufHeader(
        async (start, end) => bytes.subarray(start, end),
        bytes.length,
        nextTurn,
      );
      return { head: Buffer.from(bytes.subarray(0, dataOffsetBytes)), fileBytes: bytes.length };
    }),
  );
}

const extremes = [
  0n,
  1n,
  255n,
  1n << 31n,
  (1n << 32n) - 1n,
  1n << 40n,
  (1n << 53n) - 1n,
  1n << 53n,
  1n << 63n,
  (1n << 64n) - 1n,
];

/** The header with some damage: its bytes, and the bytes of the file that it stands in. */
function damaged({ head, fileBytes }: Base, random: (below: number) => number): Base {
  let bytes = Buffer.from(head);
  let size = fileBytes;
  for (let i = 0, count = 1 + random(4); i < count; i++) {
    const at = random(bytes.length);
    switch (random(8)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
        break;
      case 1:
        bytes[at] = random(256);
        break;
      case 2:
        if (at + 8 <= bytes.length) bytes.writeBigUInt64LE(extremes[random(extremes.length)] ?? 0n, at);
        break;
      case 3:
        if (at + 4 <= bytes.length) bytes.writeUInt32LE(random(2) === 0 ? random(16) : 0xffffffff, at);
        break;
      case 4: {
        const length = 1 + random(64);
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(length, random(256)), bytes.subarray(at)]);
        size += length;
        break;
      }
      case 5: {
        const length = Math.min(1 + random(64), bytes.length - at - 1);
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        size -= length;
        break;
      }
      case 6: // a part of the header twice
        bytes.copy(bytes, at, random(bytes.length), bytes.length);
        break;
      default: // another size: cut, or grown as a sparse file can be
        size = random(2) === 0 ? random(size) + 1 : size + 2 ** random(45);
        break;
    }
    if (bytes.length === 0) bytes = Buffer.alloc(1);
  }
  return { head: bytes, fileBytes: size };
}

/** Every tensor lies in the file, after the header and apart from the others. */
function expectSound({ tensors, dataOffsetBytes }: GgufHeader, fileBytes: number): void {
  let last = dataOffsetBytes;
  for (const { offsetBytes, sizeBytes } of tensors) {
    if (offsetBytes < last || sizeBytes <= 0 || offsetBytes + sizeBytes > fileBytes)
      expect.fail(`a tensor at ${offsetBytes} of ${sizeBytes} bytes in a file of ${fileBytes}, after ${last}`);
    last = offsetBytes + sizeBytes;
  }
}

it(`survives ${ROUNDS} damaged headers`, async () => {
  const random = createRandom(SEED);
  const sound = await bases();
  const outcomes: Record<string, number> = {};
  let mostReadBytes = 0;
  let longestMs = 0;
  const heapBefore = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < ROUNDS; round++) {
    const { head, fileBytes } = damaged(sound[round % sound.length] ?? { head: Buffer.alloc(0), fileBytes: 0 }, random);
    let readBytes = 0;
    const before = process.cpuUsage();
    let outcome = 'sound';
    try {
      const header = await readGgufHeader(
        async (start, neededEnd) => {
          const end = Math.min(fileBytes, Math.max(neededEnd, start + PIECE_BYTES));
          readBytes += end - start;
          const piece = new Uint8Array(end - start);
          piece.set(head.subarray(start, end));
          return piece;
        },
        fileBytes,
        nextTurn,
      );
      expectSound(header, fileBytes);
      if (summarizeAuxiliary(header) === null) {
        summarizeModel(header);
        checkModel(header);
      }
    } catch (error) {
      if (!isAppError(error) || !error.code.startsWith('model.')) throw error;
      outcome = `${error.code} ${String(error.data['reason'])}`;
    }
    const { user, system } = process.cpuUsage(before);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    mostReadBytes = Math.max(mostReadBytes, readBytes);
    longestMs = Math.max(longestMs, (user + system) / 1000);
  }
  const report = { seed: SEED, rounds: ROUNDS, outcomes, mostReadBytes, longestMs: Math.round(longestMs) };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  // Each kind of damage came up: a test of refusals alone, or of none, would show nothing.
  expect(outcomes['sound']).toBeGreaterThan(ROUNDS / 100);
  expect(outcomes['model.corrupt header']).toBeGreaterThan(ROUNDS / 4);
  expect(outcomes['model.corrupt missing_tensor']).toBeGreaterThan(10);
  // A claimed length is never read: one kept string, and what stands in the header.
  expect(mostReadBytes).toBeLessThan(32 * 1024 * 1024);
  expect(process.memoryUsage().arrayBuffers - heapBefore).toBeLessThan(256 * 1024 * 1024);
  // The processor's time: what a busy machine takes for itself is not ours.
  expect(longestMs).toBeLessThan(2000);
});
