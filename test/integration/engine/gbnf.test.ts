import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { schemaGrammar } from '../../../main/json-schema/json-schema.ts';
import { heldSchemas } from '../../support/schemas/held-schemas.ts';
import { realSchemas } from '../../support/schemas/real-schemas.ts';
import { followWays, readGrammar, type GrammarWays } from '../../../main/gbnf/gbnf.ts';

function waysOf(text: string, root = 'root'): GrammarWays {
  const rules = readGrammar(text);
  if (!rules) throw new Error('it was not read');
  return followWays(rules, root);
}
const nested = (depth: number): string => `root ::= ${'('.repeat(depth)}"x"${')'.repeat(depth)}`;
const slow = readFileSync(path.join(import.meta.dirname, '../../fixtures/grammars/slow-grammar.gbnf'), 'utf8');
/** Each rule can begin in twice as many ways as the next: llama.cpp's search for left recursion would take 2^40 calls. */
const doubling = [
  'root ::= r0',
  ...Array.from({ length: 40 }, (_, index) => `r${index} ::= r${index + 1} | r${index + 1} "y"`),
  'r40 ::= "x"',
].join('\n');

describe('a grammar', () => {
  it.each([
    ['groups within each other', nested(20_000), { reason: 'grammar_too_deep', rule: 'root', limit: 256 }],
    [
      'rules that begin with each other',
      Array.from({ length: 5000 }, (_, index) => `${index === 0 ? 'root' : `r${index}`} ::= r${index + 1}`).join('\n') +
        '\nr5000 ::= "x"',
      { reason: 'grammar_too_deep', limit: 2000 },
    ],
    ['beginnings that double', doubling, { reason: 'grammar_too_ambiguous', limit: 1_000_000 }],
    ['optional rules within each other', slow, { reason: 'grammar_too_ambiguous' }],
    ['a long text repeated', `root ::= "${'a'.repeat(400)}"{2000}`, { reason: 'grammar_too_large', rule: 'root' }],
    ['repetitions of repetitions', 'root ::= (("a" "b"){1900} "c"){1900}', null],
    [
      'left recursion',
      'root ::= sum\nsum ::= sum "+" [0-9] | [0-9]',
      { reason: 'grammar_left_recursion', rule: 'sum' },
    ],
    [
      'left recursion behind a rule that may be empty',
      'root ::= ws root "a" | "b"\nws ::= " " |',
      { reason: 'grammar_left_recursion' },
    ],
  ])('is refused by name before llama.cpp sees it, or costs little: %s', (_, text, data) => {
    const from = process.cpuUsage();
    const check = (): GrammarWays => waysOf(text);
    if (data)
      expect(check).toThrow(
        expect.objectContaining({ code: 'invalid_input', data: expect.objectContaining(data) as object }),
      );
    else check();
    const { user, system } = process.cpuUsage(from);
    expect((user + system) / 1e6).toBeLessThan(1);
  });

  it.each([
    ['a character above the last', 'root ::= [\\UFFFFFFFF]', { reason: 'grammar_character', character: 'U+FFFFFFFF' }],
    ['the one after the last', 'root ::= "\\U00110000"', { reason: 'grammar_character', rule: 'root' }],
    ['the same, excluded', 'root ::= [^\\U00110000]', { reason: 'grammar_character' }],
    ['half of a surrogate pair', 'root ::= "a" x\nx ::= "\\uD800"', { reason: 'grammar_character', rule: 'x' }],
    ['a range of surrogates', 'root ::= [\\uD800-\\uDFFF]', { reason: 'grammar_character', character: 'U+D800' }],
    ['the character 0', 'root ::= "\\x00"', { reason: 'grammar_character', character: 'U+0000' }],
    ['a token by number', 'root ::= <[999999999]>', { reason: 'grammar_token', rule: 'root' }],
    ['any token but one', 'root ::= "a" !<think>', { reason: 'grammar_token', rule: 'root' }],
    ['more at least than at most', 'root ::= "a"{3,2}', { reason: 'grammar_repetition', least: 3, most: 2 }],
    ['at least one, at most none', 'root ::= ("a" | "b"){1,0}', { reason: 'grammar_repetition', rule: 'root' }],
  ])('that llama.cpp reads, and fails over later, is refused by name: %s', (_, text, data) => {
    expect(() => readGrammar(text)).toThrow(
      expect.objectContaining({ code: 'invalid_input', data: expect.objectContaining(data) as object }),
    );
  });

  it('may have any character that a text can have, and excludes any', () => {
    for (const text of [
      '[\\U0010FFFF]',
      '[\\x00-\\uD7FF\\uE000-\\U0010FFFF]',
      '[^\\uD800-\\uDFFF]',
      '"\\-"',
      '[a\\-z]',
      '"a"{0}',
      '"a"{0,0}',
    ])
      expect(readGrammar(`root ::= ${text}`), text).not.toBeNull();
    // Past a NUL llama.cpp would not read on.
    expect(readGrammar('root ::= ( "a" #\0\n)')).toBeNull();
  });

  it('of any schema is as cheap as it should be, from its root', () => {
    let count = 0;
    for (const { schema } of [...heldSchemas, ...realSchemas]) {
      waysOf(schemaGrammar(schema as Parameters<typeof schemaGrammar>[0]));
      count++;
    }
    expect(count).toBeGreaterThan(100);
  });

  it('is followed through the text, which may become ambiguous later', () => {
    const ways = waysOf(
      `root ::= [a-z]{12} "!" deep\ndeep ::= ${slow.split('\n').slice(0, 1).join('').replace('root ::= ', '')}\n${slow.split('\n').slice(1).join('\n')}`,
    );
    ways.accept('a');
    expect(() => ways.accept('bcdefghijkl!')).toThrow(
      expect.objectContaining({ data: expect.objectContaining({ reason: 'grammar_too_ambiguous' }) as object }),
    );
  });

  it.each([
    ['a set that excludes', '[^a]', 'b', 'a'],
    ['a set', '[b-d]', 'd', 'e'],
    ['a repetition with a most', '"a"{1,2}', 'aa', 'aaa'],
    ['a repetition with a least', '"a"{2,}', 'aaaa', 'a'],
    ['an exact repetition', '"a"{2}', 'aa', 'a'],
  ])('takes the characters that GBNF takes: %s', (_, element, taken, other) => {
    const [first = '', ...rest] = slow.split('\n');
    const text = `root ::= [a-z]{12} ${element} "!" deep\ndeep ::= ${first.replace('root ::= ', '')}\n${rest.join('\n')}`;
    // Only what leads to the ambiguous rule is refused.
    expect(() => waysOf(text).accept(`abcdefghijkl${taken}!`)).toThrow(
      expect.objectContaining({ data: expect.objectContaining({ reason: 'grammar_too_ambiguous' }) as object }),
    );
    expect(() => waysOf(text).accept(`abcdefghijkl${other}!`)).not.toThrow();
  });

  it('follows what is read as GBNF has it: sets, escapes, repetitions, comments and lines', () => {
    const text = 'root ::= "\\x41" [^a-c\\]]{2,3} # a comment\n  ("é" | .)? "\\n"* end\nend ::= "z"\r\n';
    const rules = readGrammar(text.replace('\n  (', ' ('));
    expect(rules?.idOf('end')).toBeDefined();
    expect(readGrammar('root ::= "a')).toBeNull();
    expect(readGrammar('root ::= missing')).toBeNull();
    expect(readGrammar('root ::= *')).toBeNull();
    expect(readGrammar('root = "a"')).toBeNull();
  });
});
