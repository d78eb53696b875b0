import { describe, expect, it } from 'vitest';
import { createInterrupt } from './interrupt.ts';

/** What signals at these times lead to. */
function outcomes(...times: readonly number[]): string[] {
  const called: string[] = [];
  let at = 0;
  const interrupt = createInterrupt(
    () => called.push('end'),
    () => called.push('end at once'),
    () => at,
  );
  for (at of times) interrupt();
  return called;
}

describe('createInterrupt', () => {
  it('ends at the first signal, whenever it comes', () => {
    expect(outcomes(0)).toEqual(['end']);
    expect(outcomes(1_000_000)).toEqual(['end']);
  });

  it('takes signals that follow the first closely for the same Ctrl+C', () => {
    expect(outcomes(7000, 7000, 7005, 7499)).toEqual(['end']);
  });

  it('ends at once at a deliberate second one, also after one that was not', () => {
    expect(outcomes(7000, 7500)).toEqual(['end', 'end at once']);
    expect(outcomes(7000, 7005, 7900, 7905)).toEqual(['end', 'end at once', 'end at once']);
  });
});
