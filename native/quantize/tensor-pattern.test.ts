import { expect, it } from 'vitest';
import { tensorPattern } from './tensor-pattern.ts';

it.each([
  ...['(', '[', '*a', '[z-a]', 'a{', '(?<=a)b', '(?<n>a)', '\\p{L}', '[[:none:]]', '\\9', ''],
  // Ranges that small letters turn around, references to groups that are not over, and more states than the library keeps.
  ...['[Z-a]', '[A-\\]]', '\\1(a)', '(a\\1)', '\\2(a)(b)', '(a{1000}){1000}', '.{100000}', 'a{99999999999}'],
  '(?:(?:(?:a{50}){50}){50}){50}',
  // Searches that do not end.
  ...['(.*)*x', '(.*.*.*.*.*.*)*!', '.*.*.*.*.*.*.*!', '((a+)b?)+c', '(a|(?:b*))+x'],
  ...['(.|.|.)*!', '(.|.)*!', '(.?.?.?)*!', '(.?)+!', '(a|a?)*!', '(.{0,2})*!', '(|a)*!', '(ab|a|b)*!'],
  ...[`${'(.|.)'.repeat(10)}!`, `${'(a|a)'.repeat(10)}!`, `${'.?'.repeat(10)}!`, '.*.*.*.?.?.?!'],
])('refuses %s', (pattern) => {
  expect(() => tensorPattern(pattern)).toThrow(
    expect.objectContaining({
      code: 'convert.unsupported',
      data: expect.objectContaining({ reason: 'pattern' }) as unknown,
    }),
  );
});

it.each([
  ['blk\\.[02]\\.attn_v', 'blk\\.[02]\\.attn_v'],
  ['FFN_Down', 'ffn_down'],
  ['blk\\.\\d{1,2}\\.(ffn|attn)_.*', 'blk\\.\\d{1,2}\\.(ffn|attn)_.*'],
  ['.*.*.*!', '.*.*.*!'],
  ['(ab|cd)*x', '(ab|cd)*x'],
  ['blk\\.(?:0|1|2|10|11|12|20)\\.(?:attn_(?:q|k|v)|ffn_(?:up|down))(?:_exps)?\\.weight', null],
  [
    `blk\\.(${Array.from({ length: 100 }, (_, layer) => String(layer)).join('|')})\\.(ffn_up|ffn_down|ffn_gate)\\.`,
    null,
  ],
])('takes %s', (pattern, given) => {
  expect(tensorPattern(pattern)).toBe(given ?? pattern);
});
