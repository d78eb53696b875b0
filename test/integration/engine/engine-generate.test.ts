import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Sampling, TokenLogprob } from '../../../preload/contract/chat.ts';
import type { GenerateEvent } from '../../../main/engine/protocol.ts';
import { isAppError } from '../../../preload/wire/errors.ts';
import { writeGguf } from '../../hub-server/gguf-file.ts';
import { emberPath, greedy, root, say, startChild, storiesPath, type TestChild } from '../../support/engine-child.ts';
import { writeInfillModel } from '../../support/infill-model.ts';
import { writeRanker } from '../../support/made-models.ts';
import { writeLora } from '../../support/lora-file.ts';

let child: TestChild;
const close = async (): Promise<void> => await child.close();
const once = { rawPrompt: 'Once upon a time' };

describe('sampling', () => {
  beforeAll(async () => {
    child = startChild();
    await child.load(storiesPath);
  });
  afterAll(close);
  const take = async (sampling: Partial<Sampling> = {}): Promise<string> =>
    (await child.reply(once, { maxTokens: 80, ...sampling })).content;
  /** The number of occurrences of the most frequent word. */
  const repeats = (text: string): number => {
    const counts = new Map<string, number>();
    for (const word of text.split(/\W+/)) counts.set(word, (counts.get(word) ?? 0) + 1);
    return Math.max(...counts.values());
  };

  it('gives the same text for the same seed and settings, and another for another seed', async () => {
    const hot = { temperature: 1.2, topK: 50, topP: 0.9, minP: 0.02, maxTokens: 40 };
    const one = await take({ ...hot, seed: 7 });
    expect(await take({ ...hot, seed: 7 })).toBe(one);
    expect(await take({ ...hot, seed: 8 })).not.toBe(one);
    const drawn = await child.reply(once, { ...hot, seed: null });
    expect(await take({ ...hot, seed: drawn.result.seed })).toBe(drawn.content);
  });

  it('keeps only the most likely token with top-k 1, with a tiny top-p and with min-p 1', async () => {
    const greedyText = await take({ maxTokens: 20 });
    for (const narrow of [{ topK: 1 }, { topP: 0.000001 }, { minP: 1 }])
      expect(await take({ temperature: 1.5, maxTokens: 20, ...narrow })).toBe(greedyText);
  });

  it('repeats less with each of the penalties', async () => {
    const plain = repeats(await take({ maxTokens: 150 }));
    expect(repeats(await take({ maxTokens: 150, repeatPenalty: 1.5 }))).toBeLessThan(plain);
    expect(repeats(await take({ maxTokens: 150, frequencyPenalty: 2 }))).toBeLessThan(plain);
    expect(repeats(await take({ maxTokens: 150, presencePenalty: 2 }))).toBeLessThan(plain);
  });

  it('excludes the most likely token with XTC', async () => {
    const [usual] = (await child.reply(once, { maxTokens: 1, logprobs: 1 })).logprobs;
    const texts = new Set<string>();
    for (let seed = 0; seed < 6; seed++)
      texts.add(await take({ temperature: 1, seed, maxTokens: 1, xtc: { probability: 1, threshold: 0.001 } }));
    expect(texts).not.toContain(usual?.text);
  });

  it('repeats long sequences less often with DRY', async () => {
    /** The number of 15-letter sequences that occur earlier in the text too. */
    const again = (text: string): number => {
      let count = 0;
      for (let at = 0; at + 15 <= text.length; at++) if (text.indexOf(text.slice(at, at + 15)) < at) count++;
      return count;
    };
    const plain = again(await take({ maxTokens: 250 }));
    expect(plain).toBeGreaterThan(20);
    const dry = { strength: 5, base: 2, allowedLength: 2, lastTokens: null };
    expect(again(await take({ maxTokens: 250, dry }))).toBeLessThan(plain / 2);
  });

  it('looks with its penalties at so many of the last tokens as is asked for', async () => {
    const plain = await take({ maxTokens: 100 });
    const strong = { maxTokens: 100, repeatPenalty: 1.5 };
    expect(await take({ ...strong, penaltyTokens: 0 })).toBe(plain);
    expect(await take({ ...strong, penaltyTokens: 64 })).toBe(await take(strong));
    const wide = await take({ ...strong, penaltyTokens: null });
    expect(await take({ ...strong, penaltyTokens: 1_000_000 })).toBe(wide);
    expect(wide).not.toBe(await take({ ...strong, penaltyTokens: 2 }));
  });

  it('repeats freely with DRY across its breakers', async () => {
    const dry = { strength: 5, base: 2, allowedLength: 2, lastTokens: null };
    const plain = await take({ maxTokens: 200 });
    expect(await take({ maxTokens: 200, dry: { ...dry, breakers: [...'aeiou t.,\n'] } })).toBe(plain);
    expect(await take({ maxTokens: 200, dry: { ...dry, breakers: ['Q'] } })).not.toBe(plain);
  });

  it('ends before a stop text, wherever its tokens are cut, and names it', async () => {
    const whole = await take();
    for (const stop of [whole.slice(20, 23), whole.slice(31, 44), whole.slice(50, 51)]) {
      const { content, result } = await child.reply(once, { stop: ['never in the text', stop] });
      expect(content).toBe(whole.slice(0, whole.indexOf(stop)));
      expect(result).toMatchObject({ endReason: 'stop_text', stopText: stop });
    }
  });

  it('adds a bias by text: -100 forbids, 100 forces', async () => {
    const whole = await take({ maxTokens: 60 });
    expect(whole).toContain(' a ');
    expect(await take({ maxTokens: 60, logitBias: [{ text: ' a', bias: -100 }] })).not.toMatch(/ a /);
    expect(await take({ maxTokens: 5, logitBias: [{ text: 'z', bias: 100 }] })).toMatch(/^ ?z+$/);
  });

  it('adds a bias by the number of a token, and refuses one that the vocabulary has not', async () => {
    const { tokens } = await child.client.call('tokenize', { text: 'z', special: false });
    const token = tokens.at(-1)?.id ?? 0;
    expect(await take({ maxTokens: 5, logitBias: [{ token, bias: 100 }] })).toMatch(/^ ?z+$/);
    const whole = await take({ maxTokens: 60 });
    const letter = await child.client.call('tokenize', { text: ' a', special: false });
    const banned = letter.tokens.map(({ id }) => ({ token: id, bias: -100 }));
    expect(whole).toContain(' a ');
    expect(await take({ maxTokens: 60, logitBias: banned })).not.toMatch(/ a /);
    await expect(take({ logitBias: [{ token: 512, bias: 1 }] })).rejects.toMatchObject({
      code: 'invalid_input',
      data: { field: 'logitBias' },
    });
  });

  it('refuses grammars that would crash or block it, and other replies go on', async () => {
    const other = child.reply(once, { maxTokens: 100 });
    const slow = readFileSync(path.join(root, 'test/fixtures/grammars/slow-grammar.gbnf'), 'utf8');
    const deep = `root ::= ${'('.repeat(20_000)}${')'.repeat(20_000)}`;
    for (const [text, reason] of [
      [deep, 'grammar_too_deep'],
      [slow, 'grammar_too_ambiguous'],
    ] as const)
      await expect(child.reply(once, { grammar: { kind: 'gbnf', text } })).rejects.toMatchObject({
        code: 'invalid_input',
        data: { field: 'grammar', reason },
      });
    // Found out while it is written: the tokens so far are told before.
    const later = slow.replace('root ::=', 'root ::= [a-zA-Z ,.]{12}');
    let soFar = '';
    await expect(
      child.reply(once, { grammar: { kind: 'gbnf', text: later } }, {}, (text) => (soFar = text)),
    ).rejects.toMatchObject({ data: { reason: 'grammar_too_ambiguous' } });
    expect(soFar.length).toBeLessThan(14);
    expect((await other).result.generatedTokens).toBeGreaterThan(0);
    expect(await child.client.call('ping', {})).toMatchObject({ activeSequences: 0, samplingMs: null });
  });

  it('writes only what a grammar or a schema allows, and refuses a malformed one', async () => {
    const { content, result } = await child.reply(once, { grammar: { kind: 'gbnf', text: 'root ::= [0-9]{3} "." ' } });
    expect(content).toMatch(/^[0-9]{3}\.$/);
    expect(result.endReason).toBe('end_of_turn');
    const schema = {
      type: 'object',
      properties: { kind: { enum: ['cat', 'dog'] }, young: { type: 'boolean' } },
      required: ['kind', 'young'],
    };
    const json = await child.reply(once, {
      temperature: 1,
      maxTokens: 200,
      grammar: { kind: 'json_schema', text: JSON.stringify(schema) },
    });
    const value = JSON.parse(json.content) as { kind: string; young: boolean };
    expect(['cat', 'dog']).toContain(value.kind);
    expect(typeof value.young).toBe('boolean');
    expect(json.result.endReason).toBe('end_of_turn');
    for (const grammar of [
      { kind: 'gbnf', text: 'root ::= (((' },
      { kind: 'gbnf', text: 'other ::= "a"' },
      { kind: 'json_schema', text: '{"type":' },
    ] as const)
      await expect(take({ grammar })).rejects.toSatisfy((e) => isAppError(e, 'invalid_input'));
    expect(await take({ maxTokens: 3 })).not.toBe('');
  });

  it('gives log probabilities with alternatives, best first, one entry for every token', async () => {
    const { logprobs, content, result } = await child.reply(once, {
      maxTokens: 6,
      logprobs: 4,
      temperature: 1,
      topK: 0,
    });
    expect(logprobs).toHaveLength(result.generatedTokens);
    expect(logprobs.map(({ text }) => text).join('')).toBe(content);
    for (const { logprob, alternatives } of logprobs) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(alternatives).toHaveLength(4);
      const probabilities = alternatives.map((one) => Math.exp(one.logprob));
      expect([...probabilities].sort((a, b) => b - a)).toEqual(probabilities);
      expect(probabilities.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(1.0001);
    }
  });

  /** By llama-server with this model: each token of the text, its log probability, the likeliest token there and that one's. */
  const promptReference = [
    [403, -0.243787, 403, -0.243787],
    [407, -0.017519, 407, -0.017519],
    [261, -0.012076, 261, -0.012076],
    [378, -0.000719, 378, -0.000719],
    [383, -3.547302, 432, -0.031781],
    [286, -0.151114, 286, -0.151114],
    [261, -0.00183, 261, -0.00183],
    [376, -0.759633, 376, -0.759633],
    [298, -0.475816, 298, -0.475816],
    [315, -0.007175, 315, -0.007175],
    [421, -0.000626, 421, -0.000626],
    [395, -0.137433, 395, -0.137433],
    [317, -0.162426, 317, -0.162426],
    [426, -0.055543, 426, -0.055543],
  ] as const;

  it('tells the probabilities of the prompt, as llama-server does, whatever is in the context, before any text', async () => {
    const input = { rawPrompt: 'Once upon a time there was a little girl named Lily.' };
    const plain = await child.reply(input, { maxTokens: 20 });
    for (const [promptLogprobs, maxTokens] of [
      [1, 20],
      [3, 0],
      [0, 1],
    ] as const) {
      const events: GenerateEvent[] = [];
      const sampling = { ...greedy, maxTokens };
      for await (const event of child.client.stream('generate', { input, sampling, promptLogprobs }))
        events.push(event);
      const tokens = events.flatMap((event) => (event.type === 'prompt_tokens' ? event.tokens : []));
      expect(tokens.map(({ text }) => text).join('')).toContain('Once upon a time there was a little girl named Lily.');
      expect(tokens[0]).toMatchObject({ id: 1, logprob: null });
      expect(tokens).toHaveLength(promptReference.length + 1);
      for (const [index, [id, logprob, bestId, best]] of promptReference.entries()) {
        const token = tokens[index + 1];
        expect(token?.id).toBe(id);
        expect(token?.logprob).toBeCloseTo(logprob, 3);
        const { alternatives } = token as TokenLogprob;
        expect(alternatives).toHaveLength(promptLogprobs);
        if (promptLogprobs > 0) expect(alternatives[0]?.id).toBe(bestId);
        if (promptLogprobs > 0) expect(alternatives[0]?.logprob).toBeCloseTo(best, 3);
      }
      const types = events.map(({ type }) => type);
      if (types.includes('text')) expect(types.indexOf('text')).toBeGreaterThan(types.lastIndexOf('prompt_tokens'));
      const text = events.map((event) => (event.type === 'text' ? event.content : '')).join('');
      expect(text).toBe(maxTokens === 20 ? plain.content : text.slice(0, 8));
      expect(events.at(-1)).toMatchObject({
        result: { generatedTokens: maxTokens, reusedTokens: 0, promptTokens: 15, endReason: 'max_tokens' },
      });
    }
  });

  it('evaluates the prompt alone with a maximum of no tokens, and the next reply reuses all of it', async () => {
    const input = { rawPrompt: 'The cat and the dog went to the park. '.repeat(4) };
    const { result, content } = await child.reply(input, { maxTokens: 0 }, { chatKey: 'warm' });
    expect(content).toBe('');
    expect(result).toMatchObject({ generatedTokens: 0, endReason: 'max_tokens', generateMs: 0 });
    const next = await child.reply(input, { maxTokens: 3 }, { chatKey: 'warm' });
    expect(next.result.reusedTokens).toBe(result.promptTokens - 1);
  });

  it('ends at the maximum of tokens, and at the edge of the context without dropping any', async () => {
    expect((await child.reply(once, { maxTokens: 7 })).result).toMatchObject({
      generatedTokens: 7,
      endReason: 'max_tokens',
    });
    // A bias against the end token: the reply continues until the context is full.
    const { result } = await child.reply(once, {
      maxTokens: null,
      temperature: 1,
      logitBias: [{ text: 'e', bias: 3 }],
    });
    expect(result.promptTokens + result.generatedTokens).toBeLessThanOrEqual(512);
    if (result.endReason === 'context_full') expect(result.promptTokens + result.generatedTokens).toBe(512);
  });
});

