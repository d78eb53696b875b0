/** Writing a reply again after its engine failed. It must work as soon as the cause is gone. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { Message } from '../../../preload/contract/chat.ts';
import { textOf } from '../../../preload/contract/message-parts.ts';
import { createChats, type Chats } from '../../../main/chat/chat.ts';
import { createEngine } from '../../../main/engine/engine.ts';
import { createInference, createLocalProvider } from '../../../main/inference/inference.ts';
import { createSpawnChild } from '../../../main/process/spawn-child.ts';
import { createFiles } from '../../../main/store/files.ts';
import { openStore } from '../../../main/store/store.ts';
import { childPath, greedy, root, stories } from '../../support/engine-host-setup.ts';
import { sendTo } from '../../support/send-to.ts';
import { emptyChat } from '../../support/empty-chat.ts';

async function ended(chats: Chats, chatId: string, replyId: string): Promise<Message> {
  const abort = new AbortController();
  const messages = new Map<string, Message>();
  for await (const event of chats.watch(chatId, abort.signal)) {
    if (event.type === 'snapshot') for (const message of event.messages) messages.set(message.id, message);
    if (event.type === 'message') messages.set(event.message.id, event.message);
    const reply = messages.get(replyId);
    if (reply && !['pending', 'streaming'].includes(reply.status)) return reply;
  }
  throw new Error('The chat ended.');
}

it('writes a reply again after any number of failed starts, once the engine can start', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-retry-'));
  const store = openStore(folder, path.join(root, 'main/store/migrations'));
  const good = createSpawnChild(process.execPath, childPath);
  let isBroken = true;
  const engine = createEngine({
    spawnChild: (variables) =>
      isBroken
        ? spawn(path.join(folder, 'no-such-node'), [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
        : good(variables),
    onChange: () => {},
  });
  const chats = createChats({
    store,
    files: createFiles({ store, folder: path.join(folder, 'files') }),
    inference: createInference(createLocalProvider({ engine, findModel: () => Promise.resolve(stories) })),
    builtInModelId: stories.modelId,
    defaultSampling: () => ({ ...greedy, maxTokens: 4 }),
    onModelUsed: () => {},
    undoMs: 300,
  });
  try {
    const chat = emptyChat(store, null);
    let { replyId } = sendTo(chats, chat.id, 'Once');
    for (let failures = 0; failures < 4; failures++) {
      expect(await ended(chats, chat.id, replyId)).toMatchObject({
        status: 'failed',
        error: { code: 'engine.start_failed', message: 'The engine could not be started.' },
      });
      ({ replyId } = chats.regenerate(replyId));
    }
    await ended(chats, chat.id, replyId);
    isBroken = false;
    ({ replyId } = chats.regenerate(replyId));
    const reply = await ended(chats, chat.id, replyId);
    expect(reply).toMatchObject({ status: 'complete', error: null });
    expect(textOf(reply)).not.toBe('');
  } finally {
    await chats.close();
    await engine.close();
    store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
