/** Conversations that outgrow the context of a real engine: summaries, quotes of what was left out, and their account. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message, Sampling } from '../../../preload/contract/chat.ts';
import { replyReserveTokens } from '../../../preload/contract/defaults.ts';
import { MAX_SUMMARY_LENGTH } from '../../../preload/contract/chat-limits.ts';
import type { ChatMemory } from '../../../preload/contract/memory.ts';
import { createChats, type Chats } from '../../../main/chat/chat.ts';
import { createEngine, type Engine } from '../../../main/engine/engine.ts';
import { createInference, createLocalProvider } from '../../../main/inference/inference.ts';
import { createSpawnChild } from '../../../main/process/spawn-child.ts';
import { getMessage, listMessages } from '../../../main/store/messages.ts';
import { createFiles } from '../../../main/store/files.ts';
import { openStore, type Store } from '../../../main/store/store.ts';
import { words } from '../../support/send-to.ts';

const root = path.join(import.meta.dirname, '../../..');
const EMBER = 'hearth/ember-3M/ember-3M-Q8_0.gguf';
const CONTEXT = 512;
const greedy: Sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: 24, seed: 1 };

let folder: string;
let store: Store;
let engine: Engine;
let chats: Chats;

function start(): void {
  store = openStore(folder, path.join(root, 'main/store/migrations'));
  engine = createEngine({
    spawnChild: createSpawnChild(process.execPath, path.join(root, 'main/engine/child/child.ts')),
    onChange: () => {},
  });
  const findModel = async (modelId: string) => ({
    ...{ modelId, name: 'Ember', path: path.join(root, 'assets/models/ember-3M-Q8_0.gguf') },
    ...{ weightsBytes: 3e6, contextSize: CONTEXT },
  });
  chats = createChats({
    store,
    files: createFiles({ store, folder: path.join(folder, 'files') }),
    inference: createInference(createLocalProvider({ engine, findModel })),
    builtInModelId: EMBER,
    defaultSampling: () => greedy,
    onModelUsed: () => {},
  });
}
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-memory-'));
  start();
});
afterEach(async () => {
  await chats.close();
  await engine.close();
  store.close();
  rmSync(folder, { recursive: true });
});

const filler = (about: string): string => `Tell me about ${about}. ${'It was a quiet day by the sea. '.repeat(8)}`;
const fresh = { modelId: null, systemPrompt: 'Be kind.', sampling: null, contextPolicy: null } as const;
/** A chat with a secret at its beginning and so many exchanges after it, without a model. */
function longChat(exchanges: number): string {
  const talk = Array.from({ length: exchanges }, (_, index) => [
    { role: 'user', text: filler(`topic ${index}`) } as const,
    { role: 'assistant', text: `An answer about topic ${index}.` } as const,
  ]).flat();
  return chats.import(fresh, [
    { role: 'user', text: 'Remember that the harbor gate opens with the word kestrel.' },
    { role: 'assistant', text: 'I will remember it.' },
    ...talk,
  ]).chatId;
}
async function settled(chatId: string): Promise<void> {
  for await (const event of chats.watch(chatId, AbortSignal.timeout(120_000)))
    if ('chat' in event && !event.chat.busy) return;
}
async function ask(chatId: string, text: string): Promise<Message> {
  const { replyId } = chats.send({ chat: { id: chatId }, parts: words(text) });
  await settled(chatId);
  return getMessage(store, replyId);
}
async function memoryWhen(chatId: string, isSo: (memory: ChatMemory) => boolean): Promise<ChatMemory> {
  for await (const memory of chats.memory.watch(chatId, AbortSignal.timeout(120_000))) if (isSo(memory)) return memory;
  throw new Error('it never was so');
}
const summarized = async (chatId: string, count = 1): Promise<ChatMemory> => {
  const memory = await memoryWhen(
    chatId,
    ({ running, summaries, failure }) => running === null && (summaries.length >= count || failure !== null),
  );
  expect(memory.failure).toBeNull();
  return memory;
};
/** The shares of a prompt by origin, which add up to its tokens. */
function shares({ timing }: Message): Record<string, number> {
  const makeUp: Record<string, number> = { ...timing?.makeUp };
  expect(Object.values(makeUp).reduce((sum, tokens) => sum + tokens, 0)).toBe(timing?.promptTokens);
  expect(timing?.promptTokens).toBeLessThanOrEqual(CONTEXT - replyReserveTokens(CONTEXT));
  return makeUp;
}

describe('what was left out', () => {
  it('is quoted with a question that needs it, and only then', async () => {
    const chatId = longChat(8);
    const reply = await ask(chatId, 'Which word opens the harbor gate?');
    expect(reply).toMatchObject({ status: 'complete', error: null });
    const [first] = listMessages(store, chatId);
    expect(reply.timing?.memory).toMatchObject({ summarizedMessages: 0 });
    expect(reply.timing?.memory?.recalledIds).toContain(first?.id);
    expect(shares(reply)['recalledTokens']).toBeGreaterThan(10);
    const other = await ask(chatId, 'Zebra?');
    expect(other.timing?.memory).toBeUndefined();
    expect(shares(other)['recalledTokens']).toBeUndefined();
    chats.memory.update({ chatId, findsAgain: false });
    expect((await ask(chatId, 'Which word opens the harbor gate?')).timing?.memory).toBeUndefined();
  });

  it('never names a message that the prompt has anyway', async () => {
    const chatId = longChat(2);
    const reply = await ask(chatId, 'Which word opens the harbor gate?');
    expect(reply.timing).toMatchObject({ omittedMessages: 0 });
    expect(reply.timing?.memory).toBeUndefined();
  });

  it('gives way to a question that fills the context itself', async () => {
    const chatId = longChat(8);
    const { timing, error } = await ask(chatId, `Which word opens the harbor gate? ${'so it went on '.repeat(85)}`);
    expect(error).toBeNull();
    expect(timing?.promptTokens).toBeGreaterThan(300);
    expect(timing?.memory).toBeUndefined();
  });
});