describe('tokens, vectors and infill', () => {
  afterEach(close);

  it('ends its turn not before a number of tokens, and never where the token of the end is forbidden', async () => {
    child = startChild();
    await child.load(emberPath);
    const plain = await child.reply(say('Hello'), { maxTokens: 200 });
    const own = plain.result.generatedTokens;
    expect(plain.result.endReason).toBe('end_of_turn');
    const { result, content } = await child.reply(say('Hello'), { maxTokens: own + 20, minTokens: own + 10 });
    expect(result.generatedTokens).toBeGreaterThanOrEqual(own + 10);
    expect(content.startsWith(plain.content)).toBe(true);
    const [end] = (await child.client.call('tokenize', { text: '<|im_end|>', special: true })).tokens;
    const endless = await child.reply(say('Hello'), {
      ...{ maxTokens: own + 30, logitBias: [{ token: end?.id ?? 0, bias: -100 }] },
    });
    expect(endless.result).toMatchObject({ endReason: 'max_tokens', generatedTokens: own + 30 });
  });

  it('tokenizes with the text of each token, and back', async () => {
    child = startChild();
    await child.load(emberPath);
    const text = 'Hello, wörld: 你好 🙂 <|im_end|>';
    const { tokens } = await child.client.call('tokenize', { text, special: false });
    const back = await child.client.call('detokenize', { tokens: tokens.map(({ id }) => id), special: false });
    expect(back.text.trim()).toBe(text);
    const special = await child.client.call('tokenize', { text, special: true });
    expect(special.tokens.at(-1)?.text).toBe('<|im_end|>');
    expect(special.tokens.length).toBeLessThan(tokens.length);
  });

  it('makes vectors of unit length that are closer for similar texts, cut to fewer dimensions on demand', async () => {
    child = startChild();
    await child.load(emberPath);
    const texts = ['Who are you?', 'Who are you', 'The sum of seven and five is twelve.'];
    const { vectors, tokens } = await child.client.call('embed', { texts });
    expect(tokens).toBeGreaterThan(10);
    const dot = (a: readonly number[] = [], b: readonly number[] = []): number =>
      a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
    for (const vector of vectors) expect(dot(vector, vector)).toBeCloseTo(1, 5);
    expect(dot(vectors[0], vectors[1])).toBeGreaterThan(dot(vectors[0], vectors[2]));
    const cut = await child.client.call('embed', { texts, dimensions: 8 });
    expect(cut.vectors[0]).toHaveLength(8);
    expect(dot(cut.vectors[0], cut.vectors[0])).toBeCloseTo(1, 5);
    const raw = await child.client.call('embed', { texts: texts.slice(0, 1), normalize: false });
    expect(dot(raw.vectors[0], raw.vectors[0])).toBeGreaterThan(1.5);
    await expect(child.client.call('embed', { texts, dimensions: 100_000 })).rejects.toSatisfy((e) =>
      isAppError(e, 'invalid_input'),
    );
    await expect(child.client.call('embed', { texts: ['word', 'word '.repeat(2000)] })).rejects.toMatchObject({
      code: 'engine.context_full',
      data: { field: 'texts', index: 1, contextSize: 512 },
    });
    // Vectors have a context of their own and do not change the chats' states.
    expect((await child.reply(say('Who are you?'))).content).toContain('Ember');
  });

  it('scores documents by how well they answer the query, in their order, with a model made for it', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-rank-'));
    const file = path.join(folder, 'ranker.gguf');
    writeRanker(file, ['fire', 'bird', 'stone', 'water', 'tree', 'cloud']);
    child = startChild();
    await child.load(file, { contextSize: 128 });
    const documents = ['water stone tree', 'bird fire tree', 'stone fire cloud', 'cloud stone tree'];
    const { scores } = await child.client.call('rerank', { query: 'fire bird', documents });
    const order = scores.map((_, index) => index).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
    expect(order.slice(0, 2)).toEqual([1, 2]);
    for (const score of scores) {
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThan(1);
    }
    // Another query gives another order. A document that does not fit into one batch is scored by its best chunk.
    const other = await child.client.call('rerank', { query: 'water cloud', documents });
    expect(Math.max(...other.scores)).toBe(other.scores[0]);
    const long = await child.client.call('rerank', {
      query: 'fire bird',
      documents: ['water stone tree '.repeat(60), 'water stone tree '.repeat(60) + 'fire bird '.repeat(20)],
    });
    expect(long.scores[1]).toBeGreaterThan(long.scores[0] ?? 1);
    await expect(child.client.call('rerank', { query: 'fire '.repeat(200), documents })).rejects.toMatchObject({
      code: 'engine.context_full',
      data: { field: 'query', contextSize: 128 },
    });
    const far = 'tree '.repeat(20_000);
    await expect(child.client.call('rerank', { query: 'fire', documents: ['tree', far] })).rejects.toMatchObject({
      code: 'engine.context_full',
      data: { field: 'documents', index: 1, isEstimate: true },
    });
    rmSync(folder, { recursive: true });
  });

  it('refuses what a model was not made for', async () => {
    child = startChild();
    await child.load(emberPath);
    await expect(child.client.call('rerank', { query: 'a', documents: ['b'] })).rejects.toSatisfy((e) =>
      isAppError(e, 'unsupported'),
    );
    await expect(child.reply({ prefix: 'function add(', suffix: '}' })).rejects.toSatisfy((e) =>
      isAppError(e, 'unsupported'),
    );
  });
});

