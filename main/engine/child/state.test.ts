import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LoadRequest, StateFile } from '../protocol.ts';
import { stateKeyOf } from './state-key.ts';
import { createPrefixStore, fileKey, loadState, saveState } from './state.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-state-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface TestSequence {
  readonly sequence: LlamaContextSequence;
  /** Files that it was asked to read. */
  readonly read: string[];
  readonly tokens: () => readonly number[];
}

/** A sequence whose state is its tokens as JSON. */
function sequenceOf(tokens: readonly number[], contextSize = 100): TestSequence {
  let contextTokens = [...tokens] as Token[];
  const read: string[] = [];
  const sequence = {
    contextSize,
    get contextTokens() {
      return contextTokens;
    },
    async saveStateToFile(file: string) {
      writeFileSync(file, JSON.stringify(contextTokens));
      return { fileSize: readFileSync(file).byteLength };
    },
    async loadStateFromFile(file: string) {
      read.push(file);
      contextTokens = [];
      contextTokens = JSON.parse(readFileSync(file, 'utf8')) as Token[];
    },
  };
  return { sequence: sequence as unknown as LlamaContextSequence, read, tokens: () => contextTokens };
}

/** Of little-endian 32-bit numbers, as Python's struct writes them. */
const hashOf = (bytes: readonly number[]): string => createHash('sha256').update(Buffer.from(bytes)).digest('hex');

describe('a saved state', () => {
  const save = async (tokens = [1, 2, 258]): Promise<StateFile> =>
    await saveState(sequenceOf(tokens).sequence, path.join(folder, 'deep/a.state'), 'key');

  it('names its file, the key of its load, and its tokens', async () => {
    const state = await save();
    expect(state).toEqual({
      path: path.join(folder, 'deep/a.state'),
      stateKey: 'key',
      tokenCount: 3,
      tokenHash: hashOf([1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 0, 0]),
      sizeBytes: '[1,2,258]'.length,
    });
    expect(readdirSync(path.join(folder, 'deep'))).toEqual(['a.state']);
  });

  it('that cannot be written whole leaves the one before, and no unfinished file', async () => {
    const state = await save();
    const sequence = {
      contextTokens: [],
      saveStateToFile: async (file: string) => {
        writeFileSync(file, 'half');
        throw new Error('The disk is full.');
      },
    } as unknown as LlamaContextSequence;
    await expect(saveState(sequence, state.path, 'key')).rejects.toThrow('full');
    expect(readFileSync(state.path, 'utf8')).toBe('[1,2,258]');
    expect(readdirSync(path.dirname(state.path))).toEqual(['a.state']);
  });

  it('is loaded into a sequence that holds something else', async () => {
    const target = sequenceOf([7, 8]);
    expect(await loadState(target.sequence, await save(), 'key')).toBe('loaded');
    expect(target.tokens()).toEqual([1, 2, 258]);
  });

  it.each<[string, (state: StateFile) => StateFile]>([
    ['of another load', (state) => ({ ...state, stateKey: 'another' })],
    ['whose file is gone', (state) => ({ ...state, path: `${state.path}.gone` })],
    ['whose file has another size', (state) => ({ ...state, sizeBytes: state.sizeBytes + 1 })],
  ])('is refused, and the sequence keeps what it has: one %s', async (_, change) => {
    const target = sequenceOf([7, 8]);
    expect(await loadState(target.sequence, change(await save()), 'key')).toBe('refused');
    expect([target.tokens(), target.read]).toEqual([[7, 8], []]);
  });

  it('is refused where the context has no room for one more token', async () => {
    const state = await save();
    expect(await loadState(sequenceOf([], 3).sequence, state, 'key')).toBe('refused');
    expect(await loadState(sequenceOf([], 4).sequence, state, 'key')).toBe('loaded');
  });

  it.each([
    ['other tokens', '[1,2,259]'],
    ['fewer tokens', '[1,25801]'],
    ['no state', 'something'],
  ])('is broken, and never used, when its file holds %s', async (_, content) => {
    const state = await save();
    writeFileSync(state.path, content);
    expect(await loadState(sequenceOf([]).sequence, state, 'key')).toBe('broken');
  });
});

describe('the key of a file', () => {
  it('is another one after the file was replaced by one of the same size', () => {
    const file = path.join(folder, 'model.gguf');
    writeFileSync(file, 'weights');
    utimesSync(file, 1000, 1000);
    const before = fileKey(file);
    expect(fileKey(file)).toBe(before);
    writeFileSync(file, 'WEIGHTS');
    utimesSync(file, 1000, 1000.002);
    expect(fileKey(file)).not.toBe(before);
    writeFileSync(file, 'longer weights');
    utimesSync(file, 1000, 1000);
    expect(fileKey(file)).not.toBe(before);
  });
});

