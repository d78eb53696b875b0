import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, test } from 'vitest';
import { readStructure } from '../vocabulary/tokenizer-structure.ts';
import { readCharacterMap } from './character-map.ts';
import { knownDifference } from './known-differences.ts';

const fixtures = path.join(import.meta.dirname, '../../../test/fixtures/conversion/tokenizers');
const tokenizer = (name: string): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(path.join(fixtures, name, 'tokenizer.json'), 'utf8')) as Record<string, unknown>;
const structure = (name: string) => readStructure(tokenizer(name));

it.each([
  ['bert', 'a \u2581 b', 'literal_mark'],
  ['bert', 'a b', null],
  ['gemma', 'a\u2581b', 'literal_mark'],
  ['gpt2', 'a\u2581b', null],
  // The table of this vocabulary has no entry for line breaks; the library drops them, and llama.cpp makes unknown tokens of them.
  ['xlm-roberta', 'one\ntwo', 'unmapped_space'],
  ['xlm-roberta', 'one two', null],
  // It maps this one to a space.
  ['xlm-roberta', 'one\u00A0two', null],
])('%s: %j', (name, text, kind) => {
  expect(knownDifference(text, structure(name))).toBe(kind);
});

test('a table of characters has its entries, and a damaged one has none', () => {
  const { precompiled_charsmap: map } = tokenizer('xlm-roberta')['normalizer'] as { precompiled_charsmap: string };
  const bytes = Buffer.from(map, 'base64');
  const { has } = readCharacterMap(bytes);
  expect(['\u00A0', '\uFF21', 'A', '\n', ' '].map(has)).toEqual([true, true, false, false, false]);
  for (let length = 0; length < bytes.length; length += 7) readCharacterMap(bytes.subarray(0, length)).has('\uFF21');
  expect(readCharacterMap(new Uint8Array(64).fill(0xff)).has('a')).toBe(false);
});
