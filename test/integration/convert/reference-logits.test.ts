/**
 * The GGUF files of all references in the shipped llama.cpp against transformers: logits and greedy tokens of language models, vectors
 * of embedding models.
 */
import { expect, test } from 'vitest';
import { prepareReference } from '../../support/converted-reference.ts';
import { toleranceOf } from '../../support/compatibility-table.ts';
import { computeGreedy, computeLogits, computeVector, largestDifference } from '../../support/gguf-logits.ts';
import { readReference, referenceNames } from '../../support/made-checkpoint.ts';

const TIMEOUT_MS = 180_000;

const numbers = (line = ''): readonly number[] => line.split(' ').map(Number);

const references = referenceNames.map((name) => ({ name, ...readReference(name) }));

test.each(references.filter(({ kind }) => kind === 'causal'))(
  '$name gives the logits and the greedy tokens that transformers gives',
  { timeout: TIMEOUT_MS },
  async (reference) => {
    const file = await (await prepareReference(reference.name, reference)).convert('F32');
    for (const { ids, logits_last: logits, greedy = [] } of reference.prompts) {
      expect(largestDifference(await computeLogits(file, ids), numbers(logits))).toBeLessThan(toleranceOf(reference));
      expect(await computeGreedy(file, ids, greedy.length)).toEqual(greedy);
    }
  },
);

test.each(references.filter(({ kind }) => kind === 'embedding'))(
  '$name gives the vectors that transformers gives',
  { timeout: TIMEOUT_MS },
  async (reference) => {
    const file = await (await prepareReference(reference.name, reference)).convert('F32');
    for (const prompt of reference.prompts) {
      // Without a pooling llama.cpp gives the last token's.
      const expected = numbers(prompt[reference.pooling ?? 'last']);
      expect(largestDifference(await computeVector(file, prompt.ids), expected)).toBeLessThan(toleranceOf(reference));
    }
  },
);
