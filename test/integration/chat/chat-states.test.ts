import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Chat, Message, Sampling } from '../../../preload/contract/chat.ts';
import { textOf } from '../../../preload/contract/message-parts.ts';
import { createChats, type Chats } from '../../../main/chat/chat.ts';
import { createEngine, type Engine } from '../../../main/engine/engine.ts';
import { createInference, createLocalProvider } from '../../../main/inference/inference.ts';
import { createSpawnChild } from '../../../main/process/spawn-child.ts';
import { listChatStates } from '../../../main/store/chat-states.ts';
import { createFiles } from '../../../main/store/files.ts';
import { openStore, type Store } from '../../../main/store/store.ts';
import { chatTemplate, tinyShape, writeGguf } from '../../hub-server/gguf-file.ts';
import { emberPath, root } from '../../support/engine-child.ts';
import { sendTo } from '../../support/send-to.ts';
import { emptyChat } from '../../support/empty-chat.ts';

const greedy: Sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: 20, seed: 1 };
const MODEL = 'hearth/ember-3M/ember-3M-Q8_0.gguf';
const LONG = 'Tell me about fire and water and what they do to each other in a long story. '.repeat(6);

let folder: string;
let store: Store;
let engine: Engine;
let chats: Chats;
let budgetBytes = 1e9;
let modelPath = emberPath;

function start(idleMs: number): void {
  const states = path.join(folder, 'states');
  store = openStore(folder, path.join(root, 'main/store/migrations'));
  engine = createEngine({
    spawnChild: createSpawnChild(process.execPath, path.join(root, 'main/engine/child/child.ts'), states),
    onChange: () => {},
  });
  chats = createChats({
    store,
    files: createFiles({ store, folder: path.join(folder, 'files') }),
    inference: createInference(
      createLocalProvider({
        engine,
        findModel: (modelId) =>
          Promise.resolve({ modelId, name: 'Ember', path: modelPath, weightsBytes: 3.3e6, contextSize: 1024 }),
      }),
    ),
    builtInModelId: MODEL,
    defaultSampling: () => greedy,
    onModelUsed: () => {},
    // What is saved at the end is looked at: however slow the machine is, the end waits for it.
    states: { folder: states, budgetBytes: () => budgetBytes, idleMs, closeMs: 100_000 },
    undoMs: 50,
  });
}
async function stop(): Promise<void> {
  await chats.close();
  await engine.close();
  store.close();
}
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-states-'));
  budgetBytes = 1e9;
  modelPath = emberPath;
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

/** Sends and waits for the end of the reply. */
async function send(chat: Pick<Chat, 'id'>, text: string): Promise<Message> {
  return await ended(chat, sendTo(chats, chat.id, text).replyId);
}
async function ended(chat: Pick<Chat, 'id'>, replyId: string): Promise<Message> {
  const abort = new AbortController();
  try {
    for await (const event of chats.watch(chat.id, abort.signal)) {
      const messages = event.type === 'snapshot' ? event.messages : event.type === 'message' ? [event.message] : [];
      const reply = messages.find(({ id }) => id === replyId);
      if (reply && !['pending', 'streaming'].includes(reply.status)) return reply;
    }
  } finally {
    abort.abort();
  }
  throw new Error('the chat ended');
}
const stateFiles = (): string[] => readdirSync(path.join(folder, 'states')).filter((name) => name.endsWith('.state'));

