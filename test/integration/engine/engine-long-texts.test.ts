/** Texts far beyond the context: refused with both numbers before they are tokenized whole, in slices that hold up nobody. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LlamaModel, Token } from 'node-llama-cpp';
import { createTokenizer, sliceEnd } from '../../../main/engine/child/prompt/tokenizer.ts';
import type { LoadedEngine } from '../../../main/engine/child/load-engine.ts';
import { emberPath, greedy, root, say, startChild, storiesPath, type TestChild } from '../../support/engine-child.ts';
import { startInProcess, type InProcess } from '../../support/engine-in-process.ts';
import { readFileSync } from 'node:fs';
import path from 'node:path';

let llama: InProcess;
let engine: LoadedEngine;
beforeAll(async () => {
  llama = await startInProcess();
  engine = await llama.load(storiesPath);
});

const never = new AbortController().signal;
const story = readFileSync(path.join(root, 'ARCHITECTURE.md'), 'utf8').repeat(4);
/** A text that this vocabulary of 512 tokens takes byte by byte, which llama.cpp does in quadratic time: 20 s for 250 KB. */
const slow = '漢字仮名'.repeat(500_000);
const tooLong: readonly [string, string, number][] = [
  ['one letter', 'x'.repeat(1_999_000), 1_999_000],
  ['words', 'word '.repeat(400_000), 1_200_000],
  ['characters without a token', slow, 6_000_000],
  ['empty lines', '\n'.repeat(2_000_000), 2_000_000],
];

describe('a text far beyond the context', () => {
  it.each(tooLong)('is refused with both numbers within a second of the processor: %s', async (_, text, tokens) => {
    const inputs = [say(text), say('Hello', 'Hello.', text), { rawPrompt: text }];
    for (const input of inputs)
      for (const policy of ['stop', 'roll'] as const) {
        const from = process.cpuUsage();
        const refused = engine.session.prompt({ input, policy }, never);
        await expect(refused).rejects.toMatchObject({
          code: 'engine.context_full',
          data: { reason: 'message_too_long', contextSize: 512, isEstimate: true },
        });
        const { user, system } = process.cpuUsage(from);
        expect((user + system) / 1e6).toBeLessThan(1);
        const { data } = (await refused.catch((error: unknown) => error)) as { data: { neededTokens: number } };
        // By llama.cpp's own count of the whole text.
        expect(data.neededTokens / tokens).toBeGreaterThan(0.8);
        expect(data.neededTokens / tokens).toBeLessThan(1.3);
      }
  });

  it('is refused as well in the description of a tool, which is in every prompt', async () => {
    const tools = [{ name: 'look_up', description: 'word '.repeat(400_000), parameters: { type: 'object' } }];
    for (const policy of ['stop', 'roll', 'cut_middle'] as const) {
      const from = process.cpuUsage();
      const input = { ...say('Hello', 'Hello.', 'What is it?'), tools };
      await expect(engine.session.prompt({ input, policy }, never)).rejects.toMatchObject({
        code: 'engine.context_full',
        data: { reason: 'message_too_long', contextSize: 512, neededTokens: expect.closeTo(1_200_000, -6) as number },
      });
      const { user, system } = process.cpuUsage(from);
      // All of it tokenized would be 10 s.
      expect((user + system) / 1e6).toBeLessThan(3);
    }
    const short = [{ name: 'look_up', description: 'once upon a time '.repeat(30), parameters: { type: 'object' } }];
    const fits = await engine.session.prompt({ input: { ...say('Hello'), tools: short }, policy: 'roll' }, never);
    expect(fits.promptTokens).toBeGreaterThan(120);
    expect(fits.promptTokens).toBeLessThan(512);
  });

  it('is cut in its middle where that is asked for, and what was left out is counted', async () => {
    const begin = 'The first words of it. ';
    const end = ' And these are the last words.';
    const made = await engine.session.prompt(
      { input: say(begin + 'word '.repeat(400_000) + end), policy: 'cut_middle' },
      never,
    );
    expect(made.text).toContain(begin);
    expect(made.text).toContain(end);
    expect(made.promptTokens).toBeLessThan(512);
    expect((made.overflow?.omittedTokens ?? 0) / 1_200_000).toBeCloseTo(1, 1);
  });

  it('stops a chat with a long history by its own reason, and counts about all of it', async () => {
    const talk = say(...Array.from({ length: 40 }, () => 'word '.repeat(4000)), 'Hello');
    await expect(engine.session.prompt({ input: talk, policy: 'stop' }, never)).rejects.toMatchObject({
      code: 'engine.context_full',
      data: { policy: 'stop', contextSize: 512, isEstimate: true },
    });
  });
});

