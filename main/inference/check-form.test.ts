import { describe, expect, it } from 'vitest';
import { formProblem } from './check-form.ts';

describe('a grammar', () => {
  it.each([
    'root ::= "yes" | "no"',
    'root ::= item+ # a list\nitem ::= "- " [^\\n]+ "\\n"\n',
    'root ::= ("a" | "b"){2,4} end?\nend ::= "\\"" .',
  ])('can be held: %j', (text) => expect(formProblem({ kind: 'gbnf', text })).toBeNull());

  // Lines and columns by hand, from 1.
  it.each([
    ['yes', 1, 4, { reason: 'grammar_syntax', part: 'defined_as' }],
    ['root ::= "yes', 1, 14, { reason: 'grammar_syntax', part: 'closing_quote' }],
    ['root ::= "a"\n  & "b"', 2, 3, { reason: 'grammar_syntax', part: 'rule_name' }],
    ['root ::= [a-z', 1, 14, { reason: 'grammar_syntax', part: 'closing_bracket' }],
    ['root ::= ("a"\n', 2, 1, { reason: 'grammar_syntax', part: 'closing_parenthesis' }],
    ['root ::= "a" )', 1, 14, { reason: 'grammar_syntax', part: 'line_end' }],
    ['root ::= "\\q"', 1, 11, { reason: 'grammar_syntax', part: 'escape' }],
    ['root ::= "a"{x}', 1, 13, { reason: 'grammar_syntax', part: 'repetition' }],
    ['root ::= "x" # other\nthing ::= "other" | other', 2, 21, { part: 'rule', name: 'other' }],
    ['answer ::= "yes"', 1, 1, { part: 'root' }],
    ['root ::= sum\n\nsum ::= sum "+" | "1"', 3, 1, { reason: 'grammar_left_recursion', rule: 'sum' }],
    ['root ::= "a"\nother ::= <think>', 2, 1, { reason: 'grammar_token', rule: 'other' }],
  ])('cannot be held, from %j on line %i, column %i', (text, line, column, data) => {
    expect(formProblem({ kind: 'gbnf', text })).toMatchObject({ line, column, error: { code: 'invalid_input', data } });
  });
});

describe('a JSON schema', () => {
  it('can be held', () => {
    const text =
      '{"type": "object", "properties": {"name": {"type": "string", "maxLength": 10}}, "required": ["name"]}';
    expect(formProblem({ kind: 'json_schema', text })).toBeNull();
  });

  it.each([
    ['{"type": "object",\n  "properties": }', 2, 17, { reason: 'not_json', line: 2, column: 17 }],
    ['{\n  "properties": {\n    "a": {"type": "text"}\n  }\n}', 3, 11, { keyword: 'type', place: '/properties/a' }],
    ['{"type": "string",\n "pattern": "(?=a)b"}', 2, 2, { reason: 'schema_keyword', keyword: 'pattern' }],
  ])('cannot be held: %j', (text, line, column, data) => {
    expect(formProblem({ kind: 'json_schema', text })).toMatchObject({ line, column, error: { data } });
  });

  it('that is nested without end is refused', () => {
    const text = `${'{"not":'.repeat(20_000)}true${'}'.repeat(20_000)}`;
    expect(formProblem({ kind: 'json_schema', text })?.error.code).toBe('invalid_input');
  });
});
