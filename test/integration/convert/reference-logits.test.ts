/**
 * The GGUF files of all references in the shipped llama.cpp against transformers: logits and greedy tokens of language models, vectors
 * of embedding models.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openLocalSource } from '../../../main/convert/checkpoint/local-source.ts';
import { readCheckpointPlan } from '../../../main/convert/plan/read-plan.ts';
import { toleranceOf } from '../../support/compatibility-table.ts';
import { computeNext, computeVector, largestDifference, logSoftmax } from '../../support/gguf-logits.ts';
import { writeGgufOfPlan } from '../../support/gguf-of-plan.ts';
import { readReference, referenceNames, writeMadeCheckpoint, type Reference } from '../../support/made-checkpoint.ts';

const TIMEOUT_MS = 180_000;

async function converted(reference: Reference): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'hearth-logits-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeMadeCheckpoint(reference, folder);
  const source = await openLocalSource(folder);
  onTestFinished(() => source.close());
  const { plan } = await readCheckpointPlan(source, 'made', () => Promise.resolve());
  const file = path.join(folder, 'made-F32.gguf');
  await writeGgufOfPlan(plan, reference.stored, file);
  return file;
}

const numbers = (line = ''): readonly number[] => line.split(' ').map(Number);

const references = referenceNames.map((name) => ({ name, ...readReference(name) }));

test.each(references.filter(({ kind }) => kind === 'causal'))(
  '$name gives the logits and the greedy tokens that transformers gives',
  { timeout: TIMEOUT_MS },
  async (reference) => {
    const file = await converted(reference);
    for (const { ids, logits_last: logits, greedy = [] } of reference.prompts) {
      const found = await computeNext(file, ids, greedy.length);
      expect(largestDifference(found.logprobs, logSoftmax(numbers(logits)))).toBeLessThan(toleranceOf(reference));
      expect(found.greedy).toEqual(greedy);
    }
  },
);

test.each(references.filter(({ kind }) => kind === 'embedding'))(
  '$name gives the vectors that transformers gives',
  { timeout: TIMEOUT_MS },
  async (reference) => {
    const file = await converted(reference);
    for (const prompt of reference.prompts) {
      // Without a pooling llama.cpp gives the last token's.
      const expected = numbers(prompt[reference.pooling ?? 'last']);
      expect(largestDifference(await computeVector(file, prompt.ids), expected)).toBeLessThan(toleranceOf(reference));
    }
  },
);
