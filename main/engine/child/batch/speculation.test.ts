import { describe, expect, it } from 'vitest';
import { lookupGuesser } from './speculation.ts';

/** Writes tokens that take so long each, without and with guessing; says whether it guesses at the end. */
function run(withoutMs: number, withMs: number): boolean[] {
  const guesser = lookupGuesser();
  guesser.begin([], true);
  const states: boolean[] = [];
  let now = 0;
  for (let token = 0; token < 200; token++) {
    states.push(guesser.isOn());
    now += guesser.isOn() ? withMs : withoutMs;
    guesser.wrote(now);
  }
  return states;
}

describe('guessing ahead', () => {
  it('is tried after a stretch without it, stays on when it is faster, and goes off when it is not', () => {
    expect(run(10, 5).slice(0, 20)).not.toContain(true);
    expect(run(10, 5).at(-1)).toBe(true);
    const slower = run(10, 12);
    expect(slower).toContain(true);
    expect(slower.at(-1)).toBe(false);
    expect(run(10, 10).at(-1)).toBe(false);
  });
  it('stays off where it is not wanted', () => {
    const guesser = lookupGuesser();
    guesser.begin([], false);
    for (let token = 0; token < 200; token++) guesser.wrote(token);
    expect(guesser.isOn()).toBe(false);
  });
});
