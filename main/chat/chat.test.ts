/** Chats over a real store and a model that writes what a test says, when it says so. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Chat, Message, Sampling } from '../../preload/contract/chat.ts';
import { textOf, type TextPart } from '../../preload/contract/message-parts.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { GenerateResult } from '../engine/engine.ts';
import type { ReplyEvent, ReplyRequest } from '../inference/inference.ts';
import { createFiles, type Files } from '../store/files.ts';
import { openStore, type Store } from '../store/store.ts';
import { createChats, type Chats } from './chat.ts';
import type { ChatOptions } from './chat-parts.ts';

const sampling: Sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: null, seed: 1 };
const result: GenerateResult = {
  promptTokens: 1,
  reusedTokens: 0,
  promptMs: 1,
  generatedTokens: 1,
  generateMs: 1,
  contextSize: 100,
  omittedMessages: 0,
  makeUp: { systemTokens: 0, historyTokens: 0, messageTokens: 1, templateTokens: 0 },
  endReason: 'end_of_turn',
  seed: 1,
  restoredTokens: 0,
  queuedMs: 0,
};

let folder: string;
let store: Store;
let files: Files;
let chats: Chats;
/** What was asked of the model, and what it answers with. */
let asked: ReplyRequest[];
let script: (signal: AbortSignal) => AsyncIterable<ReplyEvent>;
let defects: unknown[];

const fails = (): never => {
  throw new Error('not to be called');
};
function start(more: Partial<ChatOptions> = {}): void {
  store = openStore(folder, path.join(import.meta.dirname, '../store/migrations'));
  files = createFiles({ store, folder: path.join(folder, 'files') });
  chats = createChats({
    store,
    files,
    inference: {
      async *generate(request, signal) {
        asked.push(request);
        yield { type: 'found', name: 'Ember' };
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
    builtInModelId: 'built/in/model.gguf',
    defaultSampling: () => sampling,
    onModelUsed: () => {},
    onDefect: (error) => defects.push(error),
    ...more,
  });
}
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-chats-'));
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
  for (const content of texts) yield await Promise.resolve({ type: 'text', content, reasoning: '' } as const);
  yield { type: 'end', result };
}
/** Writes a beginning, and then nothing until it is stopped. */
async function* writesUntilStopped(signal: AbortSignal): AsyncGenerator<ReplyEvent> {
  yield { type: 'text', content: 'Once', reasoning: '' };
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  yield { type: 'end', result: { ...result, endReason: 'stopped' } };
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}
const words = (text: string): readonly TextPart[] => [{ type: 'text', text }];
const fresh = { modelId: null, systemPrompt: '', sampling: null, contextPolicy: null } as const;
const send = (chatId: string, text: string, parentId?: string | null) =>
  chats.send({ chat: { id: chatId }, parts: words(text), parentId });

async function snapshot(chatId: string): Promise<{ chat: Chat; messages: readonly Message[] }> {
  for await (const event of chats.watch(chatId, new AbortController().signal))
    if (event.type === 'snapshot') return event;
  throw new Error('no snapshot');
}
/** The chat when it is quiet. */
async function settled(chatId: string): Promise<readonly Message[]> {
  for await (const event of chats.watch(chatId, new AbortController().signal))
    if ('chat' in event && !event.chat.busy) break;
  return (await snapshot(chatId)).messages;
}
const told = (request: ReplyRequest | undefined): unknown =>
  request && 'messages' in request.input ? request.input.messages : undefined;

describe('a new chat', () => {
  it('is one call: its choices, its first message and its reply', async () => {
    const choices = { modelId: 'a/b/c.gguf', systemPrompt: 'Be kind.', sampling, contextPolicy: 'stop' } as const;
    const { chatId, messageId, replyId } = chats.send({ chat: { fresh: choices }, parts: words('Who are you?') });
    const [question, reply] = await settled(chatId);
    expect((await snapshot(chatId)).chat).toMatchObject({ ...choices, title: 'Who are you?', leafId: replyId });
    expect(question).toMatchObject({ id: messageId, parentId: null, role: 'user', parts: words('Who are you?') });
    expect(reply).toMatchObject({ id: replyId, parentId: messageId, status: 'complete', parts: words('Hello.') });
    expect(told(asked[0])).toEqual([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Who are you?' },
    ]);
  });

  it('is one chat although its message is sent twice, because the first answer was lost', async () => {
    const messageId = '0123456789abcdef'.repeat(2);
    const message = { chat: { fresh }, parts: words('one'), messageId };
    const first = chats.send(message);
    expect(first.messageId).toBe(messageId);
    // While the reply is written, and afterwards.
    expect(chats.send(message)).toEqual(first);
    await settled(first.chatId);
    expect(chats.send({ ...message, chat: { id: first.chatId } })).toEqual(first);
    expect((await snapshot(first.chatId)).messages).toHaveLength(2);
    expect(asked).toHaveLength(1);
    const notFound = expect.objectContaining({ code: 'not_found' }) as Error;
    expect(() => chats.send({ ...message, messageId: first.replyId })).toThrow(notFound);
    await chats.delete(first.chatId);
    expect(() => chats.send(message)).toThrow(notFound);
  });

  it('is a conversation that was led elsewhere, and goes on from its end', async () => {
    const { chatId } = chats.import({ ...fresh, systemPrompt: 'Be kind.' }, [
      { role: 'user', text: 'One?' },
      { role: 'assistant', text: 'One.' },
      { role: 'user', text: 'Two?' },
    ]);
    expect(asked).toEqual([]);
    const { chat, messages } = await snapshot(chatId);
    expect(messages.map(({ role, status, parentId }) => [role, status, parentId])).toEqual([
      ['user', 'complete', null],
      ['assistant', 'complete', messages[0]?.id],
      ['user', 'complete', messages[1]?.id],
    ]);
    expect(messages[1]).toMatchObject({ modelId: null, sampling: null, parts: words('One.') });
    expect(chat).toMatchObject({ title: 'One?', leafId: messages[2]?.id, busy: false });
    send(chatId, 'Three?');
    await settled(chatId);
    expect(told(asked[0])).toEqual([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'One?' },
      { role: 'assistant', content: 'One.' },
      { role: 'user', content: 'Two?' },
      { role: 'user', content: 'Three?' },
    ]);
  });

  it('leaves nothing behind when its message cannot be stored', async () => {
    store.pragma(`max_page_count = ${store.pragma('page_count', { simple: true }) as number}`);
    expect(() => chats.send({ chat: { fresh }, parts: words('long '.repeat(50_000)) })).toThrow(
      expect.objectContaining({ code: 'disk.full' }),
    );
    store.pragma('max_page_count = 1000000');
    for await (const event of chats.watchList(AbortSignal.timeout(60_000))) {
      expect(event).toMatchObject({ type: 'snapshot', chats: [] });
      break;
    }
  });
});

