import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createActivity } from './activity.ts';

it('keeps the beginning of a large request in memory, and not all of it', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const activity = createActivity(() => true);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < 100; index++) {
    const entry = activity.begin({ dialect: 'openai', method: 'POST', path: '/', program: '' });
    entry.sent(Buffer.alloc(1_000_000, 'a').toString());
    entry.answered(Buffer.alloc(1_000_000, 'b').toString());
    entry.end({ status: 200 });
  }
  collect();
  // Two times twenty thousand characters each, and not two million.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(20_000_000);
});

it('keeps twenty thousand characters of what is sent and answered', () => {
  const activity = createActivity(() => true);
  const entry = activity.begin({ dialect: 'openai', method: 'POST', path: '/', program: '' });
  entry.sent('ü'.repeat(30_000));
  for (let index = 0; index < 3; index++) entry.answered('é'.repeat(9000));
  const [kept] = activity.running();
  expect(kept).toMatchObject({ sent: 'ü'.repeat(20_000), answered: 'é'.repeat(20_000) });
});
