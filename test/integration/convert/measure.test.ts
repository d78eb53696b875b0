/** Importance matrices beside llama-imatrix's, and measurements beside llama-perplexity's (see the READMEs of the fixtures). */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMeasure, type Measure, type MeasureProgress } from '../../../main/convert/measure/measure.ts';
import { createCollectImatrix } from '../../../main/convert/quantize/imatrix.ts';
import { createQuantizer } from '../../../main/convert/quantize/quantize.ts';
import { inNativeChild } from '../../../main/convert/native-work.ts';
import { readImatrix } from '../../../native/quantize/imatrix-file.ts';
import { readHeader } from '../../../main/model-file/disk/header-of-file.ts';
import { denseShape, expertShape, writeRandomModel } from '../../support/random-model.ts';
import { nativeOptions, quantizeFixtures, storiesPath } from '../../support/native-setup.ts';

interface Expected {
  readonly base: string;
  readonly type: string;
  readonly chunks: number;
  readonly basePerplexity: number;
  readonly perplexity: number;
  readonly perplexityError: number;
  readonly klDivergence: number;
  readonly klDivergenceError: number;
  readonly topAgreement: number;
}

const root = path.join(import.meta.dirname, '../../..');
const defaultTextPath = path.join(root, 'assets/texts/varied.txt');
const text = readFileSync(defaultTextPath, 'utf8');
const expected = JSON.parse(
  readFileSync(path.join(root, 'test/fixtures/measure/expected.json'), 'utf8'),
) as readonly Expected[];
const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-measure-'));
const scratchFolder = path.join(folder, 'scratch');
const models: Record<string, string> = { stories260K: storiesPath };
const options = { ...nativeOptions(), defaultTextPath, scratchFolder };
const measure = createMeasure(options);
const quantizer = createQuantizer(nativeOptions());
const never = new AbortController().signal;

