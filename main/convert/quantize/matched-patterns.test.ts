import { expect, it } from 'vitest';
import { assertPatternsMatch } from './matched-patterns.ts';

const tensors = [{ name: 'token_embd.weight' }, { name: 'blk.0.ffn_down.weight' }];
const check = (...patterns: string[]): void =>
  assertPatternsMatch({ tensorTypes: patterns.map((pattern) => ({ pattern, type: 'Q8_0' })) }, tensors);

it('lets patterns through that a name has, in any letters', () => {
  check('FFN_down', 'blk\\.[0-9]+\\.ffn', '^token_embd');
  check();
});

it('names the pattern that no tensor has', () => {
  expect(() => check('token_embd', 'zzz')).toThrow('The pattern zzz is in the name of no tensor of this model.');
  expect(() => check('ffn_down$')).toThrow(expect.objectContaining({ code: 'convert.unsupported' }) as Error);
});

it('names what is no pattern, and what would take too long', () => {
  for (const pattern of ['(', '(a+)+b'])
    expect(() => check(pattern)).toThrow(
      expect.objectContaining({ data: expect.objectContaining({ reason: 'pattern' }) }) as Error,
    );
});
