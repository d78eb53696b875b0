import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStoredTensors } from '../checkpoint.ts';
import { readSmallJson } from '../checkpoint-source.ts';
import { openLocalSource } from '../local-source.ts';
import { openTensor, unpackedTensors } from './unpack.ts';

const root = path.join(import.meta.dirname, '../../../..');
const nextTurn = (): Promise<void> => Promise.resolve();

interface Expected {
  readonly dequantized: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly sha256: string;
  }[];
}

/** Name, shape and hash of every float32 tensor that is computed, read `rowsAtOnce` rows at a time. */
async function dequantized(folder: string, rowsAtOnce: number): Promise<Expected['dequantized']> {
  const source = await openLocalSource(folder);
  try {
    const config = await readSmallJson(source, 'config.json');
    const { tensors } = await readStoredTensors(source, nextTurn);
    const found: Expected['dequantized'][number][] = [];
    for (const unpacked of unpackedTensors(config ?? {}, tensors)) {
      if (unpacked.packing.kind === 'stored') continue;
      const reader = await openTensor(source, unpacked);
      const { name, shape } = unpacked.tensor;
      const rows = shape.slice(0, -1).reduce((product, length) => product * length, 1);
      const hash = createHash('sha256');
      for (let row = 0; row < rows; row += rowsAtOnce)
        hash.update(await reader.readRows(row, Math.min(rowsAtOnce, rows - row)));
      found.push({ name, shape, sha256: hash.digest('hex') });
    }
    return found;
  } finally {
    await source.close();
  }
}

const byName = <T extends { readonly name: string }>(list: readonly T[]): T[] =>
  list.toSorted((a, b) => (a.name < b.name ? -1 : 1));

const shared = path.join(root, '../shared/fixtures/conversion');

describe.runIf(existsSync(shared))('the quantized checkpoints of the fixtures', () => {
  it.each(['quant-fp8-block', 'quant-int4-group', 'quant-gptq'])(
    '%s has the values of its expected.json',
    async (name) => {
      const expected = JSON.parse(readFileSync(path.join(shared, name, 'expected.json'), 'utf8')) as Expected;
      const wanted = byName(expected.dequantized.map(({ name, shape, sha256 }) => ({ name, shape, sha256 })));
      expect(wanted).toHaveLength(14);
      for (const rowsAtOnce of [1, 50, 1000])
        expect(byName(await dequantized(path.join(shared, name), rowsAtOnce))).toEqual(wanted);
    },
  );
});