describe('the model of a chat', () => {
  it('is decided once: what is told is what writes, and what is kept in memory', async () => {
    await chats.close();
    store.close();
    const kept: string[] = [];
    const prompted: string[] = [];
    start({
      inference: {
        async *generate(request, signal) {
          asked.push(request);
          yield* script(signal);
        },
        prompt: (modelId) => (prompted.push(modelId), Promise.reject(new AppError('engine.not_loaded', 'Not here.'))),
        count: fails,
        render: fails,
        keep: (modelId) => (kept.push(modelId), () => {}),
        loaded: () => [],
        saveState: fails,
        dropState: () => Promise.resolve(),
      },
    });
    const { chatId, messageId, replyId } = chats.send({ chat: { fresh }, parts: words('one') });
    await settled(chatId);
    const uses = async (): Promise<string> => (await snapshot(chatId)).chat.usesModelId;
    expect((await snapshot(chatId)).chat).toMatchObject({ modelId: null, usesModelId: 'built/in/model.gguf' });
    for await (const event of chats.watchList(AbortSignal.timeout(60_000))) {
      expect(event).toMatchObject({ chats: [{ modelId: null, usesModelId: 'built/in/model.gguf' }] });
      break;
    }
    chats.regenerate(replyId);
    await settled(chatId);
    chats.edit(messageId, words('two'));
    await settled(chatId);
    await expect(chats.prompt(chatId)).rejects.toMatchObject({ code: 'engine.not_loaded' });
    const all = [...asked.map(({ modelId }) => modelId), ...prompted, ...kept];
    expect(new Set(all)).toEqual(new Set([await uses()]));
    expect(asked).toHaveLength(3);
    chats.update({ chatId, modelId: 'a/b/c.gguf' });
    expect(await uses()).toBe('a/b/c.gguf');
    send(chatId, 'three');
    await settled(chatId);
    expect([asked.at(-1)?.modelId, kept.at(-1)]).toEqual(['a/b/c.gguf', 'a/b/c.gguf']);
  });
});

