import { describe, expect, it } from 'vitest';
import type { ConversionOutput, OutputType } from '../../../preload/contract/convert.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import { firstOutput, speedNote, usualOutputs } from './outputs.ts';

const output = (type: OutputType, more: Partial<ConversionOutput> = {}): ConversionOutput => ({
  type,
  sizeBytes: 1,
  isExact: true,
  fit: {} as Fit,
  purpose: 'close',
  isRecommended: false,
  fallsBack: false,
  imatrix: 'unneeded',
  ...more,
});
const all = [
  output('F32', { purpose: 'larger_than_source' }),
  output('BF16', { purpose: 'as_source' }),
  output('F16'),
  output('Q8_0'),
  output('Q4_K_M'),
  output('Q3_K_M', { isRecommended: true }),
  output('IQ2_M'),
];
const typesOf = (outputs: readonly ConversionOutput[]): string[] => outputs.map(({ type }) => type);

describe('the outputs of a conversion', () => {
  it('say why none has a predicted speed, or that speeds are estimates', () => {
    const fit = (of: Partial<Fit>): { fit: Fit } => ({
      fit: { tokensPerSecond: null, gpuLayers: 0, weightsBytes: 5e9, ...of } as Fit,
    });
    expect(speedNote([])).toBeNull();
    expect(speedNote([fit({}), fit({ tokensPerSecond: 3 })])).toBeNull();
    expect(speedNote([fit({}), fit({ tokensPerSecond: 3, isSpeedEstimated: true })])).toBe('estimated');
    expect(speedNote([fit({ weightsBytes: 9e7 }), fit({ weightsBytes: 8e7 })])).toBe('small');
    expect(speedNote([fit({}), fit({ weightsBytes: 8e7 })])).toBe('not_measured');
    expect(speedNote([fit({ gpuLayers: 3 })])).toBe('on_gpu');
  });

  it('shows the usual ones, the source’s own type, the recommended and the chosen one at once', () => {
    expect(typesOf(usualOutputs(all))).toEqual(['BF16', 'Q8_0', 'Q4_K_M', 'Q3_K_M']);
    expect(typesOf(usualOutputs(all, ['IQ2_M']))).toEqual(['BF16', 'Q8_0', 'Q4_K_M', 'Q3_K_M', 'IQ2_M']);
  });

  it('begins with the wanted one, then the recommended one, then the usual one', () => {
    expect(firstOutput(all, 'F16')?.type).toBe('F16');
    expect(firstOutput(all, null)?.type).toBe('Q3_K_M');
    const none = all.map((one) => ({ ...one, isRecommended: false }));
    expect(firstOutput(none, 'Q6_K')?.type).toBe('Q4_K_M');
    expect(firstOutput(none.slice(0, 2), null)?.type).toBe('F32');
    expect(firstOutput([], null)).toBeUndefined();
  });
});
