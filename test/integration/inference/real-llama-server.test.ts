/** A real llama-server as a server elsewhere. Set HEARTH_LLAMA_SERVER (test/support/llama-server.ts) to run it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenModel } from '../../../main/inference/inference.ts';
import { llamaServerCommand, startLlamaServer, type LlamaServer } from '../../support/llama-server.ts';
import { asks, greedy, input, remoteSetup, whole } from '../../support/remote-setup.ts';

const root = path.join(import.meta.dirname, '../../..');
const isThere = llamaServerCommand.length > 0;
if (!isThere) console.log('Skipped: HEARTH_LLAMA_SERVER names no llama-server.');
const never = (): AbortSignal => new AbortController().signal;

describe.runIf(isThere)('a real llama-server', () => {
  let started: LlamaServer;
  beforeAll(async () => {
    const args = ['-np', '2', '-c', '2048', '--jinja', '--embeddings', '--pooling', 'mean'];
    started = await startLlamaServer(path.join(root, 'assets/models/ember-3M-Q8_0.gguf'), args);
  });
  afterAll(() => started.close());

  async function opened(): Promise<OpenModel> {
    const { providers } = remoteSetup();
    providers.save(input(started.url));
    const [first] = await providers.list();
    return await (await providers.find(first?.modelId ?? '')).open();
  }

  it('tells its context and its slots', async () => {
    expect((await opened()).capabilities).toEqual({ contextSize: 1024, sequences: 2, states: false });
  });

  it('answers as the reference does', async () => {
    const { answers } = JSON.parse(readFileSync(path.join(root, 'test/fixtures/ember/expected.json'), 'utf8')) as {
      answers: { messages: { role: 'user'; content: string }[]; answer: string }[];
    };
    const model = await opened();
    for (const { messages, answer } of answers.slice(0, 5)) {
      const reply = await whole(
        model.generate({ input: { messages }, sampling: { ...greedy, maxTokens: 200 } }, never()),
      );
      expect(reply.content.trim()).toBe(answer);
      expect(reply.result.endReason).toBe('end_of_turn');
      expect(reply.result.generatedTokens).toBeGreaterThan(5);
    }
  });

  it('holds a reply to a schema and to a grammar, and tells its tokens', async () => {
    const model = await opened();
    const text =
      '{"type":"object","properties":{"a":{"type":"boolean"}},"required":["a"],"additionalProperties":false}';
    const held = await whole(
      model.generate(
        asks('?', { sampling: { ...greedy, maxTokens: 300, grammar: { kind: 'json_schema', text }, logprobs: 3 } }),
        never(),
      ),
    );
    expect(JSON.parse(held.content)).toEqual({ a: expect.any(Boolean) as boolean });
    const tokens = held.events.flatMap((event) => (event.type === 'text' ? (event.logprobs ?? []) : []));
    expect(tokens.length).toBeGreaterThan(3);
    expect(tokens.every(({ id, alternatives }) => id >= 0 && alternatives.length === 3)).toBe(true);
    const grammar = { kind: 'gbnf', text: 'root ::= "maybe"' } as const;
    expect((await whole(model.generate(asks('?', { sampling: { ...greedy, grammar } }), never()))).content).toBe(
      'maybe',
    );
  });

  it('goes on with a begun reply, and with a plain text', async () => {
    const model = await opened();
    const messages = [{ role: 'user' as const, content: 'Hello!' }];
    const begun = { reasoning: '', text: 'Hi there! I’m'.replace('’', "'") };
    const reply = await whole(
      model.generate({ input: { messages, begun }, sampling: { ...greedy, maxTokens: 200 } }, never()),
    );
    expect(reply.content).toMatch(/^ Ember, a very small model/);
    const plain = await whole(model.generate({ input: { rawPrompt: 'Hearth is' }, sampling: greedy }, never()));
    expect(plain.content.length).toBeGreaterThan(5);
  });

  it('divides texts into tokens that make the same text again', async () => {
    const model = await opened();
    const text = 'Where are my chats kept? 😀';
    const { tokens } = await model.tokenize(text, { special: false });
    expect(await model.detokenize(tokens.map(({ id }) => id))).toBe(text);
    expect(await model.count({ text })).toBe(tokens.length);
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const rendered = await model.render({ input: { messages } });
    expect(rendered.text).toBe('<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n');
    const { result } = await whole(model.generate({ input: { messages }, sampling: greedy }, never()));
    expect(result.promptTokens).toBe(rendered.promptTokens);
  });

  it('leaves out the oldest of a conversation that is too long', async () => {
    const model = await opened();
    const messages = [
      ...Array.from({ length: 8 }, () => [
        { role: 'user' as const, content: 'word '.repeat(100) },
        { role: 'assistant' as const, content: 'word '.repeat(100) },
      ]).flat(),
      { role: 'user' as const, content: 'Hello!' },
    ];
    const { result } = await whole(model.generate({ input: { messages }, sampling: greedy }, never()));
    expect(result.omittedMessages).toBeGreaterThan(5);
    expect(result.omittedMessages % 2).toBe(0);
    expect(result.promptTokens).toBeLessThan(1024);
  });

  it('has vectors of length one', async () => {
    const { vectors, tokens } = await (await opened()).embed(['one', 'two']);
    expect(vectors.map((vector) => Math.hypot(...vector))).toEqual([expect.closeTo(1, 5), expect.closeTo(1, 5)]);
    expect(tokens).toBeGreaterThan(1);
  });

  it('frees its slot when a reply is stopped', async () => {
    const model = await opened();
    const stop = new AbortController();
    const endless = {
      input: { rawPrompt: 'One, two, three,' },
      sampling: { ...greedy, maxTokens: null, grammar: { kind: 'gbnf', text: 'root ::= ("a" | "b")+' } as const },
    };
    for await (const event of model.generate(endless, stop.signal)) if (event.type === 'text') stop.abort();
    for (;;) {
      const slots = (await (await fetch(`${started.url}/slots`)).json()) as { is_processing: boolean }[];
      if (slots.every((slot) => !slot.is_processing)) break;
    }
  });
});