describe('states of chats', () => {
  it('continues from the disk after a restart, and the end of the app saves pending states', async () => {
    start(60_000);
    const chat = emptyChat(store, null);
    const first = await send(chat, LONG);
    expect(first.timing?.makeUp).toMatchObject({ systemTokens: 0, historyTokens: 0 });
    expect(stateFiles()).toEqual([]);
    await stop();
    expect(stateFiles()).toHaveLength(1);
    start(60_000);
    const second = await send(chat, 'And then?');
    expect(second.timing?.reusedTokens).toBeGreaterThanOrEqual(first.timing?.promptTokens ?? Infinity);
    expect(second.timing?.makeUp?.historyTokens).toBeGreaterThan(100);
    await stop();
    start(60_000);
    // One file per chat, the newest.
    expect(stateFiles()).toHaveLength(1);
    expect(listChatStates(store)[0]?.tokenCount).toBeGreaterThan(second.timing?.promptTokens ?? Infinity);
  });

  it('evaluates everything when the file was truncated or replaced', async () => {
    start(60_000);
    const chat = emptyChat(store, null);
    await send(chat, LONG);
    await stop();
    truncateSync(path.join(folder, 'states', stateFiles()[0] ?? ''), 1000);
    start(60_000);
    const reply = await send(chat, 'And then?');
    expect(reply).toMatchObject({ status: 'complete', timing: { reusedTokens: 0 } });
  });

  it('saves a while after the reply, stays within the budget, and deletes the state with its chat', async () => {
    start(30);
    const saved = (...of: Pick<Chat, 'id'>[]): Promise<void> =>
      expect
        .poll(() => [
          listChatStates(store)
            .map(({ chatId }) => chatId)
            .sort(),
          stateFiles().length,
        ])
        .toEqual([of.map(({ id }) => id).sort(), of.length]);
    const old = emptyChat(store, null);
    await send(old, LONG);
    await saved(old);
    const size = listChatStates(store)[0]?.sizeBytes ?? 0;
    const kept = emptyChat(store, null);
    await send(kept, LONG);
    await saved(old, kept);
    // The budget holds two and a half states: the least recently used one is deleted.
    budgetBytes = size * 2.5;
    const third = emptyChat(store, null);
    await send(third, LONG);
    await saved(kept, third);

    await chats.delete(third.id);
    await saved(kept);
    // A short chat is evaluated faster than a file is read, and without a budget none is kept.
    await send(emptyChat(store, null), 'Hello');
    budgetBytes = 0;
    await send(emptyChat(store, null), LONG);
    // Closing saves the pending state.
    await chats.close();
    expect(listChatStates(store).map(({ chatId }) => chatId)).toEqual([kept.id]);
  });

  it('deletes unknown files at the start', async () => {
    start(60_000);
    const chat = emptyChat(store, null);
    await send(chat, LONG);
    await stop();
    const stray = path.join(folder, 'states', 'nobody.state');
    writeFileSync(stray, 'x');
    start(60_000);
    expect(existsSync(stray)).toBe(false);
    expect(stateFiles()).toHaveLength(1);
  });
});

describe('the prompt of a chat', () => {
  it('shows the next reply’s prompt by origin, with the policy of the chat', async () => {
    start(60_000);
    const chat = emptyChat(store, null);
    chats.update({ chatId: chat.id, systemPrompt: 'Be brief.', contextPolicy: 'stop' });
    const reply = await send(chat, 'Who are you?');
    const { pieces, contextSize } = await chats.prompt(chat.id);
    expect(contextSize).toBe(1024);
    await expect(chats.prompt(chat.id, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    const shown = (origin: string): string =>
      pieces.flatMap((piece) => (piece.origin === origin ? piece.tokens.map(({ text }) => text) : [])).join('');
    expect(shown('system')).toBe('Be brief.');
    expect(shown('history')).toContain(textOf(reply).trim());
    // Refused rather than shortened, with the counts in the reply's error.
    const long = await send(chat, LONG.repeat(20));
    expect(long).toMatchObject({
      status: 'failed',
      error: { code: 'engine.context_full', data: { contextSize: 1024 } },
    });
  });

  it('reports in the timing what was left out', async () => {
    start(60_000);
    const chat = emptyChat(store, null);
    chats.update({ chatId: chat.id, contextPolicy: 'cut_middle' });
    const reply = await send(chat, LONG.repeat(20));
    expect(reply.timing?.overflow?.policy).toBe('cut_middle');
    expect(reply.timing?.overflow?.omittedTokens).toBeGreaterThan(500);
  });
});

describe('a template that fails for this conversation', () => {
  it('is reported, and writing the reply again uses the plain prompt format', async () => {
    modelPath = path.join(folder, 'picky.gguf');
    await writeGguf(modelPath, {
      shape: { ...tinyShape, name: 'Picky', contextLength: 1024 },
      quantization: 'F16',
      seed: 1,
    });
    const bytes = readFileSync(modelPath);
    const picky =
      "{% for m in messages %}{% if 'X' in m['content'] %}{{ raise_exception('no X') }}{% endif %}{{ m['content'] }}{% endfor %}";
    bytes.write(picky.padEnd(chatTemplate.length, ' '), bytes.indexOf(chatTemplate));
    writeFileSync(modelPath, bytes);
    start(60_000);
    const chat = emptyChat(store, null);
    const failed = await send(chat, 'an X');
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'template.invalid' } });
    expect(failed.error?.message).toMatch(/no X.*plain form/);
    const again = await ended(chat, chats.regenerate(failed.id).replyId);
    expect(again).toMatchObject({ status: 'complete', error: null });
    expect(again.timing?.generatedTokens).toBeGreaterThan(0);
  });
});
