import { describe, expect, it } from 'vitest';
import { expandMacros, type MacroValues } from './macros.ts';

const values: MacroValues = { char: 'Ada', user: 'Max', replySeed: 'reply 1', chatSeed: 'chat 1' };
const expand = (text: string, other: Partial<MacroValues> = {}): string => expandMacros(text, { ...values, ...other });

describe('macros', () => {
  it('replaces names in any spelling, and leaves what is no macro', () => {
    expect(expand('{{char}}, {{CHAR}}, {{ user }}, <USER>, <bot>')).toBe('Ada, Ada, Max, Max, Ada');
    expect(expand('{{weather}} {{}} {char} {{ {{char}')).toBe('{{weather}} {{}} {char} {{ {{char}');
  });

  it('takes notes out', () => {
    expect(expand('a{{// a note }}b{{comment: x}}c{{hidden_key:k}}d')).toBe('abcd');
  });

  it('chooses the same for one reply again, and others for other replies', () => {
    const text = '{{random:red,green,blue\\, dark}} {{roll:d6}} {{roll:2d6}} {{roll:20}} {{random::a::b}}';
    expect(expand(text)).toBe(expand(text));
    const seen = new Set(
      Array.from({ length: 60 }, (_, reply) => expand('{{random:red,green}}', { replySeed: `${reply}` })),
    );
    expect(seen).toEqual(new Set(['red', 'green']));
    const rolls = Array.from({ length: 60 }, (_, reply) => Number(expand('{{roll:d6}}', { replySeed: `${reply}` })));
    expect(new Set(rolls)).toEqual(new Set([1, 2, 3, 4, 5, 6]));
    expect(expand('{{random:a\\,b}}')).toBe('a,b');
  });

  it('picks once for a chat', () => {
    const picks = Array.from({ length: 20 }, (_, reply) => expand('{{pick:x,y,z}}', { replySeed: `${reply}` }));
    expect(new Set(picks).size).toBe(1);
  });

  it('expands macros in arguments, and ends with a name that is a macro itself', () => {
    expect(expand('{{reverse:{{char}}}}')).toBe('adA');
    expect(expand('{{char}}', { char: '{{char}}{{char}}' }).length).toBeLessThan(200);
  });

  it('grows no text without a limit', () => {
    const text = expand('{{char}}'.repeat(25_000), { char: 'x'.repeat(200) });
    expect(text.length).toBeLessThanOrEqual(1_000_000);
  });
});
