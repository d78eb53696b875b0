import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAppError } from '../../../preload/wire/errors.ts';
import type { GenerateRequest, GenerateResult } from '../../../main/engine/protocol.ts';
import type { PromptMessage } from '../../../main/chat-format/messages.ts';
import { chatTemplate, tinyShape, writeGguf } from '../../hub-server/gguf-file.ts';
import { endless, LONG_CONTEXT } from '../../support/endless.ts';
import { emberPath, say, startChild, storiesPath, type Reply, type TestChild } from '../../support/engine-child.ts';

let child: TestChild;
beforeEach(() => {
  child = startChild();
});
afterEach(async () => await child.close());

const sum = (makeUp: object): number => Object.values(makeUp as Record<string, number>).reduce((a, b) => a + b, 0);
const talk = (turns: number): PromptMessage[] => [
  ...say(
    ...Array.from({ length: turns * 2 }, (_, i) => `This is message number ${i} of a long conversation about fire.`),
  ).messages,
  { role: 'user', content: 'Who are you?' },
];
const withSystem = (messages: readonly PromptMessage[]): PromptMessage[] => [
  { role: 'system', content: 'You are a kind and helpful assistant that speaks about fire and models.' },
  ...messages,
];

describe('reuse', () => {
  it('evaluates only the new tokens of the next turn, and after an edit the tokens from the edit on', async () => {
    await child.load(emberPath, { contextSize: 1024 });
    const key = { chatKey: 'a' };
    const first = await child.reply(say('Who are you?'), {}, key);
    expect(first.result.reusedTokens).toBe(0);
    const second = await child.reply(say('Who are you?', first.content, 'Tell me a joke.'), {}, key);
    // All tokens except the one that ended the reply, which was sampled and never evaluated, and those after it.
    expect(second.result.reusedTokens).toBeGreaterThanOrEqual(
      first.result.promptTokens + first.result.generatedTokens - 1,
    );
    const edited = await child.reply(say('Who are you?', first.content, 'Tell me a story.'), {}, key);
    expect(edited.result.promptTokens - edited.result.reusedTokens).toBeLessThan(10);
    expect(edited.result.reusedTokens).toBeLessThan(edited.result.promptTokens);
    const fresh = startChild();
    try {
      await fresh.load(emberPath, { contextSize: 1024 });
      expect((await fresh.reply(say('Who are you?', first.content, 'Tell me a story.'))).content).toBe(edited.content);
    } finally {
      await fresh.close();
    }
  });

  it('shares the state of a long system prompt between chats with sequences of their own', async () => {
    await child.load(emberPath, { contextSize: 1024, sequences: 2 });
    const system = { role: 'system', content: 'You are kind. '.repeat(40) } as const;
    const ask = (text: string): { messages: PromptMessage[] } => ({
      messages: [system, { role: 'user', content: text }],
    });
    const one = await child.reply(ask('Who are you?'), {}, { chatKey: 'a' });
    expect(one.result.reusedTokens).toBe(0);
    const two = await child.reply(ask('Tell me a joke.'), {}, { chatKey: 'b' });
    expect(two.result.restoredTokens).toBeGreaterThan(100);
    // The first chat still has its own state.
    const again = await child.reply(
      {
        messages: [
          ...ask('Who are you?').messages,
          { role: 'assistant', content: one.content },
          { role: 'user', content: 'And then?' },
        ],
      },
      {},
      { chatKey: 'a' },
    );
    expect(again.result.reusedTokens).toBeGreaterThan(one.result.promptTokens);
    expect(again.result.restoredTokens).toBe(0);
    const fresh = startChild();
    try {
      await fresh.load(emberPath, { contextSize: 1024 });
      expect((await fresh.reply(ask('Tell me a joke.'))).content).toBe(two.content);
    } finally {
      await fresh.close();
    }
  });
});

