import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readHeader, readHeaders } from '../../model-file/disk/header-of-file.ts';
import { splitModel } from '../split/split.ts';
import { basisOfModel, isQuantizedModel, wholeHeader } from './model-basis.ts';

const story = path.join(import.meta.dirname, '../../../test/fixtures/stories260K/stories260K-F32.gguf');
const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-basis-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('predicts of a split model what it predicts of the model in one file', async () => {
  const files = await splitModel(
    { inputPath: story, outputPrefix: path.join(folder, 'story'), limit: { kind: 'tensors', count: 10 } },
    { signal: new AbortController().signal, progress: () => {} },
  );
  expect(files.length).toBeGreaterThan(2);
  const whole = wholeHeader(await readHeaders(files[0]?.path ?? ''));
  const single = await readHeader(story);
  expect(basisOfModel(whole).tensors).toEqual(basisOfModel(single).tensors);
  expect(whole.tensorBytes).toBe(single.tensorBytes);
  expect(whole.parameterCount).toBe(single.parameterCount);
  expect(isQuantizedModel(whole)).toBe(false);
});
