import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { convertCheckpoint } from '../../../main/convert/child/convert-checkpoint.ts';
import { readStoredTensors } from '../../../main/convert/checkpoint/checkpoint.ts';
import { openLocalSource } from '../../../main/convert/checkpoint/local-source.ts';
import { readSmallJson } from '../../../main/convert/checkpoint/checkpoint-source.ts';
import { exportSafetensors, type ExportedCheckpoint } from '../../../main/convert/safetensors/export-safetensors.ts';
import { readGgufVocabulary } from '../../../main/convert/safetensors/gguf-vocabulary.ts';
import { openModel, readRange } from '../../../main/convert/split/gguf-files.ts';
import { createTokenizers } from '../../../main/convert/tokenizer/tokenizers.ts';
import { readPooling } from '../../../main/convert/plan/pooling-files.ts';
import type { OutputType } from '../../../main/convert/plan/output-types.ts';
import type { GgufEntry } from '../../../main/model-file/gguf-entry.ts';
import { layOutGguf, type GgufTensorEntry } from '../../../main/model-file/gguf-writer.ts';
import { syncToDisk } from '../../../main/convert/write/output-file.ts';
import { decodeValues, plainDtype } from '../../../main/convert/write/values/decode-values.ts';
import { readTokenizerFiles } from '../../support/conversion-fixtures.ts';
import { convertChildren } from '../../support/convert-children.ts';
import { conversionFixtures } from '../../support/conversion-checkpoints.ts';
import { readReference, referenceNames, writeMadeCheckpoint } from '../../support/made-checkpoint.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-safetensors-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const nextTurn = (): Promise<void> => Promise.resolve();
const context = { signal: new AbortController().signal, progress: () => {} };
const fixtures = conversionFixtures().filter(({ expected }) => expected.kind !== 'quantized');

async function toGguf(checkpoint: string, outputType: OutputType = 'F32'): Promise<string> {
  const source = await openLocalSource(checkpoint);
  const outputPath = path.join(folder, 'model.gguf');
  await convertCheckpoint(source, { name: 'a/b', outputType, outputPath, verificationBytes: 0 }, () => {}, {
    sync: (what) => syncToDisk(outputPath, what),
    nextTurn,
  });
  await source.close();
  return outputPath;
}

/** All tensors of a checkpoint as float32, by the end of their names, which has no prefix of a class. */
async function valuesOf(checkpoint: string): Promise<Map<string, Float32Array>> {
  const source = await openLocalSource(checkpoint);
  const { tensors } = await readStoredTensors(source, nextTurn);
  const values = new Map<string, Float32Array>();
  for (const { name, dtype, shape, file, startByte, endByte } of tensors) {
    const own = new Float32Array(shape.reduce((product, length) => product * length, 1));
    decodeValues(plainDtype(dtype, name), new Uint8Array(await source.read(file, startByte, endByte)), own.length, own);
    values.set(name, own);
  }
  await source.close();
  return values;
}

async function poolingOf(checkpoint: string): Promise<unknown> {
  const source = await openLocalSource(checkpoint);
  const pooling = await readPooling(source);
  await source.close();
  return pooling;
}

const toSafetensors = (inputPath: string): Promise<ExportedCheckpoint> =>
  exportSafetensors({ inputPath, outputFolder: path.join(folder, 'again') }, context);

