import { expect, it } from 'vitest';
import { createProgressWatch } from './progress-watch.ts';

it('work that hangs is seen although more work becomes due and other work ends', () => {
  let nowMs = 1000;
  const watch = createProgressWatch(() => nowMs);
  expect(watch.idleMs()).toBeNull();
  nowMs = 50_000;
  watch.begin();
  nowMs += 300;
  expect(watch.idleMs()).toBe(300);
  // A reply that comes every 200 ms, and one that is stopped, are no progress.
  watch.begin();
  nowMs += 200;
  watch.begin();
  watch.end();
  nowMs += 200;
  expect(watch.idleMs()).toBe(700);
  watch.made();
  nowMs += 20;
  expect(watch.idleMs()).toBe(20);
  watch.end();
  watch.end();
  expect(watch.idleMs()).toBeNull();
  // After a time without any work, that time does not count.
  nowMs += 60_000;
  watch.begin();
  nowMs += 5;
  expect(watch.idleMs()).toBe(5);
});
