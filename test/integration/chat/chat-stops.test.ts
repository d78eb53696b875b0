/**
 * Stop, from the chat to the engine child and back. It answers while the child still works: in each test what the child
 * does ends only after the answer.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message, Sampling } from '../../../preload/contract/chat.ts';
import { textOf } from '../../../preload/contract/message-parts.ts';
import { createChats, type Chats } from '../../../main/chat/chat.ts';
import { createEngine, type Engine, type EngineModel } from '../../../main/engine/engine.ts';
import { createInference, createLocalProvider } from '../../../main/inference/inference.ts';
import { createSpawnChild } from '../../../main/process/spawn-child.ts';
import { createFiles } from '../../../main/store/files.ts';
import { openStore, type Store } from '../../../main/store/store.ts';
import { planGguf, tinyShape, type LlamaShape } from '../../hub-server/gguf-file.ts';
import { emptyChat } from '../../support/empty-chat.ts';
import { endless, LONG_CONTEXT } from '../../support/endless.ts';
import { childPath, ember, greedy, root, stories, until } from '../../support/engine-host-setup.ts';
import { inTime } from '../../support/in-time.ts';
import { sendTo } from '../../support/send-to.ts';

/** Longer than a state must be to be kept. */
const LONG = 'Tell me about fire and water and what they do to each other in a long story. '.repeat(6);

let folder: string;
let store: Store;
let engine: Engine;
let chats: Chats;
let model: EngineModel;
let sampling: Sampling;
let pids: number[];

function start(): void {
  const states = path.join(folder, 'states');
  const spawnChild = createSpawnChild(process.execPath, childPath, states);
  store = openStore(folder, path.join(root, 'main/store/migrations'));
  pids = [];
  engine = createEngine({
    spawnChild(variables) {
      const child = spawnChild(variables);
      pids.push(child.pid ?? 0);
      return child;
    },
    onChange: () => {},
  });
  chats = createChats({
    store,
    files: createFiles({ store, folder: path.join(folder, 'files') }),
    inference: createInference(createLocalProvider({ engine, findModel: () => Promise.resolve(model) })),
    builtInModelId: ember.modelId,
    defaultSampling: () => sampling,
    onModelUsed: () => {},
    // The clock stands still, so the name of a state is known before it is saved.
    now: () => 0,
    states: { folder: states, budgetBytes: () => 1e9, idleMs: 60_000, closeMs: 100_000 },
  });
}
async function stop(): Promise<void> {
  await chats.close();
  await engine.close();
  store.close();
}
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-stops-'));
  model = ember;
  sampling = greedy;
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

