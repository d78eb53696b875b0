import { expect, it } from 'vitest';
import { createSpeedMeter } from './speed-meter.ts';

it('averages over the last seconds and falls to 0 when nothing comes', () => {
  const meter = createSpeedMeter();
  expect(meter.sample(0)).toBe(0);
  let speed = 0;
  for (let at = 100; at <= 10_000; at += 100) {
    meter.add(at % 200 === 0 ? 200_000 : 0);
    speed = meter.sample(at);
  }
  expect(speed).toBeGreaterThan(900_000);
  expect(speed).toBeLessThan(1_100_000);
  for (let at = 10_100; at <= 15_000; at += 100) speed = meter.sample(at);
  expect(speed).toBe(0);
});

it('begins anew after a pause', () => {
  const meter = createSpeedMeter();
  meter.sample(0);
  meter.add(5_000_000);
  meter.reset();
  expect(meter.sample(100)).toBe(0);
  meter.add(100);
  expect(meter.sample(200)).toBe(1000);
});
