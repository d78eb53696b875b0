import { describe, expect, it } from 'vitest';
import type { ConversionRecord, MeasuredModel, Measurement } from '../../../preload/contract/convert.ts';
import { measuredLoss, wholeModelOf } from './pruned.ts';

const record = (facts: Partial<ConversionRecord>): ConversionRecord => ({
  sourceName: 'tiny/Tern',
  sourceRepoId: 'tiny/Tern',
  sourceRevision: 'c1',
  sourceModelId: null,
  prunedLayerCount: 0,
  type: 'Q8_0',
  converterVersion: '1',
  verification: null,
  ...facts,
});

describe('the whole model of one that lacks layers', () => {
  const records = new Map([
    ['f16', record({ type: 'F16' })],
    ['pruned', record({ sourceModelId: 'f16', prunedLayerCount: 1 })],
    ['split', record({ sourceModelId: 'pruned', prunedLayerCount: 1 })],
    ['converted', record({ prunedLayerCount: 2 })],
    ['elsewhere', record({ sourceRepoId: null, sourceModelId: 'download', prunedLayerCount: 1 })],
    ['other', record({ sourceRevision: 'c2', type: 'Q8_0' })],
  ]);
  const here = new Set([...records.keys(), 'download']);

  it('is the one that it was made of, over several steps', () => {
    expect(wholeModelOf('pruned', records, here)).toBe('f16');
    expect(wholeModelOf('split', records, here)).toBe('f16');
    expect(wholeModelOf('elsewhere', records, here)).toBe('download');
  });

  it('is another one of the same commit where it was made of original weights', () => {
    expect(wholeModelOf('converted', records, here)).toBe('f16');
    expect(wholeModelOf('converted', records, new Set(['converted', 'other']))).toBeNull();
  });

  it('is none where nothing was left out, or the whole one is gone', () => {
    expect(wholeModelOf('f16', records, here)).toBeNull();
    expect(wholeModelOf('unknown', records, here)).toBeNull();
    expect(wholeModelOf('elsewhere', records, new Set(['elsewhere']))).toBeNull();
  });
});

describe('the measured loss', () => {
  const row = (modelId: string, perplexity: number | null): MeasuredModel => ({ modelId, perplexity }) as MeasuredModel;
  const table = (at: number, models: readonly MeasuredModel[]): Measurement =>
    ({ id: String(at), at, models, tokenCount: 1, isDefaultText: true }) as Measurement;

  it('is that of the newest table with both', () => {
    const tables = [
      table(3, [row('f16', 5), row('pruned', null)]),
      table(2, [row('f16', 5), row('pruned', 9)]),
      table(1, [row('f16', 5), row('pruned', 8)]),
    ];
    expect(measuredLoss('pruned', 'f16', tables)).toMatchObject({
      at: 2,
      pruned: { perplexity: 9 },
      whole: { perplexity: 5 },
    });
    expect(measuredLoss('pruned', 'other', tables)).toBeNull();
  });
});
