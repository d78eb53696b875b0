import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTokenCounter, type Counted, type CountOrder } from './counter.ts';
import { estimatedTokens } from './estimate.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A tokenizer that makes a token of every five characters, and answers when it is told to. */
function setUp() {
  const asked: (readonly string[])[] = [];
  const answers: (() => void)[] = [];
  const counted: (readonly Counted[])[] = [];
  let isLoaded = true;
  const counter = createTokenCounter<string>({
    ask: (_modelId, texts) => {
      asked.push(texts);
      return new Promise((resolve) =>
        answers.push(() => resolve(isLoaded ? texts.map(({ length }) => Math.ceil(length / 5)) : null)),
      );
    },
    onCounted: (_subject, counts) => counted.push(counts),
  });
  return {
    ...{ counter, asked, counted },
    unload: () => (isLoaded = false),
    async pass(ms: number) {
      await vi.advanceTimersByTimeAsync(ms);
    },
    async answer() {
      for (const one of answers.splice(0)) one();
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}
const order = (typed: string, files: readonly string[] = [], modelId: string | null = 'm'): CountOrder<string> => ({
  subject: typed,
  modelId,
  texts: [{ text: typed, isTyped: true }, ...files.map((text) => ({ text, isTyped: false }))],
});

describe('counting while one types', () => {
  it('asks after the last key, and never twice at once', async () => {
    const { counter, asked, counted, pass, answer } = setUp();
    for (const text of ['a', 'ab', 'abc']) {
      counter.want(order(text));
      await pass(100);
    }
    expect(asked).toEqual([]);
    await pass(300);
    expect(asked).toEqual([['abc']]);
    for (const text of ['abcd', 'abcdef']) {
      counter.want(order(text));
      await pass(1000);
    }
    expect(asked).toHaveLength(1);
    await answer();
    expect([asked[1], counted]).toEqual([['abcdef'], [[{ tokens: 1, exact: true }]]]);
    await answer();
    expect(counted.at(-1)).toEqual([{ tokens: 2, exact: true }]);
  });

  it('counts a file once', async () => {
    const { counter, asked, counted, pass, answer } = setUp();
    const file = 'x'.repeat(100_000);
    for (const text of ['a', 'ab']) {
      counter.want(order(text, [file, '']));
      await pass(300);
      await answer();
    }
    expect(asked).toEqual([['a', file], ['ab']]);
    expect(counted.at(-1)).toEqual([
      { tokens: 1, exact: true },
      { tokens: 20_000, exact: true },
      { tokens: 0, exact: true },
    ]);
  });

  it('counts samples of long texts, in requests of a bounded size', async () => {
    const { counter, asked, counted, pass, answer } = setUp();
    const files = Array.from({ length: 3 }, (_, index) => String(index).repeat(150_000));
    counter.want(order('t'.repeat(300_000), [...files, 'f'.repeat(1_000_000)]));
    await pass(300);
    for (let batch = 0; batch < 4; batch++) await answer();
    const lengths = asked.map((texts) => texts.map(({ length }) => length));
    expect(lengths).toEqual([[40_000, 150_000], [150_000], [150_000, 40_000]]);
    expect(counted).toEqual([
      [
        { tokens: 60_000, exact: false },
        ...Array.from({ length: 3 }, () => ({ tokens: 30_000, exact: true })),
        { tokens: 200_000, exact: false },
      ],
    ]);
  });

  it('estimates without a model, and where it was unloaded meanwhile', async () => {
    const { counter, asked, counted, pass, answer, unload } = setUp();
    counter.want(order('Some words to count', [], null));
    await pass(300);
    expect([asked, counted]).toEqual([[], [[{ tokens: 5, exact: false }]]]);
    unload();
    counter.want(order('Some words to count'));
    await pass(300);
    await answer();
    expect(counted.at(-1)).toEqual([{ tokens: 5, exact: false }]);
  });

  it('tells nothing once it is closed', async () => {
    const { counter, counted, pass, answer } = setUp();
    counter.want(order('a'));
    await pass(300);
    counter.close();
    await answer();
    expect(counted).toEqual([]);
  });
});

describe('an estimate', () => {
  it('is near to what tokenizers count', () => {
    // Ten with the vocabularies of GPT-4 and Llama 3.
    expect(Math.abs(estimatedTokens('The quick brown fox jumps over the lazy dog.') - 10)).toBeLessThanOrEqual(2);
    // Sixteen characters, for which such vocabularies have between one token for two characters and one for each.
    const chinese = estimatedTokens('今天天气很好，我们去公园散步吧。');
    expect(chinese).toBeGreaterThanOrEqual(8);
    expect(chinese).toBeLessThanOrEqual(16);
  });

  it('of a long text looks at its beginning alone', () => {
    expect(estimatedTokens('abcd'.repeat(1_000_000))).toBe(1_000_000);
  });
});