describe('states on disk', () => {
  it('continues from a saved state in another process with the same text as without it', async () => {
    await child.load(emberPath, { contextSize: 1024 });
    const messages = talk(6);
    const first = await child.reply({ messages }, {}, { chatKey: 'a' });
    const file = path.join(child.folder, 'states', 'a.state');
    const state = await child.client.call('saveState', { chatKey: 'a', path: file });
    expect(state?.tokenCount).toBeGreaterThan(first.result.promptTokens - 2);
    expect(readFileSync(file).byteLength).toBe(state?.sizeBytes);
    expect(await child.client.call('saveState', { chatKey: 'another', path: file })).toBeNull();
    if (!state) return;

    const next = {
      messages: [
        ...messages,
        { role: 'assistant' as const, content: first.content },
        ...say('Tell me a joke.').messages,
      ],
    };
    const other = startChild();
    try {
      await other.load(emberPath, { contextSize: 1024 });
      const reopened = await other.reply(next, {}, { chatKey: 'a', state });
      expect(reopened.result.restoredTokens).toBeGreaterThanOrEqual(first.result.promptTokens);
      const here = await child.reply(next, {}, { chatKey: 'a' });
      expect(reopened.content).toBe(here.content);
    } finally {
      await other.close();
    }
  });

  it('never uses a state of another model, other settings, or a file that was changed', async () => {
    await child.load(emberPath, { contextSize: 1024 });
    const messages = talk(4);
    const { content } = await child.reply({ messages }, {}, { chatKey: 'a' });
    const file = path.join(child.folder, 'a.state');
    const state = await child.client.call('saveState', { chatKey: 'a', path: file });
    if (!state) throw new Error('no state');

    const other = startChild();
    try {
      const info = await other.load(emberPath, { contextSize: 1024, kvCacheType: 'Q8_0', flashAttention: true });
      expect(info.stateKey).not.toBe(state.stateKey);
      const reply = await other.reply({ messages }, {}, { chatKey: 'a', state });
      expect(reply.result).toMatchObject({ reusedTokens: 0, restoredTokens: 0 });
    } finally {
      await other.close();
    }

    await child.client.call('dropState', { chatKey: 'a' });
    const whole = readFileSync(file);
    for (const wrong of [
      { ...state, tokenHash: 'f'.repeat(64) },
      { ...state, path: path.join(child.folder, 'missing.state') },
      { ...state, tokenCount: state.tokenCount - 1 },
      { ...state, sizeBytes: state.sizeBytes - 1 },
    ]) {
      const reply = await child.reply({ messages }, {}, { chatKey: 'a', state: wrong });
      expect(reply.result.restoredTokens).toBe(0);
      expect(reply.content).toBe(content);
      await child.client.call('dropState', { chatKey: 'a' });
    }
    writeFileSync(file, Buffer.alloc(whole.byteLength, 7));
    // The sequence holds another chat's tokens, which must not mix with those of the broken file.
    await child.reply(say('Tell me a joke.'), {}, { chatKey: 'b' });
    const reply = await child.reply({ messages }, {}, { chatKey: 'a', state });
    expect(reply.result.restoredTokens).toBe(0);
    expect(reply.content).toBe(content);
  });
});