beforeAll(() => {
  models['dense'] = writeRandomModel(path.join(folder, 'dense.gguf'), denseShape);
  models['experts'] = writeRandomModel(path.join(folder, 'experts.gguf'), expertShape);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function quantized(model: string, fileType: string, imatrixPath: string | null = null): Promise<string> {
  const outputPath = path.join(folder, `${model}-${fileType}.gguf`);
  const request = { inputPath: models[model] ?? '', fileType, threads: 2, imatrixPath, outputPath };
  for await (const _ of quantizer.quantize(request, never));
  return outputPath;
}

async function collected(progress: AsyncIterable<MeasureProgress>): Promise<MeasureProgress[]> {
  const events = [];
  for await (const event of progress) events.push(event);
  return events;
}

describe('importance matrices', () => {
  it.each(['dense', 'experts'])('%s: sums and counts are llama-imatrix’s', async (model) => {
    const outputPath = path.join(folder, `${model}.imatrix.gguf`);
    const request = {
      modelPath: models[model] ?? '',
      outputPath,
      text,
      textName: 'varied.txt',
      threads: 1,
      chunkSize: 128,
      chunkLimit: 8,
    };
    const events = [];
    for await (const event of inNativeChild(nativeOptions(), folder, never, (client) =>
      client.stream('native.imatrix', request),
    ))
      events.push(event);
    expect(events.slice(0, -1)).toEqual(
      Array.from({ length: 8 }, (_, chunk) => ({ type: 'progress', chunk, chunkCount: 8 })),
    );
    const fixture = path.join(quantizeFixtures, `${model}.imatrix.gguf`);
    const [own, theirs] = [await readImatrix(outputPath), await readImatrix(fixture)];
    expect([own.datasets, own.chunkCount]).toEqual([theirs.datasets, theirs.chunkCount]);
    expect([...own.importances.keys()]).toEqual([...theirs.importances.keys()]);
    let worst = 0;
    for (const [name, values] of own.importances) {
      const other = theirs.importances.get(name) ?? new Float32Array(0);
      expect(values.length).toBe(other.length);
      for (const [at, value] of values.entries())
        worst = Math.max(worst, Math.abs(value - (other[at] ?? 0)) / (other[at] ?? 1));
    }
    expect(worst).toBeLessThan(1e-3);
    // The tensors are named and shaped alike; llama-imatrix 0.7.0 adds further statistics.
    const shapes = async (file: string): Promise<string[]> =>
      (await readHeader(file)).tensors
        .filter(({ name }) => /\.(in_sum2|counts)$/.test(name))
        .map(({ name, shape }) => `${name} ${shape.join()}`);
    expect(await shapes(outputPath)).toEqual(await shapes(fixture));
  });

  it('collects from the text that Hearth brings, for a type that needs it', async () => {
    const collect = createCollectImatrix(options);
    const outputPath = path.join(folder, 'own.imatrix.gguf');
    const request = { modelPath: models['dense'] ?? '', outputPath, text: text.slice(0, 6000), threads: 1 };
    const events = [];
    for await (const event of collect(request, never)) events.push(event);
    expect(events.at(-1)).toMatchObject({ type: 'done', path: outputPath });
    const output = await quantized('dense', 'Q2_K_S', outputPath);
    expect((await readHeader(output)).metadata.get('quantize.imatrix.file')).toBe('own.imatrix.gguf');
    expect((await readHeader(output)).metadata.get('quantize.imatrix.dataset')).toBe('own text');
  });

  it('refuses a short text, and leaves nothing when it is cancelled', async () => {
    const collect = createCollectImatrix(options);
    const outputPath = path.join(folder, 'none.gguf');
    const request = { modelPath: storiesPath, outputPath, text: 'A short text.', threads: 1 };
    await expect(collect(request, never).next()).rejects.toMatchObject({
      code: 'convert.unsupported',
      data: { reason: 'text_short', neededTokens: 1024 },
    });
    const abort = new AbortController();
    const events = collect({ ...request, text: null }, abort.signal);
    await events.next();
    abort.abort();
    await expect(
      (async () => {
        for await (const _ of events);
      })(),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(folder).filter((name) => /none|incomplete/.test(name))).toEqual([]);
  });

  it('says what is wrong with a damaged file', async () => {
    const modelPath = path.join(folder, 'damaged.gguf');
    writeFileSync(modelPath, readFileSync(storiesPath).subarray(0, 600_000));
    const request = { modelPath, outputPath: path.join(folder, 'none.gguf'), text: null, threads: 1 };
    await expect(createCollectImatrix(options)(request, never).next()).rejects.toMatchObject({
      code: 'model.corrupt',
      data: { field: expect.any(String) },
    });
  });

  it('asks for memory before it loads a model', async () => {
    const collect = createCollectImatrix({ ...options, freeMemoryBytes: () => 1e6 });
    const request = { modelPath: storiesPath, outputPath: path.join(folder, 'none.gguf'), text: null, threads: 1 };
    await expect(collect(request, never).next()).rejects.toMatchObject({
      code: 'engine.out_of_memory',
      data: { freeBytes: 1e6 },
    });
  });
});

describe('measurements', () => {
  it.each(expected.map((one) => [one.base, one.type, one] as const))(
    '%s %s: perplexity, divergence and agreement are llama-perplexity’s',
    async (base, type, one) => {
      const events = await collected(
        measure(
          {
            referencePath: models[base] ?? '',
            modelPaths: [await quantized(base, type)],
            text: null,
            threads: 1,
            chunkLimit: one.chunks,
          },
          never,
        ),
      );
      const measured = events.filter((event) => event.type === 'measured').map(({ evaluation }) => evaluation);
      expect(measured).toHaveLength(2);
      const [reference, compared] = measured;
      const near = (value: number | null | undefined, wanted: number, share: number): void =>
        expect(Math.abs((value ?? NaN) / wanted - 1), `${String(value)} for ${wanted}`).toBeLessThan(share);
      near(reference?.perplexity, one.basePerplexity, 0.002);
      near(compared?.perplexity, one.perplexity, 0.002);
      near(compared?.perplexityError, one.perplexityError, 0.01);
      near(compared?.klDivergence, one.klDivergence, 0.01);
      near(compared?.klDivergenceError, one.klDivergenceError, 0.02);
      // Likeliest tokens that are nearly as likely as the next one may change places.
      expect(Math.abs((compared?.topAgreement ?? NaN) - one.topAgreement)).toBeLessThan(0.012);
      expect(reference?.klDivergence).toBeNull();
      expect(compared?.tokenCount).toBe(one.chunks * 255);
      for (const { promptTokensPerSecond, decodeTokensPerSecond } of measured) {
        expect(promptTokensPerSecond).toBeGreaterThan(0);
        expect(decodeTokensPerSecond).toBeGreaterThan(0);
      }
      expect(readdirSync(scratchFolder)).toEqual([]);
    },
  );

  it('a model beside itself differs in nothing', async () => {
    const request = { referencePath: storiesPath, modelPaths: [storiesPath], text: null, threads: 1, chunkLimit: 2 };
    const [last] = (await collected(measure(request, never))).slice(-1);
    expect(last).toMatchObject({ type: 'measured', index: 1, evaluation: { topAgreement: 1 } });
    // What the 16 bits of the reference leave.
    expect(last?.type === 'measured' && Math.abs(last.evaluation.klDivergence ?? 1)).toBeLessThan(1e-4);
  });

  it('a model that cannot be compared does not end the others', async () => {
    const bad = path.join(folder, 'broken.gguf');
    writeFileSync(bad, readFileSync(storiesPath).subarray(0, 700_000));
    const request = {
      referencePath: storiesPath,
      modelPaths: [models['dense'] ?? '', bad, storiesPath],
      text: null,
      threads: 1,
      chunkLimit: 2,
    };
    const events = await collected(measure(request, never));
    const ends = events.filter(({ type }) => type !== 'progress');
    expect(ends).toMatchObject([
      { type: 'measured', index: 0 },
      { type: 'failed', index: 1, error: { code: 'convert.unsupported', data: { reason: 'reference' } } },
      { type: 'failed', index: 2, error: { code: 'model.corrupt' } },
      { type: 'measured', index: 3 },
    ]);
  });

  it('is cancelled, and leaves no answers behind', async () => {
    const abort = new AbortController();
    const own: Measure = createMeasure(options);
    const request = { referencePath: models['dense'] ?? '', modelPaths: [], text: null, threads: 1, chunkLimit: null };
    const events = own(request, abort.signal);
    await events.next();
    abort.abort();
    await expect(collected(events)).rejects.toMatchObject({ code: 'cancelled' });
    expect(readdirSync(scratchFolder)).toEqual([]);
  });
});

it('the text that Hearth brings is the one of the fixtures', () => {
  // Another text gives other expected values: make them again.
  expect(createHash('sha256').update(text).digest('hex')).toBe(
    '528e972e15aa113fa395475b5b1ad0851a32c90382fd86f40288eccb14b53262',
  );
});
