/** Verification of models with the real engine and llama.cpp's own vocabulary: what is the same, what differs, and what is understood. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createTokenizers, type TokenizerOrigin } from '../../../main/convert/tokenizer/tokenizers.ts';
import { verifyModel, type VerifyRequest } from '../../../main/convert/verify/verify.ts';
import type { Inference } from '../../../main/inference/inference.ts';
import type { Verification } from '../../../preload/contract/convert.ts';
import { createInference } from '../../../main/inference/inference.ts';
import { createLocalProvider } from '../../../main/inference/local.ts';
import { createEngine, type EngineModel } from '../../../main/engine/engine.ts';
import { createSpawnChild } from '../../../main/process/spawn-child.ts';
import { tokenizerFixtures } from '../../support/conversion-fixtures.ts';
import { childPath, ember, root } from '../../support/engine-host-setup.ts';
import { convertChildren } from '../../support/convert-children.ts';
import { nativeOptions } from '../../support/native-setup.ts';
import { vocabularyFile } from '../../support/vocabulary-file.ts';

const engine = createEngine({ spawnChild: createSpawnChild(process.execPath, childPath), onChange() {}, spare: false });
const tokenizers = createTokenizers({ startChild: convertChildren.startTokenizer });
afterAll(async () => {
  await tokenizers.close();
  await engine.close();
});

function originOf(folder: string): TokenizerOrigin {
  const bytes = readFileSync(path.join(root, folder, 'tokenizer.json'));
  return { key: folder, readFiles: () => Promise.resolve(new Map([['tokenizer.json', bytes]])) };
}

function inferenceOf(model: EngineModel): Inference {
  return createInference(createLocalProvider({ engine, findModel: () => Promise.resolve(model) }));
}

async function verify(
  original: TokenizerOrigin | null,
  request: Partial<VerifyRequest> = {},
  signal = new AbortController().signal,
): Promise<Verification> {
  return await verifyModel(
    { inference: inferenceOf(ember), native: nativeOptions(), tokenizers, now: () => 7 },
    { modelId: ember.modelId, modelPath: ember.path, isEmbedding: false, original, ...request },
    signal,
  );
}

it('passes a model whose ids are those of its tokenizer.json, with 16 tokens of a reply', async () => {
  const checks: string[] = [];
  const found = await verify(originOf('test/fixtures/ember/hf'), { onCheck: (check) => checks.push(check) });
  expect(found).toMatchObject({
    result: 'passed',
    tokenizer: { mismatchCount: 0, firstMismatch: null, knownDifferences: [] },
    error: null,
    at: 7,
  });
  expect(found.tokenizer?.textCount).toBeGreaterThan(35);
  expect(found.generated?.tokenCount).toBeGreaterThan(0);
  expect(found.generated?.tokenCount).toBeLessThanOrEqual(16);
  expect(checks).toEqual(['tokenizer', 'generation']);
});

it('fails a model with the first text whose ids are others, and still generates', async () => {
  const found = await verify(originOf('test/fixtures/conversion/tokenizers/gpt2'));
  expect(found.result).toBe('failed');
  expect(found.tokenizer?.mismatchCount).toBeGreaterThan(20);
  expect(found.tokenizer?.firstMismatch?.expected).not.toEqual(found.tokenizer?.firstMismatch?.found);
  expect(found.generated).not.toBeNull();
});

it('only generates without an original, and names the error of a file that is no model', async () => {
  expect(await verify(null)).toMatchObject({ result: 'passed', tokenizer: null });
  const readme = path.join(root, 'README.md');
  const found = await verify(originOf('test/fixtures/ember/hf'), { modelPath: readme });
  expect(found).toMatchObject({
    result: 'failed',
    tokenizer: null,
    generated: null,
    error: { code: 'model.corrupt' },
  });
});

const small = tokenizerFixtures().filter(({ name }) => name.startsWith('small/'));

it.each(small)('finds no fault in the vocabulary of $name', async ({ folder, config, expected }) => {
  const architecture = String(expected.gguf.metadata['general.architecture']?.value);
  const modelPath = await vocabularyFile(folder, { architecture, config });
  const { tokenizer } = await verify(originOf(path.relative(root, folder)), { modelPath });
  expect(tokenizer).toMatchObject({ mismatchCount: 0, firstMismatch: null });
});

it('ends when it is cancelled', async () => {
  const stop = new AbortController();
  const verified = verify(originOf('test/fixtures/ember/hf'), { onCheck: () => stop.abort() }, stop.signal);
  await expect(verified).rejects.toMatchObject({ code: 'cancelled' });
});