describe('a converted checkpoint that becomes safetensors again', () => {
  it.each(fixtures)('$name has the values that it had', async ({ folder: checkpoint }) => {
    const { tensorCount } = await toSafetensors(await toGguf(checkpoint));
    const [before, after] = [await valuesOf(checkpoint), await valuesOf(path.join(folder, 'again'))];
    expect(after.size).toBe(tensorCount);
    const source = await openLocalSource(checkpoint);
    const className = String((await readSmallJson(source, 'config.json'))?.['architectures']);
    await source.close();
    for (const [name, values] of after) {
      const original = before.get(name) ?? before.get(`bert.${name}`) ?? before.get(name.replace('transformer.', ''));
      // Gemma's norms are one less than what is written, which float32 rounds.
      const isShifted = className.startsWith('Gemma') && name.endsWith('norm.weight');
      expect(original, name).toBeDefined();
      expect(values, name).toEqual(
        isShifted ? original?.map((value) => Math.fround(Math.fround(value + 1) - 1)) : original,
      );
    }
  });

  it.each(fixtures)(
    '$name has a tokenizer that gives the ids of the reference',
    async ({ folder: checkpoint, expected }) => {
      const { missingTokenizer, files } = await toSafetensors(await toGguf(checkpoint));
      expect(missingTokenizer).toBeNull();
      expect(files.includes('generation_config.json')).toBe(expected.kind !== 'embedding');
      const tokenizers = createTokenizers({ startChild: convertChildren.startTokenizer });
      onTestFinished(() => tokenizers.close());
      const origin = {
        key: checkpoint,
        readFiles: () => Promise.resolve(readTokenizerFiles(path.join(folder, 'again'))),
      };
      const vectors = expected.tokenizer_vectors ?? [];
      const texts = vectors.map(({ text }) => text);
      const { results } = await tokenizers.encode(origin, texts, { addSpecialTokens: false });
      // Where a GGUF file tells less than tokenizer.json, the ids are those of llama.cpp.
      const wrong = vectors.filter(({ ids_without_special_tokens, llamacpp_ids }, index) => {
        const ids = results[index]?.tokens.map(({ id }) => id);
        return ![ids_without_special_tokens, llamacpp_ids].some((one) => String(one) === String(ids));
      });
      // Phi-3's added tokens take the spaces behind them; a GGUF file does not say so.
      const isPhi = checkpoint.includes('phi3');
      expect(wrong.filter(({ text }) => !isPhi || !/<[^>]+> /.test(text))).toEqual([]);
      for (const { text, ids } of expected.prompts ?? []) {
        const { results: found } = await tokenizers.encode(origin, [text], { addSpecialTokens: true });
        expect(found[0]?.tokens.map(({ id }) => id)).toEqual(ids);
      }
    },
  );

  it.each(fixtures)(
    '$name makes the same tensors and vocabulary from what was exported',
    async ({ folder: checkpoint }) => {
      const read = async (file: string) => {
        const model = await openModel(file);
        const { tokens, merges, templates } = readGgufVocabulary(model.entries);
        const tensors = await Promise.all(
          model.tensors.map(async ({ name, type, shape, file: from, offsetBytes, sizeBytes }) => {
            const bytes = await readRange(from, offsetBytes, offsetBytes + sizeBytes);
            return [name, type, String(shape), createHash('sha256').update(bytes).digest('hex')].join(' ');
          }),
        );
        const ids = [...model.metadata].filter(([key]) => /^tokenizer\..*(?:_id|_token|prefix|model|pre)$/.test(key));
        await model.close();
        return {
          tensors: tensors.sort(),
          ids: ids.sort(),
          tokens: tokens.map(({ text, type }) => [text, type]),
          merges,
          templates,
        };
      };
      const file = await toGguf(checkpoint);
      const before = await read(file);
      await toSafetensors(file);
      rmSync(file);
      expect(await read(await toGguf(path.join(folder, 'again')))).toEqual(before);
    },
  );

  it.each(referenceNames)('%s makes the same file again', async (name) => {
    const checkpoint = path.join(folder, 'checkpoint');
    const reference = readReference(name);
    await writeMadeCheckpoint(reference, checkpoint);
    const gguf = await toGguf(checkpoint);
    const { files, config } = await toSafetensors(gguf);
    const pools = await Promise.all([checkpoint, path.join(folder, 'again')].map(poolingOf));
    expect(pools[1]).toBe(pools[0]);
    expect(files.includes('1_Pooling/config.json')).toBe(pools[0] !== null);
    expect(files.slice(0, 4)).toEqual([
      ...['model.safetensors', 'config.json', 'tokenizer.json', 'tokenizer_config.json'],
    ]);
    expect(JSON.parse(readFileSync(path.join(folder, 'again/config.json'), 'utf8'))).toEqual(config);
    const [before, after] = [await valuesOf(checkpoint), await valuesOf(path.join(folder, 'again'))];
    const renamed = /^(?:bert|distilbert|roberta|model\.language_model|language_model\.model|model)\./;
    const plain = new Map(
      [...before].map(([one, values]) => [
        one.replace(renamed, '').replace('gamma', 'weight').replace('beta', 'bias'),
        values,
      ]),
    );
    for (const [one, values] of after) {
      const original = plain.get(one.replace(renamed, ''));
      // The first rows of RoBERTa's positions belong to no token and are not in the file.
      const skipped = (original?.length ?? 0) - values.length;
      expect(values, one).toEqual(original?.subarray(skipped));
      if (!/roberta/.test(name)) expect(skipped, one).toBe(0);
    }
  });
});

