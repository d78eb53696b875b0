/** Replies that go on, edits that are sent twice, and titles, over a real store and a model that writes what a test says. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Chat, Message, Sampling } from '../../preload/contract/chat.ts';
import { textOf, type MessagePart } from '../../preload/contract/message-parts.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { GenerateResult } from '../engine/engine.ts';
import type { ReplyEvent, ReplyRequest } from '../inference/inference.ts';
import { createFiles } from '../store/files.ts';
import { openStore, type Store } from '../store/store.ts';
import { createChats, type Chats } from './chat.ts';

const sampling: Sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: 5, seed: 1 };
const cut: GenerateResult = {
  ...{ promptTokens: 9, reusedTokens: 0, promptMs: 1, generatedTokens: 5, generateMs: 1, contextSize: 100 },
  ...{ omittedMessages: 0, seed: 1, restoredTokens: 0, queuedMs: 0, endReason: 'max_tokens' },
  makeUp: { systemTokens: 0, historyTokens: 0, messageTokens: 5, templateTokens: 4 },
};

let folder: string;
let store: Store;
let chats: Chats;
let asked: ReplyRequest[];
let script: () => AsyncIterable<ReplyEvent>;

async function* writes(
  parts: readonly { reasoning?: string; content?: string; contentWasReasoning?: true }[],
  end = cut,
): AsyncGenerator<ReplyEvent> {
  for (const { reasoning = '', content = '', ...more } of parts) yield { type: 'text', reasoning, content, ...more };
  yield { type: 'end', result: end };
}
async function* crashes(content: string): AsyncGenerator<ReplyEvent> {
  yield { type: 'text', reasoning: '', content };
  throw new AppError('engine.crashed', 'The engine ended.');
}
const fails = (): never => {
  throw new Error('not to be called');
};
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-continued-'));
  asked = [];
  script = () => writes([{ content: 'Once upon a ' }]);
  store = openStore(folder, path.join(import.meta.dirname, '../store/migrations'));
  chats = createChats({
    store,
    files: createFiles({ store, folder: path.join(folder, 'files') }),
    inference: {
      async *generate(request) {
        asked.push(request);
        yield { type: 'found', name: request.modelId };
        yield { type: 'opened' };
        yield* script();
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
  });
});
afterEach(async () => {
  await chats.close();
  store.close();
  rmSync(folder, { recursive: true });
});

const text = (words: string): readonly [{ type: 'text'; text: string }] => [{ type: 'text', text: words }];
async function ask(
  words: string,
  more: Partial<Parameters<Chats['send']>[0]> = {},
): Promise<{ chatId: string; messageId: string; replyId: string }> {
  const fresh = { modelId: null, systemPrompt: '', sampling: null, contextPolicy: null };
  const sent = chats.send({ chat: { fresh }, parts: text(words), ...more });
  await ended(sent.chatId);
  return sent;
}
async function snapshot(chatId: string): Promise<{ chat: Chat; messages: readonly Message[] }> {
  for await (const event of chats.watch(chatId, AbortSignal.abort())) if (event.type === 'snapshot') return event;
  throw new Error('no snapshot');
}
async function ended(chatId: string): Promise<void> {
  await expect.poll(async () => (await snapshot(chatId)).chat.busy).toBe(false);
}
async function message(chatId: string, id: string): Promise<Message> {
  const found = (await snapshot(chatId)).messages.find((one) => one.id === id);
  if (!found) throw new Error('no such message');
  return found;
}

describe('a cut reply that goes on', () => {
  it('grows, and the model gets what is kept of it as its beginning', async () => {
    const { chatId, replyId } = await ask('Tell me a story');
    script = () => writes([{ content: ' time.' }], { ...cut, endReason: 'end_of_turn', generatedTokens: 2 });
    expect(chats.continue(replyId)).toEqual({ replyId });
    await ended(chatId);
    const reply = await message(chatId, replyId);
    expect(reply).toMatchObject({ status: 'complete', timing: { generatedTokens: 2, continuedTokens: 5 } });
    expect(reply.parts).toEqual([{ type: 'text', text: 'Once upon a time.' }]);
    expect(asked[1]?.input).toEqual({
      messages: [{ role: 'user', content: 'Tell me a story' }],
      begun: { reasoning: '', text: 'Once upon a' },
    });
  });

  it('has what was kept of it as reasoning when only now the mark comes that ends that', async () => {
    script = () => writes([{ content: 'The user wants 2+2.' }]);
    const { chatId, replyId } = await ask('2+2?');
    script = () => writes([{ content: ' It is 4.' }, { contentWasReasoning: true, content: 'Four.' }]);
    chats.continue(replyId);
    await ended(chatId);
    expect((await message(chatId, replyId)).parts).toEqual([
      { type: 'reasoning', text: 'The user wants 2+2. It is 4.', durationMs: null },
      { type: 'text', text: 'Four.' },
    ]);
  });

  it('keeps its reasoning, also when it was cut in it', async () => {
    script = () => writes([{ reasoning: 'Hm, ' }]);
    const { chatId, replyId } = await ask('Tell me a story');
    script = () => writes([{ reasoning: 'yes.' }, { content: 'Once' }]);
    chats.continue(replyId);
    await ended(chatId);
    const reply = await message(chatId, replyId);
    expect(reply.parts.map((part: MessagePart) => ('text' in part ? `${part.type}: ${part.text}` : ''))).toEqual([
      'reasoning: Hm, yes.',
      'text: Once',
    ]);
    expect(asked[1]?.input).toMatchObject({ begun: { reasoning: 'Hm, ', text: '' } });
  });

  it('never loses its text, whatever happens then, and can go on again', async () => {
    const { chatId, replyId } = await ask('Tell me a story');
    script = () => crashes(' time');
    chats.continue(replyId);
    await ended(chatId);
    expect(await message(chatId, replyId)).toMatchObject({
      status: 'interrupted',
      error: { code: 'engine.crashed' },
      parts: text('Once upon a time'),
    });
    script = () => writes([{ content: ', far away.' }]);
    chats.continue(replyId);
    await ended(chatId);
    expect(await message(chatId, replyId)).toMatchObject({ error: null, parts: text('Once upon a time, far away.') });
  });

  it('becomes a version of its own where another model goes on, or a message follows', async () => {
    const { chatId, messageId, replyId } = await ask('Tell me a story');
    chats.update({ chatId, modelId: 'bigger.gguf' });
    script = () => writes([{ content: ' time.' }]);
    const other = chats.continue(replyId).replyId;
    await ended(chatId);
    expect(await message(chatId, replyId)).toMatchObject({ modelId: 'ember.gguf', parts: text('Once upon a ') });
    expect(await message(chatId, other)).toMatchObject({
      ...{ modelId: 'bigger.gguf', parentId: messageId, parts: text('Once upon a time.') },
    });
    await ask('And then?', { chat: { id: chatId } });
    expect(chats.continue(other).replyId).not.toBe(other);
  });

  it('is computed and stored with the present sampling', async () => {
    const { chatId, replyId } = await ask('Tell me a story');
    chats.update({ chatId, sampling: { ...sampling, temperature: 0.5 } });
    chats.continue(replyId);
    await ended(chatId);
    expect(asked[1]?.sampling.temperature).toBe(0.5);
    expect((await message(chatId, replyId)).sampling?.temperature).toBe(0.5);
  });

  it('keeps the tokens of all its turns, or none where those of one are gone', async () => {
    const token = (words: string) => ({ id: 1, text: words, logprob: -1, top: [] });
    const withTokens = (content: string) =>
      async function* (): AsyncGenerator<ReplyEvent> {
        yield { type: 'text', reasoning: '', content, logprobs: [token(content)] as never };
        yield { type: 'end', result: cut };
      };
    script = withTokens('Once');
    const { chatId, replyId } = await ask('Tell me a story');
    script = withTokens(' upon');
    chats.continue(replyId);
    await ended(chatId);
    expect(chats.tokens(replyId).tokens).toEqual([token('Once'), token(' upon')]);
    // A turn without them.
    script = () => writes([{ content: 'It was' }]);
    const other = await ask('Another', { chat: { id: chatId } });
    expect(chats.tokens(other.replyId).tokens).toBeNull();
    script = withTokens(' night');
    chats.continue(other.replyId);
    await ended(chatId);
    expect(chats.tokens(other.replyId).tokens).toBeNull();
  });

  it('refuses a reply that its model has ended, and one in the form of a grammar', async () => {
    script = () => writes([{ content: 'Yes.' }], { ...cut, endReason: 'end_of_turn' });
    const { replyId, chatId, messageId } = await ask('Are you there?');
    const refused = { code: 'invalid_input' };
    expect(() => chats.continue(replyId)).toThrow(expect.objectContaining(refused));
    expect(() => chats.continue(messageId)).toThrow(expect.objectContaining(refused));
    chats.update({ chatId, sampling: { ...sampling, grammar: { kind: 'gbnf', text: 'root ::= "a"' } } });
    script = () => writes([{ content: 'a' }]);
    const inForm = await ask('Again', { chat: { id: chatId } });
    expect(() => chats.continue(inForm.replyId)).toThrow(expect.objectContaining(refused));
  });
});

describe('a message that is sent again', () => {
  it('gives the reply that it had first, however often that was written again', async () => {
    const messageId = 'a'.repeat(32);
    const sent = await ask('One', { messageId });
    const again = chats.regenerate(sent.replyId);
    await ended(sent.chatId);
    expect(again.replyId).not.toBe(sent.replyId);
    expect(await ask('One', { messageId, chat: { id: sent.chatId } })).toEqual(sent);
    expect(asked).toHaveLength(2);
  });
});

describe('a reply that is written again', () => {
  it('has the plain form of a prompt after its template failed, and after nothing else', async () => {
    script = () => {
      throw new AppError('template.invalid', 'No such filter.');
    };
    const { chatId, replyId } = await ask('One');
    expect((await message(chatId, replyId)).error?.message).toContain('Try again');
    script = () => crashes('x');
    const second = chats.regenerate(replyId).replyId;
    await ended(chatId);
    chats.regenerate(second);
    await ended(chatId);
    expect(asked.map(({ plainTemplate }) => plainTemplate === true)).toEqual([false, true, false]);
  });
});

describe('a chat in which a reply is written', () => {
  it('takes nothing that would begin another one, and all of it afterwards', async () => {
    const { chatId, messageId, replyId } = await ask('One');
    const gate = Promise.withResolvers<void>();
    script = async function* () {
      await gate.promise;
      yield* writes([{ content: 'Yes.' }]);
    };
    const running = chats.send({ chat: { id: chatId }, parts: text('Two') });
    const busy = expect.objectContaining({ code: 'busy' }) as Error;
    const acts: readonly (() => unknown)[] = [
      () => chats.send({ chat: { id: chatId }, parts: text('Three') }),
      () => chats.regenerate(replyId),
      () => chats.continue(replyId),
      () => chats.edit(messageId, text('Four')),
    ];
    for (const act of acts) expect(act).toThrow(busy);
    expect((await snapshot(chatId)).messages).toHaveLength(4);
    // Another chat is not held up.
    const fresh = { modelId: null, systemPrompt: '', sampling: null, contextPolicy: null };
    const other = chats.send({ chat: { fresh }, parts: text('Elsewhere') });
    gate.resolve();
    await ended(other.chatId);
    await ended(chatId);
    expect(await message(chatId, running.replyId)).toMatchObject({ parts: text('Yes.') });
    for (const act of acts) {
      act();
      await ended(chatId);
    }
  });

  it('changes what is named in a change of it, and nothing else', async () => {
    const { chatId } = await ask('One');
    const before = (await snapshot(chatId)).chat;
    const nothing = { title: undefined, modelId: undefined, systemPrompt: undefined, sampling: undefined };
    chats.update({ chatId, ...nothing, contextPolicy: undefined, pinned: true });
    expect((await snapshot(chatId)).chat).toEqual({ ...before, pinned: true });
  });
});

describe('an edit', () => {
  it('that is sent twice, because its answer was lost, adds one message', async () => {
    const { chatId, messageId } = await ask('One');
    const editId = 'b'.repeat(32);
    const first = chats.edit(messageId, text('Two'), editId);
    await ended(chatId);
    expect(chats.edit(messageId, text('Two'), editId)).toEqual(first);
    expect((await snapshot(chatId)).messages.filter((one) => textOf(one) === 'Two')).toHaveLength(1);
  });

  it('of the first message renews the title, unless the user gave it', async () => {
    const { chatId, messageId } = await ask('What can you do?');
    const edited = chats.edit(messageId, text('Tell me a joke'));
    await ended(chatId);
    expect((await snapshot(chatId)).chat.title).toBe('Tell me a joke');
    chats.update({ chatId, title: 'Jokes' });
    chats.edit(edited.messageId, text('Tell me another'));
    await ended(chatId);
    expect((await snapshot(chatId)).chat.title).toBe('Jokes');
  });
});

describe('a named text', () => {
  it('keeps its name, is found by its words, and the model reads it apart from what was typed', async () => {
    const parts = [
      { type: 'text', text: 'Rhubarb, custard', name: 'shopping.txt' },
      { type: 'text', text: 'What is missing?' },
    ] as const;
    const { chatId, messageId } = await ask('', { parts });
    expect((await message(chatId, messageId)).parts).toEqual(parts);
    expect((await snapshot(chatId)).chat.title).toBe('What is missing?');
    expect(asked[0]?.input).toEqual({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Rhubarb, custard', origin: 'files' },
            { type: 'text', text: '\n\n' },
            { type: 'text', text: 'What is missing?' },
          ],
        },
      ],
    });
    expect(chats.search({ query: 'rhubarb' }).hits).toMatchObject([{ kind: 'message', messageId }]);
  });
});

it('goes on with a cut reply without a grammar that was chosen since', async () => {
  const { chatId, replyId } = await ask('Tell me a story');
  chats.update({ chatId, sampling: { ...sampling, grammar: { kind: 'gbnf', text: 'root ::= "a"' } } });
  script = () => writes([{ content: ' time.' }], { ...cut, endReason: 'end_of_turn' });
  chats.continue(replyId);
  await ended(chatId);
  expect((await message(chatId, replyId)).sampling?.grammar).toBeUndefined();
  expect(JSON.stringify(asked[1])).not.toContain('gbnf');
});
