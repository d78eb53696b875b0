import { describe, expect, it } from 'vitest';
import type { ConversationInput } from '../messages.ts';
import { requiredTools, toolsOf } from './tool-prompt.ts';

const [add, look] = [{ name: 'add' }, { name: 'look-up.v2' }];
const input = (tools: ConversationInput['tools'], toolChoice?: ConversationInput['toolChoice']): ConversationInput => ({
  ...{ messages: [], ...(tools && { tools }), ...(toolChoice && { toolChoice }) },
});

describe('the tools of a request', () => {
  it('are all it has, unless it wants none', () => {
    expect(toolsOf(input(undefined))).toEqual([]);
    expect(toolsOf(input([add, look]))).toEqual([add, look]);
    expect(toolsOf(input([add, look], 'none'))).toEqual([]);
    expect([requiredTools(input([add])), requiredTools(input([add], 'none'))]).toEqual([null, null]);
    expect(requiredTools(input([add, look], 'required'))).toEqual([add, look]);
    expect(requiredTools(input([add, look], { name: 'add' }))).toEqual([add]);
  });

  it.each<[string, ConversationInput]>([
    ['two of one name, of which a call means neither', input([add, look, { name: 'add', description: 'Other.' }])],
    ['a name that no call can have', input([{ name: 'add one' }])],
    ['a name without a letter', input([{ name: '' }])],
    ['a name that is too long', input([{ name: 'a'.repeat(401) }])],
    ['a call that is required without a tool', input([], 'required')],
    ['a tool that must be called and is not there', input([add], { name: 'sub' })],
  ])('are refused: %s', (_, refused) => {
    expect(() => toolsOf(refused)).toThrow(
      expect.objectContaining({ code: 'invalid_input', data: { field: 'tools' } }) as Error,
    );
  });

  it('may have names of 64 letters', () => {
    expect(toolsOf(input([{ name: 'a'.repeat(64) }]))).toHaveLength(1);
  });
});