describe('a GGUF file as safetensors', () => {
  const named = 'llama-linear-rope-tied';
  async function made(outputType: OutputType): Promise<string> {
    await writeMadeCheckpoint(readReference(named), path.join(folder, 'checkpoint'));
    return await toGguf(path.join(folder, 'checkpoint'), outputType);
  }

  it.each<[OutputType, object]>([
    ['F16', { matrices: 'F16', norms: 'F32' }],
    ['BF16', { matrices: 'BF16', norms: 'F32' }],
    ['Q8_0', { matrices: 'F16', norms: 'F32' }],
  ])('of the type %s keeps its types, and quantized values become F16', async (outputType, types) => {
    await toSafetensors(await made(outputType));
    const source = await openLocalSource(path.join(folder, 'again'));
    const { tensors } = await readStoredTensors(source, nextTurn);
    await source.close();
    const of = (isNorm: boolean): string =>
      [...new Set(tensors.filter(({ shape }) => (shape.length === 1) === isNorm).map(({ dtype }) => dtype))].join();
    expect({ matrices: of(false), norms: of(true) }).toEqual(types);
    // Within half a step of a block's scale.
    const [before, after] = [
      await valuesOf(path.join(folder, 'checkpoint')),
      await valuesOf(path.join(folder, 'again')),
    ];
    for (const [name, values] of after) {
      const original = before.get(name) ?? new Float32Array(0);
      const largest = original.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const error = values.reduce((most, value, at) => Math.max(most, Math.abs(value - (original[at] ?? NaN))), 0);
      expect(error, name).toBeLessThanOrEqual(largest / 200);
    }
  });

  it('is divided into files with an index, and read again', async () => {
    const inputPath = await made('F32');
    const outputFolder = path.join(folder, 'again');
    const request = { inputPath, outputFolder, maxFileBytes: 100_000, allAs: 'BF16' } as const;
    const { files, sizeBytes } = await exportSafetensors(request, context);
    expect(files.filter((name) => name.endsWith('.safetensors')).length).toBeGreaterThan(2);
    expect(files).toContain('model.safetensors.index.json');
    const before = await valuesOf(path.join(folder, 'checkpoint'));
    const after = await valuesOf(outputFolder);
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    expect(files.reduce((sum, name) => sum + statSync(path.join(outputFolder, name)).size, 0)).toBe(sizeBytes);
    expect(JSON.parse(readFileSync(path.join(outputFolder, 'config.json'), 'utf8'))).toMatchObject({
      torch_dtype: 'bfloat16',
    });
  });

  it('replaces nothing, and leaves nothing when it is cancelled', async () => {
    const inputPath = await made('F32');
    const outputFolder = path.join(folder, 'again');
    const controller = new AbortController();
    const stopped = exportSafetensors(
      { inputPath, outputFolder },
      { signal: controller.signal, progress: (done) => void (done > 200_000 && controller.abort(new Error('enough'))) },
    );
    await expect(stopped).rejects.toThrow('enough');
    expect(existsSync(outputFolder)).toBe(false);
    mkdirSync(outputFolder);
    writeFileSync(path.join(outputFolder, 'config.json'), '{}');
    await expect(exportSafetensors({ inputPath, outputFolder }, context)).rejects.toMatchObject({
      code: 'invalid_input',
      data: { reason: 'name_taken', name: 'config.json' },
    });
    expect(readdirSync(outputFolder)).toEqual(['config.json']);
  });

  it('is refused for another architecture, and where the tensors are not those of its own', async () => {
    const write = (tensors: readonly GgufTensorEntry[], ...entries: readonly GgufEntry[]): string => {
      const layout = layOutGguf(entries, tensors);
      const file = new Uint8Array(layout.fileBytes);
      file.set(layout.header);
      writeFileSync(path.join(folder, 'odd.gguf'), file);
      return path.join(folder, 'odd.gguf');
    };
    const one = { name: 'token_embd.weight', shape: [4, 4], type: 'F32' };
    const named = (value: string): GgufEntry => ({ key: 'general.architecture', type: 'string', value });
    await expect(toSafetensors(write([one], named('mamba')))).rejects.toMatchObject({
      code: 'convert.unsupported',
      data: { reason: 'architecture', found: 'mamba' },
    });
    const counts = Object.entries({ embedding_length: 4, block_count: 1, feed_forward_length: 4, context_length: 8 });
    const entries = [...counts, ['attention.head_count', 1] as const].map(([key, value]): GgufEntry => ({
      key: `llama.${key}`,
      type: 'uint32',
      value,
    }));
    await expect(toSafetensors(write([one], named('llama'), ...entries))).rejects.toMatchObject({
      code: 'convert.invalid',
      data: { reason: 'missing_tensor' },
    });
    // Without sizes the class has those that transformers takes, which are not the file's.
    await expect(toSafetensors(write([one], named('llama')))).rejects.toMatchObject({
      code: 'convert.invalid',
      data: { reason: 'wrong_shape', tensor: 'token_embd.weight' },
    });
  });
});
