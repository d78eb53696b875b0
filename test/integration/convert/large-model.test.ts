/** A model that is large enough for threads: the same bytes as step by step, progress and notes while they work, and an error of one ends all. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLocalSource } from '../../../main/convert/checkpoint/local-source.ts';
import type { CheckpointSource } from '../../../main/convert/checkpoint/checkpoint-source.ts';
import { readStoredTensors } from '../../../main/convert/checkpoint/checkpoint.ts';
import { plainTensor } from '../../../main/convert/checkpoint/stored-reader.ts';
import type { PlannedTensor } from '../../../main/convert/plan/planned-tensor.ts';
import { syncToDisk } from '../../../main/convert/write/output-file.ts';
import { writeModel, type WriteProgress, type WrittenModel } from '../../../main/convert/write/write-model.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { madeSafetensors } from '../../support/safetensors-file.ts';

/** Two of them have more than 2^24 values, from which on threads are used. */
const ROWS = 4352;
const COLUMNS = 2048;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-large-'));
  const values = Float32Array.from({ length: ROWS * COLUMNS }, (_, index) => Math.sin(index) * 0.02);
  values[7] = Number.NaN;
  const bytes = new Uint8Array(values.buffer);
  const tensor = { dtype: 'F32', shape: [ROWS, COLUMNS], bytes };
  writeFileSync(path.join(folder, 'model.safetensors'), madeSafetensors({ a: tensor, b: tensor, c: tensor }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const piece = { firstRow: 0, rowCount: ROWS } as const;
const rows = (name: string, source: string, interleave: number | null): PlannedTensor => ({
  ...{ name, shape: [COLUMNS, ROWS], isFloat32: false },
  origin: { kind: 'rows', pieces: [{ source, ...piece, interleave }], add: 0 },
});
const planned: readonly PlannedTensor[] = [
  rows('plain', 'a', null),
  rows('turned', 'b', ROWS),
  // Such as rope_freqs of Llama 3: its step is in front of all others.
  {
    name: 'computed',
    shape: [32],
    isFloat32: true,
    origin: { kind: 'values', values: new Float32Array(32).fill(1.5) },
  },
  {
    name: 'transposed',
    shape: [ROWS, COLUMNS],
    isFloat32: false,
    origin: { kind: 'transposed', source: 'c', blocks: 1 },
  },
];

async function write(
  name: string,
  change: (source: CheckpointSource) => CheckpointSource,
  onProgress: (progress: WriteProgress) => void = () => {},
): Promise<[WrittenModel, string]> {
  const source = await openLocalSource(folder);
  const outputPath = path.join(folder, name);
  try {
    const { tensors } = await readStoredTensors(source, () => Promise.resolve());
    const model = {
      source: change(source),
      sources: tensors.map(plainTensor),
      openReader: () => Promise.reject(new Error('All tensors are stored as they are read.')),
      metadata: [{ key: 'general.architecture', type: 'string', value: 'none' }] as const,
      tensors: planned,
      ...{ outputType: 'Q8_0' as const, outputPath, sync: (what: 'file' | 'names') => syncToDisk(outputPath, what) },
    };
    return [await writeModel(model, onProgress), outputPath];
  } finally {
    await source.close();
  }
}

describe('a large model', () => {
  it('has the same bytes from threads as step by step, and the same counts', async () => {
    const [byThreads, one] = await write('threads.gguf', (source) => source);
    const [inTurn, other] = await write('turn.gguf', ({ localFolder: _, ...source }) => source);
    expect(readFileSync(one).equals(readFileSync(other))).toBe(true);
    expect(byThreads.oddTensors).toEqual(inTurn.oddTensors);
    expect(byThreads.oddTensors.map(({ tensor, nan }) => [tensor, nan]).sort()).toEqual([
      ['plain', 1],
      ['transposed', 1],
      ['turned', 1],
    ]);
  });

  it.runIf(os.availableParallelism() > 1)('tells and notes what threads did, and goes on from there', async () => {
    const told: WriteProgress[] = [];
    const stop = (progress: WriteProgress): void => {
      told.push(progress);
      if (told.length === 5) throw new AppError('cancelled', 'Cancelled.');
    };
    await expect(write('again.gguf', (source) => source, stop)).rejects.toMatchObject({ code: 'cancelled' });
    // The steps that no thread does are not done yet.
    expect(told.map(({ tensor }) => tensor).filter((tensor) => !['plain', 'turned'].includes(tensor))).toEqual([]);
    const doneBytes = told.at(-1)?.doneBytes ?? 0;
    const [{ resumedBytes, oddTensors }, file] = await write('again.gguf', (source) => source);
    // Threads end a few more steps before they are stopped.
    expect(resumedBytes).toBeGreaterThanOrEqual(doneBytes);
    expect(resumedBytes).toBeLessThan(told.at(-1)?.totalBytes ?? 0);
    const [inTurn, other] = await write('undisturbed.gguf', ({ localFolder: _, ...source }) => source);
    expect(readFileSync(file).equals(readFileSync(other))).toBe(true);
    expect(oddTensors).toEqual(expect.arrayContaining([...inTurn.oddTensors]));
  });

  it('ends with the name of a file that was cut while threads read it', async () => {
    const file = path.join(folder, 'model.safetensors');
    const whole = readFileSync(file);
    const run = write('cut.gguf', (source) => {
      truncateSync(file, 1_000_000);
      return source;
    });
    await expect(run).rejects.toMatchObject({ data: { reason: 'changed', file: 'model.safetensors' } });
    writeFileSync(file, whole);
  });
});
