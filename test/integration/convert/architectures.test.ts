/** Plans of conversions against what the reference converter writes, for every file of test/fixtures/conversion/architectures. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openLocalSource } from '../../../main/convert/checkpoint/local-source.ts';
import { architectures } from '../../../main/convert/architectures/registry.ts';
import { typeOf, type OutputType as WrittenType } from '../../../main/convert/plan/output-types.ts';
import { readCheckpointPlan, type CheckpointPlan } from '../../../main/convert/plan/read-plan.ts';
import type { GgufEntry } from '../../../main/model-file/gguf-entry.ts';
import {
  readReference,
  referenceNames,
  writeMadeCheckpoint,
  type OutputType,
  type Reference,
} from '../../support/made-checkpoint.ts';
import { plannedBytes, plannedValues } from '../../support/planned-values.ts';

const outputs: readonly OutputType[] = ['f32', 'f16', 'bf16', 'q8_0'];

/** What Hearth writes on purpose, where the reference converter leaves it out and llama.cpp then computes another model. */
const departures: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'gpt-neox-sequential': { 'gptneox.rope.freq_base': 20_000 },
};

/** The plan of the reference's checkpoint, whose weights lie in two files. */
async function planOf(name: string, reference: Reference): Promise<CheckpointPlan> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'hearth-reference-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeMadeCheckpoint(reference, folder, 2);
  const source = await openLocalSource(folder);
  onTestFinished(() => source.close());
  return await readCheckpointPlan(source, name, () => Promise.resolve());
}

test.each(referenceNames)('%s: names, shapes, types and bytes of tensors are those of the reference', async (name) => {
  const reference = readReference(name);
  const stored = new Map(reference.stored.map((tensor) => [tensor.name, tensor]));
  const { plan } = await planOf(name, reference);
  const planned = plan.tensors.map((tensor) => {
    const values = plannedValues(tensor, stored);
    const files = outputs.map((output) => {
      const type = output.toUpperCase() as WrittenType;
      const hash = createHash('sha256')
        .update(plannedBytes(tensor, values, type))
        .digest('hex');
      return `${typeOf(tensor, type)} ${hash.slice(0, 16)}`;
    });
    return { name: tensor.name, shape: tensor.shape, files };
  });
  const expected = reference.tensors.map((tensor) => ({
    name: tensor.name,
    shape: tensor.shape,
    files: outputs.map((output) => tensor[output] ?? tensor.f32),
  }));
  const byName = (one: { name: string }, other: { name: string }): number => (one.name < other.name ? -1 : 1);
  expect(planned.toSorted(byName)).toEqual(expected.toSorted(byName));
});

/** A value as the references have it: long lists as their length and, where it has no fractions, the hash of Python's JSON. */
function shownValue(entry: GgufEntry): unknown {
  if (entry.type === 'float32') return Math.fround(entry.value);
  if (typeof entry.value !== 'object') return entry.value;
  const items = Array.from<string | number | boolean>(entry.value);
  if (items.length <= 64) return items;
  if (entry.type === 'float32s') return { length: items.length };
  const json = `[${items.map((item) => JSON.stringify(item)).join(', ')}]`;
  return { length: items.length, sha256: createHash('sha256').update(json).digest('hex') };
}

test.each(referenceNames)('%s: all metadata is that of the reference', async (name) => {
  const reference = readReference(name);
  const { plan } = await planOf(name, reference);
  const found = Object.fromEntries(plan.metadata('F32').map((entry) => [entry.key, shownValue(entry)]));
  const expected = Object.fromEntries(
    Object.entries(reference.metadata).map(([key, [kind, items, value]]) =>
      kind !== 'ARRAY' ? [key, items] : [key, items === 'FLOAT32' ? { length: (value as ArrayLike<1>).length } : value],
    ),
  );
  expect(found).toEqual({ ...expected, ...departures[name] });
});

test('every architecture has a reference', () => {
  const converted = new Set(
    referenceNames.map((name) => String((readReference(name).config['architectures'] as unknown[])[0])),
  );
  const without = architectures.filter(({ classes }) => !classes.some((one) => converted.has(one)));
  expect(without.map(({ classes }) => classes[0])).toEqual([]);
});
