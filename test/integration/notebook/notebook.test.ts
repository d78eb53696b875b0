/** The notebook over the whole app, with real models: stories260K, whose text is known, and Ember. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HearthClient } from '../../../preload/contract/contract.ts';
import type { Sampling } from '../../../preload/contract/chat.ts';
import type { CompletionStep, PlacedToken } from '../../../preload/contract/notebook.ts';
import { connectTo } from '../../support/app-client.ts';
import { serveFolder, type ServedApp } from '../../support/app-setup.ts';
import { withModels } from '../../support/api-models.ts';
import { writeInfillModel } from '../../support/infill-model.ts';

const root = path.join(import.meta.dirname, '../../..');
const storiesPath = path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf');
const expected = readFileSync(path.join(root, 'test/fixtures/stories260K/expected.txt'), 'utf8');
const stories = 'karpathy/stories/stories.gguf';
const infill = 'made/infill/infill.gguf';
const greedy: Sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: 60, seed: 1 };

let folder: string;
let app: ServedApp;
let client: HearthClient;
let closeClient: () => void;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-notebook-'));
  await withModels({
    'karpathy/stories': (file) => copyFileSync(storiesPath, file),
    'made/infill': writeInfillModel,
  })(folder);
  app = await serveFolder(folder);
  ({ client, close: closeClient } = await connectTo(app));
});
afterAll(async () => {
  closeClient();
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Completion {
  readonly text: string;
  readonly tokens: readonly PlacedToken[];
  readonly steps: readonly CompletionStep[];
}

async function generate(order: {
  before: string;
  after?: string;
  modelId?: string | null;
  sampling?: Partial<Sampling>;
}): Promise<Completion> {
  const { before, after = null, modelId = stories, sampling = {} } = order;
  const steps: CompletionStep[] = [];
  const events = client.stream('notebook.generate', {
    ...{ modelId, before, after },
    sampling: { ...greedy, ...sampling },
  });
  for await (const step of events) steps.push(step);
  const texts = steps.filter((step) => step.type === 'text');
  return { text: texts.map(({ text }) => text).join(''), tokens: texts.flatMap(({ tokens }) => tokens), steps };
}

describe('a completion', () => {
  it('continues the text as llama2.c does, with every token in its place', async () => {
    const { text, tokens, steps } = await generate({ before: 'Once upon a time', sampling: { maxTokens: 120 } });
    expect(expected.startsWith(`Once upon a time${text}`.slice(0, 300))).toBe(true);
    expect(text.length).toBeGreaterThan(200);
    expect(tokens.map(({ from, to }) => text.slice(from, to)).join('')).toBe(text);
    expect(tokens).toHaveLength(120);
    for (const { alternatives, logprob, id } of tokens) {
      expect(alternatives).toHaveLength(8);
      // Greedy: the token is the likeliest of its alternatives.
      expect(alternatives[0]).toMatchObject({ id, logprob });
    }
    expect(steps.at(-1)).toMatchObject({ type: 'end', endReason: 'max_tokens', generatedTokens: 120 });
  });

  it('goes on from another token', async () => {
    const first = await generate({ before: 'Once upon a time', sampling: { maxTokens: 12 } });
    const [, , , token] = first.tokens;
    const other = token?.alternatives[1];
    const before = `Once upon a time${first.text.slice(0, token?.from)}${other?.text}`;
    const { text } = await generate({ before, sampling: { maxTokens: 12 } });
    expect(other?.text).not.toBe(first.text.slice(token?.from, token?.to));
    expect(`${before}${text}`.startsWith(`Once upon a time${first.text}`)).toBe(false);
    expect(text.length).toBeGreaterThan(10);
  });

  it('leaves out the beginning of a text that is longer than the context', async () => {
    const before = 'Lily went to the park. '.repeat(400);
    const { steps, text } = await generate({ before, sampling: { maxTokens: 8 } });
    const prompt = steps.find((step) => step.type === 'prompt');
    expect(prompt?.promptTokens).toBeLessThan(512);
    expect(prompt?.omittedCharacters).toBeGreaterThan(5000);
    expect(text).not.toBe('');
  });

  it('writes what stands between two texts, where the model was trained for it', async () => {
    const { text, steps } = await generate({
      before: 'gaga',
      after: 'lala',
      modelId: infill,
      sampling: { maxTokens: 5 },
    });
    expect(steps.at(-1)).toMatchObject({ type: 'end', generatedTokens: 5 });
    // <PRE>, the text before, <SUF>, the text behind, <MID>.
    expect(steps.find((step) => step.type === 'prompt')?.promptTokens).toBeGreaterThanOrEqual(5);
    expect(text).not.toBe('');
    await expect(generate({ before: 'gaga', after: 'lala' })).rejects.toMatchObject({
      code: 'unsupported',
      data: { reason: 'no_infill' },
    });
  });

  it('follows a grammar, and refuses one that is none', async () => {
    const grammar = { kind: 'gbnf' as const, text: 'root ::= " there was a " ("cat" | "dog")' };
    expect((await generate({ before: 'Once upon a time', sampling: { grammar } })).text).toMatch(
      /^ there was a (cat|dog)$/,
    );
    const broken = { kind: 'gbnf' as const, text: 'root ::= (' };
    await expect(generate({ before: 'Once', sampling: { grammar: broken } })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });

  it('begins an empty document with the model’s own beginning', async () => {
    const { text } = await generate({ before: '' });
    expect(expected.startsWith(text.trimStart())).toBe(true);
  });

  it('ends when the reader leaves', async () => {
    const abort = new AbortController();
    const input = { modelId: stories, before: 'Once', after: null, sampling: { ...greedy, maxTokens: 100_000 } };
    for await (const step of client.stream('notebook.generate', input, { signal: abort.signal }))
      if (step.type === 'text') abort.abort();
    // The model has one slot.
    const { text } = await generate({ before: 'Once upon a time' });
    expect(text).not.toBe('');
  });
});

async function score(
  text: string,
): Promise<{ tokens: readonly PlacedToken[]; perplexity: number | null; window: number }> {
  const tokens: PlacedToken[] = [];
  let [perplexity, window]: [number | null, number] = [null, 0];
  for await (const step of client.stream('notebook.score', { modelId: stories, text })) {
    if (step.type === 'tokens') tokens.push(...step.tokens);
    if (step.type === 'begin') window = step.windowTokens;
    if (step.type === 'end') perplexity = step.perplexity;
  }
  return { tokens, perplexity, window };
}

describe('the perplexity of a text', () => {
  it('finds each token in its place, and a known story likelier than noise', async () => {
    const story = await score(expected.slice(0, 300));
    expect(story.tokens.map(({ from, to }) => expected.slice(from, to)).join('')).toBe(expected.slice(0, 300));
    const sum = story.tokens.reduce((total, { logprob }) => total + (logprob ?? 0), 0);
    expect(story.perplexity).toBeCloseTo(Math.exp(-sum / story.tokens.length), 6);
    const noise = await score('Zq xv 93 kj; plonk wub fizzle %% naphtha grid. '.repeat(6));
    expect(noise.perplexity ?? 0).toBeGreaterThan(20 * (story.perplexity ?? Infinity));
  });

  it('reads a long text in windows', async () => {
    const text = 'Lily went to the park. '.repeat(120);
    const { tokens, window, perplexity } = await score(text);
    expect(tokens.length).toBeGreaterThan(window);
    expect(tokens.map(({ from, to }) => text.slice(from, to)).join('')).toBe(text);
    expect(tokens.every(({ logprob }) => logprob !== null)).toBe(true);
    expect(perplexity).toBeLessThan(10);
  });

  it('is that of llama-perplexity', async () => {
    // test/fixtures/measure/README.md: chunks of 512 tokens, of which the second half is counted.
    const [{ basePerplexity, chunks }] = JSON.parse(
      readFileSync(path.join(root, 'test/fixtures/measure/expected.json'), 'utf8'),
    ) as [{ basePerplexity: number; chunks: number }];
    const { settings } = await client.call('engine.settings', { modelId: stories });
    await client.call('engine.saveSettings', { modelId: stories, settings: { ...settings, contextSize: 1024 } });
    await client.call('engine.unload', { modelId: stories });
    const varied = readFileSync(path.join(root, 'assets/texts/varied.txt'), 'utf8').slice(0, 20_000);
    const { tokens } = await client.call('inference.tokenize', { modelId: stories, text: varied, special: false });
    const logprobs: number[] = [];
    for (let chunk = 0; chunk < chunks; chunk++) {
      // The first token of each chunk gives way to the one that begins a text, which is in the first chunk anyway.
      const ids = tokens.slice(chunk * 512, chunk * 512 + 511).map(({ id }) => id);
      const { text } = await client.call('inference.detokenize', { modelId: stories, ids });
      // A text that begins within a word may begin with other tokens; those that count are the same.
      const counted = (await score(text)).tokens.slice(-255);
      expect(counted.map(({ id }) => id)).toEqual(ids.slice(-255));
      logprobs.push(...counted.map(({ logprob }) => logprob ?? 0));
    }
    const perplexity = Math.exp(-logprobs.reduce((sum, one) => sum + one, 0) / logprobs.length);
    expect(Math.abs(perplexity / basePerplexity - 1)).toBeLessThan(0.002);
  });
});