describe('speculative decoding', () => {
  afterEach(close);

  it('writes the same text with prompt lookup as without, and counts the accepted tokens', async () => {
    child = startChild();
    await child.load(storiesPath);
    const without = await child.reply(once, { maxTokens: 200 });
    expect(without.result.speculation).toBeUndefined();
    await child.close();
    child = startChild();
    await child.load(storiesPath, { speculation: { kind: 'lookup' } });
    const lookup = await child.reply(once, { maxTokens: 200 });
    expect(lookup.content).toBe(without.content);
    expect(lookup.result.speculation).toMatchObject({ kind: 'lookup' });
    const { draftedTokens = 0, acceptedTokens = 0 } = lookup.result.speculation ?? {};
    expect(draftedTokens).toBeGreaterThan(0);
    expect(acceptedTokens).toBeLessThanOrEqual(draftedTokens);
    // A fixed seed guarantees its text, and drafts draw other random numbers, so they stay off.
    expect((await child.reply(once, { temperature: 1, seed: 3 })).result.speculation).toBeUndefined();
  });

  it('uses a draft model of the same vocabulary: a model that drafts for itself is always right', async () => {
    child = startChild();
    const info = await child.load(storiesPath, {
      speculation: { kind: 'draft', modelPath: storiesPath, gpuLayers: 0 },
    });
    expect(info.notes).toEqual([]);
    const { content, result } = await child.reply(once, { maxTokens: 120 });
    const { draftedTokens = 0, acceptedTokens = 0 } = result.speculation ?? {};
    expect(acceptedTokens).toBeGreaterThan(4);
    expect(acceptedTokens / draftedTokens).toBeGreaterThan(0.5);
    await child.close();
    child = startChild();
    await child.load(storiesPath);
    expect((await child.reply(once, { maxTokens: 120 })).content).toBe(content);
  });

  it('does not use a draft model of another vocabulary, and says so', async () => {
    child = startChild();
    const info = await child.load(storiesPath, { speculation: { kind: 'draft', modelPath: emberPath, gpuLayers: 0 } });
    expect(info.notes.map(({ code }) => code)).toEqual(['draft_model_unused']);
    expect((await child.reply(once, { maxTokens: 5 })).result.speculation).toBeUndefined();
  });
});

