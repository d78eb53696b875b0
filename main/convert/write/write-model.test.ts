import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AppError } from '../../../preload/wire/errors.ts';
import type { PlannedTensor } from '../plan/planned-tensor.ts';
import { writeModel, type ModelToWrite } from './write-model.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-write-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const [COUNT, ROWS, COLUMNS] = [12, 2048, 1024];
const TENSOR_BYTES = ROWS * COLUMNS * 4;
const names = Array.from({ length: COUNT }, (_, index) => `t${String(index)}`);

/** 96 MiB, of which the last tensor but one cannot be used. A note is written at 64 MiB. */
function model(sync: () => Promise<void>): ModelToWrite {
  const sources = names.map((name, index) => ({
    ...{ name, dtype: 'F32', shape: [ROWS, COLUMNS] },
    stored: [
      {
        ...{ name, file: 'a.safetensors', dtype: 'F32', shape: [ROWS, COLUMNS] },
        ...{ startByte: index * TENSOR_BYTES, endByte: (index + 1) * TENSOR_BYTES },
      },
    ],
  })) as unknown as ModelToWrite['sources'];
  const tensors = names.map((name): PlannedTensor => {
    const piece = { source: name, firstRow: 0, rowCount: ROWS, interleave: null };
    return { name, shape: [COLUMNS, ROWS], isFloat32: false, origin: { kind: 'rows', pieces: [piece], add: 0 } };
  });
  const source = {
    files: [{ path: 'a.safetensors', sizeBytes: COUNT * TENSOR_BYTES, sha256: null, modifiedAtMs: 1 }],
    commit: null,
    read: (_: string, start: number, end: number) =>
      start >= (COUNT - 2) * TENSOR_BYTES
        ? Promise.reject(new AppError('convert.invalid', 'It was changed.', { reason: 'changed' }))
        : Promise.resolve(new Uint8Array(end - start)),
    assertUnchanged: () => Promise.resolve(),
  } as unknown as ModelToWrite['source'];
  return {
    ...{ source, sources, tensors, sync, outputType: 'F32', outputPath: path.join(folder, 'x.gguf') },
    openReader: () => Promise.reject(new Error('All tensors are stored as they are read.')),
    metadata: [],
  };
}

it('leaves nothing of a model that is refused while a note waits for the disk', async () => {
  let syncs = 0;
  const order: string[] = [];
  const written = writeModel(
    model(async () => {
      syncs += 1;
      await delay(100);
      order.push('synced');
    }),
    () => {},
  );
  await expect(written).rejects.toMatchObject({ code: 'convert.invalid' });
  order.push('refused');
  expect(syncs).toBe(1);
  expect(order).toEqual(['synced', 'refused']);
  expect(readdirSync(folder)).toEqual([]);
});
