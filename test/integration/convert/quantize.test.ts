/**
 * Quantized files beside those of llama-quantize: `expected.json` has the sha256 of what llama-quantize 0.7.0 of Debian writes for the same
 * models and settings (see the README of the fixtures).
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJobProgress } from '../../../main/convert/jobs/job-progress.ts';
import { quantizeInto } from '../../../main/convert/jobs/quantize-job.ts';
import { inNativeChild } from '../../../main/convert/native-work.ts';
import { createQuantizer } from '../../../main/convert/quantize/quantize.ts';
import { openModel } from '../../../main/convert/split/gguf-files.ts';
import type { GgufEntry } from '../../../main/model-file/gguf-entry.ts';
import { layOutGguf } from '../../../main/model-file/gguf-writer.ts';
import type { QuantizeEvent, QuantizeSettings } from '../../../native/protocol.ts';
import { denseShape, expertShape, writeRandomModel } from '../../support/random-model.ts';
import { nativeOptions, quantizeFixtures, storiesPath } from '../../support/native-setup.ts';

interface Case {
  readonly model: string;
  readonly type: string;
  /** The model is quantized to this type first. */
  readonly from?: string;
  readonly options?: Partial<Omit<QuantizeSettings, 'imatrixPath'>> & { readonly imatrix?: string };
  /** Of each file. */
  readonly sha256: readonly string[];
}

const cases = JSON.parse(readFileSync(path.join(quantizeFixtures, 'expected.json'), 'utf8')) as Case[];
const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-quantize-'));
const models: Record<string, string> = { stories260K: storiesPath };
const quantizer = createQuantizer(nativeOptions());
const never = new AbortController().signal;

async function collected<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}

const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