describe('several at once', () => {
  /** A reply that has its slot and keeps it until it is stopped. */
  async function hold(request: Partial<GenerateRequest>): Promise<{ readonly reply: Promise<Reply> }> {
    let begun = (): void => {};
    const writes = new Promise<void>((resolve) => (begun = resolve));
    const reply = child.reply({ rawPrompt: 'Once' }, endless, request, begun);
    await writes;
    return { reply };
  }

  it('writes as many replies as there are sequences, each the same as alone', async () => {
    await child.load(storiesPath, { sequences: 3 });
    const inputs = ['Once upon a time', 'The cat', 'Tom and his mom'].map((rawPrompt) => ({ rawPrompt }));
    const alone = [];
    for (const input of inputs) alone.push((await child.reply(input)).content);
    const together = await Promise.all(inputs.map((input) => child.reply(input)));
    expect(together.map(({ content }) => content)).toEqual(alone);
    expect(together.every(({ events }) => !events.includes('queued'))).toBe(true);
  });

  it('serves windows before API work and API clients in turn, and refuses requests beyond the queue', async () => {
    await child.load(storiesPath, { contextSize: LONG_CONTEXT });
    const order: string[] = [];
    const told = (name: string, { events }: Reply): void =>
      void order.push(name + (events.includes('queued') ? '' : '!'));
    const ask = async (name: string, request: object): Promise<void> =>
      told(name, await child.reply({ rawPrompt: 'Once' }, { maxTokens: 12 }, request));
    const first = await hold({ priority: 'api', client: 'greedy', requestId: 'first' });
    const replies = [
      first.reply.then((reply) => told('first', reply)),
      ask('greedy 2', { priority: 'api', client: 'greedy' }),
      ask('greedy 3', { priority: 'api', client: 'greedy' }),
      ask('modest', { priority: 'api', client: 'modest' }),
    ];
    await ask('window', { priority: 'window', chatKey: 'w' });
    await expect.poll(async () => (await child.client.call('ping', {})).queued).toBe(3);
    await child.client.call('stop', { requestId: 'first' });
    await Promise.all(replies);
    // The running reply pauses for the window, so the window's turn ends first.
    expect(order).toEqual(['window', 'first!', 'modest', 'greedy 2', 'greedy 3']);

    const holder = await hold({ requestId: 'holder' });
    const many = Array.from({ length: 40 }, (_, i) =>
      child.reply({ rawPrompt: 'Once' }, { maxTokens: 30 }, { requestId: `r${i}` }),
    );
    const settled = Promise.allSettled(many);
    // The last one is refused once all before it have arrived.
    await expect(many.at(-1)).rejects.toSatisfy((error) => isAppError(error, 'busy'));
    await child.client.call('stop', { requestId: 'holder' });
    expect((await holder.reply).result.endReason).toBe('stopped');
    const outcomes = await settled;
    const refused = outcomes.filter((one) => one.status === 'rejected' && isAppError(one.reason, 'busy'));
    expect(refused.length).toBeGreaterThan(0);
    expect(outcomes.filter((one) => one.status === 'fulfilled').length).toBe(40 - refused.length);
    expect(await child.client.call('ping', {})).toEqual({
      activeSequences: 0,
      queued: 0,
      idleMs: null,
      samplingMs: null,
    });
  });

  it('pauses API work for a window when there is one sequence, and continues with the same text as alone', async () => {
    await child.load(storiesPath, { contextSize: LONG_CONTEXT });
    const sampling = { ...endless, temperature: 0.8, seed: 7 };
    const api = { priority: 'api', client: 'a' } as const;
    const ended: string[] = [];
    let pieces = 0;
    let onPiece = (): void => {};
    /** Resolves with the next text after this call. */
    const writes = (): Promise<void> => {
      const after = pieces;
      return new Promise((resolve) => (onPiece = () => pieces > after && resolve()));
    };
    const request = { ...api, requestId: 'program' };
    const apiReply = child
      .reply({ rawPrompt: 'Once' }, sampling, request, () => {
        pieces++;
        onPiece();
      })
      .then((reply) => {
        ended.push('program');
        return reply;
      });
    await writes();
    for (const prompt of ['The cat', 'Tom and his mom']) {
      const window = await child.reply(
        { rawPrompt: prompt },
        { maxTokens: 12 },
        { priority: 'window', chatKey: prompt },
      );
      ended.push('window');
      expect(window.result.generatedTokens).toBe(12);
    }
    await writes();
    await child.client.call('stop', { requestId: 'program' });
    const reply = await apiReply;
    expect(ended).toEqual(['window', 'window', 'program']);
    const { generatedTokens } = reply.result;
    const alone = await child.reply({ rawPrompt: 'Once' }, { ...sampling, maxTokens: generatedTokens }, api);
    expect(alone.result).toMatchObject({ generatedTokens, endReason: 'max_tokens' });
    expect(reply.content).toBe(alone.content);
    expect(reply.result.queuedMs).toBeGreaterThan(0);
    expect(await child.client.call('ping', {})).toEqual({
      activeSequences: 0,
      queued: 0,
      idleMs: null,
      samplingMs: null,
    });
  });

  it('pauses API work with speculative decoding too, at any point', async () => {
    const api = { priority: 'api', client: 'a' } as const;
    const sampling = { temperature: 0, maxTokens: 450 };
    await child.load(storiesPath);
    const alone = (await child.reply({ rawPrompt: 'Once' }, sampling, api)).content;
    const windowAlone = (await child.reply({ rawPrompt: 'The cat' }, { maxTokens: 40 })).content;
    await child.close();
    child = startChild();
    // The model drafts for itself and is always right, so that the sequence holds many drafted tokens at any time.
    await child.load(storiesPath, { speculation: { kind: 'draft', modelPath: storiesPath, gpuLayers: 0 } });
    let pauses = 0;
    for (let round = 0; round < 4; round++) {
      let begun = (): void => {};
      const writes = new Promise<void>((resolve) => (begun = resolve));
      // Drafts begin after about 28 tokens; a token has two or three letters.
      const apiReply = child.reply(
        { rawPrompt: 'Once' },
        sampling,
        api,
        (soFar) => soFar.length > 150 + 60 * round && begun(),
      );
      await Promise.race([writes, apiReply]);
      for (let turn = 0; turn < 5; turn++) {
        const chatKey = `${round} ${turn}`;
        const window = await child.reply({ rawPrompt: 'The cat' }, { maxTokens: 40 }, { priority: 'window', chatKey });
        expect(window.content).toBe(windowAlone);
      }
      const reply = await apiReply;
      expect(reply.content).toBe(alone);
      expect(reply.result).toMatchObject({ generatedTokens: 450, endReason: 'max_tokens' });
      if (reply.result.queuedMs > 0 && (reply.result.speculation?.draftedTokens ?? 0) > 0) pauses++;
    }
    expect(pauses).toBeGreaterThan(0);
  });

  it('stops API work that has yielded to a window, and does not disturb the window’s turn', async () => {
    await child.load(storiesPath, { contextSize: LONG_CONTEXT });
    const apiReply = await hold({ priority: 'api', requestId: 'p' });
    let windowWrites = (): void => {};
    const windowBegun = new Promise<void>((resolve) => (windowWrites = resolve));
    const window = child.reply({ rawPrompt: 'Tom' }, { maxTokens: 200 }, { chatKey: 'w' }, windowWrites);
    await windowBegun;
    await child.client.call('stop', { requestId: 'p' });
    expect((await apiReply.reply).result.endReason).toBe('stopped');
    expect((await window).result).toMatchObject({ generatedTokens: 200 });
    expect((await child.reply({ rawPrompt: 'The' }, { maxTokens: 4 }, { chatKey: 'w' })).content).not.toBe('');
    expect(await child.client.call('ping', {})).toEqual({
      activeSequences: 0,
      queued: 0,
      idleMs: null,
      samplingMs: null,
    });
  });

  it('is not idle while its reader takes no events, and continues when the reader does', async () => {
    await child.load(storiesPath, { contextSize: LONG_CONTEXT });
    const events = child.client.stream('generate', { input: { rawPrompt: 'Once' }, sampling: endless, requestId: 'r' });
    await events.next();
    const pulse = () => child.client.call('ping', {});
    // The reply continues until the number of unread events reaches the limit of a stream.
    await expect
      .poll(pulse, { timeout: 60_000 })
      .toEqual({ activeSequences: 1, queued: 0, idleMs: null, samplingMs: null });
    for (let ask = 0; ask < 20; ask++) expect((await pulse()).idleMs).toBeNull();
    let texts = 0;
    for await (const event of events) {
      if (event.type === 'text' && ++texts === 100) await child.client.call('stop', { requestId: 'r' });
      if (event.type === 'end') expect(event.result.endReason).toBe('stopped');
    }
    expect(texts).toBeGreaterThanOrEqual(100);
    expect(await pulse()).toEqual({ activeSequences: 0, queued: 0, idleMs: null, samplingMs: null });
  });

  it('goes on with the other replies while a reader takes no events, of which a limited number waits', async () => {
    await child.load(storiesPath, { contextSize: LONG_CONTEXT, sequences: 2 });
    const api = { input: { rawPrompt: 'Once' }, priority: 'api' } as const;
    const unread = child.client.stream('generate', { ...api, sampling: endless, requestId: 'unread', client: 'a' });
    await unread.next();
    // Its events wait from here on, and it pauses.
    const other = await child.reply(api.input, { maxTokens: 3000 }, { priority: 'api', client: 'b' });
    expect(other.result).toMatchObject({ generatedTokens: 3000, endReason: 'max_tokens' });
    expect(other.result.queuedMs).toBe(0);
    await child.client.call('stop', { requestId: 'unread' });
    let waiting = 0;
    let result: GenerateResult | undefined;
    for await (const event of unread) {
      waiting++;
      if (event.type === 'end') result = event.result;
    }
    expect(result?.endReason).toBe('stopped');
    // The wire's limit, and the last words.
    expect(waiting).toBeLessThanOrEqual(64 + 3);
  });

  it('stops a reply by its id while another continues, also one that still waits', async () => {
    await child.load(storiesPath, { sequences: 2, contextSize: LONG_CONTEXT });
    const going = child.reply({ rawPrompt: 'Once' }, { maxTokens: 200 }, { requestId: 'going', chatKey: 'a' });
    const stopped = await hold({ requestId: 'stopped', chatKey: 'b' });
    const waiting = child.reply({ rawPrompt: 'Tom' }, endless, { requestId: 'waiting', chatKey: 'b' });
    await expect.poll(async () => (await child.client.call('ping', {})).queued).toBe(1);
    await child.client.call('stop', { requestId: 'waiting' });
    await child.client.call('stop', { requestId: 'stopped' });
    expect((await waiting).result).toMatchObject({ endReason: 'stopped', generatedTokens: 0 });
    expect((await stopped.reply).result.endReason).toBe('stopped');
    expect((await going).result).toMatchObject({ endReason: 'max_tokens', generatedTokens: 200 });
  });
});

