import { expect, it } from 'vitest';
import { releaseBuffer } from './release-buffer.ts';

it('frees a buffer that the bytes have for themselves, and none that others use as well', () => {
  const own = new Uint8Array(64);
  releaseBuffer(own);
  expect(own.byteLength).toBe(0);
  const shared = new Uint8Array(64).fill(7);
  releaseBuffer(shared.subarray(0, 32));
  expect([shared.byteLength, shared[0]]).toEqual([64, 7]);
});
