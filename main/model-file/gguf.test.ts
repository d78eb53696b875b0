import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../preload/wire/errors.ts';
import { parseGgufHeader, readGgufHeader } from './gguf.ts';
import { SUMMARY_FORMAT, summarizeModel } from './model-summary.ts';

const root = path.join(import.meta.dirname, '../..');
const bad = path.join(root, 'test/fixtures/gguf-bad');
const ember = readFileSync(path.join(root, 'assets/models/ember-3M-Q8_0.gguf'));

function parseWhole(bytes: Uint8Array): ReturnType<typeof parseGgufHeader> {
  return parseGgufHeader(bytes, bytes.byteLength);
}

describe('parseGgufHeader', () => {
  const index = JSON.parse(readFileSync(path.join(bad, 'index.json'), 'utf8')) as { path: string; what: string }[];
  it.each(index)('refuses $path: $what', ({ path: file }) => {
    const bytes = readFileSync(path.join(bad, file));
    let thrown: unknown;
    try {
      parseWhole(bytes);
    } catch (error) {
      thrown = error;
    }
    expect(isAppError(thrown, 'model.corrupt') || isAppError(thrown, 'model.unsupported')).toBe(true);
    if (isAppError(thrown)) expect(thrown.data['field']).toBeTypeOf('string');
  });

  it('reads the sound file of the same set', () => {
    const parsed = parseWhole(readFileSync(path.join(bad, 'valid.gguf')));
    expect('header' in parsed && parsed.header.tensors.length).toBeGreaterThan(0);
  });

  it('reads Ember as its model card describes it', () => {
    const parsed = parseWhole(ember);
    if (!('header' in parsed)) throw new Error('needs more than the whole file');
    const summary = summarizeModel(parsed.header);
    const { layers } = summary;
    expect(summary).toEqual({
      format: SUMMARY_FORMAT,
      architecture: 'llama',
      name: expect.any(String),
      quantization: 'Q8_0',
      license: 'mit',
      parameterCount: 3_049_920,
      weightsBytes: parsed.header.tensorBytes,
      contextLength: 1024,
      // 6 layers, 6 KV heads, 32 for the key and 32 for the value
      layers: Array.from({ length: 6 }, () => ({
        weightsBytes: layers[0]?.weightsBytes,
        keyElements: 6 * 32,
        valueElements: 6 * 32,
        windowTokens: null,
        stateBytes: 0,
      })),
      inputBytes: (2048 * 192 * 34) / 32,
      outputBytes: expect.any(Number),
      outputCopyBytes: expect.any(Number),
      embeddingLength: 192,
      feedForwardLength: 512,
      headCount: 6,
      vocabularySize: 2048,
      hasChatTemplate: true,
    });
    const inLayers = layers.reduce((sum, layer) => sum + layer.weightsBytes, 0);
    expect(inLayers + summary.inputBytes + summary.outputBytes).toBe(summary.weightsBytes);
  });

  it('asks for more bytes until the header is whole, and reads the same from pieces', async () => {
    const whole = parseWhole(ember);
    const reads: number[] = [];
    const header = await readGgufHeader(async (start, end) => {
      reads.push(end - start);
      return ember.subarray(start, end);
    }, ember.byteLength);
    expect('header' in whole && header).toEqual('header' in whole ? whole.header : undefined);
    expect(parseGgufHeader(ember.subarray(0, 100), ember.byteLength)).toMatchObject({ needBytes: expect.any(Number) });
    expect(reads.length).toBeLessThanOrEqual(2);
    for (const length of [100, 1000, 10_000]) {
      const parsed = parseGgufHeader(ember.subarray(0, length), ember.byteLength);
      if ('header' in parsed) throw new Error('a header of a few bytes');
      expect(parsed.needBytes).toBeGreaterThan(length);
      expect(parsed.likelyBytes).toBeGreaterThanOrEqual(parsed.needBytes);
      expect(parsed.likelyBytes).toBeLessThanOrEqual(ember.byteLength);
    }
  });

  it('survives 10,000 mutated headers: an answer or a typed error, quickly, and no memory by the numbers they claim', () => {
    const base = readFileSync(path.join(bad, 'valid.gguf'));
    const scratch = new Uint8Array(base.byteLength);
    const buffersBefore = process.memoryUsage().arrayBuffers;
    let mostBuffers = 0;
    let seed = 12345;
    const random = (below: number): number => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % below;
    const before = process.cpuUsage();
    for (let round = 0; round < 10_000; round++) {
      const bytes = scratch;
      bytes.set(base);
      for (let i = 0, n = 1 + random(8); i < n; i++) bytes[random(4096)] = random(3) === 0 ? 0xff : random(256);
      const cut = random(10) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
      try {
        parseWhole(cut);
      } catch (error) {
        expect(isAppError(error), String(error)).toBe(true);
      }
      mostBuffers = Math.max(mostBuffers, process.memoryUsage().arrayBuffers - buffersBefore);
    }
    expect(mostBuffers).toBeLessThanOrEqual(base.byteLength);
    // The processor's time: what a busy machine takes for itself is not ours.
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(20_000);
  });
});
