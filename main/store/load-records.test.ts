import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Calibration } from '../../preload/contract/engine.ts';
import { createLoadRecords, type LoadRecords } from './load-records.ts';
import { openStore, type Store } from './store.ts';

const calibration = (at: number, readBytesPerSecond?: number): Calibration => ({
  ...{ decodeThreads: 4, promptThreads: 4, batchSize: 512, decodeTokensPerSecond: 10, promptTokensPerSecond: 50 },
  ...{ tried: [], tookMs: 1000, at },
  ...(readBytesPerSecond !== undefined && { readBytesPerSecond }),
});

function startRecords(): { store: Store; records: LoadRecords } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-load-records-'));
  const store = openStore(folder, path.join(import.meta.dirname, 'migrations'));
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });
  return { store, records: createLoadRecords(store) };
}

it('the rate of reading is the highest of all calibrations on this machine', () => {
  const { records } = startRecords();
  expect(records.readBytesPerSecond('here')).toBeNull();
  records.saveCalibration('a/a/a.gguf', 'here', calibration(1, 30e9));
  records.saveCalibration('b/b/b.gguf', 'here', calibration(2, 20e9));
  records.saveCalibration('c/c/small.gguf', 'here', calibration(3));
  records.saveCalibration('a/a/a.gguf', 'there', calibration(4, 90e9));
  expect(records.readBytesPerSecond('here')).toBe(30e9);

  expect(records.memoryBytesPerSecond('here')).toBeNull();
  records.saveMemoryRate('here', 41.5e9);
  records.saveMemoryRate('there', 12e9);
  records.saveMemoryRate('here', 42.5e9);
  expect(records.memoryBytesPerSecond('here')).toBe(42.5e9);
  expect(records.readBytesPerSecond('here')).toBe(30e9);
});

it('a calibration that an earlier version measured counts as none, until the model is measured again', () => {
  const { store, records } = startRecords();
  const earlier = JSON.stringify(calibration(1, 90e9));
  store.prepare("INSERT INTO calibrations VALUES ('a/a/a.gguf', 'here', ?)").run(earlier);
  expect(records.calibration('a/a/a.gguf', 'here')).toBeNull();
  expect(records.readBytesPerSecond('here')).toBeNull();
  records.saveCalibration('a/a/a.gguf', 'here', calibration(2, 30e9));
  expect(records.calibration('a/a/a.gguf', 'here')).toEqual(calibration(2, 30e9));
  expect(records.readBytesPerSecond('here')).toBe(30e9);
});