describe('the context', () => {
  it('counts the tokens of each origin', async () => {
    await child.load(emberPath, { contextSize: 1024 });
    const messages = withSystem(say('Who are you?', 'I am Ember <|im_end|>, a model.', '  Tell me a joke.\n').messages);
    const prompt = await child.client.call('prompt', { input: { messages } });
    expect(sum(prompt.makeUp)).toBe(prompt.promptTokens);
    const textOf = (origin: string): string =>
      prompt.pieces
        .filter((piece) => piece.origin === origin)
        .map(({ tokens }) => tokens.map(({ text }) => text).join(''))
        .join('|');
    expect(textOf('system').trim()).toBe(messages[0]?.content);
    expect(textOf('history')).toBe('Who are you?|I am Ember <|im_end|>, a model.');
    expect(textOf('message').trim()).toBe('Tell me a joke.');
    expect(prompt.pieces.map(({ tokens }) => tokens.map(({ text }) => text).join('')).join('')).toBe(prompt.text);
    const { result } = await child.reply({ messages }, { maxTokens: 2 });
    expect(result.promptTokens).toBe(prompt.promptTokens);
    expect(result.makeUp).toEqual(prompt.makeUp);
    expect(result.overflow).toBeUndefined();
  });

  it('rolls: leaves out the oldest turns, in steps of a quarter of what the reply leaves, and counts their tokens', async () => {
    await child.load(emberPath, { contextSize: 512 });
    const messages = withSystem(talk(30));
    const whole = await child.client.call('prompt', { input: { messages: messages.slice(0, 3) } });
    expect(whole.overflow).toBeUndefined();
    const prompt = await child.client.call('prompt', { input: { messages }, policy: 'roll' });
    expect(prompt.omittedMessages % 2).toBe(0);
    expect(prompt.omittedMessages).toBeGreaterThan(0);
    expect(prompt.overflow?.policy).toBe('roll');
    expect(prompt.promptTokens).toBeLessThanOrEqual(448);
    // A step is 112 tokens, a turn about 50.
    expect(prompt.promptTokens).toBeGreaterThan(448 - 112 - 60);
    expect(prompt.text).toContain('kind and helpful');
    expect(prompt.text).toContain('Who are you?');
    expect(prompt.text).not.toContain('number 0 ');
    const { result } = await child.reply({ messages }, { maxTokens: 2 });
    expect(result.overflow).toEqual(prompt.overflow);
    expect(result.omittedMessages).toBe(prompt.omittedMessages);
  });

  it('keeps a history that fits beside the reserve for the reply: some 800 tokens and a short question of 1,024', async () => {
    await child.load(emberPath, { contextSize: 1024 });
    const ask = async (words: number) =>
      await child.client.call('prompt', {
        input: say('Show me a sampler.', 'fire and water '.repeat(words), 'Count to five'),
      });
    let words = 1;
    let whole = await ask(words);
    while (!whole.overflow && whole.promptTokens < 810) whole = await ask((words += 2));
    expect(whole.overflow).toBeUndefined();
    expect(whole.omittedMessages).toBe(0);
    // 128 tokens are kept free for the reply: what is beyond 896 is cut from the turn before, and no more.
    const cut = await ask(words + 100);
    expect(cut).toMatchObject({ omittedMessages: 0, overflow: { reserveTokens: 128 } });
    expect(cut.promptTokens).toBeLessThanOrEqual(896);
    expect(cut.promptTokens).toBeGreaterThan(880);
    expect(cut.text).toContain('Show me a sampler.');
  });

  it('begins at the same place in the next turns of a chat that rolls, so that nearly all tokens are reused', async () => {
    await child.load(emberPath, { contextSize: 512 });
    const messages = withSystem(talk(12));
    const turns: { omitted: number; reused: number; prompt: number }[] = [];
    for (let turn = 0; turn < 8; turn++) {
      const { content, result } = await child.reply({ messages }, { maxTokens: 12 }, { chatKey: 'a' });
      turns.push({ omitted: result.omittedMessages, reused: result.reusedTokens, prompt: result.promptTokens });
      messages.push({ role: 'assistant', content }, { role: 'user', content: `And number ${turn}?` });
    }
    const moved = turns.filter(({ omitted }, index) => index > 0 && omitted !== turns[index - 1]?.omitted);
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.length).toBeLessThanOrEqual(3);
    for (const [index, { omitted, reused, prompt }] of turns.entries())
      if (index > 0 && omitted === turns[index - 1]?.omitted) expect(prompt - reused).toBeLessThan(40);
  });

  it('cuts a large turn where one token is too many, and at the same place in the next turn', async () => {
    await child.load(emberPath, { contextSize: 512 });
    const large = 'fire and water '.repeat(70);
    let messages: PromptMessage[] = [];
    // Adds to the newest message until the conversation is a little too long.
    for (let words = 1; ; words++) {
      messages = say(large, 'I see.', 'fire '.repeat(words) + 'who are you?').messages;
      const { overflow, promptTokens } = await child.client.call('prompt', { input: { messages } });
      if (!overflow) continue;
      expect(overflow.omittedTokens).toBeLessThan(112 + 20);
      expect(promptTokens).toBeGreaterThan(448 - 112 - 20);
      break;
    }
    const { text, omittedMessages } = await child.client.call('prompt', { input: { messages } });
    expect(omittedMessages).toBe(0);
    expect(text).toContain('[…]');
    expect(text).toContain('I see.');
    const next = await child.client.call('prompt', {
      input: { messages: [...messages, { role: 'assistant', content: 'I am.' }, { role: 'user', content: 'Why?' }] },
    });
    const marks = text.lastIndexOf('who are you?');
    expect(next.text.slice(0, marks)).toBe(text.slice(0, marks));
  });

  it('cuts the middle: keeps the first and the last turn, or both ends of one large message', async () => {
    await child.load(emberPath, { contextSize: 512 });
    const prompt = await child.client.call('prompt', { input: { messages: talk(30) }, policy: 'cut_middle' });
    expect(prompt.text).toContain('message number 0 ');
    expect(prompt.text).toContain('message number 59 ');
    expect(prompt.text).not.toContain('message number 10 ');
    expect(prompt.overflow?.policy).toBe('cut_middle');
    expect(prompt.promptTokens).toBeLessThanOrEqual(448);
    const one = say('The beginning. ' + 'fire and water '.repeat(300) + 'The end.').messages;
    const cut = await child.client.call('prompt', { input: { messages: one }, policy: 'cut_middle' });
    expect(cut.text).toContain('The beginning.');
    expect(cut.text).toContain('The end.');
    expect(cut.text).toContain('[…]');
    expect(cut.promptTokens).toBeLessThanOrEqual(448);
    expect(cut.promptTokens).toBeGreaterThan(370);
    // Nothing is left to leave out, whatever the policy.
    for (const policy of ['roll', 'stop'] as const)
      await expect(child.client.call('prompt', { input: { messages: one }, policy })).rejects.toSatisfy(
        (e) => isAppError(e, 'engine.context_full') && e.data['reason'] === 'message_too_long',
      );
  });

  it('stops: refuses a conversation that does not fit, with the counts, and continues to the edge with one that does', async () => {
    await child.load(emberPath, { contextSize: 512 });
    await expect(child.reply({ messages: talk(30) }, {}, { policy: 'stop' })).rejects.toSatisfy(
      (e) =>
        isAppError(e, 'engine.context_full') &&
        Number(e.data['neededTokens']) > 512 &&
        e.data['contextSize'] === 512 &&
        e.data['policy'] === 'stop',
    );
    let turns = 1;
    let last = { promptTokens: 0, tokens: 0 };
    // The longest conversation that still fits is not shortened.
    for (; ; turns++) {
      const outcome = await child.client
        .call('prompt', { input: { messages: talk(turns) }, policy: 'stop' })
        .catch(() => null);
      if (!outcome) break;
      expect(outcome.omittedMessages).toBe(0);
      last = { promptTokens: outcome.promptTokens, tokens: 0 };
    }
    expect(last.promptTokens).toBeGreaterThan(450);
    const { result } = await child.reply(
      { messages: talk(turns - 1) },
      { maxTokens: null, logitBias: [{ text: 'fire', bias: 100 }] },
      { policy: 'stop' },
    );
    expect(result.endReason).toBe('context_full');
    expect(result.promptTokens + result.generatedTokens).toBe(512);
  });
});

