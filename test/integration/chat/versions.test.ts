/** Comparisons, and what a model saw, with the real engine. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Chat, Message, Sampling } from '../../../preload/contract/chat.ts';
import { lengthOf, textOf } from '../../../preload/contract/message-parts.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { createChats, type Chats } from '../../../main/chat/chat.ts';
import { createEngine, type Engine, type EngineModel } from '../../../main/engine/engine.ts';
import { createInference, createLocalProvider } from '../../../main/inference/inference.ts';
import { createSpawnChild } from '../../../main/process/spawn-child.ts';
import { createFiles } from '../../../main/store/files.ts';
import { openStore, type Store } from '../../../main/store/store.ts';
import { emptyChat } from '../../support/empty-chat.ts';
import { endless, LONG_CONTEXT } from '../../support/endless.ts';
import { sendTo } from '../../support/send-to.ts';

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

async function findModel(modelId: string): Promise<EngineModel> {
  const file = files[modelId];
  if (!file) throw new AppError('model.missing', 'The model is gone.', { modelId });
  const contextSize = modelId === STORIES ? LONG_CONTEXT : 512;
  return await Promise.resolve({ modelId, name: modelId, path: path.join(root, file), weightsBytes: 3e6, contextSize });
}
function start(): void {
  store = openStore(folder, path.join(root, 'main/store/migrations'));
  engine = createEngine({
    spawnChild: createSpawnChild(process.execPath, path.join(root, 'main/engine/child/child.ts')),
    onChange: () => {},
  });
  chats = createChats({
    ...{ store, builtInModelId: EMBER, defaultSampling: () => greedy, onModelUsed: () => {} },
    files: createFiles({ store, folder: path.join(folder, 'files') }),
    inference: createInference(createLocalProvider({ engine, findModel })),
  });
}
async function stop(): Promise<void> {
  await chats.close();
  await engine.close();
  store.close();
}
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-versions-'));
  start();
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

async function snapshot(chatId: string): Promise<{ chat: Chat; messages: readonly Message[] }> {
  for await (const event of chats.watch(chatId, new AbortController().signal))
    if (event.type === 'snapshot') return event;
  throw new Error('no snapshot');
}
/** The messages of a chat as soon as they pass the test. */
async function when(chatId: string, test: (messages: readonly Message[], chat: Chat) => boolean) {
  for await (const _event of chats.watch(chatId, new AbortController().signal)) {
    const { messages, chat } = await snapshot(chatId);
    if (test(messages, chat)) return messages;
  }
  throw new Error('the chat is gone');
}
const isQuiet = (_messages: readonly Message[], { busy }: Chat): boolean => !busy;

describe('a comparison', () => {
  it('by one model writes both replies at once, each as it would be alone', async () => {
    const chat = emptyChat(store, null);
    const { messageId } = sendTo(chats, chat.id, 'Who are you?');
    const alone = textOf((await when(chat.id, isQuiet)).at(-1)!);
    const writer = { modelId: STORIES, sampling: endless };
    const { replyIds } = chats.compare(messageId, [writer, { ...writer, sampling: { ...endless, seed: 2 } }]);
    const pairOf = (messages: readonly Message[]) => messages.filter(({ id }) => replyIds.includes(id));
    // Neither has ended, and both have text.
    const pair = pairOf(
      await when(chat.id, (messages) =>
        pairOf(messages).every((one) => one.status === 'streaming' && lengthOf(one) > 20),
      ),
    );
    expect(textOf(pair[0]!)).not.toBe(textOf(pair[1]!));
    await chats.stop(chat.id);
    // A greedy reply beside another is the same as one alone.
    const ember = { modelId: EMBER, sampling: greedy };
    const beside = chats.compare(messageId, [ember, writer]);
    const done = await when(chat.id, (messages) =>
      messages.some(({ id, status }) => id === beside.replyIds[0] && status === 'complete'),
    );
    expect(textOf(done.find(({ id }) => id === beside.replyIds[0])!)).toBe(alone);
    await chats.keep(beside.replyIds[0]);
    expect((await snapshot(chat.id)).chat).toMatchObject({ busy: false, leafId: beside.replyIds[0] });
  });

  it('loses at most the last second of either reply when the whole app is killed', async () => {
    await stop();
    const script = path.join(root, 'test/support/write-until-killed.ts');
    const app = spawn(process.execPath, [script, folder, 'compare'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let told = '';
    app.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
    const progress = (): { length: number }[] =>
      told
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as { length: number });
    await expect
      .poll(() => progress().filter(({ length }) => length > 0).length, { timeout: 60_000 })
      .toBeGreaterThan(26);
    app.kill('SIGKILL');
    await new Promise((resolve) => app.once('exit', resolve));
    // It reports its progress 20 times a second.
    const aSecondBefore = progress().at(-21)!.length;
    expect(aSecondBefore).toBeGreaterThan(0);
    start();
    const [chat] = store.prepare('SELECT id FROM chats').all() as { id: string }[];
    const { messages } = await snapshot(chat!.id);
    const replies = messages.filter(({ role }) => role === 'assistant');
    expect(replies.map(({ status }) => status)).toEqual(['interrupted', 'interrupted']);
    // They are still a comparison, of which one can be kept.
    expect(replies[0]?.comparison).toBe(replies[1]?.comparison);
    for (const reply of replies) expect(textOf(reply).length).toBeGreaterThanOrEqual(aSecondBefore);
    await chats.keep(replies[1]!.id);
    expect((await snapshot(chat!.id)).chat.leafId).toBe(replies[1]?.id);
  });
});

describe('what the model saw', () => {
  it('is known to be the prompt of that time, until the system prompt or the messages are others', async () => {
    const chat = emptyChat(store, null);
    sendTo(chats, chat.id, 'Who are you?');
    await when(chat.id, isQuiet);
    sendTo(chats, chat.id, 'What is a token?');
    const messages = await when(chat.id, isQuiet);
    const [first, second] = messages.filter(({ role }) => role === 'assistant');
    for (const reply of [first!, second!]) {
      const seen = await chats.seenPrompt(reply.id);
      expect(seen).toMatchObject({ sameAsThen: true, isContinued: false });
      const tokens = seen.pieces.flatMap((piece) => piece.tokens);
      expect(tokens).toHaveLength(reply.timing!.promptTokens);
      const text = tokens.map((token) => token.text).join('');
      expect(text).toContain('Who are you?');
      expect(text.includes('What is a token?')).toBe(reply === second);
    }
    const made = second!.timing!.makeUp!;
    const { pieces } = await chats.seenPrompt(second!.id);
    const count = (origin: string): number =>
      pieces.reduce((sum, piece) => sum + (piece.origin === origin ? piece.tokens.length : 0), 0);
    expect([count('history'), count('message'), count('template')]).toEqual([
      ...[made.historyTokens, made.messageTokens, made.templateTokens],
    ]);
    chats.update({ chatId: chat.id, systemPrompt: 'Be brief.' });
    expect(await chats.seenPrompt(second!.id)).toMatchObject({ sameAsThen: false });
    await expect(chats.seenPrompt(messages[0]!.id)).rejects.toThrow('No model wrote this message.');
  });
});
