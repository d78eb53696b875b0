/** Acts on the tree of messages, over a real store and a model that writes what a test says. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Chat, Message, Sampling } from '../../preload/contract/chat.ts';
import { textOf } from '../../preload/contract/message-parts.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { GenerateResult } from '../engine/engine.ts';
import type { ReplyEvent, ReplyRequest } from '../inference/inference.ts';
import { createFiles, type Files } from '../store/files.ts';
import { listMessages } from '../store/messages.ts';
import { searchChats } from '../store/search.ts';
import { openStore, type Store } from '../store/store.ts';
import { createChats, type Chats } from './chat.ts';
import type { ChatOptions } from './chat-parts.ts';

const sampling: Sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: null, seed: 1 };
const result: GenerateResult = {
  ...{ promptTokens: 1, reusedTokens: 0, promptMs: 1, generatedTokens: 1, generateMs: 1, contextSize: 100 },
  ...{ omittedMessages: 0, makeUp: { systemTokens: 0, historyTokens: 0, messageTokens: 1, templateTokens: 0 } },
  ...{ endReason: 'end_of_turn', seed: 1, restoredTokens: 0, queuedMs: 0 },
};
const MODEL = 'a/b/one.gguf';
const OTHER = 'a/b/two.gguf';

let folder: string;
let store: Store;
let files: Files;
let chats: Chats;
let asked: ReplyRequest[];
let script: (request: ReplyRequest, signal: AbortSignal) => AsyncIterable<ReplyEvent>;
let defects: unknown[];

const fails = (): never => {
  throw new Error('not to be called');
};
function start(more: Partial<ChatOptions> = {}): void {
  store = openStore(folder, path.join(import.meta.dirname, '../store/migrations'));
  files = createFiles({ store, folder: path.join(folder, 'files') });
  chats = createChats({
    ...{ store, files, builtInModelId: MODEL, defaultSampling: () => sampling, onModelUsed: () => {} },
    inference: {
      async *generate(request, signal) {
        asked.push(request);
        yield { type: 'found', name: request.modelId === OTHER ? 'Two' : 'One' };
        yield* script(request, signal);
      },
      ...{ prompt: fails, keep: () => () => {}, loaded: () => [], count: fails, render: fails, saveState: fails },
      dropState: () => Promise.resolve(),
    },
    onDefect: (error) => defects.push(error),
    ...more,
  });
}
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-acts-'));
  asked = [];
  defects = [];
  script = () => writes('Hello.');
  start();
});
afterEach(async () => {
  await chats.close();
  store.close();
  rmSync(folder, { recursive: true });
  expect(defects).toEqual([]);
});

async function* writes(...texts: string[]): AsyncGenerator<ReplyEvent> {
  yield await Promise.resolve({ type: 'opened' } as const);
  for (const content of texts) yield { type: 'text', content, reasoning: '' };
  yield { type: 'end', result };
}
/** Writes a beginning, and then nothing until it is stopped. */
async function* writesUntilStopped(signal: AbortSignal, beginning = 'Once'): AsyncGenerator<ReplyEvent> {
  yield { type: 'opened' };
  yield { type: 'text', content: beginning, reasoning: '' };
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  yield { type: 'end', result: { ...result, endReason: 'stopped' } };
}

const words = (text: string) => [{ type: 'text' as const, text }];
const fresh = { modelId: null, systemPrompt: 'Be kind.', sampling: null, contextPolicy: null } as const;