describe('templates', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-template-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A synthetic model whose template was replaced by one of at most the same length. */
  async function modelWith(template: string): Promise<string> {
    const file = path.join(folder, 'model.gguf');
    await writeGguf(file, {
      shape: tinyShape,
      quantization: 'F16',
      seed: 1,
    });
    const bytes = readFileSync(file);
    const at = bytes.indexOf(chatTemplate);
    bytes.write(template.padEnd(chatTemplate.length, ' '), at);
    writeFileSync(file, bytes);
    return file;
  }

  it('replaces a template that never ends, within its time limit, without ending the child', async () => {
    const looping = await modelWith(
      '{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}x',
    );
    const info = await child.load(looping);
    expect(info.notes).toEqual([
      {
        code: 'template_unused',
        form: 'ChatML',
        why: 'invalid',
        detail: expect.stringContaining('did not finish within') as string,
      },
    ]);
    const { result } = await child.reply(say('hello'), { maxTokens: 2 });
    expect(result.generatedTokens).toBe(2);
  });

  it('puts tools into words where the template fails on them, which the notes say', async () => {
    const failing = await modelWith(
      "{% if tools %}{{ tools|map('upper')|tojson }}{% endif %}{% for m in messages %}{{ m.content }}{% endfor %}",
    );
    expect((await child.load(failing, { contextSize: 2048 })).notes).toEqual([
      { code: 'tools_as_text', why: 'invalid', detail: expect.stringContaining('not JSON serializable') as string },
    ]);
    const tools = [{ name: 'add', parameters: { type: 'object', properties: {} } }];
    const { text } = await child.client.call('prompt', { input: { ...say('hello'), tools } });
    expect(text).toContain('"name":"add"');
  });

  it('replaces one that throws, and reports one that throws only for some conversations', async () => {
    const throwing = await modelWith("{{ raise_exception('no such conversation') }}");
    expect((await child.load(throwing)).notes).toEqual([
      { code: 'template_unused', form: 'ChatML', why: 'invalid', detail: 'no such conversation' },
    ]);
    expect((await child.client.call('prompt', { input: say('hello') })).text).toContain(
      '<|im_start|>user\nhello<|im_end|>',
    );

    await child.close();
    child = startChild();
    const picky = await modelWith(
      "{% for m in messages %}{% if 'X' in m['content'] %}{{ raise_exception('no X') }}{% endif %}{{ m['content'] }}{% endfor %}",
    );
    expect((await child.load(picky)).notes).toEqual([]);
    await expect(child.reply(say('an X'))).rejects.toSatisfy(
      (e) => isAppError(e, 'template.invalid') && e.data['fallback'] === 'plain',
    );
    expect((await child.reply(say('an X'), { maxTokens: 2 }, { plainTemplate: true })).result.generatedTokens).toBe(2);
    expect((await child.reply(say('a Y'), { maxTokens: 2 })).result.generatedTokens).toBe(2);
  });
});
