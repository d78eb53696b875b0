/** Titles by the model, over a real store and a model that writes what a test says. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Chat } from '../../preload/contract/chat.ts';
import { defaultSampling } from '../../preload/contract/defaults.ts';
import type { LoadedModel } from '../../preload/contract/engine.ts';
import type { GenerateResult } from '../engine/engine.ts';
import type { ReplyEvent, ReplyRequest } from '../inference/inference.ts';
import { createFiles } from '../store/files.ts';
import { openStore, type Store } from '../store/store.ts';
import { createChats, type Chats } from './chat.ts';

const result: GenerateResult = {
  ...{ promptTokens: 1, reusedTokens: 0, promptMs: 1, generatedTokens: 1, generateMs: 1, contextSize: 100 },
  ...{ omittedMessages: 0, endReason: 'end_of_turn', seed: 1, restoredTokens: 0, queuedMs: 0 },
};
const MODEL = 'built/in/model.gguf';
const fresh = { modelId: null, systemPrompt: '', sampling: null, contextPolicy: null } as const;

let folder: string;
let store: Store;
let chats: Chats;
/** The requests for titles, with what stops each. */
let asked: { readonly request: ReplyRequest; readonly signal: AbortSignal }[];
/** What a request for a title is answered with; a promise is awaited until the request is stopped. */
let answer: () => string | null;
let isWanted: boolean;
let loaded: readonly string[];

const fails = (): never => {
  throw new Error('not to be called');
};
const isTitle = ({ input }: ReplyRequest): boolean =>
  'messages' in input && JSON.stringify(input.messages.at(-1)).includes('Write a title');

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-titles-'));
  [asked, isWanted, loaded, answer] = [[], true, [MODEL], () => 'Larks and their songs'];
  store = openStore(folder, path.join(import.meta.dirname, '../store/migrations'));
  chats = createChats({
    store,
    files: createFiles({ store, folder: path.join(folder, 'files') }),
    inference: {
      async *generate(request, signal): AsyncGenerator<ReplyEvent> {
        yield { type: 'found', name: 'Ember' };
        yield { type: 'opened' };
        let text: string | null = 'They sing at dawn.';
        if (isTitle(request)) {
          asked.push({ request, signal });
          text = answer();
        }
        if (text === null) {
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          yield { type: 'end', result: { ...result, endReason: 'stopped' } };
          return;
        }
        yield { type: 'text', content: text, reasoning: '' };
        yield { type: 'end', result };
      },
      prompt: fails,
      count: fails,
      render: fails,
      keep: () => () => {},
      loaded: () => loaded.map((modelId) => ({ modelId, status: 'ready' }) as LoadedModel),
      saveState: fails,
      dropState: () => Promise.resolve(),
    },
    builtInModelId: MODEL,
    defaultSampling: () => defaultSampling,
    onModelUsed: () => {},
    writesTitles: () => Promise.resolve(isWanted),
    onDefect(error) {
      throw error;
    },
  });
});
afterEach(async () => {
  await chats.close();
  store.close();
  rmSync(folder, { recursive: true });
});

const parts = (text: string) => [{ type: 'text' as const, text }];
const ask = (text: string, chatId?: string) =>
  chats.send({ chat: chatId === undefined ? { fresh } : { id: chatId }, parts: parts(text) });
/** Waits until what windows see of the chat is as wanted. */
async function until(chatId: string, wanted: (chat: Chat) => boolean): Promise<Chat> {
  for await (const event of chats.watch(chatId, new AbortController().signal))
    if ('chat' in event && wanted(event.chat)) return event.chat;
  throw new Error('the chat is gone');
}
const titleOf = (chatId: string): string =>
  store.prepare('SELECT title FROM chats WHERE id = ?').pluck().get(chatId) as string;

it('writes a title after the first reply, in the place of the conversation, behind windows', async () => {
  const { chatId } = ask('Tell me of larks');
  await until(chatId, ({ title }) => title === 'Larks and their songs');
  expect(asked).toHaveLength(1);
  expect(asked[0]?.request).toMatchObject({ modelId: MODEL, priority: 'api', chatKey: chatId, policy: 'stop' });
  const { input } = asked[0]!.request;
  expect('messages' in input && input.messages.slice(0, 2)).toEqual([
    { role: 'user', content: 'Tell me of larks' },
    { role: 'assistant', content: 'They sing at dawn.' },
  ]);
  ask('And of owls', chatId);
  await until(chatId, ({ busy }) => !busy);
  await new Promise(setImmediate);
  expect(asked).toHaveLength(1);
});

it('ends at once when a reply begins anywhere, and is written after the next reply', async () => {
  answer = () => null;
  const { chatId } = ask('Tell me of larks');
  await expect.poll(() => asked.length).toBe(1);
  answer = () => 'Larks';
  ask('And of larks at noon', chatId);
  expect(asked[0]?.signal.aborted).toBe(true);
  await until(chatId, ({ title }) => title === 'Larks');
  answer = () => null;
  const other = ask('Something of owls').chatId;
  await expect.poll(() => asked.length).toBe(3);
  ask('More', chatId);
  expect(asked[2]?.signal.aborted).toBe(true);
  expect(titleOf(other)).toBe('Something of owls');
});

it('keeps the first words in place of nonsense, and does not ask for it again', async () => {
  answer = () => 'Quantum bananas';
  const { chatId } = ask('Tell me of larks');
  await expect.poll(() => asked.length).toBe(1);
  ask('And more of larks', chatId);
  await until(chatId, ({ busy }) => !busy);
  await new Promise(setImmediate);
  expect([asked.length, titleOf(chatId)]).toEqual([1, 'Tell me of larks']);
});

it('never changes what the user wrote, also while a title is being written', async () => {
  let write = (): void => {};
  const waits = new Promise<void>((resolve) => (write = resolve));
  isWanted = false;
  const { chatId } = ask('Tell me of larks');
  await until(chatId, ({ busy }) => !busy);
  await new Promise(setImmediate);
  expect(asked).toHaveLength(0);
  isWanted = true;
  answer = () => {
    chats.update({ chatId, title: 'My birds' });
    write();
    return 'Larks';
  };
  ask('More', chatId);
  await waits;
  await until(chatId, ({ busy }) => !busy);
  ask('Even more', chatId);
  await until(chatId, ({ busy }) => !busy);
  await new Promise(setImmediate);
  expect([asked.length, titleOf(chatId)]).toEqual([1, 'My birds']);
  const first = store.prepare('SELECT id FROM messages ORDER BY seq LIMIT 1').pluck().get() as string;
  chats.edit(first, parts('Tell me of owls'));
  await until(chatId, ({ busy }) => !busy);
  expect(titleOf(chatId)).toBe('My birds');
});

it('renews its title with the beginning', async () => {
  const { chatId, messageId } = ask('Tell me of larks');
  await until(chatId, ({ title }) => title === 'Larks and their songs');
  answer = () => 'Owls by night';
  chats.edit(messageId, parts('Tell me of owls'));
  expect(titleOf(chatId)).toBe('Tell me of owls');
  await until(chatId, ({ title }) => title === 'Owls by night');
});

it('loads no model for a title', async () => {
  loaded = [];
  const { chatId } = ask('Tell me of larks');
  await until(chatId, ({ busy }) => !busy);
  await new Promise(setImmediate);
  expect([asked.length, titleOf(chatId)]).toEqual([0, 'Tell me of larks']);
});
