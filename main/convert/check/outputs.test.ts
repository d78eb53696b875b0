import path from 'node:path';
import { expect, it } from 'vitest';
import type { GgufHeader } from '../../model-file/gguf.ts';
import { readHeader } from '../../model-file/disk/header-of-file.ts';
import { fitIn, type FitQuestion } from '../../model-file/fit-of.ts';
import { summarizeModel } from '../../model-file/model-summary.ts';
import { basisOfModel } from './model-basis.ts';
import { describeOutputs } from './outputs.ts';

const GB = 1_000_000_000;
const fitOf = fitIn(() => ({ freeRamBytes: 12 * GB, totalRamBytes: 16 * GB, readBytesPerSecond: 10 * GB }));
const story = await readHeader(
  path.join(import.meta.dirname, '../../../test/fixtures/stories260K/stories260K-F32.gguf'),
);

/** A header with blocks of so wide rows that every type fits. */
function wideHeader(vocabulary: number): GgufHeader {
  const [width, layers] = [1024, 8];
  const tensor = (name: string, ...shape: number[]) => ({ name, shape, type: 'F16', offsetBytes: 0, sizeBytes: 0 });
  const blocks = Array.from({ length: layers }, (_, layer) => [
    tensor(`blk.${layer}.attn_q.weight`, width, width),
    tensor(`blk.${layer}.attn_k.weight`, width, width),
    tensor(`blk.${layer}.attn_v.weight`, width, width),
    tensor(`blk.${layer}.ffn_down.weight`, 4 * width, width),
  ]);
  const tensors = [tensor('token_embd.weight', width, vocabulary), ...blocks.flat()];
  return {
    ...{ version: 3, alignment: 32, dataOffsetBytes: 4096, tensorBytes: 0, parameterCount: 0, notes: [], tensors },
    metadata: new Map<string, never>(
      Object.entries({
        'general.architecture': 'llama',
        ...{ 'llama.block_count': layers, 'llama.embedding_length': width, 'llama.context_length': 2048 },
        ...{ 'llama.attention.head_count': 16, 'llama.feed_forward_length': 4 * width },
        'tokenizer.ggml.tokens': { omittedLength: vocabulary },
      }) as [string, never][],
    ),
  };
}

it('predicts for the type that a file has the memory that the file itself needs', async () => {
  const summary = summarizeModel(story);
  const same = (await describeOutputs(basisOfModel(story), fitOf)).find(({ type }) => type === 'F32');
  const itself = fitOf({ modelId: 'stories', sizeBytes: summary.weightsBytes, summary });
  expect(summary.vocabularySize).toBe(512);
  expect(same?.fit).toEqual({ ...itself, weightsBytes: same?.fit.weightsBytes, ramBytes: same?.fit.ramBytes });
  expect(Math.abs((same?.fit.ramBytes ?? 0) - itself.ramBytes)).toBeLessThan(10_000);
});

it('asks for outputs as for files of which nothing is known yet, whatever was measured of the source', async () => {
  const asked: FitQuestion[] = [];
  await describeOutputs(basisOfModel(story), (question) => {
    asked.push(question);
    return fitOf(question);
  });
  expect(new Set(asked.map(({ modelId }) => modelId))).toEqual(new Set(['']));
});

it('recommends of a file that is there only what is smaller', async () => {
  const basis = basisOfModel(wideHeader(32_000));
  const all = await describeOutputs(basis, fitOf);
  const size = (type: string): number => all.find((one) => one.type === type)?.sizeBytes ?? 0;
  const pick = async (source: { type: string; sizeBytes: number } | null): Promise<string | undefined> =>
    (await describeOutputs(basis, fitOf, source)).find(({ isRecommended }) => isRecommended)?.type;
  expect(await pick(null)).toBe('Q8_0');
  expect(await pick({ type: 'F16', sizeBytes: size('F16') })).toBe('Q8_0');
  expect(await pick({ type: 'Q8_0', sizeBytes: size('Q8_0') })).toBe('Q6_K');
  expect(await pick({ type: 'IQ1_S', sizeBytes: size('IQ1_S') })).toBeUndefined();
  // Rows of 64 values have no K types: Q6_K would be as large as Q8_0.
  const narrow = basisOfModel(story);
  const sizeBytes = (await describeOutputs(narrow, fitOf)).find(({ type }) => type === 'Q8_0')?.sizeBytes ?? NaN;
  const outputs = await describeOutputs(narrow, fitOf, { type: 'Q8_0', sizeBytes });
  expect(outputs.find(({ type }) => type === 'Q6_K')?.sizeBytes).toBeGreaterThan(0.95 * sizeBytes);
  expect(outputs.find(({ isRecommended }) => isRecommended)?.type).not.toBe('Q6_K');
});

it('recommends one of the usual types where one fits, and of a file that has lost something none', async () => {
  const basis = basisOfModel(wideHeader(32_000));
  const pick = async (freeRamBytes: number, source: { type: string; sizeBytes: number } | null) => {
    const inRam = fitIn(() => ({ freeRamBytes, totalRamBytes: 16 * GB, readBytesPerSecond: 10 * GB }));
    return (await describeOutputs(basis, inRam, source)).find(({ isRecommended }) => isRecommended)?.type;
  };
  const steps = Array.from({ length: 100 }, (_, step) => pick((0.1 + step * 0.01) * GB, null));
  const picks = await Promise.all(steps);
  expect(new Set(picks).size).toBeGreaterThan(1);
  expect(picks).toEqual(expect.arrayContaining(['Q8_0', 'Q4_K_M']));
  // They are larger than Q4_K_M: where one of them fits, so does that.
  for (const type of ['Q5_1', 'Q5_0', 'Q5_K_S', 'Q4_1']) expect(picks).not.toContain(type);
  expect(await pick(12 * GB, { type: 'Q6_K', sizeBytes: GB })).toBeUndefined();
});

it('says of a quantized file that nothing of its size or more is better, and of no type that it keeps every value', async () => {
  // The rows of Ember are too short for most of Q4_K_M: the type of most of its tensors is another one.
  const basis = { ...basisOfModel(wideHeader(2048)), sourceType: 'Q5_0' };
  const sizeBytes = (await describeOutputs(basis, fitOf)).find(({ type }) => type === 'Q4_K_M')?.sizeBytes ?? 0;
  const source = { type: 'Q4_K_M', sizeBytes };
  const outputs = await describeOutputs(basis, fitOf, source);
  for (const { type, purpose, sizeBytes } of outputs) {
    expect(purpose, type).not.toBe('as_source');
    expect(purpose === 'larger_than_source', type).toBe(sizeBytes >= source.sizeBytes);
  }
  expect(outputs.filter(({ purpose }) => purpose === 'larger_than_source').length).toBeGreaterThan(5);
});

it('tells which types are not the types of most tensors, because rows do not divide into their blocks', async () => {
  const fallingBack = async (header: GgufHeader): Promise<string[]> =>
    (await describeOutputs(basisOfModel(header), fitOf)).flatMap(({ type, fallsBack }) => (fallsBack ? [type] : []));
  expect(await fallingBack(wideHeader(32_000))).toEqual([]);
  // Rows of 64 values: the K types and most IQ types have blocks of 256.
  const narrow = await fallingBack(story);
  expect(narrow).toEqual(expect.arrayContaining(['Q6_K', 'Q4_K_M', 'IQ4_XS', 'IQ2_XXS']));
  for (const type of ['F32', 'F16', 'BF16', 'Q8_0', 'Q5_1', 'Q5_0', 'Q4_1', 'Q4_0', 'IQ4_NL'])
    expect(narrow).not.toContain(type);
});
