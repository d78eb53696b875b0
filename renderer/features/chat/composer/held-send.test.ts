import { describe, expect, it } from 'vitest';
import { heldNow } from './held-send.ts';

describe('a held send', () => {
  it('waits for the models and then sends', () => {
    expect(heldNow(null, { draft: 'hello', waits: true, ready: false })).toBe('none');
    expect(heldNow('hello', { draft: 'hello', waits: true, ready: false })).toBe('wait');
    expect(heldNow('hello', { draft: 'hello', waits: false, ready: true })).toBe('send');
  });
  it('is dropped by an edit, and where no model can answer', () => {
    expect(heldNow('hello', { draft: '', waits: true, ready: false })).toBe('drop');
    expect(heldNow('hello', { draft: 'hello!', waits: false, ready: true })).toBe('drop');
    expect(heldNow('hello', { draft: 'hello', waits: false, ready: false })).toBe('drop');
  });
});
