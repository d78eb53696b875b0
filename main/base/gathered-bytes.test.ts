import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { gatherBytes } from './gathered-bytes.ts';

it('joins pieces of all sizes', () => {
  const pieces = [0, 1, 20_000, 3, 0, 100_000, 7].map((length, at) => Buffer.alloc(length, at));
  const gathered = gatherBytes();
  for (const piece of pieces) gathered.add(piece);
  expect(gathered.bytes().equals(Buffer.concat(pieces))).toBe(true);
  expect(gathered.size()).toBe(120_011);
});

it('takes little more memory than the bytes, however small the pieces are', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage();
  const gathered = gatherBytes();
  for (let at = 0; at < 1_000_000; at++) gathered.add(Buffer.from([at]));
  collect();
  const after = process.memoryUsage();
  expect(gathered.size()).toBe(1_000_000);
  expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(10_000_000);
});