beforeAll(() => {
  const write = (name: string, ...rest: [typeof denseShape, number?]): void => {
    models[name] = writeRandomModel(path.join(folder, `${name}.gguf`), ...rest);
  };
  write('dense', denseShape);
  // Types whose search takes long.
  write('thin', { ...denseShape, layers: 1 });
  write('dense-F16', { ...denseShape, type: 'F16' });
  write('dense-BF16', { ...denseShape, type: 'BF16' });
  write('experts', expertShape);
  write('split', denseShape, 3);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(
  settings: QuantizeSettings,
  outputPath: string,
): Promise<{ paths: string[]; events: Exclude<QuantizeEvent, { type: 'done' }>[] }> {
  const events = [];
  for await (const event of quantizer.quantize({ ...settings, outputPath }, never))
    if (event.type === 'done') return { paths: event.files.map((file) => file.path), events };
    else events.push(event);
  throw new Error('It ended without a result.');
}

const settingsOf = ({ model, type, options: { imatrix, ...options } = {} }: Case): QuantizeSettings => ({
  inputPath: models[model] ?? '',
  fileType: type,
  threads: 2,
  ...options,
  imatrixPath: imatrix === undefined ? null : path.join(quantizeFixtures, imatrix),
});

/** Of one file and no options but an importance matrix. */
const isPlain = ({ model, options = {}, from }: Case): boolean =>
  Object.keys(options).every((name) => name === 'imatrix') && from === undefined && model !== 'split';

/** One child makes them all. Types with a matrix share one by family, because libggml's tables for IQ1 take it 9 seconds. */
const groupOf = ({ model, type, options }: Case): string =>
  options === undefined ? model : `${model} with a matrix, ${type.slice(0, 3)}`;

describe('a quantized file is llama-quantize’s, byte for byte', () => {
  const plain = Map.groupBy(cases.filter(isPlain), groupOf);

  it.each([...plain])('%s in every type', async (_group, ofModel) => {
    const outputPath = path.join(folder, 'plain.gguf');
    const files = inNativeChild(nativeOptions(), folder, never, async function* (client) {
      for (const one of ofModel) {
        for await (const _ of client.stream('native.quantize', { ...settingsOf(one), outputPath }));
        yield { type: one.type, sha256: [sha256(outputPath)] };
        rmSync(outputPath);
      }
    });
    expect(await collected(files)).toEqual(ofModel.map(({ type, sha256 }) => ({ type, sha256 })));
  });

  it.each(
    cases
      .filter((one) => !isPlain(one))
      .map((one) => [`${one.model} ${one.type} ${JSON.stringify(one.options ?? {})}`, one] as const),
  )('%s', async (_title, one) => {
    let settings = settingsOf(one);
    if (one.from !== undefined) {
      const first = await run({ ...settings, fileType: one.from }, path.join(folder, 'first.gguf'));
      settings = { ...settings, inputPath: first.paths[0] ?? '' };
    }
    const { paths, events } = await run(settings, path.join(folder, 'out.gguf'));
    expect(paths.map(sha256)).toEqual(one.sha256);
    // Each tensor was told, in its turn.
    expect(events.map(({ index }) => index)).toEqual(events.map((_, index) => index));
    expect(events.length).toBe(events[0]?.count);
    const { pure, pruneLayers, keepSplit } = settings;
    if (pure === true || pruneLayers !== undefined || keepSplit === true) {
      const plan = await quantizer.plan(settings, never);
      expect(plan.fileBytes).toEqual(paths.map((file) => statSync(file).size));
      expect(plan.tensors.map(({ name }) => name)).toEqual(events.map(({ name }) => name));
    }
    expect(readdirSync(folder).filter((name) => name.includes('incomplete'))).toEqual([]);
    for (const file of paths) rmSync(file);
  });
});

it('patterns that take longest end soon', async () => {
  const patterns = [
    '.*.*.*!',
    '[a-z.]*[a-z.]*[a-z.]*_nothing',
    '(?:blk|out){1,3}.*.*!',
    '(ffn|attn)_(down|v)\\..*',
    '(a|b|k|l){9}',
  ];
  const planned = inNativeChild(nativeOptions(), null, never, async function* (client) {
    for (const pattern of patterns) {
      const tensorTypes = [{ pattern, type: 'Q8_0' }];
      const settings = { inputPath: models['dense'] ?? '', fileType: 'Q4_0', threads: 1, tensorTypes };
      const { tensors } = await client.call('native.plan', settings);
      yield tensors.filter(({ name, toType }) => toType === 'Q8_0' && name.startsWith('blk.')).length;
    }
  });
  expect(await collected(planned)).toEqual([0, 0, 0, 8, 0]);
});

describe('what is refused before anything is written', () => {
  const refusal = async (settings: QuantizeSettings): Promise<unknown> => {
    const output = path.join(folder, 'refused.gguf');
    const error: unknown = await run(settings, output).catch((thrown: unknown) => thrown);
    expect(existsSync(output)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.includes('incomplete'))).toEqual([]);
    return error;
  };
  const base = (more: Partial<QuantizeSettings> = {}): QuantizeSettings => ({
    inputPath: models['dense'] ?? '',
    fileType: 'Q4_K_M',
    threads: 1,
    ...more,
  });

  it('quantizing again, unless it is asked for', async () => {
    const { paths } = await run(base({ fileType: 'Q8_0' }), path.join(folder, 'again.gguf'));
    expect(await refusal(base({ inputPath: paths[0] ?? '' }))).toMatchObject({
      code: 'convert.unsupported',
      message: /is quantized already.*Q8_0.*loses more/,
      data: { reason: 'requantize', from: 'Q8_0' },
    });
  });

  it('types without the importance matrix that they need', async () => {
    expect(await refusal(base({ fileType: 'IQ2_XXS' }))).toMatchObject({
      code: 'convert.unsupported',
      data: { reason: 'imatrix_needed', tensor: /^blk\./, type: 'IQ2_XXS' },
    });
    const types = ['IQ1_S', 'IQ2_XXS', 'IQ3_XXS', 'IQ3_XS', 'Q2_K_S'];
    const needs = inNativeChild(nativeOptions(), null, never, async function* (client) {
      for (const fileType of types) yield (await client.call('native.plan', base({ fileType }))).needsImatrix;
    });
    expect(await collected(needs)).toEqual(types.map(() => expect.stringMatching(/^blk\./) as unknown));
  });

  it('an importance matrix of another model, and a file that is none', async () => {
    const imatrixPath = path.join(quantizeFixtures, 'experts.imatrix.gguf');
    expect(await refusal(base({ fileType: 'IQ2_S', imatrixPath, inputPath: storiesPath }))).toMatchObject({
      code: 'convert.invalid',
      data: { reason: 'imatrix_mismatch' },
    });
    expect(await refusal(base({ imatrixPath: storiesPath }))).toMatchObject({
      code: 'convert.invalid',
      data: { reason: 'imatrix_format' },
    });
    const text = path.join(folder, 'imatrix.dat');
    writeFileSync(text, 'no header of GGUF, and long enough to be looked at');
    expect(await refusal(base({ imatrixPath: text }))).toMatchObject({
      code: 'convert.invalid',
      data: { reason: 'imatrix_format' },
    });
  });

  it('layers that are not there, and all of them', async () => {
    expect(await refusal(base({ pruneLayers: [4] }))).toMatchObject({
      code: 'convert.unsupported',
      data: { reason: 'prune_layers', layer: 4, layerCount: 4 },
    });
    expect(await refusal(base({ pruneLayers: [0, 1, 2, 3] }))).toMatchObject({ data: { reason: 'prune_layers' } });
  });

  it('unknown types', async () => {
    expect(await refusal(base({ fileType: 'Q9_K' }))).toMatchObject({ data: { reason: 'tensor_type', type: 'Q9_K' } });
    expect(await refusal(base({ outputTensorType: 'Q9_K' }))).toMatchObject({ data: { reason: 'tensor_type' } });
  });

  it('a pattern that does not end', async () => {
    expect(await refusal(base({ tensorTypes: [{ pattern: '(.*)*x', type: 'Q8_0' }] }))).toMatchObject({
      code: 'convert.unsupported',
      data: { reason: 'pattern' },
    });
  });

  it('files that are no models', async () => {
    const bad = path.join(folder, 'bad.gguf');
    writeFileSync(bad, 'GGUF');
    expect(await refusal(base({ inputPath: bad }))).toMatchObject({ code: 'model.corrupt' });
    writeFileSync(bad, readFileSync(storiesPath).subarray(0, 500_000));
    expect(await refusal(base({ inputPath: bad }))).toMatchObject({ code: 'model.corrupt' });
  });

  it('a disk that is too full', async () => {
    const full = createQuantizer({ ...nativeOptions(), freeBytes: async () => 1000 });
    const output = path.join(folder, 'full.gguf');
    const events = full.quantize({ ...base(), outputPath: output }, never);
    await expect(events.next()).rejects.toMatchObject({ code: 'disk.full', data: { freeBytes: 1000 } });
    expect(existsSync(output)).toBe(false);
  });

  it('a model onto itself, and an output that is being written', async () => {
    const own = quantizer.quantize({ ...base(), outputPath: models['dense'] ?? '' }, never);
    await expect(own.next()).rejects.toMatchObject({ code: 'invalid_input' });
    const outputPath = path.join(folder, 'twice.gguf');
    const first = quantizer.quantize({ ...base(), outputPath }, never);
    await first.next();
    await expect(quantizer.quantize({ ...base(), outputPath }, never).next()).rejects.toMatchObject({ code: 'busy' });
    await first.return(undefined);
  });
});

it('is cancelled in the middle of a tensor, and leaves nothing', async () => {
  const pids: number[] = [];
  const watched = createQuantizer(nativeOptions((pid) => pids.push(pid)));
  const abort = new AbortController();
  const outputPath = path.join(folder, 'cancelled.gguf');
  const settings = { ...settingsOf({ model: 'experts', type: 'IQ1_S', sha256: [] }), outputPath };
  const imatrixPath = path.join(quantizeFixtures, 'experts.imatrix.gguf');
  const events = watched.quantize({ ...settings, imatrixPath }, abort.signal);
  expect(await events.next()).toMatchObject({ value: { type: 'tensor' } });
  abort.abort();
  await expect(
    (async () => {
      for await (const _ of events);
    })(),
  ).rejects.toMatchObject({ code: 'cancelled' });
  expect(pids).toHaveLength(1);
  expect(() => process.kill(pids[0] ?? 0, 0)).toThrow();
  expect(readdirSync(folder).filter((name) => /cancelled|incomplete/.test(name))).toEqual([]);
});

it('leaves no verification of the model that was quantized in the file', async () => {
  const model = await openModel(storiesPath);
  const entries: GgufEntry[] = [{ key: 'hearth.verification', type: 'string', value: '{"result":"passed"}' }];
  const layout = layOutGguf(entries, model.tensors, model.entries);
  await model.close();
  const verified = path.join(folder, 'verified.gguf');
  const values = readFileSync(storiesPath).subarray(model.tensors[0]?.offsetBytes);
  writeFileSync(verified, Buffer.concat([layout.header, values]));
  const output = path.join(folder, 'of-verified.gguf');
  const settings = { inputPath: verified, fileType: 'Q8_0', threads: 1, imatrixPath: null };
  await quantizeInto(
    output,
    settings,
    { quantizer },
    createJobProgress(() => null),
    never,
  );
  const made = await openModel(output);
  await made.close();
  expect(made.metadata.get('hearth.verification')).toBe(' '.repeat(19));
});
