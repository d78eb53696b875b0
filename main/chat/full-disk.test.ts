/** Chats whose replies find no room, over a real store that is full, and a model that writes what a test says. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fillDisk } from '../../test/support/full-disk.ts';
import type { ChatEvent, Message, Sampling } from '../../preload/contract/chat.ts';
import { textOf } from '../../preload/contract/message-parts.ts';
import type { GenerateResult } from '../engine/engine.ts';
import type { ReplyEvent, ReplyRequest } from '../inference/inference.ts';
import { createFiles } from '../store/files.ts';
import { getMessage } from '../store/messages.ts';
import { openStore, type Store } from '../store/store.ts';
import { createChats, type Chats } from './chat.ts';

const sampling: Sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: 5, seed: 1 };
const cut: GenerateResult = {
  ...{ promptTokens: 9, reusedTokens: 0, promptMs: 1, generatedTokens: 5, generateMs: 1, contextSize: 100 },
  ...{ omittedMessages: 0, seed: 1, restoredTokens: 0, queuedMs: 0, endReason: 'max_tokens' },
  makeUp: { systemTokens: 0, historyTokens: 0, messageTokens: 5, templateTokens: 4 },
};
/** Longer than a page of the database, so that no page has room for it. */
const LONG = 'A long reply. '.repeat(500);
const fresh = { modelId: null, systemPrompt: '', sampling: null, contextPolicy: null };

let folder: string;
let store: Store;
let chats: Chats;
let asked: ReplyRequest[];
let failures: string[];
/** Makes room again on the full disk. */
let free: () => void;
let script: (signal: AbortSignal) => AsyncIterable<ReplyEvent>;
let onFailed: () => void;

const fails = (): never => {
  throw new Error('not to be called');
};
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-full-'));
  [asked, failures, free, onFailed] = [[], [], () => {}, () => {}];
  store = openStore(folder, path.join(import.meta.dirname, '../store/migrations'));
  chats = createChats({
    store,
    files: createFiles({ store, folder: path.join(folder, 'files') }),
    inference: {
      async *generate(request, signal) {
        asked.push(request);
        yield { type: 'opened' };
        yield* script(signal);
      },
      prompt: fails,
      count: fails,
      render: fails,
      keep: () => () => {},
      loaded: () => [],
      saveState: fails,
      dropState: () => Promise.resolve(),
    },
    builtInModelId: 'ember.gguf',
    defaultSampling: () => sampling,
    onModelUsed: () => {},
    onReplyFailed({ code }) {
      failures.push(code);
      onFailed();
    },
  });
  script = () => writesOnFullDisk();
});
afterEach(async () => {
  vi.useRealTimers();
  await chats.close();
  store.close();
  rmSync(folder, { recursive: true });
});

/** The disk is full from the first text on. */
async function* writesOnFullDisk(): AsyncGenerator<ReplyEvent> {
  free = fillDisk(store);
  yield await Promise.resolve({ type: 'text', content: LONG, reasoning: '' } as const);
  yield { type: 'end', result: cut };
}
async function* writes(content: string, release: Promise<void> = Promise.resolve()): AsyncGenerator<ReplyEvent> {
  yield { type: 'text', content, reasoning: '' };
  await release;
  yield { type: 'end', result: { ...cut, endReason: 'end_of_turn' } };
}
async function events(chatId: string): Promise<readonly ChatEvent[]> {
  const seen: ChatEvent[] = [];
  for await (const event of chats.watch(chatId, AbortSignal.abort())) seen.push(event);
  return seen;
}
/** A reply as a window that opens now sees it. */
async function shown(chatId: string, id: string): Promise<Message | undefined> {
  const [first] = await events(chatId);
  return first?.type === 'snapshot' ? first.messages.find((message) => message.id === id) : undefined;
}
async function ended(chatId: string): Promise<void> {
  const isBusy = async (): Promise<boolean | undefined> => {
    const [first] = await events(chatId);
    return first?.type === 'snapshot' ? first.chat.busy : undefined;
  };
  await expect.poll(isBusy).toBe(false);
}
/** A chat with a reply that found no room. */
async function unsavedReply(): Promise<{ chatId: string; replyId: string }> {
  const { chatId, replyId } = chats.send({ chat: { fresh }, parts: [{ type: 'text', text: 'Tell me all' }] });
  await ended(chatId);
  expect(await shown(chatId, replyId)).toMatchObject({ status: 'complete', error: { code: 'disk.full' } });
  expect(textOf(getMessage(store, replyId))).toBe('');
  return { chatId, replyId };
}

