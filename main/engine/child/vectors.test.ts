import type { LlamaModel, Token } from 'node-llama-cpp';
import { describe, expect, it } from 'vitest';
import { createVectors } from './vectors.ts';

const never = new AbortController().signal;

/** A model whose tokens are the letters of a text, and the sizes of the contexts that were made and disposed of. */
function vectorsOf(fails: (text: string) => boolean = () => false, trainContextSize = 4096) {
  const made: number[] = [];
  const disposed: number[] = [];
  const model = {
    ...{ trainContextSize, embeddingVectorSize: 2 },
    async createEmbeddingContext({ contextSize }: { contextSize: number }) {
      made.push(contextSize);
      return {
        calculateInputLength: (tokens: readonly Token[]) => tokens.length + 2,
        async getEmbeddingFor(tokens: readonly Token[]) {
          if (fails(String.fromCodePoint(...tokens))) throw new Error('llama_decode failed');
          return { vector: [3 * tokens.length, 4 * tokens.length] };
        },
        dispose: async () => void disposed.push(contextSize),
      };
    },
  } as unknown as LlamaModel;
  const tokenizer = {
    specialTexts: [],
    tokenize: async (text: string) => ({ tokens: [...text].map((one) => one.codePointAt(0) as Token), leftChars: 0 }),
  };
  const vectors = createVectors(model, tokenizer, 2048, () => 1);
  const embed = (...texts: readonly string[]) =>
    vectors.embed(texts, { dimensions: null, normalize: true, signal: never });
  return { embed, vectors, made, disposed };
}

describe('embeddings', () => {
  it('go on after a text for which they failed, and after one that was stopped', async () => {
    const { embed, vectors, made } = vectorsOf((text) => text === 'bad');
    const first = embed('bad');
    const stopped = vectors.embed(['a'], { dimensions: null, normalize: true, signal: AbortSignal.abort() });
    const second = embed('good');
    await expect(first).rejects.toThrow('llama_decode failed');
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    // A vector of 3 and 4 has the length 5.
    expect(await second).toEqual({ vectors: [[0.6, 0.8]], tokens: 6 });
    expect(made).toEqual([512]);
  });

  it('have one context, which is made again when a text needs a larger one', async () => {
    const { embed, made, disposed } = vectorsOf();
    await embed('a', 'b'.repeat(600), 'c', 'd'.repeat(2000));
    // Powers of two from 512 on, up to what the model was loaded with.
    expect([made, disposed]).toEqual([
      [512, 1024, 2048],
      [512, 1024],
    ]);
  });

  it('take no text that would fill the context with its two marks, of as many tokens as the model was trained for', async () => {
    const { embed, made } = vectorsOf(() => false, 700);
    // With a mark on each side 699 tokens, which leaves one free.
    expect((await embed('a'.repeat(697))).tokens).toBe(699);
    await expect(embed('a'.repeat(698))).rejects.toMatchObject({
      code: 'engine.context_full',
      data: { reason: 'message_too_long', neededTokens: 698, contextSize: 700, field: 'texts', index: 0 },
    });
    expect(made).toEqual([700]);
  });
});
