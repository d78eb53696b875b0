/** Checkpoints with what the reference implementations make of them: a few lie here, more beside the repository where they are there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createStoredReader, plainTensor } from '../../main/convert/checkpoint/stored-reader.ts';
import { readStoredTensors } from '../../main/convert/checkpoint/checkpoint.ts';
import { openLocalSource } from '../../main/convert/checkpoint/local-source.ts';
import { readSmallJson, type CheckpointSource } from '../../main/convert/checkpoint/checkpoint-source.ts';
import { readPooling } from '../../main/convert/plan/pooling-files.ts';
import type { CheckpointTensor } from '../../main/convert/checkpoint/checkpoint-tensor.ts';

const root = path.join(import.meta.dirname, '../..');
const folders = [path.join(root, 'test/fixtures/conversion'), path.join(root, '../shared/fixtures/conversion')];

export interface ConversionFixture {
  readonly name: string;
  readonly folder: string;
  readonly expected: ExpectedConversion;
}

export interface ExpectedTensor {
  readonly name: string;
  readonly type: string;
  readonly sha256: string;
  /** In ggml's order; given with F32 only. */
  readonly shape?: readonly number[];
}

export interface ExpectedConversion {
  readonly kind?: string;
  readonly gguf?: {
    readonly metadata: Readonly<Record<string, { readonly type: readonly string[]; readonly value: unknown }>>;
    readonly tensors: readonly ExpectedTensor[];
    readonly other_outtypes: Readonly<
      Record<string, { readonly file_type?: number; readonly tensors: readonly ExpectedTensor[] }>
    >;
    readonly insignificant_metadata?: readonly string[];
    readonly optional_tensors?: readonly string[];
  };
}

/** Every folder with a checkpoint and expected.json, each name once. */
export function conversionFixtures(): readonly ConversionFixture[] {
  const found = new Map<string, ConversionFixture>();
  for (const parent of folders.filter((one) => existsSync(one))) {
    for (const name of readdirSync(parent)) {
      const folder = path.join(parent, name);
      const file = path.join(folder, 'expected.json');
      if (found.has(name) || !existsSync(file) || !existsSync(path.join(folder, 'config.json'))) continue;
      found.set(name, { name, folder, expected: JSON.parse(readFileSync(file, 'utf8')) as ExpectedConversion });
    }
  }
  return [...found.values()];
}

/** A checkpoint without a quantization of its own, and the rows of its tensors. */
export interface OpenCheckpoint {
  readonly source: CheckpointSource;
  readonly config: Readonly<Record<string, unknown>>;
  readonly generation: Readonly<Record<string, unknown>> | null;
  readonly pooling: Awaited<ReturnType<typeof readPooling>>;
  readonly tensors: readonly CheckpointTensor[];
  /** A copy of some rows. */
  readRows(name: string, firstRow: number, rowCount: number): Promise<Uint8Array>;
}

export async function openCheckpoint(folder: string): Promise<OpenCheckpoint> {
  const source = await openLocalSource(folder);
  const { tensors } = await readStoredTensors(source, () => Promise.resolve());
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return {
    source,
    config: (await readSmallJson(source, 'config.json')) ?? {},
    generation: await readSmallJson(source, 'generation_config.json'),
    pooling: await readPooling(source),
    tensors: tensors.map(plainTensor),
    async readRows(name, firstRow, rowCount) {
      const stored = byName.get(name);
      if (stored === undefined) throw new Error(`There is no tensor ${name}.`);
      return (await createStoredReader(source, stored).readRows(firstRow, rowCount)).slice();
    },
  };
}