const message = async (chatId: string, id: string): Promise<Message | undefined> => {
  const abort = new AbortController();
  try {
    for await (const event of chats.watch(chatId, abort.signal))
      if (event.type === 'snapshot') return event.messages.find((one) => one.id === id);
  } finally {
    abort.abort();
  }
  return undefined;
};
/** The reply once `is` holds. */
async function replyThat(chatId: string, id: string, is: (reply: Message) => boolean): Promise<Message> {
  for (;;) {
    const reply = await message(chatId, id);
    if (reply && is(reply)) return reply;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
const ended = (chatId: string, id: string): Promise<Message> =>
  replyThat(chatId, id, ({ status }) => !['pending', 'streaming'].includes(status));

/** A model whose weights are all 0: it computes as long as any of its shape, and its file takes no space. */
function writeZeros(file: string, shape: LlamaShape): void {
  const { head, sizeBytes } = planGguf({ shape, quantization: 'F16', seed: 0 });
  writeFileSync(file, head);
  truncateSync(file, sizeBytes);
}

describe('Stop', () => {
  it('answers while a long batch of the prompt is computed', async () => {
    const file = path.join(folder, 'wide.gguf');
    const shape = { ...tinyShape, layers: 3, embedding: 1024, heads: 8, kvHeads: 8, feedForward: 4096 };
    writeZeros(file, { ...shape, contextLength: 4096 });
    model = { modelId: 'a/wide', name: 'Wide', path: file, weightsBytes: 1e8, contextSize: 4096 };
    sampling = { ...greedy, maxTokens: 1 };
    start();
    await engine.load(model);
    const text = 'ba be bi bo bu '.repeat(110);
    const whole = emptyChat(store, null);
    const begun = performance.now();
    const { timing } = await ended(whole.id, sendTo(chats, whole.id, text).replyId);
    const wholeMs = performance.now() - begun;
    expect(timing?.promptTokens).toBeGreaterThan(512);

    const chat = emptyChat(store, null);
    const { replyId } = sendTo(chats, chat.id, `bo ${text}`);
    await replyThat(chat.id, replyId, ({ status }) => status === 'streaming');
    const asked = performance.now();
    await inTime(chats.stop(chat.id), 'the answer to Stop');
    const stopMs = performance.now() - asked;
    expect(await ended(chat.id, replyId)).toMatchObject({ status: 'stopped', error: null });
    expect(stopMs).toBeLessThan(wholeMs / 3);
  });

  it.skipIf(process.platform === 'win32')('answers while the disk hangs under the state of another chat', async () => {
    start();
    await engine.load(model);
    const first = emptyChat(store, null);
    await ended(first.id, sendTo(chats, first.id, LONG).replyId);
    // A pipe cannot be opened before its other side is.
    const file = path.join(folder, 'states', `${first.id}-0.state.part`);
    execFileSync('mkfifo', [file]);
    // There is one sequence: before this reply takes it, the state of the first chat is saved.
    const second = emptyChat(store, null);
    const { replyId } = sendTo(chats, second.id, 'And?');
    await replyThat(second.id, replyId, ({ status }) => status === 'streaming');
    await inTime(chats.stop(second.id), 'the answer to Stop while the disk hangs');
    expect(await message(second.id, replyId)).toMatchObject({ status: 'stopped', error: null });
    // It is still on its way, and the child gives up where the disk answers.
    expect(existsSync(file)).toBe(true);
    closeSync(openSync(file, constants.O_RDONLY | constants.O_NONBLOCK));
    await until(() => !existsSync(file), 'the child gives up the state');
    const third = sendTo(chats, second.id, 'And?');
    expect(await ended(second.id, third.replyId)).toMatchObject({ status: 'complete' });
  });

  it.skipIf(process.platform === 'win32')('is told by name where the child does not answer it', async () => {
    model = { ...stories, contextSize: LONG_CONTEXT };
    sampling = endless;
    start();
    await engine.load(model);
    const chat = emptyChat(store, null);
    const { replyId } = sendTo(chats, chat.id, 'Once');
    const { parts } = await replyThat(chat.id, replyId, (reply) => textOf(reply) !== '');
    const pid = pids.at(-1) ?? 0;
    process.kill(pid, 'SIGSTOP');
    await inTime(chats.stop(chat.id), 'the answer to Stop');
    const reply = await message(chat.id, replyId);
    expect(reply).toMatchObject({
      status: 'interrupted',
      error: { code: 'busy', data: { reason: 'stop_unanswered', waitedMs: 5000 } },
    });
    // What was written is kept, and the model counts as used until its child has answered.
    expect(textOf(reply ?? { parts: [] })).toContain(textOf({ parts }));
    await expect(engine.unloadUnused(model.modelId)).rejects.toMatchObject({ data: { reason: 'model_in_use' } });
    process.kill(pid, 'SIGCONT');
    await until(() => engine.loaded()[0]?.status === 'ready', 'the child has ended the reply');
    sampling = { ...greedy, maxTokens: 4 };
    const next = sendTo(chats, chat.id, 'Once');
    expect(await ended(chat.id, next.replyId)).toMatchObject({ status: 'complete' });
  });
});
