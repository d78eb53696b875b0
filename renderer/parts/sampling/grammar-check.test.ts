import { describe, expect, it } from 'vitest';
import { grammarProblem, schemaProblem } from './grammar-check.ts';

describe('schemaProblem', () => {
  it.each([
    '{}',
    '{"type":"object","properties":{"name":{"type":"string"},"tags":{"type":"array","items":{"type":"integer"}}}}',
    '{"type":["string","null"]}',
    '{"enum":["a",1,null]}',
    '{"properties":{"a":true,"b":false}}',
  ])('takes %s', (text) => expect(schemaProblem(text)).toBeNull());

  it.each([
    ['{"type": "object"', 'not JSON'],
    ['[]', 'is an object'],
    ['{"type":"text"}', '"text" (at the top)'],
    ['{"properties":{"a":{"properties":{"b":{"type":"int"}}}}}', 'at “a.b”'],
    ['{"type":"array","items":{"type":"float"}}', 'at “[]”'],
    ['{"properties":{"a":"string"}}', 'The property “a” needs a schema'],
    ['{"enum":[]}', 'at least one value'],
  ])('says what is wrong with %s', (text, words) => expect(schemaProblem(text)).toContain(words));
});

describe('grammarProblem', () => {
  it.each([
    'root ::= "yes" | "no"',
    'root ::= item+ # a list\nitem ::= "- " [^\\n]+ "\\n"\n',
    'root ::= ("a" | "b"){2,4} end?\nend ::= "\\"" .',
    'root ::=\n  first-part\n  second_part\nfirst-part ::= "(" [)\\]]\nsecond_part ::= "x"',
  ])('takes %j', (text) => expect(grammarProblem(text)).toBeNull());

  it.each([
    ['yes', 'made of rules'],
    ['answer ::= "yes"', 'called root'],
    ['root ::= "yes', 'Line 1: the text in quotes is not closed'],
    ['root ::= yes', 'there is no rule “yes”'],
    ['root ::= "a"\nroot ::= "b"', 'Line 2: the rule “root” is defined twice'],
    ['root ::= ("a"\nb ::= "c"', 'Line 1: “(” is not closed'],
    ['root ::= "a")', '“)” closes nothing'],
    ['root ::= [a-z', 'is not closed'],
    ['root ::= "a" & "b"', '“&” has no meaning'],
  ])('says what is wrong with %j', (text, words) => expect(grammarProblem(text)).toContain(words));
});
