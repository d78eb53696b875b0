import { describe, expect, it } from 'vitest';
import { targetRow } from './list-keys.ts';

describe('targetRow', () => {
  it('stops at both ends', () => {
    expect(targetRow('ArrowDown', 2, 3)).toBe(2);
    expect(targetRow('ArrowUp', 0, 3)).toBe(0);
  });
  it('enters the list at the first row', () => {
    expect(targetRow('ArrowDown', -1, 3)).toBe(0);
  });
  it('leaves Home and End to the field while no row has the focus', () => {
    expect(targetRow('Home', -1, 3)).toBeNull();
    expect(targetRow('End', 1, 3)).toBe(2);
  });
  it('does nothing in an empty list and for other keys', () => {
    expect(targetRow('ArrowDown', -1, 0)).toBeNull();
    expect(targetRow('Tab', 1, 3)).toBeNull();
  });
});