describe('the tree', () => {
  it('takes no message below one of another chat, nor below one that is not there', async () => {
    const one = chats.send({ chat: { fresh }, parts: words('one') });
    const two = chats.send({ chat: { fresh }, parts: words('two') });
    await Promise.all([settled(one.chatId), settled(two.chatId)]);
    expect(() => send(one.chatId, 'x', two.replyId)).toThrow(
      expect.objectContaining({ code: 'invalid_input', data: { reason: 'other_chat', field: 'parentId' } }),
    );
    expect(() => chats.send({ chat: { fresh }, parts: words('x'), parentId: one.replyId })).toThrow(
      expect.objectContaining({ code: 'invalid_input' }),
    );
    expect(() => send(one.chatId, 'x', 'nobody')).toThrow(expect.objectContaining({ code: 'not_found' }));
    expect(asked).toHaveLength(2);
  });

  it('sends no reply to the model in which nothing was written', async () => {
    script = () => {
      throw new AppError('engine.start_failed', 'It did not start.');
    };
    const { chatId } = chats.send({ chat: { fresh }, parts: words('one') });
    expect((await settled(chatId))[1]).toMatchObject({ status: 'failed', parts: [] });
    // Thoughts alone are nothing to send either.
    script = async function* () {
      yield await Promise.resolve({ type: 'text', content: '', reasoning: 'Hm.' } as const);
      yield { type: 'end', result };
    };
    send(chatId, 'two');
    expect((await settled(chatId)).at(-1)?.parts).toEqual([{ type: 'reasoning', text: 'Hm.', durationMs: null }]);
    script = () => writes('Hello.');
    send(chatId, 'three');
    await settled(chatId);
    expect(told(asked.at(-1))).toEqual(['one', 'two', 'three'].map((content) => ({ role: 'user', content })));
  });

  it('keeps reasoning with its time before the text, and never sends it', async () => {
    let clock = 0;
    await chats.close();
    store.close();
    start({ now: () => clock });
    script = async function* () {
      yield await Promise.resolve({ type: 'text', content: '', reasoning: 'Hm' } as const);
      clock += 500;
      yield { type: 'text', content: 'Yes', reasoning: '.' };
      yield { type: 'end', result };
    };
    const { chatId } = chats.send({ chat: { fresh }, parts: words('one') });
    expect((await settled(chatId))[1]?.parts).toEqual([
      { type: 'reasoning', text: 'Hm.', durationMs: 500 },
      { type: 'text', text: 'Yes' },
    ]);
    send(chatId, 'two');
    await settled(chatId);
    expect(told(asked[1])).toEqual([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'Yes' },
      { role: 'user', content: 'two' },
    ]);
  });
});

describe('files', () => {
  const image = (sha256: string, sizeBytes = 1) =>
    ({
      type: 'image',
      file: { sha256, name: 'cat.png', mediaType: 'image/png', sizeBytes },
      width: 2,
      height: 3,
    }) as const;

  it('are sent as they lie on the disk, and refused when they are not there', async () => {
    const { sha256, sizeBytes } = await files.putFile(bytesOf('cat'), { maxBytes: 9 });
    const { chatId } = chats.send({ chat: { fresh }, parts: [...words('What is this?'), image(sha256, 999)] });
    expect((await settled(chatId))[0]?.parts[1]).toEqual(image(sha256, sizeBytes));
    expect(told(asked[0])).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image', path: files.pathOf(sha256), name: 'cat.png', mediaType: 'image/png' },
        ],
      },
    ]);
    expect(() => chats.send({ chat: { fresh }, parts: [image('b'.repeat(64))] })).toThrow(
      expect.objectContaining({ code: 'invalid_input', data: { field: 'parts' } }),
    );
  });

  it('that no model can take yet are told by name in the reply', async () => {
    const { sha256 } = await files.putFile(bytesOf('book'), { maxBytes: 9 });
    const file = { sha256, name: 'book.pdf', mediaType: 'application/pdf', sizeBytes: 4 };
    const { chatId } = chats.send({ chat: { fresh }, parts: [{ type: 'attachment', file }] });
    expect((await settled(chatId))[1]).toMatchObject({
      status: 'failed',
      error: { code: 'unsupported', data: { what: 'attachment', name: 'book.pdf' } },
    });
    expect(asked).toEqual([]);
  });

  it('go with the last chat that names them, when it can no longer come back', async () => {
    await chats.close();
    store.close();
    start({ undoMs: 60_000 });
    const { sha256, hold } = await files.putFile(bytesOf('cat'), { maxBytes: 9 });
    const one = chats.send({ chat: { fresh }, parts: [image(sha256)], holds: [hold] });
    const two = chats.send({ chat: { fresh }, parts: [image(sha256)] });
    await Promise.all([settled(one.chatId), settled(two.chatId)]);
    await chats.delete(one.chatId);
    await chats.delete(two.chatId);
    expect(chats.undoDelete(one.chatId)).toEqual({ restored: true });
    await chats.close();
    expect(files.sizeOf(sha256)).toBe(3);
    store.close();
    start({ undoMs: 1 });
    await chats.delete(one.chatId);
    await expect.poll(() => files.sizeOf(sha256)).toBeNull();
  });
});

