/** A chat of the whole app with a model elsewhere. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { HearthClient } from '../../../preload/contract/contract.ts';
import type { Message } from '../../../preload/contract/chat.ts';
import { textOf } from '../../../preload/contract/message-parts.ts';
import { connectTo } from '../../support/app-client.ts';
import { serveFolder, type ServedApp } from '../../support/app-setup.ts';
import { delta, json, startOpenAiServer, stream, usage, type OpenAiServer } from '../../support/openai-server.ts';
import { input } from '../../support/remote-setup.ts';

const CHAT = '/v1/chat/completions';
const modelId = 'remote--test/Qwen/Qwen3-8B';

let folder: string;
let app: ServedApp;
let remote: OpenAiServer;
let client: HearthClient;
let disconnect: () => void;
beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-remote-chat-'));
  remote = await startOpenAiServer('vllm');
  // Offline, so that nothing but this computer is asked: its own address is still used.
  app = await serveFolder(folder);
  ({ client, close: disconnect } = await connectTo(app));
  await client.call('providers.save', input(remote.url));
});
afterEach(async () => {
  disconnect();
  await app.close();
  await remote.close();
  rmSync(folder, { recursive: true });
});

/** The reply, once it has ended. */
async function ended(chatId: string, replyId: string): Promise<Message> {
  let messages: readonly Message[] = [];
  for await (const event of client.stream('chat.watch', { chatId })) {
    if (event.type === 'snapshot') messages = event.messages;
    if (event.type === 'message') messages = [...messages.filter(({ id }) => id !== event.message.id), event.message];
    const reply = messages.find(({ id }) => id === replyId);
    if (reply && reply.status !== 'pending' && reply.status !== 'streaming') return reply;
  }
  throw new Error('The events ended before the reply.');
}
/** Sends to a chat, by default to a new one. */
const say = (text: string, chatId?: string): Promise<{ chatId: string; replyId: string }> =>
  client.call('chat.send', {
    chat:
      chatId === undefined
        ? { fresh: { modelId, systemPrompt: '', sampling: null, contextPolicy: null } }
        : { id: chatId },
    parts: [{ type: 'text', text }],
  });

it('is written, kept and gone on with', async () => {
  remote.next(
    CHAT,
    stream([
      delta({ reasoning_content: 'A greeting.' }),
      delta({ content: 'Hello' }),
      delta({ content: ' you.' }, 'stop'),
      usage(11, 5, { prompt_tokens_details: { cached_tokens: 4 } }),
    ]),
  );
  const { chatId, replyId } = await say('Hi');
  const reply = await ended(chatId, replyId);
  expect(reply).toMatchObject({ status: 'complete', modelId, modelName: 'Qwen/Qwen3-8B', error: null });
  expect(reply.parts).toMatchObject([
    { type: 'reasoning', text: 'A greeting.' },
    { type: 'text', text: 'Hello you.' },
  ]);
  expect(reply.timing).toMatchObject({
    ...{ promptTokens: 11, reusedTokens: 4, generatedTokens: 5, contextSize: 40_960, endReason: 'end_of_turn' },
  });
  expect(reply.timing).not.toHaveProperty('loadMs');
  const second = await say('And now?', chatId);
  expect(textOf(await ended(chatId, second.replyId))).toBe('Hello there.');
  expect(remote.bodies(CHAT).at(-1)?.['messages']).toEqual([
    { role: 'user', content: 'Hi' },
    // Reasoning is not sent again.
    { role: 'assistant', content: 'Hello you.' },
    { role: 'user', content: 'And now?' },
  ]);
});

it('is stopped, and kept as far as it came', async () => {
  let begun = (): void => {};
  const hasBegun = new Promise<void>((resolve) => (begun = resolve));
  remote.next(CHAT, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify(delta({ content: 'Hello' }))}\n\n`, () => begun());
  });
  const { chatId, replyId } = await say('Hi');
  await hasBegun;
  for await (const event of client.stream('chat.watch', { chatId })) {
    const written =
      event.type === 'append' ||
      (event.type === 'snapshot' && event.messages.some((one) => one.role === 'assistant' && textOf(one) !== ''));
    if (written) break;
  }
  await client.call('chat.stop', { chatId });
  expect(await ended(chatId, replyId)).toMatchObject({ status: 'stopped', parts: [{ type: 'text', text: 'Hello' }] });
  await remote.seen.at(-1)?.hungUp;
});

it('fails in words, and is written again', async () => {
  remote.next(CHAT, json({ error: { message: 'worker died' } }, 500));
  const { chatId, replyId } = await say('Hi');
  expect(await ended(chatId, replyId)).toMatchObject({
    ...{ status: 'failed', error: { code: 'remote.bad_response', data: { reason: 'status', detail: 'worker died' } } },
  });
  const again = await client.call('chat.regenerate', { messageId: replyId });
  expect(await ended(chatId, again.replyId)).toMatchObject({ status: 'complete' });
});

it('says that its server was switched off or removed', async () => {
  await client.call('providers.save', input(remote.url, { id: 'test', enabled: false }));
  const off = await say('Hi');
  expect(await ended(off.chatId, off.replyId)).toMatchObject({
    error: { code: 'model.missing', data: { reason: 'provider_off' } },
  });
  await client.call('providers.remove', { id: 'test' });
  const gone = await say('Hi');
  expect(await ended(gone.chatId, gone.replyId)).toMatchObject({
    error: { code: 'model.missing', data: { reason: 'provider_gone' } },
  });
  expect(remote.bodies(CHAT)).toEqual([]);
});

it('has nothing to load here', async () => {
  await expect(client.call('engine.load', { modelId })).rejects.toMatchObject({
    code: 'unsupported',
    data: { reason: 'runs_elsewhere' },
  });
  const { chatId, replyId } = await say('Hi');
  await ended(chatId, replyId);
  await expect(client.call('engine.prompt', { chatId })).rejects.toMatchObject({
    code: 'unsupported',
    data: { reason: 'runs_elsewhere' },
  });
});

it('refuses a wrong kind over the wire, with the known ones', async () => {
  await expect(client.call('providers.save', input('http://x', { kind: 'xyz' }))).rejects.toMatchObject({
    message: "Unknown provider 'xyz'. Known: llama.cpp, openai-compatible",
  });
});