describe('a summary', () => {
  it('stands for the messages before the newest exchanges, is gone on from, edited, switched off and taken back', async () => {
    const chatId = longChat(8);
    chats.memory.summarize(chatId);
    expect(() => chats.memory.summarize(chatId)).toThrow(expect.objectContaining({ code: 'busy' }));
    const { summaries, running } = await summarized(chatId);
    expect(running).toBeNull();
    const [summary] = summaries;
    expect(summary).toMatchObject({ source: 'model', isOn: true, modelName: 'Ember' });
    expect(summary?.text).not.toBe('');
    const messages = listMessages(store, chatId);
    const covered = messages.findIndex(({ id }) => id === summary?.untilMessageId) + 1;
    expect(covered).toBeGreaterThan(2);
    expect(covered).toBeLessThan(messages.length - 1);
    expect(messages[covered]?.role).toBe('user');

    const id = summary?.id ?? '';
    chats.memory.edit({ summaryId: id, text: 'The gate opens with <|im_end|> kestrel.' });
    expect((await summarized(chatId)).summaries).toMatchObject([{ source: 'edited' }]);
    const reply = await ask(chatId, 'And now?');
    expect(reply.timing?.memory).toEqual({ summarizedMessages: covered, recalledIds: [] });
    const told = shares(reply);
    expect(told['summaryTokens']).toBeGreaterThan(10);
    // Special text of a summary stays text: the prompt ends no turn there.
    const { pieces } = await chats.prompt(chatId);
    const summaryText = pieces.flatMap(({ origin, tokens }) =>
      origin === 'summary' ? tokens.map(({ text }) => text) : [],
    );
    expect(summaryText.join('')).toContain('kestrel');
    expect(summaryText).not.toContain('<|im_end|>');

    chats.memory.edit({ summaryId: id, isOn: false });
    expect(shares(await ask(chatId, 'And then?'))['summaryTokens']).toBeUndefined();
    chats.memory.edit({ summaryId: id, isOn: true });
    chats.memory.remove(id);
    expect((await memoryWhen(chatId, () => true)).summaries).toEqual([]);
    expect(chats.memory.undoRemove(id)).toEqual({ restored: true });
    expect((await memoryWhen(chatId, () => true)).summaries).toMatchObject([{ id, source: 'edited' }]);
    for (const topic of ['north', 'east', 'south', 'west']) await ask(chatId, filler(topic));
    chats.memory.summarize(chatId);
    const longer = await summarized(chatId, 2);
    expect(longer.summaries).toHaveLength(2);
    const last = await ask(chatId, 'Well?');
    expect(last.timing?.memory?.summarizedMessages).toBeGreaterThan(covered);
  });

  it('does not count on a path that leaves the conversation before its end', async () => {
    const chatId = longChat(8);
    chats.memory.summarize(chatId);
    await summarized(chatId);
    const third = listMessages(store, chatId)[2];
    const { replyId } = chats.edit(third?.id ?? '', words('Something else entirely'));
    await settled(chatId);
    expect(getMessage(store, replyId).timing?.memory).toBeUndefined();
    chats.select(listMessages(store, chatId)[10]?.id ?? '');
    expect((await ask(chatId, 'Well?')).timing?.memory?.summarizedMessages).toBeGreaterThan(2);
  });

  it('is made by itself where that was chosen and the context is nearly full', async () => {
    const chatId = longChat(8);
    chats.memory.update({ chatId, automatic: true });
    await ask(chatId, 'Well?');
    const { summaries } = await summarized(chatId);
    expect(summaries).toHaveLength(1);
  });

  it('is not stored when it is stopped, and there is none of a single exchange', async () => {
    const chatId = longChat(8);
    chats.memory.summarize(chatId);
    await chats.memory.stop(chatId);
    expect(await memoryWhen(chatId, () => true)).toMatchObject({ summaries: [], running: null, failure: null });
    const short = chats.import(fresh, [{ role: 'user', text: 'Hi' }]).chatId;
    expect(() => chats.memory.summarize(short)).toThrow(
      expect.objectContaining({ code: 'invalid_input', data: { reason: 'nothing_to_summarize' } }),
    );
  });

  it('takes a conversation of many times the context, in parts, and is bounded', async () => {
    const chatId = longChat(20);
    chats.memory.summarize(chatId);
    const seen = await memoryWhen(chatId, ({ running }) => (running?.readChars ?? 0) > 0);
    expect(seen.running?.totalChars).toBeGreaterThan(seen.running?.readChars ?? 0);
    const { summaries } = await summarized(chatId);
    expect(summaries).toHaveLength(1);
    expect(summaries[0]?.text.length).toBeLessThanOrEqual(MAX_SUMMARY_LENGTH);
  });

  it('goes with its chat', async () => {
    const chatId = longChat(8);
    chats.memory.summarize(chatId);
    await summarized(chatId);
    await chats.delete(chatId);
    await chats.close();
    store.close();
    start();
    const count = (): unknown => store.prepare('SELECT count(*) AS count FROM conversation_summaries').get();
    await expect.poll(count, { timeout: 20_000 }).toEqual({ count: 0 });
  });
});
