import { expect, it } from 'vitest';
import { digestOf } from './digest.ts';

it('fails with what a report throws while the hash is computed', async () => {
  let reports = 0;
  const order = {
    ...{ signal: new AbortController().signal, sizeBytes: 9 },
    onProgress() {
      reports += 1;
      if (reports === 2) throw new Error('no window');
    },
  };
  const hasher = {
    hashedBytes: 3,
    upTo: () => {},
    digest: () => new Promise<string>(() => {}),
    reset: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  await expect(digestOf(order, hasher)).rejects.toThrow('no window');
});
