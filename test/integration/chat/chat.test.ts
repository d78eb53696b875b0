import { mkdtempSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatEvent, Message, Sampling } from '../../../preload/contract/chat.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { lengthOf, textOf, withAppend } from '../../../preload/contract/message-parts.ts';
import { createChats, type Chats } from '../../../main/chat/chat.ts';
import { createEngine, type Engine, type EngineModel } from '../../../main/engine/engine.ts';
import { createInference, createLocalProvider } from '../../../main/inference/inference.ts';
import { createSpawnChild } from '../../../main/process/spawn-child.ts';
import { getMessage } from '../../../main/store/messages.ts';
import { createFiles } from '../../../main/store/files.ts';
import { openStore, type Store } from '../../../main/store/store.ts';
import { endless, LONG_CONTEXT } from '../../support/endless.ts';
import { sendTo, words } from '../../support/send-to.ts';
import { emptyChat } from '../../support/empty-chat.ts';

const root = path.join(import.meta.dirname, '../../..');
const greedy: Sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: null, seed: 1 };
const EMBER = 'hearth/ember-3M/ember-3M-Q8_0.gguf';
const STORIES = 'karpathy/tinyllamas/stories260K-F32.gguf';
const files: Record<string, string> = {
  [EMBER]: 'assets/models/ember-3M-Q8_0.gguf',
  [STORIES]: 'test/fixtures/stories260K/stories260K-F32.gguf',
};

let folder: string;
let store: Store;
let engine: Engine;
let chats: Chats;
let enginePid = 0;

async function findModel(modelId: string): Promise<EngineModel> {
  const file = files[modelId];
  if (!file) throw new AppError('model.missing', 'The model is gone.', { modelId });
  const contextSize = modelId === STORIES ? LONG_CONTEXT : 512;
  return { modelId, name: modelId, path: path.join(root, file), weightsBytes: 3e6, contextSize };
}

function start(undoMs = 60_000): void {
  store = openStore(folder, path.join(root, 'main/store/migrations'));
  const spawnChild = createSpawnChild(process.execPath, path.join(root, 'main/engine/child/child.ts'));
  engine = createEngine({
    spawnChild: () => {
      const child = spawnChild();
      enginePid = child.pid ?? 0;
      return child;
    },
    onChange: () => {},
  });
  chats = createChats({
    store,
    files: createFiles({ store, folder: path.join(folder, 'files') }),
    inference: createInference(createLocalProvider({ engine, findModel })),
    builtInModelId: EMBER,
    defaultSampling: () => greedy,
    onModelUsed: () => {},
    undoMs,
  });
}
async function stop(): Promise<void> {
  await chats.close();
  await engine.close();
  store.close();
}
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-chat-'));
  start();
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

/** Folds a chat's events as a window does, and checks that no text is lost or doubled. */
function watch(chatId: string): {
  messages: Map<string, Message>;
  events: ChatEvent[];
  until(test: () => boolean): Promise<void>;
  end(): void;
} {
  const abort = new AbortController();
  const messages = new Map<string, Message>();
  const events: ChatEvent[] = [];
  let wake = (): void => {};
  void (async () => {
    for await (const event of chats.watch(chatId, abort.signal)) {
      events.push(event);
      if (event.type === 'snapshot') for (const message of event.messages) messages.set(message.id, message);
      if (event.type === 'message') messages.set(event.message.id, event.message);
      if (event.type === 'append') {
        const message = messages.get(event.messageId)!;
        const parts = withAppend(message.parts, event)!;
        expect(lengthOf({ parts })).toBe(lengthOf(message) + event.text.length);
        messages.set(message.id, { ...message, parts });
      }
      wake();
    }
    wake();
  })();
  return {
    messages,
    events,
    async until(test) {
      while (!test()) await new Promise<void>((resolve) => (wake = resolve));
    },
    end: () => abort.abort(),
  };
}
const finished = (message: Message | undefined): boolean =>
  message !== undefined && !['pending', 'streaming'].includes(message.status);