async function snapshot(chatId: string): Promise<{ chat: Chat; messages: readonly Message[] }> {
  for await (const event of chats.watch(chatId, new AbortController().signal))
    if (event.type === 'snapshot') return event;
  throw new Error('no snapshot');
}
async function settled(chatId: string): Promise<readonly Message[]> {
  for await (const event of chats.watch(chatId, new AbortController().signal))
    if ('chat' in event && !event.chat.busy) break;
  return (await snapshot(chatId)).messages;
}
/** Resolves when the chat has a state in which `test` holds. */
async function until(
  chatId: string,
  test: (now: { chat: Chat; messages: readonly Message[] }) => boolean,
): Promise<void> {
  for await (const _event of chats.watch(chatId, new AbortController().signal))
    if (test(await snapshot(chatId))) return;
}
const textsOf = (messages: readonly Message[]): string[] => messages.map(textOf);
/** A chat of two exchanges. */
async function twoExchanges(): Promise<{ chatId: string; ids: string[] }> {
  script = () => writes('First answer.');
  const { chatId } = chats.send({ chat: { fresh }, parts: words('First question') });
  await settled(chatId);
  script = () => writes('Second answer.');
  chats.send({ chat: { id: chatId }, parts: words('Second question') });
  return { chatId, ids: (await settled(chatId)).map(({ id }) => id) };
}
const told = (request: ReplyRequest | undefined): unknown =>
  request && 'messages' in request.input ? request.input.messages : undefined;
/** The bytes of the data folder that are on the disk, as text. */
const onDisk = (): string =>
  ['hearth.db', 'hearth.db-wal'].map((name) => readFileSync(path.join(folder, name), 'latin1')).join('');

describe('an edited reply', () => {
  it('is a version of its own, marked, and nothing is generated', async () => {
    const { chatId, ids } = await twoExchanges();
    const { messageId } = chats.editReply(ids[3]!, 'My own answer.');
    const { chat, messages } = await snapshot(chatId);
    expect(chat).toMatchObject({ leafId: messageId, busy: false });
    expect(messages.at(-1)).toMatchObject({
      ...{ id: messageId, parentId: ids[2], role: 'assistant', status: 'complete', edited: true, timing: null },
      ...{ parts: words('My own answer.'), modelId: MODEL, modelName: 'One' },
    });
    expect(messages[3]?.edited).toBeUndefined();
    expect(asked).toHaveLength(2);
    expect(searchChats(store, 'own answer')).toHaveLength(1);
  });

  it('is what the model goes on from and what it is told afterwards', async () => {
    const { chatId, ids } = await twoExchanges();
    const edited = chats.editReply(ids[3]!, 'I think that').messageId;
    script = () => writes(' fire is hot.');
    const { replyId } = chats.continue(edited);
    const messages = await settled(chatId);
    // The edit itself stays as it was.
    expect(replyId).not.toBe(edited);
    expect(textsOf(messages).slice(-2)).toEqual(['I think that', 'I think that fire is hot.']);
    expect(messages.at(-1)).toMatchObject({ edited: true, status: 'complete' });
    expect(asked.at(-1)?.input).toMatchObject({ begun: { text: 'I think that' } });
    chats.send({ chat: { id: chatId }, parts: words('Why?') });
    await settled(chatId);
    expect(told(asked.at(-1))).toContainEqual({ role: 'assistant', content: 'I think that fire is hot.' });
  });

  it('is one version although it is sent twice', async () => {
    const { chatId, ids } = await twoExchanges();
    const versionId = '0123456789abcdef'.repeat(2);
    const first = chats.editReply(ids[3]!, 'Mine.', versionId);
    expect(chats.editReply(ids[3]!, 'Mine.', versionId)).toEqual(first);
    expect((await snapshot(chatId)).messages).toHaveLength(5);
  });

  it('must be of a reply, and of one that is written', async () => {
    const { chatId, ids } = await twoExchanges();
    expect(() => chats.editReply(ids[2]!, 'No.')).toThrow(AppError);
    script = (_request, signal) => writesUntilStopped(signal);
    const { replyId } = chats.send({ chat: { id: chatId }, parts: words('Third question') });
    expect(() => chats.editReply(replyId, 'No.')).toThrow(/being written/);
    await chats.stop(chatId);
  });
});

