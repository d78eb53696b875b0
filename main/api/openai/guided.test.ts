import { expect, it } from 'vitest';
import { z } from 'zod';
import { guidedFields, readGuided } from './guided.ts';

const schema = z.object(guidedFields);
const formOf = (body: unknown) => readGuided(schema.parse(body));

it('keeps to a schema, to any object and to choices, in both spellings', () => {
  const json = { kind: 'json_schema', text: '{"type":"integer"}' };
  expect(formOf({ structured_outputs: { json: { type: 'integer' } } })).toEqual(json);
  expect(formOf({ guided_json: { type: 'integer' } })).toEqual(json);
  expect(formOf({ structured_outputs: { json_object: true } })).toEqual({
    kind: 'json_schema',
    text: '{"type":"object"}',
  });
  const choices = { kind: 'gbnf', text: String.raw`root ::= "yes" | "a \"no\"\\\n"` };
  expect(formOf({ guided_choice: ['yes', 'a "no"\\\n'] })).toEqual(choices);
  expect(formOf({ structured_outputs: { choice: ['yes', 'a "no"\\\n'] } })).toEqual(choices);
  expect(formOf({ structured_outputs: null, guided_json: null })).toBeUndefined();
});

it('refuses what it cannot keep to', () => {
  for (const body of [
    { guided_regex: 'a+' },
    { guided_grammar: 'x' },
    { structured_outputs: { regex: 'a+' } },
    { structured_outputs: { grammar: 'x' } },
    { structured_outputs: { structural_tag: 'x' } },
  ])
    expect(() => formOf(body), JSON.stringify(body)).toThrow(/is not kept to here/);
});
