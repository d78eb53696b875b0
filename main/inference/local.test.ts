import { expect, it } from 'vitest';
import type { Lease } from '../engine/engine.ts';
import { createLocalProvider } from './local.ts';

it('hands the signal of an opened model on with what is embedded, ranked and counted', async () => {
  const given = new Map<string, AbortSignal | undefined>();
  const note =
    (name: string, answer: unknown) =>
    (_input: unknown, signal?: AbortSignal): Promise<unknown> => {
      given.set(name, signal);
      return Promise.resolve(answer);
    };
  const lease = {
    modelId: 'a',
    state: () => ({ contextSize: 512, sequences: 1 }),
    embed: note('embed', { vectors: [[1]], tokens: 1 }),
    rerank: note('rerank', { scores: [0.5] }),
    tokenize: note('tokenize', { tokens: [1, 2] }),
    prompt: note('prompt', { promptTokens: 3 }),
    [Symbol.dispose]() {},
  } as unknown as Lease;
  const local = createLocalProvider({
    engine: {
      open: () => Promise.resolve(lease),
      openLoaded: (_modelId: string, options: { signal?: AbortSignal }) =>
        note('openLoaded', lease)(null, options.signal),
    } as unknown as Parameters<typeof createLocalProvider>[0]['engine'],
    findModel: (modelId) => Promise.resolve({ modelId, name: 'A', path: '/a', weightsBytes: 1, contextSize: 512 }),
  });
  const { signal } = new AbortController();
  using model = await (await local.find('a')).open({ signal });
  await model.embed(['x']);
  expect(await model.rerank('q', ['d'])).toEqual([0.5]);
  expect(await model.count({ text: 'x' })).toBe(2);
  expect(await model.count({ input: { kind: 'raw', text: 'x' } } as unknown as Parameters<typeof model.count>[0])).toBe(
    3,
  );
  expect([...given]).toEqual([
    ['embed', signal],
    ['rerank', signal],
    ['tokenize', signal],
    ['prompt', signal],
  ]);
  given.clear();
  await local.prompt('a', { input: { rawPrompt: 'x' } }, signal);
  expect([...given]).toEqual([
    ['openLoaded', signal],
    ['prompt', signal],
  ]);
});
