import { expect, it } from 'vitest';
import type { ReplyEvent } from '../../inference/inference.ts';
import { withoutCutCalls } from './cut-calls.ts';

const text = (content: string): ReplyEvent => ({ type: 'text', content, reasoning: '' });
const malformed = (raw: string): ReplyEvent => ({ type: 'malformed_tool_call', text: raw, reason: 'It ends early.' });
const end = (endReason: string): ReplyEvent => ({ type: 'end', result: { endReason } }) as ReplyEvent;
const told = async (...events: readonly ReplyEvent[]): Promise<string[]> => {
  const source = (async function* () {
    for (const event of events) yield await Promise.resolve(event);
  })();
  const out: string[] = [];
  for await (const event of withoutCutCalls(source)) out.push(event.type === 'text' ? event.content : event.type);
  return out;
};
const raw = '<tool_call>\n{"name": "a", "argu';

it.each([
  ['a call that was cut', [text(`Sure.\n${raw}`), malformed(`\n${raw}`), end('max_tokens')], ['Sure.', 'end']],
  ['the same at the end of the context', [text(raw), malformed(raw), end('context_full')], ['', 'end']],
  ['the beginning of its mark', [text('Sure. <tool_'), end('max_tokens')], ['Sure.', 'end']],
  [
    'a call that the model wrote wrong',
    [text(raw), malformed(raw), end('end_of_turn')],
    [raw, 'malformed_tool_call', 'end'],
  ],
  [
    'a wrong call before the end',
    [text(raw), malformed(raw), text(' b'), end('max_tokens')],
    [raw, 'malformed_tool_call', ' b', 'end'],
  ],
  ['JSON that is no call', [text('{"a": 1}'), text('[2]'), end('max_tokens')], ['{"a": 1}', '[2]', 'end']],
  ['a bracket', [text('a < b'), end('max_tokens')], ['a < b', 'end']],
])('%s', async (_name, events, wanted) => {
  expect(await told(...events)).toEqual(wanted);
});
