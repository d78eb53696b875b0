/** The memory that a load leaves behind, seen from inside the child's process. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { LlamaContext, LlamaModel } from 'node-llama-cpp';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { tinyShape, writeGguf } from '../../hub-server/gguf-file.ts';
import { emberPath, storiesPath } from '../../support/engine-child.ts';
import { startInProcess, type InProcess } from '../../support/engine-in-process.ts';

let folder: string;
let engine: InProcess;
/**
 * The same vocabulary twice. A Q8_0 cache has blocks of 32 elements, and the second model's head size is no multiple of
 * 32.
 */
let wide: string;
let narrow: string;
const quantized = { kvCacheType: 'Q8_0', flashAttention: true } as const;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-load-'));
  wide = path.join(folder, 'wide.gguf');
  narrow = path.join(folder, 'narrow.gguf');
  await writeGguf(wide, { shape: { ...tinyShape, embedding: 64, heads: 2, kvHeads: 2 }, quantization: 'F16', seed: 1 });
  await writeGguf(narrow, {
    shape: { ...tinyShape, embedding: 48, heads: 2, kvHeads: 2 },
    quantization: 'F16',
    seed: 1,
  });
  engine = await startInProcess();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('keeps the model and its draft model', async () => {
  const from = engine.models.length;
  const { info, model } = await engine.load(wide, { speculation: { kind: 'draft', modelPath: wide, gpuLayers: 0 } });
  expect(info.notes.filter(({ code }) => code === 'draft_model_unused')).toEqual([]);
  expect(engine.models.slice(from).map(({ disposed }) => disposed)).toEqual([false, false]);
  expect(engine.models[from]).toBe(model);
  expect(engine.openTemplates()).toBe(1);
});

it('does not keep a draft model whose context cannot be created, and says that it is not used', async () => {
  const from = engine.models.length;
  const speculation = { kind: 'draft', modelPath: narrow, gpuLayers: 0 } as const;
  const { info } = await engine.load(wide, { ...quantized, speculation });
  expect(info.notes).toContainEqual({ code: 'draft_model_unused', why: 'not_loaded' });
  expect(engine.models.slice(from).map(({ disposed }) => disposed)).toEqual([false, true]);
});

it('does not keep a draft model of another vocabulary', async () => {
  const from = engine.models.length;
  await engine.load(storiesPath, { speculation: { kind: 'draft', modelPath: emberPath, gpuLayers: 0 } });
  expect(engine.models.slice(from).map(({ disposed }) => disposed)).toEqual([false, true]);
});

it('leaves neither a model nor a template thread behind when the context cannot be created', async () => {
  const [from, templates] = [engine.models.length, engine.openTemplates()];
  await expect(engine.load(narrow, quantized)).rejects.toThrow();
  expect(engine.models.slice(from).map(({ disposed }) => disposed)).toEqual([true]);
  expect(engine.openTemplates()).toBe(templates);
});

it('leaves nothing behind when it is canceled while the draft model loads', async () => {
  const [from, templates] = [engine.models.length, engine.openTemplates()];
  const abort = new AbortController();
  const speculation = { kind: 'draft', modelPath: narrow, gpuLayers: 0 } as const;
  const load = engine.load(wide, { speculation }, abort.signal, (modelPath) => modelPath === narrow && abort.abort());
  await expect(load).rejects.toThrow();
  expect(engine.models.length).toBe(from + 1);
  expect(engine.models.slice(from).map(({ disposed }) => disposed)).toEqual([true]);
  expect(engine.openTemplates()).toBe(templates);
});

it.each([
  ['a draft model', { kind: 'draft' }, 2],
  ['none', { kind: 'off' }, 1],
] as const)(
  'counts the GPU memory of contexts for vectors beside that of replies, with %s',
  async (_, { kind }, models) => {
    const speculation = kind === 'off' ? { kind } : { kind, modelPath: wide, gpuLayers: 0 };
    const loaded = await engine.load(wide, { speculation });
    // Without a GPU each takes none, so what the library would say of one is put in its place.
    vi.spyOn(LlamaModel.prototype, 'memoryUsage', 'get').mockReturnValue({ ram: 0, vram: 10 });
    vi.spyOn(LlamaContext.prototype, 'memoryUsage', 'get').mockReturnValue({ ram: 0, vram: 1000 });
    onTestFinished(() => void vi.restoreAllMocks());
    expect(loaded.vramBytes()).toBe(models * 1010);
    const options = { dimensions: null, normalize: true, signal: new AbortController().signal };
    await loaded.vectors.embed(['a text'], options);
    expect(loaded.vramBytes()).toBe(models * 1010 + 1000);
  },
);
