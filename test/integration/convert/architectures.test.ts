/** Converted files against what the reference converter writes, for every file of test/fixtures/conversion/architectures. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { architectures } from '../../../main/convert/architectures/registry.ts';
import { openLocalSource } from '../../../main/convert/checkpoint/local-source.ts';
import { outputTypes } from '../../../main/convert/plan/output-types.ts';
import { readCheckpointPlan } from '../../../main/convert/plan/read-plan.ts';
import type { GgufEntry } from '../../../main/model-file/gguf-entry.ts';
import { readGgufHeader } from '../../../main/model-file/gguf.ts';
import { prepareReference } from '../../support/converted-reference.ts';
import { readReference, referenceNames, type OutputType } from '../../support/made-checkpoint.ts';

/** What Hearth writes on purpose, where the reference converter leaves it out and llama.cpp then computes another model. */
const departures: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'gpt-neox-sequential': { 'gptneox.rope.freq_base': 20_000 },
};

/** Name, shape, type and the beginning of the sha256 of each tensor of a file. */
async function tensorsOf(file: string): Promise<readonly unknown[]> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const read = async (start: number, length: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(length);
    await handle.read(bytes, 0, length, start);
    return bytes;
  };
  const { tensors } = await readGgufHeader(
    (start, neededEnd) => read(start, neededEnd - start),
    size,
    () => Promise.resolve(),
  );
  const described: unknown[] = [];
  for (const { name, shape, type, offsetBytes, sizeBytes } of tensors) {
    const hash = createHash('sha256')
      .update(await read(offsetBytes, sizeBytes))
      .digest('hex')
      .slice(0, 16);
    described.push({ name, shape, content: `${type} ${hash}` });
  }
  return described.toSorted(byName);
}

const byName = (one: unknown, other: unknown): number =>
  (one as { name: string }).name < (other as { name: string }).name ? -1 : 1;

test.each(referenceNames)(
  '%s: the files have the tensors of the reference, byte for byte',
  { timeout: 60_000 },
  async (name) => {
    const reference = readReference(name);
    const { convert } = await prepareReference(name, reference);
    for (const outputType of outputTypes) {
      const key = outputType.toLowerCase() as OutputType;
      const expected = reference.tensors.map((tensor) => ({
        name: tensor.name,
        shape: tensor.shape,
        content: tensor[key] ?? tensor.f32,
      }));
      expect(await tensorsOf(await convert(outputType))).toEqual(expected.toSorted(byName));
    }
  },
);

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
  const source = await openLocalSource((await prepareReference(name, reference)).folder);
  onTestFinished(() => source.close());
  const { plan } = await readCheckpointPlan(source, name, () => Promise.resolve());
  const found = Object.fromEntries(plan.metadata('F32').map((entry) => [entry.key, shownValue(entry)]));
  const expected = Object.fromEntries(
    Object.entries(reference.metadata).map(([key, [kind, items, value]]) =>
      kind !== 'ARRAY' ? [key, items] : [key, items === 'FLOAT32' ? { length: (value as ArrayLike<1>).length } : value],
    ),
  );
  expect(found).toEqual({ ...expected, ...departures[name] });
});

test('a vocabulary is as long as the embeddings where config.json names no vocab_size, as that of Gemma 3 4B', async () => {
  const reference = readReference('gemma3-sparse-config');
  const text = Object.entries(reference.config['text_config'] as object).filter(([key]) => key !== 'vocab_size');
  const config = { ...reference.config, text_config: Object.fromEntries(text) };
  // What transformers takes for it.
  const rows = 262_208;
  const stored = reference.stored.map((tensor) =>
    tensor.name.endsWith('embed_tokens.weight') ? { ...tensor, shape: [rows, 64] } : tensor,
  );
  const { folder } = await prepareReference('gemma3', { ...reference, config, stored });
  const source = await openLocalSource(folder);
  onTestFinished(() => source.close());
  const { plan, vocabulary } = await readCheckpointPlan(source, 'gemma3', () => Promise.resolve());
  expect(plan.tensors.find(({ name }) => name === 'token_embd.weight')?.shape).toEqual([64, rows]);
  expect(vocabulary.entries.find(({ key }) => key === 'tokenizer.ggml.tokens')?.value).toHaveLength(rows);
});

test('every architecture has a reference', () => {
  const converted = new Set(
    referenceNames.map((name) => String((readReference(name).config['architectures'] as unknown[])[0])),
  );
  const without = architectures.filter(({ classes }) => !classes.some((one) => converted.has(one)));
  expect(without.map(({ classes }) => classes[0])).toEqual([]);
});
