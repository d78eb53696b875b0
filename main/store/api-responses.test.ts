import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createApiResponseRecords } from './api-responses.ts';
import { openStore } from './store.ts';

function records(keptBytes?: number) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-responses-'));
  const store = openStore(folder, path.join(import.meta.dirname, 'migrations'));
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return createApiResponseRecords(store, keptBytes);
}
const DAY_MS = 24 * 60 * 60 * 1000;

it('finds what was saved for the same key alone, until it is removed', () => {
  const kept = records();
  kept.save('a', null, { text: 'é' }, 1);
  expect(kept.find('a', null)).toEqual({ text: 'é' });
  expect([kept.find('a', 'other'), kept.find('b', null), kept.remove('a', 'other')]).toEqual([
    undefined,
    undefined,
    false,
  ]);
  expect([kept.remove('a', null), kept.find('a', null)]).toEqual([true, undefined]);
});

it('forgets the oldest beyond a number, an age and a size', () => {
  const many = records();
  for (let at = 0; at <= 1000; at++) many.save(`r${at}`, null, at, at);
  expect([many.find('r0', null), many.find('r1', null), many.find('r1000', null)]).toEqual([undefined, 1, 1000]);
  many.save('late', null, 'x', 1000 + 31 * DAY_MS);
  expect([many.find('r1000', null), many.find('late', null)]).toEqual([undefined, 'x']);

  const few = records(100);
  for (const at of [1, 2, 3]) few.save(`r${at}`, null, 'é'.repeat(20), at);
  // Each has 42 bytes.
  expect([1, 2, 3].map((at) => few.find(`r${at}`, null) !== undefined)).toEqual([false, true, true]);
});