describe('chats', () => {
  it('goes on with a cut reply to the same text as one that was not cut', async () => {
    const whole = sendTo(chats, emptyChat(store, null).id, 'Who are you?');
    const uncut = getMessage(store, whole.replyId).chatId;
    const first = watch(uncut);
    await first.until(() => finished(first.messages.get(whole.replyId)));
    const wanted = textOf(first.messages.get(whole.replyId)!);
    first.end();

    const chat = emptyChat(store, null);
    chats.update({ chatId: chat.id, sampling: { ...greedy, maxTokens: 4 } });
    const view = watch(chat.id);
    const { replyId } = sendTo(chats, chat.id, 'Who are you?');
    await view.until(() => finished(view.messages.get(replyId)));
    const begun = textOf(view.messages.get(replyId)!);
    expect([wanted.startsWith(begun), begun.length < wanted.length]).toEqual([true, true]);
    chats.update({ chatId: chat.id, sampling: greedy });
    chats.continue(replyId);
    await view.until(() => view.messages.get(replyId)?.status === 'pending');
    await view.until(() => finished(view.messages.get(replyId)));
    expect(textOf(view.messages.get(replyId)!)).toBe(wanted);
    expect(view.messages.get(replyId)?.timing).toMatchObject({ endReason: 'end_of_turn', continuedTokens: 4 });
    view.end();
  });

  it('stores a turn with its model, sampling and timing, and restores everything after a restart', async () => {
    const chat = emptyChat(store, null);
    const view = watch(chat.id);
    const { messageId, replyId } = sendTo(chats, chat.id, 'Who are you?');
    await view.until(() => finished(view.messages.get(replyId)));
    const reply = view.messages.get(replyId)!;
    expect(reply).toMatchObject({
      status: 'complete',
      parentId: messageId,
      modelId: EMBER,
      sampling: greedy,
      error: null,
    });
    expect(textOf(reply)).toContain('Ember');
    expect(reply.timing).toMatchObject({ endReason: 'end_of_turn', contextSize: 512, seed: 1, omittedMessages: 0 });
    expect(reply.timing!.generatedTokens).toBeGreaterThan(10);
    expect(view.events.some((event) => event.type === 'append')).toBe(true);
    view.end();
    await stop();
    start();
    const again = watch(chat.id);
    await again.until(() => again.events.length > 0);
    expect(again.messages.get(replyId)).toEqual(reply);
    expect(again.events[0]).toMatchObject({ chat: { title: 'Who are you?', leafId: replyId, busy: false } });
    again.end();
  });

  it('keeps edits and regenerations as siblings and shows the branch that was chosen', async () => {
    const chat = emptyChat(store, null);
    const view = watch(chat.id);
    const first = sendTo(chats, chat.id, 'Who are you?');
    await view.until(() => finished(view.messages.get(first.replyId)));
    const second = chats.regenerate(first.replyId);
    await view.until(() => finished(view.messages.get(second.replyId)));
    const edited = chats.edit(first.messageId, words('Tell me a joke'));
    await view.until(() => finished(view.messages.get(edited.replyId)));
    const parents = Object.fromEntries([...view.messages.values()].map((message) => [message.id, message.parentId]));
    expect(parents).toEqual({
      [first.messageId]: null,
      [first.replyId]: first.messageId,
      [second.replyId]: first.messageId,
      [edited.messageId]: null,
      [edited.replyId]: edited.messageId,
    });
    chats.select(first.messageId);
    await view.until(() =>
      view.events.some(
        (event) =>
          event.type === 'chat' &&
          event.chat.leafId === second.replyId &&
          !event.chat.busy &&
          event === view.events.at(-1),
      ),
    );
    expect(chats.search({ query: 'joke' }).hits).toContainEqual(
      expect.objectContaining({ kind: 'message', messageId: edited.messageId }),
    );
    view.end();
  });

  it('keeps and marks the partial reply when the engine is killed, and the next message works', async () => {
    const chat = emptyChat(store, STORIES);
    chats.update({ chatId: chat.id, sampling: endless });
    const view = watch(chat.id);
    const first = sendTo(chats, chat.id, 'Once upon a time');
    await view.until(() => lengthOf(view.messages.get(first.replyId) ?? { parts: [] }) > 0);
    process.kill(enginePid, 'SIGKILL');
    await view.until(() => finished(view.messages.get(first.replyId)));
    const broken = view.messages.get(first.replyId)!;
    expect(broken).toMatchObject({
      status: 'interrupted',
      error: { code: 'engine.crashed', data: { reason: 'SIGKILL' } },
    });
    expect(lengthOf(broken)).toBeGreaterThan(0);
    chats.update({ chatId: chat.id, sampling: { ...greedy, maxTokens: 5 } });
    const second = sendTo(chats, chat.id, 'And then');
    await view.until(() => finished(view.messages.get(second.replyId)));
    expect(view.messages.get(second.replyId)).toMatchObject({ status: 'complete', timing: { generatedTokens: 5 } });
    view.end();
  });

  it('keeps the tokens of a reply with alternatives until Hearth is closed', async () => {
    const chat = emptyChat(store, STORIES);
    chats.update({ chatId: chat.id, sampling: { ...greedy, maxTokens: 12, logprobs: 3 } });
    const view = watch(chat.id);
    const { messageId, replyId } = sendTo(chats, chat.id, 'Once upon a time');
    expect(chats.tokens(replyId)).toEqual({ tokens: null });
    await view.until(() => finished(view.messages.get(replyId)));
    await chats.stop(chat.id);
    const { tokens } = chats.tokens(replyId);
    expect(tokens).toHaveLength(12);
    expect(tokens?.map(({ text }) => text).join('')).toBe(textOf(view.messages.get(replyId)!));
    for (const { id, alternatives } of tokens ?? []) expect(alternatives.map((one) => one.id)).toContain(id);
    expect(chats.tokens(messageId)).toEqual({ tokens: null });
    chats.update({ chatId: chat.id, sampling: { ...greedy, maxTokens: 3 } });
    const without = chats.regenerate(replyId);
    await view.until(() => finished(view.messages.get(without.replyId)));
    await chats.stop(chat.id);
    expect(chats.tokens(without.replyId)).toEqual({ tokens: null });
    view.end();
    await stop();
    start();
    expect(chats.tokens(replyId)).toEqual({ tokens: null });
    expect(() => chats.tokens('none')).toThrow(expect.objectContaining({ code: 'not_found' }));
  });

  it('stops on request, refuses a second message meanwhile, and keeps the partial reply', async () => {
    const chat = emptyChat(store, STORIES);
    chats.update({ chatId: chat.id, sampling: endless });
    const view = watch(chat.id);
    const { replyId } = sendTo(chats, chat.id, 'Once');
    expect(() => sendTo(chats, chat.id, 'again')).toThrow(expect.objectContaining({ code: 'busy' }));
    await view.until(() => lengthOf(view.messages.get(replyId) ?? { parts: [] }) > 0);
    await chats.stop(chat.id);
    await view.until(() => finished(view.messages.get(replyId)));
    expect(view.messages.get(replyId)).toMatchObject({ status: 'stopped', timing: { endReason: 'stopped' } });
    view.end();
  });

  it('reports a deleted model in the reply, and continues after another one is chosen', async () => {
    const chat = emptyChat(store, 'owner/gone/gone.gguf');
    const view = watch(chat.id);
    const first = sendTo(chats, chat.id, 'Hello');
    await view.until(() => finished(view.messages.get(first.replyId)));
    expect(view.messages.get(first.replyId)).toMatchObject({ status: 'failed', error: { code: 'model.missing' } });
    chats.update({ chatId: chat.id, modelId: EMBER });
    const { replyId } = chats.regenerate(first.replyId);
    await view.until(() => finished(view.messages.get(replyId)));
    expect(view.messages.get(replyId)?.status).toBe('complete');
    view.end();
  });

  it('deletes with an undo, and permanently after it', async () => {
    const chat = emptyChat(store, null);
    const other = emptyChat(store, null);
    await chats.delete(chat.id);
    expect(() => sendTo(chats, chat.id, 'x')).toThrow(expect.objectContaining({ code: 'not_found' }));
    expect(chats.undoDelete(chat.id)).toEqual({ restored: true });
    // Asked again by a caller who missed the answer.
    expect(chats.undoDelete(chat.id)).toEqual({ restored: true });
    await stop();
    start(300);
    await chats.delete(other.id);
    await expect.poll(() => store.prepare('SELECT id FROM chats').all()).toEqual([{ id: chat.id }]);
    expect(chats.undoDelete(other.id)).toEqual({ restored: false });
  });

  it('keeps a reply in memory while the disk is full, and stores it when there is space', async () => {
    const chat = emptyChat(store, STORIES);
    chats.update({ chatId: chat.id, sampling: { ...greedy, temperature: 1, maxTokens: 400 } });
    const view = watch(chat.id);
    const { messageId, replyId } = sendTo(chats, chat.id, 'Once upon a time');
    store.pragma(`max_page_count = ${store.pragma('page_count', { simple: true }) as number}`);
    // Space that rows freed is filled as well, so that nothing more fits. The rows go into the table of the reply's
    // text, so that its pages have no gap left that the text could grow into.
    const filler = store.prepare(
      "INSERT INTO message_parts (message_seq, position, type, text) SELECT seq, ?, 'reasoning', hex(randomblob(?)) FROM messages WHERE id = ?",
    );
    let position = 0;
    for (const size of [1000, 100, 10, 1]) {
      try {
        for (;;) filler.run(++position, size, messageId);
      } catch {
        continue;
      }
    }
    await view.until(() => finished(view.messages.get(replyId)));
    const held = view.messages.get(replyId)!;
    expect(held.error?.code).toBe('disk.full');
    expect(lengthOf(held)).toBeGreaterThan(50);
    expect(() => sendTo(chats, chat.id, 'more'.repeat(5000))).toThrow(expect.objectContaining({ code: 'disk.full' }));
    store.pragma('max_page_count = 1000000');
    await view.until(() => view.messages.get(replyId)?.error === null);
    expect(getMessage(store, replyId)).toMatchObject({ parts: held.parts, status: 'complete', error: null });
    view.end();
  });

  it('loses at most the last second when the whole app is killed', async () => {
    await stop();
    const script = path.join(root, 'test/support/write-until-killed.ts');
    const app = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let told = '';
    app.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
    const progress = (): { length: number }[] =>
      told
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as { length: number });
    // Long enough into the reply that a journal entry must exist, and well before its end.
    while (progress().filter(({ length }) => length > 0).length < 26)
      await new Promise((resolve) => setTimeout(resolve, 20));
    app.kill('SIGKILL');
    await new Promise((resolve) => app.once('exit', resolve));
    // It reports its progress 20 times a second. When the process was held up it reports less often, and it could not
    // store either.
    const aSecondBefore = progress().at(-21)!.length;
    start();
    const [chat] = store.prepare('SELECT id FROM chats').all() as { id: string }[];
    const view = watch(chat!.id);
    await view.until(() => view.events.length > 0);
    const reply = [...view.messages.values()].find((message) => message.role === 'assistant')!;
    expect(reply.status).toBe('interrupted');
    expect(aSecondBefore).toBeGreaterThan(0);
    expect(textOf(reply).length).toBeGreaterThanOrEqual(aSecondBefore);
    view.end();
  });
});
