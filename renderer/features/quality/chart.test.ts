import { describe, expect, it } from 'vitest';
import type { MeasuredModel } from '../../../preload/contract/convert.ts';
import { chartOf, placeLabels, scaleOf, shortNames } from './chart.ts';

const model = (name: string, facts: Partial<MeasuredModel>): MeasuredModel => ({
  modelId: `o/n/${name}.gguf`,
  name,
  quantization: name,
  sizeBytes: 100,
  decodeTokensPerSecond: null,
  promptTokensPerSecond: null,
  perplexity: null,
  perplexityError: null,
  klDivergence: null,
  topAgreement: null,
  isReference: false,
  isPick: false,
  error: null,
  ...facts,
});

describe('the chart of a comparison', () => {
  const measured = [
    model('F16', { sizeBytes: 2_000, topAgreement: 1, perplexity: 8, decodeTokensPerSecond: 10, isReference: true }),
    model('Q8_0', { sizeBytes: 1_000, topAgreement: 0.99, perplexity: 8.1, decodeTokensPerSecond: 20 }),
    model('Q2_K', { sizeBytes: 400, topAgreement: 0.8, perplexity: 12, decodeTokensPerSecond: 30 }),
  ];

  it('has the smaller model on the left and the better one above', () => {
    const chart = chartOf(measured, 'size');
    const at = Object.fromEntries((chart?.points ?? []).map(({ model: { name }, x, y }) => [name, { x, y }]));
    expect(chart?.quality).toBe('agreement');
    expect(at['Q2_K']?.x).toBeLessThan(at['Q8_0']?.x ?? 0);
    expect(at['F16']?.y).toBeLessThan(at['Q8_0']?.y ?? 0);
    expect(at['Q8_0']?.y).toBeLessThan(at['Q2_K']?.y ?? 0);
    for (const { x, y } of chart?.points ?? []) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(1);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(1);
    }
  });

  it('has the faster model on the right where speed is asked for', () => {
    const chart = chartOf(measured, 'speed');
    expect(chart?.points.map(({ model: { name } }) => name)).toEqual(['F16', 'Q8_0', 'Q2_K']);
    expect(chart?.points[2]?.x).toBeGreaterThan(chart?.points[0]?.x ?? 1);
  });

  it('takes perplexity where no agreement was measured, with the lower one above', () => {
    const chart = chartOf(
      measured.map((one) => ({ ...one, topAgreement: null })),
      'size',
    );
    expect(chart?.quality).toBe('perplexity');
    expect(chart?.points[0]?.y).toBeLessThan(chart?.points[2]?.y ?? 0);
  });

  it('needs two measured models', () => {
    expect(chartOf(measured.slice(0, 1), 'size')).toBeNull();
    expect(chartOf([], 'size')).toBeNull();
    expect(
      chartOf(
        measured.map((one) => ({ ...one, decodeTokensPerSecond: null })),
        'speed',
      ),
    ).toBeNull();
  });
});

describe('a scale', () => {
  it.each([
    [[0.8, 0.99, 1], { from: 0, to: 1 }],
    [[400, 2_000], { from: 0, to: Infinity }],
    [[7, 7], { from: 0, to: Infinity }],
    [[1, 1], { from: 0, to: 1 }],
    [[0, 0], { from: 0, to: Infinity }],
  ])('of %j holds its values, and has a few ticks within itself', (values, bounds) => {
    const { least, most, ticks } = scaleOf(values, bounds);
    expect(least).toBeLessThanOrEqual(Math.min(...values));
    expect(most).toBeGreaterThanOrEqual(Math.max(...values));
    expect(most).toBeGreaterThan(least);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(7);
    for (const tick of ticks) {
      expect(tick).toBeGreaterThanOrEqual(least - 1e-9);
      expect(tick).toBeLessThanOrEqual(most + 1e-9);
    }
  });
});

describe('the labels', () => {
  it('do not cover each other, and stay within the width', () => {
    const points = [
      { x: 10, y: 50, width: 60 },
      { x: 12, y: 52, width: 60 },
      { x: 290, y: 51, width: 60 },
    ];
    const boxes = placeLabels(points, { width: 300, height: 200, line: 14 });
    expect(Math.abs((boxes[0]?.y ?? 0) - (boxes[1]?.y ?? 0))).toBeGreaterThanOrEqual(14);
    expect(boxes.map(({ side }) => side)).toEqual(['end', 'end', 'start']);
  });
});

it('a model is called by its quantization, and by its whole name where another one has the same', () => {
  const pruned = model('Tern-Q8_0-1', { quantization: 'Q8_0' });
  const names = shortNames([
    model('Tern-Q8_0', { quantization: 'Q8_0' }),
    pruned,
    model('Tern-F16', { quantization: 'F16' }),
  ]);
  expect([...names.values()]).toEqual(['Tern-Q8_0', 'Tern-Q8_0-1', 'F16']);
});
