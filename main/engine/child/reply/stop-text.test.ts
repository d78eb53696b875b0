import { describe, expect, it } from 'vitest';
import { createStopText } from './stop-text.ts';

function run(stops: string[], pieces: string[]): { text: string; stopped: string | null } {
  const stop = createStopText(stops);
  let text = '';
  for (const piece of pieces) {
    const out = stop.push(piece);
    text += out.text;
    if (out.stopped !== null) return { text, stopped: out.stopped };
  }
  return { text: text + stop.end(), stopped: null };
}

describe('createStopText', () => {
  const whole = 'one two END three';
  it('stops at the same place at every cut and letter by letter', () => {
    for (let cut = 0; cut <= whole.length; cut++)
      expect(run(['END', 'three'], [whole.slice(0, cut), whole.slice(cut)])).toEqual({
        text: 'one two ',
        stopped: 'END',
      });
    expect(run(['END'], [...whole])).toEqual({ text: 'one two ', stopped: 'END' });
  });
  it('shows text at once unless it may begin a stop text, which it holds back', () => {
    const stop = createStopText(['\n\nUser:']);
    expect(stop.push('a\n').text).toBe('a');
    expect(stop.push('b').text).toBe('\nb');
    expect(stop.push('\n\nUse').text).toBe('');
    expect(stop.push('d').text).toBe('\n\nUsed');
  });
  it('gives back at the end a prefix that was not completed', () => {
    expect(run(['END'], ['the EN'])).toEqual({ text: 'the EN', stopped: null });
  });
  it('finds a stop text that begins within a failed prefix', () => {
    expect(run(['aab'], ['x', 'a', 'a', 'a', 'b'])).toEqual({ text: 'xa', stopped: 'aab' });
  });
  it('ends at the earlier of two', () => {
    expect(run(['cd', 'bc'], ['abcd'])).toEqual({ text: 'a', stopped: 'bc' });
  });
});
