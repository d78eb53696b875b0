/** Embeddings and rerank scores. Each has a context of its own, created at its first use. */
import type { LlamaEmbeddingContext, LlamaModel, LlamaRankingContext } from 'node-llama-cpp';
import { AppError } from '../../../preload/wire/errors.ts';
import { formatInteger } from '../../base/format.ts';

export interface Vectors {
  /** One vector per text, in order. @throws AppError `invalid_input` for a text that is too long or too many dimensions. */
  embed(
    texts: readonly string[],
    options: { readonly dimensions: number | null; readonly normalize: boolean },
  ): Promise<{ vectors: number[][]; tokens: number }>;
  /** One score from 0 to 1 per document, in order. @throws AppError `unsupported`, `invalid_input`. */
  rerank(query: string, documents: readonly string[]): Promise<number[]>;
}

/** Vectors of a model with contexts of `contextSize` tokens. `threads` is called when a context is created. */
export function createVectors(model: LlamaModel, contextSize: number, threads: () => number): Vectors {
  let embedding: Promise<LlamaEmbeddingContext> | undefined;
  let ranking: Promise<LlamaRankingContext> | undefined;
  // Pooling needs all tokens of a text at once, so it is evaluated in one batch.
  const size = Math.min(contextSize, model.trainContextSize);
  const settings = () => ({ contextSize: size, batchSize: size, threads: threads() });

  return {
    async embed(texts, { dimensions, normalize }) {
      if (dimensions !== null && (dimensions < 1 || dimensions > model.embeddingVectorSize))
        throw new AppError(
          'invalid_input',
          `This model gives vectors of ${formatInteger(model.embeddingVectorSize)} numbers.`,
          {
            field: 'dimensions',
          },
        );
      embedding ??= model.createEmbeddingContext(settings()).catch((error: unknown) => {
        embedding = undefined;
        throw new AppError('unsupported', `This model cannot make embeddings: ${message(error)}`);
      });
      const context = await embedding;
      const vectors: number[][] = [];
      let tokens = 0;
      for (const [index, text] of texts.entries()) {
        const count = context.calculateInputLength(text);
        if (count >= size)
          throw new AppError(
            'invalid_input',
            `Text ${index + 1} has ${formatInteger(count)} tokens, and the model takes ${formatInteger(size - 1)}.`,
            {
              field: 'texts',
              index,
            },
          );
        tokens += count;
        const { vector } = await context.getEmbeddingFor(text);
        const cut = dimensions === null ? [...vector] : vector.slice(0, dimensions);
        vectors.push(normalize ? toUnitLength(cut) : cut);
      }
      return { vectors, tokens };
    },

    async rerank(query, documents) {
      if (!model.fileInsights.supportsRanking)
        throw new AppError('unsupported', 'This model was not trained to rank documents.');
      ranking ??= model.createRankingContext(settings()).catch((error: unknown) => {
        ranking = undefined;
        throw new AppError('unsupported', `This model cannot rank documents: ${message(error)}`);
      });
      const context = await ranking;
      // A long document is scored by its best chunk, and each chunk is evaluated with the query.
      const queryTokens = context.calculateInputLength(query, '');
      if (queryTokens >= size - 1)
        throw new AppError(
          'invalid_input',
          `The query has ${formatInteger(queryTokens)} tokens, and the model takes ${formatInteger(size)} with the document.`,
          { field: 'query' },
        );
      const scores: number[] = [];
      for (const document of documents) scores.push(await context.rank(query, document, { onOverflow: 'maxChunk' }));
      return scores;
    },
  };
}

function toUnitLength(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}

function message(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 300);
}