describe('a branch', () => {
  it('is a chat of its own with the messages down to one, their parts, and the settings', async () => {
    const { chatId, ids } = await twoExchanges();
    chats.update({ chatId, modelId: OTHER, pinned: true, contextPolicy: 'cut_middle' });
    const other = chats.branch(ids[1]!, 'First question (branch)').chatId;
    const { chat, messages } = await snapshot(other);
    const original = await snapshot(chatId);
    expect(chat).toMatchObject({
      ...{ title: 'First question (branch)', modelId: OTHER, systemPrompt: 'Be kind.', contextPolicy: 'cut_middle' },
      ...{ pinned: false, leafId: messages[1]?.id },
    });
    expect(textsOf(messages)).toEqual(['First question', 'First answer.']);
    expect(messages[1]).toMatchObject({
      parentId: messages[0]?.id,
      chatId: other,
      timing: original.messages[1]?.timing,
    });
    expect(original.messages).toHaveLength(4);
    // They go on apart from each other.
    chats.send({ chat: { id: other }, parts: words('Another question') });
    await settled(other);
    expect(textsOf((await snapshot(chatId)).messages)).not.toContain('Another question');
  });

  it('keeps a file that both refer to until both are gone', async () => {
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from('a picture'));
    }
    const { sha256, hold } = await files.putFile(bytes(), { maxBytes: 100 });
    const file = { sha256, name: 'a.png', mediaType: 'image/png', sizeBytes: 9 };
    const { chatId, messageId } = chats.send({
      chat: { fresh },
      parts: [{ type: 'image', file, width: 1, height: 1 }, ...words('What is this?')],
      holds: [hold],
    });
    await settled(chatId);
    chats.branch(messageId, 'Branch');
    await chats.delete(chatId);
    await chats.close();
    expect(files.sizeOf(sha256)).toBe(9);
    store.close();
    start();
  });

  it('is refused below a reply that is being written', async () => {
    const { chatId, ids } = await twoExchanges();
    script = (_request, signal) => writesUntilStopped(signal);
    const { replyId } = chats.send({ chat: { id: chatId }, parts: words('Third question') });
    expect(() => chats.branch(replyId, 'B')).toThrow(/still being written/);
    expect(chats.branch(ids[3]!, 'B').chatId).not.toBe(chatId);
    await chats.stop(chatId);
  });
});

