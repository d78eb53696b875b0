import { describe, expect, it } from 'vitest';
import { keysInForce, readChosen } from './chosen-keys.ts';

describe('the keys of a command', () => {
  const chosen = readChosen({ 'frame.rail': ['Mod+K', 'F6'], 'chat.stop': [] });

  it('are the chosen ones, and none where none were chosen', () => {
    expect(keysInForce('frame.rail', ['Mod+B'], chosen)).toEqual(['Mod+K', 'F6']);
    expect(keysInForce('chat.stop', ['Escape'], chosen)).toEqual([]);
    expect(keysInForce('frame.undo', ['Mod+Z'], chosen)).toEqual(['Mod+Z']);
    expect(keysInForce('toString', ['F9'], chosen)).toEqual(['F9']);
  });

  it('are given up where they were chosen for another command, and come back with its reset', () => {
    expect(keysInForce('frame.palette', ['Mod+K', 'F1'], chosen)).toEqual(['F1']);
    expect(keysInForce('frame.palette', ['Mod+K'], readChosen({}))).toEqual(['Mod+K']);
  });
});
