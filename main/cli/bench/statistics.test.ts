import { expect, it } from 'vitest';
import { deviation, mean, median } from './statistics.ts';

// Expected values by Python's statistics module: mean, stdev and median.
it.each([
  [[2, 4, 4, 4, 5, 5, 7, 9], 5, 2.138_089_935_299_395, 4.5],
  [[1.5, 2.5, 3.25], 2.416_666_666_666_666_5, 0.877_971_146_071_061_5, 2.5],
  [[7], 7, 0, 7],
])('of %j', (values, expectedMean, expectedDeviation, expectedMedian) => {
  expect(mean(values)).toBeCloseTo(expectedMean, 12);
  expect(deviation(values)).toBeCloseTo(expectedDeviation, 12);
  expect(median(values)).toBe(expectedMedian);
});