describe('a deleted message', () => {
  it('goes with all that follows it, and comes back as it was', async () => {
    const { chatId, ids } = await twoExchanges();
    expect(chats.deleteMessage(ids[2]!)).toMatchObject({ count: 2 });
    expect(await snapshot(chatId)).toMatchObject({
      chat: { leafId: ids[1] },
      messages: [{ id: ids[0] }, { id: ids[1] }],
    });
    expect(searchChats(store, 'Second')).toEqual([]);
    expect(() => chats.regenerate(ids[3]!)).toThrow(/no longer here/);
    expect(chats.undoDeleteMessage(ids[2]!)).toEqual({ restored: true });
    // The answer may have been lost.
    expect(chats.undoDeleteMessage(ids[2]!)).toEqual({ restored: true });
    const after = await snapshot(chatId);
    expect(after.chat.leafId).toBe(ids[3]);
    expect(after.messages.map(({ id }) => id)).toEqual(ids);
    expect(searchChats(store, 'Second')).not.toEqual([]);
  });

  it('gives its place to the version beside it, which stays', async () => {
    const { chatId, ids } = await twoExchanges();
    const { replyId } = chats.regenerate(ids[3]!);
    await settled(chatId);
    chats.deleteMessage(replyId);
    expect((await snapshot(chatId)).chat.leafId).toBe(ids[3]);
    chats.undoDeleteMessage(replyId);
    expect((await snapshot(chatId)).chat.leafId).toBe(replyId);
    chats.deleteMessage(ids[3]!);
    // What is shown is not changed by the deletion of another version.
    expect(await snapshot(chatId)).toMatchObject({ chat: { leafId: replyId }, messages: { length: 4 } });
  });

  it('can be the first one, and the chat is empty then', async () => {
    const { chatId, ids } = await twoExchanges();
    expect(chats.deleteMessage(ids[0]!)).toMatchObject({ count: 4 });
    expect(await snapshot(chatId)).toMatchObject({ chat: { leafId: null }, messages: [] });
    script = () => writes('A new beginning.');
    chats.send({ chat: { id: chatId }, parts: words('Again') });
    expect(textsOf(await settled(chatId))).toEqual(['Again', 'A new beginning.']);
    expect(chats.undoDeleteMessage(ids[0]!)).toEqual({ restored: true });
    expect((await snapshot(chatId)).messages).toHaveLength(6);
  });

  it('within another deleted one comes back with that one alone', async () => {
    const { chatId, ids } = await twoExchanges();
    chats.deleteMessage(ids[3]!);
    chats.deleteMessage(ids[2]!);
    expect(chats.undoDeleteMessage(ids[3]!)).toEqual({ restored: false });
    expect((await snapshot(chatId)).messages).toHaveLength(2);
    chats.undoDeleteMessage(ids[2]!);
    expect((await snapshot(chatId)).messages).toHaveLength(4);
  });

  it('is told to open windows', async () => {
    const { chatId, ids } = await twoExchanges();
    const abort = new AbortController();
    const sizes: number[] = [];
    const watching = (async () => {
      for await (const event of chats.watch(chatId, abort.signal)) {
        if (event.type === 'snapshot') sizes.push(event.messages.length);
        if (sizes.length === 3) abort.abort();
      }
    })();
    await expect.poll(() => sizes).toEqual([4]);
    chats.deleteMessage(ids[1]!);
    await expect.poll(() => sizes).toEqual([4, 1]);
    chats.undoDeleteMessage(ids[1]!);
    await watching;
    expect(sizes).toEqual([4, 1, 4]);
  });

  it('is gone from the disk when its undo time is over: text, index and rows', async () => {
    await chats.close();
    store.close();
    start({ undoMs: 1 });
    script = () => writes('Zyxwvut answers.');
    const { chatId, messageId } = chats.send({ chat: { fresh }, parts: words('Keep this') });
    await settled(chatId);
    const { replyId } = chats.send({ chat: { id: chatId }, parts: words('Qwertzu asks.') });
    const reply = (await settled(chatId)).at(-1);
    expect(reply?.id).toBe(replyId);
    expect(onDisk()).toContain('Qwertzu');
    chats.deleteMessage(reply!.parentId!);
    await expect.poll(() => onDisk().includes('Qwertzu')).toBe(false);
    expect(listMessages(store, chatId).map(({ id }) => id)).toContain(messageId);
    expect(chats.undoDeleteMessage(reply!.parentId!)).toEqual({ restored: false });
    const left = store.prepare('SELECT count(*) AS count FROM messages').get() as { count: number };
    expect(left.count).toBe(2);
  });

  it('that a killed process hid is purged by the next one', async () => {
    const { chatId, ids } = await twoExchanges();
    store.prepare('UPDATE messages SET deleted_at = 5 WHERE id IN (?, ?)').run(ids[2], ids[3]);
    store.prepare('UPDATE chats SET leaf_id = ?').run(ids[1]);
    await chats.close();
    store.close();
    start();
    expect((await snapshot(chatId)).messages).toHaveLength(2);
    // An end does not wait for the start to be over.
    await chats.close();
    const left = store.prepare('SELECT count(*) AS count FROM messages').get() as { count: number };
    expect(left.count).toBe(2);
    store.close();
    start();
  });

  it('is refused while a reply is written', async () => {
    const { chatId, ids } = await twoExchanges();
    script = (_request, signal) => writesUntilStopped(signal);
    chats.send({ chat: { id: chatId }, parts: words('Third question') });
    expect(() => chats.deleteMessage(ids[0]!)).toThrow(/being written/);
    await chats.stop(chatId);
  });
});

