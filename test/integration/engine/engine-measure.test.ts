/** The measured speed is that of a reply: with the output layer, which llama.cpp leaves out where nobody asks for logits. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LoadedEngine } from '../../../main/engine/child/load-engine.ts';
import { fillerTokens, measureSpeed } from '../../../main/engine/child/measure.ts';
import { tinyShape, writeGguf } from '../../hub-server/gguf-file.ts';
import { greedy } from '../../support/engine-host-setup.ts';
import { startInProcess, type InProcess } from '../../support/engine-in-process.ts';
import { writeRanker, writeScriptedModel } from '../../support/made-models.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-measure-'));
let engine: InProcess;
beforeAll(async () => {
  engine = await startInProcess();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const oneThread = { decodeThreads: [1], promptThreads: [], batchSizes: [], budgetMs: 2000 };

/** Tokens per second of a reply of 64 tokens, by its own record. */
async function replyRate({ session }: LoadedEngine): Promise<number> {
  const request = { input: { rawPrompt: 'ba be bi' }, sampling: { ...greedy, maxTokens: 64 } };
  for await (const event of session.generate(request, new AbortController().signal))
    if (event.type === 'end') return (1000 * event.result.generatedTokens) / event.result.generateMs;
  throw new Error('The reply has no end.');
}

it('a model with a vocabulary that is large against its layers is as fast as its replies', async () => {
  const file = path.join(folder, 'vocabulary.gguf');
  const shape = { ...tinyShape, embedding: 256, vocabulary: 32_000 };
  await writeGguf(file, { shape, quantization: 'Q8_0', seed: 1 });
  const loaded = await engine.load(file);
  const rates: { measured: number; reply: number }[] = [];
  // Side by side, and the best of each: other programs make a measurement slower, and nothing makes it faster.
  for (let round = 0; round < 8; round++) {
    const [decode] = await loaded.measure(oneThread);
    rates.push({ measured: decode?.tokensPerSecond ?? NaN, reply: await replyRate(loaded) });
  }
  const best = (side: 'measured' | 'reply'): number => Math.max(...rates.map((one) => one[side]));
  const ratio = best('measured') / best('reply');
  expect(ratio).toBeGreaterThan(0.5);
  expect(ratio).toBeLessThan(1.5);
});

it('a text after which the model would end its turn is measured to its end', async () => {
  const file = path.join(folder, 'ends.gguf');
  writeScriptedModel(file, { pieces: [] });
  await engine.load(file);
  const model = engine.models.at(-1) ?? expect.fail('nothing was loaded');
  const context = await model.createContext({ contextSize: 128, sequences: 1 });
  const sequence = context.getSequence();
  const text = fillerTokens(model, 8 + 64);
  const [newLine] = model.tokenize('\n');
  expect(text).toContain(newLine);
  const reply = await Array.fromAsync(sequence.evaluate(newLine === undefined ? [] : [newLine], { temperature: 0 }));
  expect(reply).toEqual([]);

  const measured = await measureSpeed(model, context, sequence, { ...oneThread, budgetMs: 600_000 }, () => {});
  expect(measured.map(({ phase }) => phase)).toEqual(['decode']);
  expect(sequence.contextTokens).toEqual(text);
  await context.dispose();
});

it('a model without an output layer is measured as well', async () => {
  const file = path.join(folder, 'ranker.gguf');
  writeRanker(file, ['fire', 'bird']);
  const loaded = await engine.load(file, { contextSize: 128 });
  const measured = await loaded.measure({ ...oneThread, promptThreads: [1], batchSizes: [1, 16] });
  expect(measured.map(({ phase, batchSize }) => [phase, batchSize])).toEqual([
    ['prompt', 1],
    ['prompt', 16],
    ['decode', 512],
  ]);
});