describe('a file of a message', () => {
  it('goes with its chat in the session in which it was sent', async () => {
    await chats.close();
    store.close();
    start({ undoMs: 1 });
    const { sha256, hold } = await files.putFile(bytesOf('cat'), { maxBytes: 9 });
    const file = { sha256, name: 'cat.png', mediaType: 'image/png', sizeBytes: 3 };
    const { chatId } = chats.send({
      chat: { fresh },
      parts: [{ type: 'image', file, width: 2, height: 3 }],
      holds: [hold],
    });
    await settled(chatId);
    expect(files.sizeOf(sha256)).toBe(3);
    await chats.delete(chatId);
    await expect.poll(() => files.sizeOf(sha256)).toBeNull();
  });
});

describe('a reply that is being written', () => {
  it('tells why it failed, and with which model', async () => {
    await chats.close();
    store.close();
    const failed: unknown[] = [];
    start({ onReplyFailed: ({ code }, modelId) => failed.push([code, modelId]) });
    script = () => {
      throw new AppError('engine.crashed', 'It ended.');
    };
    const { chatId } = chats.send({ chat: { fresh }, parts: words('one') });
    expect((await settled(chatId))[1]).toMatchObject({ status: 'failed', error: { code: 'engine.crashed' } });
    expect(failed).toEqual([['engine.crashed', 'built/in/model.gguf']]);
  });

  it('fails, and was not stopped, when another window unloads the model that it waits for', async () => {
    script = () => {
      throw new AppError('cancelled', 'The load was cancelled.', { reason: 'unloaded' });
    };
    const { chatId } = chats.send({ chat: { fresh }, parts: words('one') });
    expect((await settled(chatId))[1]).toMatchObject({
      status: 'failed',
      error: { code: 'cancelled', data: { reason: 'unloaded' } },
    });
  });

  it('ends when its chat is deleted, and is stored with it', async () => {
    script = writesUntilStopped;
    const { chatId } = chats.send({ chat: { fresh }, parts: words('one') });
    await expect.poll(async () => textOf((await snapshot(chatId)).messages[1] ?? { parts: [] })).toBe('Once');
    await chats.delete(chatId);
    chats.undoDelete(chatId);
    const { chat, messages } = await snapshot(chatId);
    expect(chat.busy).toBe(false);
    expect(messages[1]).toMatchObject({ status: 'stopped', parts: words('Once') });
  });

  it('fails when the messages above it cannot be read', async () => {
    const { chatId } = chats.send({ chat: { fresh }, parts: words('x'.repeat(50_000)) });
    await settled(chatId);
    await chats.close();
    store.close();
    // A page that only the long text takes: its first four bytes name the next one.
    const file = path.join(folder, 'hearth.db');
    const bytes = readFileSync(file);
    const page = bytes.indexOf('x'.repeat(4092));
    bytes.writeUInt32BE(0xffffffff, page - 4);
    writeFileSync(file, bytes);
    start();
    const { replyId } = send(chatId, 'two');
    const stored = store.prepare("SELECT status, json_extract(error, '$.code') AS code FROM messages WHERE id = ?");
    await expect.poll(() => stored.get(replyId)).toEqual({ status: 'failed', code: 'store.corrupt' });
    expect(asked).toHaveLength(1);
  });

  it('is interrupted when Hearth was killed, also while it waited for its model', async () => {
    // Put back as a kill would leave it.
    const { chatId, replyId } = chats.send({ chat: { fresh }, parts: words('one') });
    await settled(chatId);
    for (const status of ['pending', 'streaming']) {
      store.prepare('UPDATE messages SET status = ? WHERE id = ?').run(status, replyId);
      await chats.close();
      store.close();
      start();
      expect((await snapshot(chatId)).messages[1]).toMatchObject({ id: replyId, status: 'interrupted' });
    }
  });

  it('that finds no room is shown whole to a window that opens, and stored when there is room', async () => {
    const long = 'A long reply. '.repeat(20_000);
    script = async function* () {
      yield await Promise.resolve({ type: 'text', content: long, reasoning: '' } as const);
      store.pragma(`max_page_count = ${store.pragma('page_count', { simple: true }) as number}`);
      yield { type: 'end', result };
    };
    const { chatId } = chats.send({ chat: { fresh }, parts: words('one') });
    expect((await settled(chatId))[1]).toMatchObject({ error: { code: 'disk.full' }, parts: words(long) });
    store.pragma('max_page_count = 1000000');
    // The end of the app is the last try.
    await chats.close();
    store.close();
    start();
    expect((await snapshot(chatId)).messages[1]).toMatchObject({
      status: 'complete',
      error: null,
      parts: words(long),
    });
  });

  it('ends well when the date of its model cannot be noted for want of room', async () => {
    await chats.close();
    store.close();
    start({
      onModelUsed: () => {
        throw new AppError('disk.full', 'No room.');
      },
    });
    const { chatId } = chats.send({ chat: { fresh }, parts: words('one') });
    expect((await settled(chatId))[1]).toMatchObject({ status: 'complete', error: null });
  });
});