describe('a reply by another writer', () => {
  it('does not change the chat', async () => {
    const { chatId, ids } = await twoExchanges();
    const hot = { ...sampling, temperature: 2 };
    const { replyId } = chats.regenerate(ids[3]!, { modelId: OTHER, sampling: hot });
    const reply = (await settled(chatId)).find(({ id }) => id === replyId);
    expect(reply).toMatchObject({ parentId: ids[2], modelId: OTHER, modelName: 'Two', sampling: hot });
    expect((await snapshot(chatId)).chat).toMatchObject({ modelId: null, sampling: null });
  });

  it('answers a message that has none', async () => {
    const { chatId, ids } = await twoExchanges();
    chats.deleteMessage(ids[3]!);
    const { replyId } = chats.regenerate(ids[2]!);
    expect((await settled(chatId)).at(-1)).toMatchObject({ id: replyId, parentId: ids[2], status: 'complete' });
  });
});

describe('a comparison', () => {
  const writers = [
    { modelId: MODEL, sampling: null },
    { modelId: OTHER, sampling: { ...sampling, temperature: 1 } },
  ] as const;

  it('has two replies that are written at once, and ends with the one that is kept', async () => {
    const { chatId, ids } = await twoExchanges();
    script = ({ modelId }, signal) => writesUntilStopped(signal, modelId === MODEL ? 'From one' : 'From two');
    const { replyIds } = chats.compare(ids[3]!, writers);
    await until(chatId, ({ messages }) => messages.filter((one) => textOf(one).startsWith('From')).length === 2);
    const { chat, messages } = await snapshot(chatId);
    expect(chat.busy).toBe(true);
    const [one, two] = messages.slice(-2);
    expect([one?.id, two?.id]).toEqual(replyIds);
    expect(one).toMatchObject({ parentId: ids[2], modelId: MODEL, sampling, status: 'streaming' });
    expect(two).toMatchObject({ parentId: ids[2], modelId: OTHER, sampling: writers[1].sampling, status: 'streaming' });
    expect(one?.comparison).toBe(two?.comparison);
    // Each has a sequence of its own, where the model allows it.
    expect(asked.slice(-2).map(({ chatKey, sequences }) => [chatKey, sequences])).toEqual([
      [undefined, 2],
      [undefined, 2],
    ]);
    // One can be stopped alone.
    await chats.stop(chatId, replyIds[0]);
    expect((await snapshot(chatId)).messages.slice(-2).map(({ status }) => status)).toEqual(['stopped', 'streaming']);
    await chats.keep(replyIds[0]);
    const after = await snapshot(chatId);
    expect(after.chat).toMatchObject({ leafId: replyIds[0], busy: false });
    expect(after.messages.slice(-2).map(({ status, comparison }) => [status, comparison])).toEqual([
      ['stopped', undefined],
      ['stopped', undefined],
    ]);
    expect(textsOf(after.messages).slice(-2)).toEqual(['From one', 'From two']);
  });

  it('goes on writing the reply that is kept', async () => {
    const { chatId, ids } = await twoExchanges();
    script = ({ modelId }, signal) => writesUntilStopped(signal, modelId === MODEL ? 'From one' : 'From two');
    const { replyIds } = chats.compare(ids[2]!, writers);
    await until(chatId, ({ messages }) => messages.filter((one) => textOf(one).startsWith('From')).length === 2);
    await chats.keep(replyIds[1]);
    const { chat, messages } = await snapshot(chatId);
    expect(chat).toMatchObject({ leafId: replyIds[1], busy: true });
    expect(messages.slice(-2).map(({ status }) => status)).toEqual(['stopped', 'streaming']);
    await chats.stop(chatId);
  });

  it('writes one after the other where memory holds only one of the models', async () => {
    const { chatId, ids } = await twoExchanges();
    let isFirstDone = false;
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    script = async function* ({ modelId }) {
      if (modelId === OTHER) {
        if (!isFirstDone) throw new AppError('busy', 'No memory for both.', { reason: 'memory_in_use' });
        yield* writes('From two');
        return;
      }
      yield { type: 'opened' };
      await gate;
      isFirstDone = true;
      yield* writes('From one');
    };
    chats.compare(ids[3]!, writers);
    await expect.poll(() => asked.length).toBe(4);
    release();
    const messages = await settled(chatId);
    expect(messages.slice(-2).map((one) => [textOf(one), one.status])).toEqual([
      ['From one', 'complete'],
      ['From two', 'complete'],
    ]);
  });

  it('is refused while a reply is written, and for what is no reply', async () => {
    const { chatId, ids } = await twoExchanges();
    script = (_request, signal) => writesUntilStopped(signal);
    chats.compare(ids[3]!, writers);
    expect(() => chats.compare(ids[3]!, writers)).toThrow(/being written/);
    await chats.stop(chatId);
    expect((await snapshot(chatId)).chat.busy).toBe(false);
  });
});