describe('a tokenizer in slices', () => {
  it.each([
    ['byte pairs', emberPath],
    ['sentence pieces', storiesPath],
  ])('gives the tokens of the whole text: %s', async (_, file) => {
    const { model } = await llama.load(file);
    const given: number[] = [];
    const whole = model.tokenize(story, true);
    const recording = recordingLengths(model, given);
    const { tokens } = await createTokenizer(recording).tokenize(story, { special: true, continues: false });
    expect(tokens).toEqual(whole);
    expect(given.length).toBeGreaterThan(4);
    expect(Math.max(...given)).toBeLessThanOrEqual(8192 + 2);
    await model.dispose();
  });

  it('cuts neither a special token nor a surrogate pair, and never stands still', async () => {
    const { model } = engine;
    const special = model.tokenize('</s>', true);
    for (let shift = 0; shift < 6; shift++) {
      const text = 'x'.repeat(8190 - shift) + '</s>' + 'x'.repeat(20);
      const { tokens } = await createTokenizer(model).tokenize(text, { special: true, continues: false });
      expect(tokens.filter((token: Token) => token === special[0])).toHaveLength(1);
    }
    const pairs = `a${'😀'.repeat(10_000)}`;
    for (let at = 0; at < pairs.length;) {
      const end = sliceEnd(pairs, at);
      expect(end).toBeGreaterThan(at);
      expect(pairs.slice(at, end).isWellFormed()).toBe(true);
      at = end;
    }
  });

  it('ends when it is stopped', async () => {
    const stop = new AbortController();
    const work = createTokenizer(engine.model).tokenize(slow, { special: false, continues: true, signal: stop.signal });
    stop.abort();
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  });
});

/** The model, with the characters of each text that it tokenizes written down. */
function recordingLengths(model: LlamaModel, lengths: number[]): LlamaModel {
  const tokenize = (text: string, ...rest: [boolean?, 'trimLeadingSpace'?]): Token[] => {
    lengths.push(text.length);
    return model.tokenize(text, ...rest);
  };
  return new Proxy(model, {
    get: (target, key) => (key === 'tokenize' ? tokenize : (Reflect.get(target, key, target) as unknown)),
  });
}

describe('a child that is given one', () => {
  let child: TestChild;
  beforeAll(async () => {
    child = startChild();
    await child.load(storiesPath, { sequences: 2 });
  });
  afterAll(async () => await child.close());

  it('goes on with the other replies, and refuses for every verb', async () => {
    const other = child.reply({ rawPrompt: 'Once upon a time' }, { maxTokens: 200 });
    const contextFull = { code: 'engine.context_full', data: { isEstimate: true } };
    const { client } = child;
    await expect(child.reply(say(slow))).rejects.toMatchObject(contextFull);
    await expect(client.call('prompt', { input: say(slow) })).rejects.toMatchObject(contextFull);
    await expect(client.call('embed', { texts: [slow] })).rejects.toMatchObject(contextFull);
    expect((await other).result.generatedTokens).toBeGreaterThan(0);
    expect((await child.reply({ rawPrompt: 'Once' }, { ...greedy, maxTokens: 3 })).result.generatedTokens).toBe(3);
  });
});
