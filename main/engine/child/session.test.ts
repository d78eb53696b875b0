import type { Llama, LlamaContext, LlamaModel, Token } from 'node-llama-cpp';
import { expect, it } from 'vitest';
import type { GenerateEvent } from '../protocol.ts';
import { createBatching } from './batch/batching.ts';
import { createTokenizer } from './prompt/tokenizer.ts';
import { createSession } from './session.ts';

const tokensOf = (text: string): Token[] => [...text].map((letter) => letter.codePointAt(0) as Token);
const model = {
  ...{ gpuLayers: 0, tokens: { bos: null, bosString: null, shouldPrependBosToken: false } },
  tokenize: tokensOf,
  detokenize: (tokens: readonly number[]) => String.fromCodePoint(...tokens),
  isSpecialToken: () => false,
  iterateAllTokens: () => [],
} as unknown as LlamaModel;

/** A session of one sequence, whose model writes `reply`, and how often all tokens of the sequence were taken away. */
function sessionOf(reply: string) {
  let contextTokens: Token[] = [];
  const cleared: string[] = [];
  const sequence = {
    get contextTokens() {
      return contextTokens;
    },
    get nextTokenIndex() {
      return contextTokens.length;
    },
    async adaptStateToTokens(tokens: readonly Token[]) {
      contextTokens = tokens.filter((token, index) => contextTokens[index] === token);
    },
    async clearHistory() {
      cleared.push(String.fromCodePoint(...contextTokens));
      contextTokens = [];
    },
    async *evaluateWithMetadata(tokens: readonly Token[]) {
      contextTokens = [...contextTokens, ...tokens];
      for (const token of tokensOf(reply)) {
        yield await Promise.resolve({ token });
        contextTokens = [...contextTokens, token];
      }
    },
  };
  const context = { contextSize: 512, totalSequences: 1, getSequence: () => sequence } as unknown as LlamaContext;
  const batching = createBatching({} as Llama, { decodeThreads: 1, promptThreads: 1, batchSize: 512 });
  const session = createSession({
    ...{ model, context, batching, tokenizer: createTokenizer(model), template: null, plain: null },
    givenTemplates: { of: () => expect.fail('no request has a template'), close: () => Promise.resolve() },
    ...{ createDrafter: () => null, usesAttentionTiles: false, stateKey: 'key', scratchFolder: null },
  });
  return { session, cleared };
}

it('forgetting a chat takes nothing away from under its reply, and takes its state away behind it', async () => {
  const { session, cleared } = sessionOf('upon a time');
  const events: GenerateEvent[] = [];
  let tried = 0;
  const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: null, seed: 1 };
  const request = { input: { rawPrompt: 'Once ' }, sampling, chatKey: 'chat' };
  for await (const event of session.generate(request, new AbortController().signal)) {
    events.push(event);
    // The slot is free before the last events are taken.
    if (session.active() === 0) continue;
    await session.dropState('chat');
    tried++;
  }
  expect(tried).toBeGreaterThan(0);
  expect([events[0]?.type, events.at(-1)?.type]).toEqual(['prompt', 'end']);
  expect(events.map((event) => (event.type === 'text' ? event.content : '')).join('')).toBe('upon a time');
  expect(cleared).toEqual([]);
  await session.dropState('another chat');
  expect(cleared).toEqual([]);
  await session.dropState('chat');
  expect(cleared).toEqual(['Once upon a time']);
  // Nothing is left to forget.
  await session.dropState('chat');
  expect(cleared.length).toBe(1);
  expect(await session.saveState('chat', '/nowhere')).toBeNull();
});