describe('a message that waits', () => {
  const waiting = (number: number): string => `${'0123456789abcdef'.repeat(2)}-${number}`;
  const enqueue = (chatId: string, number: number, text: string, waits?: boolean) =>
    chats.enqueue({ chatId, messageId: waiting(number), parts: words(text), waits });
  const queuedIn = async (chatId: string): Promise<string[]> => {
    for await (const event of chats.watch(chatId, new AbortController().signal))
      if (event.type === 'snapshot') return event.queued.map(textOf);
    return [];
  };
  /** Writes when it is let. */
  function gated(): { release: () => void } {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    script = async function* () {
      yield { type: 'opened' };
      await gate;
      yield* writes('Done.');
    };
    return { release };
  }

  it('is sent when the reply before it ended well, one after another, in order', async () => {
    const { chatId } = await twoExchanges();
    const { release } = gated();
    chats.send({ chat: { id: chatId }, parts: words('Third question') });
    enqueue(chatId, 1, 'Fourth question');
    enqueue(chatId, 2, 'Fifth question');
    // The answer may have been lost.
    enqueue(chatId, 2, 'Fifth question');
    expect(await queuedIn(chatId)).toEqual(['Fourth question', 'Fifth question']);
    expect((await snapshot(chatId)).messages).toHaveLength(6);
    release();
    await until(chatId, ({ chat, messages }) => !chat.busy && messages.length === 10);
    const { chat, messages } = await snapshot(chatId);
    expect(textsOf(messages).slice(4)).toEqual([
      ...['Third question', 'Done.', 'Fourth question', 'Done.', 'Fifth question', 'Done.'],
    ]);
    expect(messages[6]).toMatchObject({ id: waiting(1), parentId: messages[5]?.id });
    expect(chat.leafId).toBe(messages[9]?.id);
    expect(await queuedIn(chatId)).toEqual([]);
    enqueue(chatId, 2, 'Fifth question');
    expect((await snapshot(chatId)).messages).toHaveLength(10);
  });

  it('is sent at once where no reply is being written, unless it came back to wait', async () => {
    const { chatId } = await twoExchanges();
    enqueue(chatId, 1, 'Third question');
    expect((await settled(chatId)).map(textOf)).toContain('Third question');
    enqueue(chatId, 2, 'Put back', true);
    expect(await queuedIn(chatId)).toEqual(['Put back']);
  });

  it('stays after a stop and after a failure, also over a restart, and is sent by hand', async () => {
    const { chatId } = await twoExchanges();
    script = (_request, signal) => writesUntilStopped(signal);
    chats.send({ chat: { id: chatId }, parts: words('Third question') });
    enqueue(chatId, 1, 'Fourth question');
    enqueue(chatId, 2, 'Fifth question');
    await chats.stop(chatId);
    expect(await queuedIn(chatId)).toHaveLength(2);
    await chats.close();
    store.close();
    start();
    expect(await queuedIn(chatId)).toEqual(['Fourth question', 'Fifth question']);
    script = () => {
      throw new AppError('engine.crashed', 'It ended.');
    };
    await chats.sendQueued(waiting(2));
    const failed = await settled(chatId);
    expect(failed.at(-1)).toMatchObject({ status: 'failed' });
    expect(await queuedIn(chatId)).toEqual(['Fourth question']);
    // Sending one by hand starts the others again.
    script = () => writes('Done.');
    await chats.sendQueued(waiting(1));
    expect(textsOf(await settled(chatId)).slice(-2)).toEqual(['Fourth question', 'Done.']);
  });

  it('is sent now: what is being written is stopped and kept', async () => {
    const { chatId } = await twoExchanges();
    script = (_request, signal) => writesUntilStopped(signal);
    const { replyId } = chats.send({ chat: { id: chatId }, parts: words('Third question') });
    enqueue(chatId, 1, 'Fourth question');
    await until(chatId, ({ messages }) => textOf(messages.at(-1)!) === 'Once');
    script = () => writes('Done.');
    await chats.sendQueued(waiting(1));
    const messages = await settled(chatId);
    expect(messages.find(({ id }) => id === replyId)).toMatchObject({ status: 'stopped', parts: words('Once') });
    expect(textsOf(messages).slice(-2)).toEqual(['Fourth question', 'Done.']);
  });

  it('can be taken out, once', async () => {
    const { chatId } = await twoExchanges();
    enqueue(chatId, 1, 'Third question', true);
    expect(chats.takeQueued(waiting(1))).toMatchObject({ parts: words('Third question') });
    expect(await queuedIn(chatId)).toEqual([]);
    expect(() => chats.takeQueued(waiting(1))).toThrow(AppError);
    await expect(chats.sendQueued(waiting(1))).rejects.toThrow(AppError);
  });

  it('waits for the end of a comparison', async () => {
    const { chatId, ids } = await twoExchanges();
    const { release } = gated();
    const { replyIds } = chats.compare(ids[3]!, [
      { modelId: MODEL, sampling: null },
      { modelId: OTHER, sampling: null },
    ]);
    enqueue(chatId, 1, 'Third question');
    release();
    await settled(chatId);
    expect(await queuedIn(chatId)).toEqual(['Third question']);
    await chats.keep(replyIds[0]);
    const messages = await settled(chatId);
    expect(messages.at(-2)).toMatchObject({ id: waiting(1), parentId: replyIds[0] });
  });

  it('keeps its files, goes with its chat, and is one of fifty at most', async () => {
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from('a picture'));
    }
    const { chatId } = await twoExchanges();
    const { sha256, hold } = await files.putFile(bytes(), { maxBytes: 100 });
    const file = { sha256, name: 'a.png', mediaType: 'image/png', sizeBytes: 9 };
    chats.enqueue({
      ...{ chatId, messageId: waiting(0), holds: [hold], waits: true },
      parts: [{ type: 'image', file, width: 1, height: 1 }, ...words('What is this?')],
    });
    await files.sweep();
    expect(files.sizeOf(sha256)).toBe(9);
    for (let number = 1; number < 50; number++) enqueue(chatId, number, `Question ${number}`, true);
    expect(() => enqueue(chatId, 50, 'One more', true)).toThrow(/Too many/);
    await chats.delete(chatId);
    await chats.close();
    const left = store.prepare('SELECT count(*) AS count FROM queued_messages').get() as { count: number };
    expect(left.count).toBe(0);
    store.close();
    start();
    await files.sweep();
    expect(files.sizeOf(sha256)).toBeNull();
  });
});
