import { expect, it } from 'vitest';
import type { ListedModel } from '../../names/models.ts';
import { responsesSchema, wantedOf } from './request.ts';

it('names the tools of earlier calls as the model is told of them', () => {
  const read = { type: 'function', name: 'read', parameters: { type: 'object' } };
  const call = { type: 'function_call', name: 'read', arguments: '{}' };
  const body = responsesSchema.parse({
    model: 'ember',
    tools: [
      { type: 'namespace', name: 'files', tools: [read] },
      { type: 'namespace', name: 'web', tools: [read, { ...read, name: 'open' }] },
    ],
    input: [
      { ...call, call_id: 'a', namespace: 'web' },
      { ...call, call_id: 'b', namespace: 'web', name: 'open' },
      { ...call, call_id: 'c', name: 'gone' },
      { type: 'function_call_output', call_id: 'a', output: 'A page.' },
    ],
  });
  const asked = body.input;
  if (!Array.isArray(asked)) throw new Error('no items');
  const { order, offered } = wantedOf(body, {} as ListedModel, { earlier: [], asked: asked as never });
  expect(offered.map(({ definition }) => definition.name)).toEqual(['files__read', 'web__read', 'open']);
  expect(order.input).toMatchObject({
    messages: [
      { role: 'assistant', content: ['web__read', 'open', 'gone'].map((name) => ({ call: { name } })) },
      { role: 'tool', content: [{ name: 'web__read' }] },
    ],
  });
});
