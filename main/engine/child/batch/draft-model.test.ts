import type { Llama, LlamaModel } from 'node-llama-cpp';
import { expect, it } from 'vitest';
import { loadDrafting } from './draft-model.ts';

it('times the choices of the draft model, and gives for one that fails a token that its predictor drops', async () => {
  const choice = Promise.withResolvers<unknown>();
  const native = { sampleToken: (): Promise<unknown> => choice.promise };
  const model = {
    ...{ vocabularyType: 'spm', tokens: { bos: 1, eos: 2 }, memoryUsage: { vram: 3 } },
    fileInfo: { metadata: { tokenizer: { ggml: { tokens: ['<unk>', '<s>', '</s>'] } } } },
    createContext: async () => ({ _ctx: native, memoryUsage: { vram: 4 } }),
    [Symbol.asyncDispose]: async () => {},
  };
  await using undo = new AsyncDisposableStack();
  const { samplingMs, vramBytes, note } = await loadDrafting({
    llama: { loadModel: async () => model } as unknown as Llama,
    target: model as unknown as LlamaModel,
    speculation: { kind: 'draft', modelPath: 'm.gguf', gpuLayers: 0 },
    ...{ mmap: true, contextSettings: {}, signal: new AbortController().signal, undo },
  });
  expect([vramBytes(), note, samplingMs()]).toEqual([7, null, null]);
  const sample = native.sampleToken as (...input: unknown[]) => Promise<unknown>;
  const chosen = sample(0, {}, false, true);
  expect(samplingMs()).toBeGreaterThanOrEqual(0);
  choice.reject(new Error('ggml_backend_sched failed'));
  const [token, , confidence] = (await chosen) as [number, undefined, number];
  expect(token).toBeGreaterThanOrEqual(0);
  // `createModelDrafter` asks for 0.6.
  expect(confidence).toBe(0);
  expect(samplingMs()).toBeNull();
});
