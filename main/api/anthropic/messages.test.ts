import { expect, it } from 'vitest';
import type { ListedModel } from '../names/models.ts';
import { orderOf } from './messages.ts';

const schema = { type: 'object', properties: { answer: { enum: ['yes', 'no'] } } };
const body = {
  ...{ model: 'ember', max_tokens: 8, messages: [{ role: 'user' as const, content: 'Is it noon?' }] },
  output_config: { format: { type: 'json_schema' as const, schema } },
};
const tools = [{ name: 'clock', input_schema: { type: 'object', properties: {} } }];
const formOf = (more: object): unknown => {
  const { grammar } = orderOf({ ...body, ...more }, {} as ListedModel).sampling;
  return grammar?.kind === 'json_schema' ? JSON.parse(grammar.text) : grammar;
};

it('holds an answer to its form, and lets the model call a tool instead', () => {
  expect(formOf({})).toEqual(schema);
  expect(formOf({ tools })).toMatchObject({ anyOf: [schema, { properties: { name: { const: 'clock' } } }] });
  expect(formOf({ tools, tool_choice: { type: 'none' } })).toEqual(schema);
  // A required call has a form of its own.
  expect(formOf({ tools, tool_choice: { type: 'any' } })).toBeUndefined();
});
