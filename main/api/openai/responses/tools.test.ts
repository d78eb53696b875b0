import { expect, it } from 'vitest';
import { offeredTools, type ResponseTool } from './tools.ts';

const named = (name: string): Extract<ResponseTool, { type: 'custom' }> => ({ type: 'custom', name });
const space = (name: string, ...tools: string[]): ResponseTool => ({
  type: 'namespace',
  name,
  tools: tools.map(named),
});

it('tells one name in two namespaces apart', () => {
  const offered = offeredTools([named('read'), space('a', 'read'), space('b', 'read', 'write')]);
  expect(offered.map(({ definition }) => definition.name)).toEqual(['read', 'a__read', 'b__read', 'write']);
});

it.each<[string, ResponseTool[]]>([
  ['read', [named('read'), named('read')]],
  ['a__read', [space('a', 'read', 'read')]],
  ['a__read', [space('a', 'read'), space('a', 'read')]],
  ['a__read', [space('a', 'read'), named('read'), named('a__read')]],
  // What a name cannot have is written alike.
  ['a_b__read', [space('a b', 'read'), space('a/b', 'read')]],
])('refuses two tools that the model would know as %s', (name, tools) => {
  expect(() => offeredTools(tools)).toThrow(
    expect.objectContaining({ code: 'invalid_input', message: expect.stringContaining(`"${name}"`) as unknown }),
  );
});
