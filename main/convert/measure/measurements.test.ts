import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Measurement } from '../../../preload/contract/convert.ts';
import { createMeasurements } from './measurements.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-measurements-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('lists the tables that can be read, and leaves the others out', async () => {
  const nothing = async (): Promise<never> => await Promise.reject(new Error('Nothing is measured here.'));
  const measurements = createMeasurements({
    ...{ folder, findModel: nothing, threads: () => 1, run: () => ({ jobId: '' }) },
    measure: () => (async function* () {})(),
  });
  const id = '00000000-0000-4000-8000-000000000001';
  const row = { modelId: 'owner/name/a.gguf', name: 'a', quantization: null, sizeBytes: 1, error: null };
  const figures = { perplexity: 2.5, perplexityError: 0.1, klDivergence: 0, topAgreement: 1 };
  const speeds = { decodeTokensPerSecond: 10, promptTokensPerSecond: null, isReference: true, isPick: false };
  const table: Measurement = {
    id,
    at: 1,
    models: [{ ...row, ...figures, ...speeds }],
    tokenCount: 9,
    isDefaultText: true,
  };
  const write = (name: string, text: string): void => writeFileSync(path.join(folder, `${name}.json`), text);
  write(id, JSON.stringify(table));
  write(id.replace(/1$/, '2'), 'null');
  write(id.replace(/1$/, '3'), `{"id":"x","at":2,"models":[]}`);
  write(id.replace(/1$/, '4'), JSON.stringify(table).slice(0, 50));
  expect(await measurements.list()).toEqual([table]);
  await measurements.remove(id);
  expect(await measurements.list()).toEqual([]);
});
