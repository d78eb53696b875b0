/** A model that is large enough for threads: the same bytes as step by step, and an error of one thread ends all. */
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
import { writeModel, type WrittenModel } from '../../../main/convert/write/write-model.ts';
import { madeSafetensors } from '../../support/safetensors-file.ts';

const ROWS = 4096;
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
  { name: 'transposed', shape: [ROWS, COLUMNS], isFloat32: false, origin: { kind: 'transposed', source: 'c' } },
];

async function write(
  name: string,
  change: (source: CheckpointSource) => CheckpointSource,
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
    return [await writeModel(model, () => {}), outputPath];
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