it('a reply that finds no room at its end, nor at two more tries, is stored at the third, and windows are told', async () => {
  const { chatId, replyId } = await unsavedReply();
  const window = chats.watch(chatId, new AbortController().signal);
  await window.next();
  const next = window.next();
  for (let tries = 0; tries < 2; tries++) {
    vi.advanceTimersToNextTimer();
    expect(textOf(getMessage(store, replyId))).toBe('');
    expect(textOf((await shown(chatId, replyId)) ?? { parts: [] })).toBe(LONG);
  }
  free();
  vi.advanceTimersToNextTimer();
  expect(getMessage(store, replyId)).toMatchObject({ status: 'complete', error: null, parts: [{ text: LONG }] });
  expect((await next).value).toMatchObject({ type: 'message', message: { id: replyId, error: null } });
  expect(await shown(chatId, replyId)).toMatchObject({ error: null });
  expect(failures).toEqual(['disk.full']);
  await window.return(undefined);
});

it('a reply that waits for room is part of the conversation that is sent next', async () => {
  const { chatId } = await unsavedReply();
  free();
  script = () => writes('Yes.');
  chats.send({ chat: { id: chatId }, parts: [{ type: 'text', text: 'Is that all?' }] });
  await ended(chatId);
  expect(asked[1]?.input).toMatchObject({
    messages: [{ content: 'Tell me all' }, { content: LONG }, { content: 'Is that all?' }],
  });
});

it.each([
  ['while it is written', true],
  ['after it ended', false],
])('a reply that waits for room and goes on is not replaced by its old form %s', async (_when, isWriting) => {
  const { chatId, replyId } = await unsavedReply();
  free();
  const gate = Promise.withResolvers<void>();
  script = () => writes(' And the end.', gate.promise);
  expect(chats.continue(replyId)).toEqual({ replyId });
  const whole = `${LONG.trimEnd()} And the end.`;
  // By its length: a text like this would fill the screen of whoever reads the failure.
  const shownLength = async (): Promise<number> => textOf((await shown(chatId, replyId)) ?? { parts: [] }).length;
  await expect.poll(shownLength).toBe(whole.length);
  const window = chats.watch(chatId, new AbortController().signal);
  await window.next();
  if (!isWriting) {
    gate.resolve();
    await ended(chatId);
  }
  // The next try of what could not be stored.
  vi.advanceTimersToNextTimer();
  gate.resolve();
  await ended(chatId);
  vi.advanceTimersToNextTimer();
  expect(getMessage(store, replyId)).toMatchObject({ status: 'complete', parts: [{ text: whole }] });
  await chats.delete(chatId);
  for await (const event of window) if (event.type === 'message') expect(textOf(event.message)).toBe(whole);
});

it('the end of the app stores what its own stop could not', async () => {
  const begun = Promise.withResolvers<void>();
  script = async function* (signal) {
    yield { type: 'text', content: LONG, reasoning: '' };
    begun.resolve();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    free = fillDisk(store);
    yield { type: 'end', result: { ...cut, endReason: 'stopped' } };
  };
  // The last turn ends on a full disk, and the next moment has room.
  onFailed = () => free();
  const { replyId } = chats.send({ chat: { fresh }, parts: [{ type: 'text', text: 'Tell me all' }] });
  await begun.promise;
  await chats.close();
  expect(failures).toEqual(['disk.full']);
  expect(getMessage(store, replyId)).toMatchObject({ status: 'stopped', error: null, parts: [{ text: LONG }] });
});

it('a chat with a reply that waits for room can be deleted and brought back with it', async () => {
  const { chatId, replyId } = await unsavedReply();
  free();
  await chats.delete(chatId);
  chats.undoDelete(chatId);
  vi.advanceTimersToNextTimer();
  expect(getMessage(store, replyId)).toMatchObject({ status: 'complete', parts: [{ text: LONG }] });
});