describe('the key of a state', () => {
  const write = (name: string): string => {
    const file = path.join(folder, name);
    writeFileSync(file, 'weights');
    utimesSync(file, 1000, 1000);
    return file;
  };

  it('differs between loads that may not exchange states, and only between those', () => {
    const llama = { llamaCppRelease: { repo: 'ggml-org/llama.cpp', release: 'b1' }, gpu: false } as const;
    const request: LoadRequest = {
      ...{ modelPath: write('a.gguf'), contextSize: 512, sequences: 1, gpuLayers: 0, kvCacheType: 'F16' },
      ...{ flashAttention: true, batchSize: 512, decodeThreads: 1, promptThreads: 1, mmap: true, mlock: false },
      ...{ speculation: { kind: 'off' }, scratchFolder: null },
      loras: [{ path: write('lora.gguf'), scale: 1 }],
    };
    const keyOf = (
      change: Partial<LoadRequest> = {},
      ofLlama: Parameters<typeof stateKeyOf>[0] = llama,
      version = '3',
    ) => stateKeyOf(ofLlama, { ...request, ...change }, version);
    const others = [
      // A fine-tune of the same shape has the same size, too.
      keyOf({ modelPath: write('b.gguf') }),
      keyOf({ loras: [] }),
      keyOf({ loras: [{ path: write('other-lora.gguf'), scale: 1 }] }),
      keyOf({ loras: [{ path: write('lora.gguf'), scale: 0.5 }] }),
      keyOf({ kvCacheType: 'Q8_0' }),
      keyOf({ flashAttention: false }),
      keyOf({ sequences: 2 }),
      keyOf({ gpuLayers: 1 }),
      keyOf({}, { ...llama, llamaCppRelease: { ...llama.llamaCppRelease, release: 'b2' } }),
      keyOf({}, { ...llama, gpu: 'cuda' }),
      keyOf({}, llama, '4'),
    ];
    expect(new Set([keyOf(), ...others]).size).toBe(others.length + 1);
    expect(keyOf({ decodeThreads: 4, promptThreads: 4, batchSize: 64, mmap: false, contextSize: 1024 })).toBe(keyOf());
    utimesSync(request.modelPath, 2000, 2000);
    expect(others).not.toContain(keyOf());

    // Of a model in several files each one counts, also through the links that the host makes for files under other names.
    const parts = ['part1.gguf', 'part2.gguf'].map(write);
    const names = ['links-00001-of-00002.gguf', 'links-00002-of-00002.gguf'].map((name) => path.join(folder, name));
    for (const [index, part] of parts.entries()) symlinkSync(part, names[index] ?? '');
    const split = { modelPath: names[0] ?? '' };
    const ofFirst = keyOf(split);
    expect(keyOf(split)).toBe(ofFirst);
    utimesSync(parts[1] ?? '', 2000, 2000);
    expect(keyOf(split)).not.toBe(ofFirst);
  });
});

describe('kept prefixes', () => {
  const keep = async (store: ReturnType<typeof createPrefixStore>, tokens: readonly number[]): Promise<void> =>
    await store.keep(sequenceOf(tokens).sequence);
  const find = (store: ReturnType<typeof createPrefixStore>, tokens: readonly number[], atLeast = 0) =>
    store.find(tokens as Token[], atLeast);

  it('the longest that begins a prompt is found, if it is worth it and leaves a token to evaluate', async () => {
    const store = createPrefixStore(folder, 'key');
    for (const tokens of [
      [1, 2, 3],
      [1, 2],
      [1, 9, 9, 9],
    ])
      await keep(store, tokens);
    expect(find(store, [1, 2, 3, 4])?.tokenCount).toBe(3);
    expect(find(store, [1, 2, 3])?.tokenCount).toBe(2);
    expect(find(store, [1, 2, 3, 4], 3)).toBeUndefined();
    expect(find(store, [2, 1, 2, 3])).toBeUndefined();
    expect([store.has([1, 2] as Token[]), store.has([2, 1] as Token[])]).toEqual([true, false]);
    const found = find(store, [1, 9, 9, 9, 9]);
    expect(found && (await loadState(sequenceOf([]).sequence, found, 'key'))).toBe('loaded');
  });

  it('are four, and the one that was not used for the longest time goes with its file', async () => {
    const store = createPrefixStore(folder, 'key');
    for (let first = 1; first <= 4; first++) await keep(store, [first, 0]);
    expect(existsSync(path.join(folder, 'prefix-2.state'))).toBe(true);
    expect(find(store, [1, 0, 0])).toBeDefined();
    await keep(store, [5, 0]);
    expect([1, 2, 3, 4, 5].map((first) => store.has([first, 0] as Token[]))).toEqual([true, false, true, true, true]);
    expect(existsSync(path.join(folder, 'prefix-2.state'))).toBe(false);
    expect(readdirSync(folder)).toHaveLength(4);
  });

  it('are not needed: without room on the disk nothing is kept', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    const store = createPrefixStore(path.join(folder, 'file/below'), 'key');
    await keep(store, [1, 2]);
    expect(find(store, [1, 2, 3])).toBeUndefined();
  });
});