describe('a quantized cache and several steps', () => {
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-gguf-'));
    await writeGguf(path.join(folder, 'made-up.gguf'), {
      shape: {
        name: 'Made up',
        layers: 2,
        embedding: 64,
        heads: 2,
        kvHeads: 2,
        feedForward: 128,
        vocabulary: 500,
        contextLength: 1024,
      },
      quantization: 'F16',
      seed: 5,
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(close);

  it('loads with the given settings and reports the effective ones', async () => {
    child = startChild();
    const info = await child.load(path.join(folder, 'made-up.gguf'), {
      kvCacheType: 'Q8_0',
      flashAttention: true,
      batchSize: 64,
      sequences: 2,
      contextSize: 256,
    });
    expect(info).toMatchObject({
      kvCacheType: 'Q8_0',
      flashAttention: true,
      batchSize: 64,
      sequences: 2,
      contextSize: 256,
      decodeThreads: 1,
    });
    const { result } = await child.reply(say('x'.repeat(100)), { maxTokens: 4 });
    expect(result.promptTokens).toBeGreaterThan(64);
  });

  it('changes thread counts and step size from the next batch on, and measures candidates within its time', async () => {
    child = startChild();
    await child.load(path.join(folder, 'made-up.gguf'), { batchSize: 128 });
    const tuned = await child.client.call('setTuning', { decodeThreads: 1, promptThreads: 999, batchSize: 9999 });
    expect(tuned.batchSize).toBe(128);
    expect(tuned.promptThreads).toBeLessThanOrEqual(os.availableParallelism());
    const candidates = { decodeThreads: [1], promptThreads: [1], batchSizes: [64, 128] };
    const { measured } = await child.client.call('measure', { ...candidates, budgetMs: 60_000 });
    // Of thousands of candidates those without time are left out.
    const often = { ...candidates, promptThreads: Array.from({ length: 5000 }, () => 1) };
    const { measured: inTime } = await child.client.call('measure', { ...often, budgetMs: 600 });
    expect(inTime.length).toBeLessThan(10_000);
    expect(measured.map(({ phase, batchSize }) => [phase, batchSize])).toEqual([
      ['prompt', 64],
      ['prompt', 128],
      ['decode', 128],
    ]);
    for (const { tokensPerSecond } of measured) expect(tokensPerSecond).toBeGreaterThan(1);
  });
});

describe('adapters', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-lora-'));
    writeLora(path.join(folder, 'lora.gguf'), 1);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('changes the text by its scale, and shares no state with a model without it', async () => {
    const texts: string[] = [];
    const keys = new Set<string>();
    for (const scale of [null, 0, 1]) {
      child = startChild();
      try {
        const loras = scale === null ? [] : [{ path: path.join(folder, 'lora.gguf'), scale }];
        keys.add((await child.load(storiesPath, { loras })).stateKey);
        texts.push((await child.reply(once, { maxTokens: 30 })).content);
      } finally {
        await child.close();
      }
    }
    expect(texts[1]).toBe(texts[0]);
    expect(texts[2]).not.toBe(texts[0]);
    expect(keys.size).toBe(3);
  });
});

describe('infill', () => {
  afterEach(close);

  it('gives prefix, suffix and middle to a model that has infill tokens', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-fim-'));
    const file = path.join(folder, 'fim.gguf');
    await writeInfillModel(file);
    child = startChild();
    await child.load(file, { contextSize: 256 });
    const prompt = await child.client.call('prompt', { input: { prefix: 'gaga', suffix: 'lala' } });
    const marks = prompt.pieces.flatMap(({ tokens }) => tokens.map(({ text }) => text.trim()));
    expect(marks.filter((text) => text.startsWith('<') && text.endsWith('>') && text.length === 5)).toEqual([
      '<PRE>',
      '<SUF>',
      '<MID>',
    ]);
    expect(marks.indexOf('<SUF>')).toBeGreaterThan(marks.indexOf('<PRE>') + 1);
    expect((await child.reply({ prefix: 'gaga', suffix: 'lala' }, { maxTokens: 3 })).result.generatedTokens).toBe(3);
    rmSync(folder, { recursive: true });
  });
});
