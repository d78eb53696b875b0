import { expect, it } from 'vitest';
import { canContinue } from './continuing.ts';
import type { Message } from './chat.ts';

const reply = (changes: object): Message =>
  ({ role: 'assistant', status: 'stopped', parts: [{ type: 'text', text: 'Once' }], ...changes }) as unknown as Message;

it('a reply goes on that something other than its model ended', () => {
  for (const changes of [
    {},
    { status: 'interrupted' },
    { status: 'complete', timing: { endReason: 'max_tokens' } },
    { status: 'complete', timing: { endReason: 'context_full' } },
    { parts: [{ type: 'reasoning', text: 'Hm', durationMs: null }] },
  ])
    expect([changes, canContinue(reply(changes))]).toEqual([changes, true]);
});

it('no other reply goes on, and none that has more than text', () => {
  const call = { type: 'tool_call', callId: 'x', name: 'look', arguments: '{}' };
  for (const changes of [
    { role: 'user' },
    { status: 'failed' },
    { status: 'pending' },
    { status: 'streaming' },
    { status: 'complete', timing: { endReason: 'end_of_turn' } },
    { status: 'complete', timing: null },
    { parts: [] },
    { parts: [{ type: 'text', text: '' }] },
    { parts: [{ type: 'text', text: 'Let me look.' }, call] },
    { sampling: { grammar: { kind: 'gbnf', text: 'root ::= "a"' } } },
  ])
    expect([changes, canContinue(reply(changes))]).toEqual([changes, false]);
});
