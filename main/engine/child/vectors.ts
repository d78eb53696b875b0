/** Embeddings and rerank scores. Each has a context of its own, as large as the longest text so far needs. */
import { InsufficientMemoryError } from 'node-llama-cpp';
import type { LlamaContext, LlamaEmbeddingContext, LlamaModel, LlamaRankingContext, Token } from 'node-llama-cpp';
import { AppError } from '../../../preload/wire/errors.ts';
import { formatInteger } from '../../base/format.ts';
import { VECTOR_TOKENS } from '../protocol.ts';
import { estimateTokens, type Tokenizer } from './prompt/tokenizer.ts';

const { least: LEAST_TOKENS, most: MOST_TOKENS, marks: RANK_MARKS } = VECTOR_TOKENS;
/** A longer document would be ranked in so many chunks that its request never ended. */
const DOCUMENT_CONTEXTS = 16;

export interface Vectors {
  /**
   * One vector per text, in order.
   * @throws AppError `engine.context_full` for a text that is too long, `invalid_input` for too many dimensions, `cancelled`,
   * `engine.out_of_memory`, `unsupported`.
   */
  embed(
    texts: readonly string[],
    options: { readonly dimensions: number | null; readonly normalize: boolean; readonly signal: AbortSignal },
  ): Promise<{ vectors: number[][]; tokens: number }>;
  /** One score from 0 to 1 per document, in order. @throws the same. */
  rerank(query: string, documents: readonly string[], signal: AbortSignal): Promise<number[]>;
  /** GPU memory of the contexts that were made. */
  vramBytes(): number;
}

/** Vectors of a model with contexts of at most `contextSize` tokens. `threads` is called when a context is created. */
export function createVectors(
  model: LlamaModel,
  tokenizer: Tokenizer,
  contextSize: number,
  threads: () => number,
): Vectors {
  const most = Math.min(contextSize, model.trainContextSize > 0 ? model.trainContextSize : contextSize, MOST_TOKENS);
  const settings = (size: number) => ({ contextSize: size, batchSize: size, threads: threads() });
  const embedding = createGrowing(most, (size) =>
    model.createEmbeddingContext(settings(size)).catch(refuse('make embeddings')),
  );
  const ranking = createGrowing(most, (size) =>
    model.createRankingContext(settings(size)).catch(refuse('rank documents')),
  );

  const tokenize = async (
    text: string,
    { limit, what, facts, signal }: { limit: number; what: string; facts: Facts; signal: AbortSignal },
  ): Promise<Token[]> => {
    const tokenized = await tokenizer.tokenize(text, { special: false, continues: false, limitTokens: limit, signal });
    const { tokens, leftChars } = tokenized;
    if (leftChars === 0 && tokens.length < limit) return tokens;
    throw new AppError(
      'engine.context_full',
      `${what} has ${leftChars > 0 ? 'about ' : ''}${formatInteger(estimateTokens(tokenized, text))} tokens, and the model takes ${formatInteger(limit - 1)}.`,
      {
        ...{ reason: 'message_too_long', neededTokens: estimateTokens(tokenized, text), contextSize: most, ...facts },
        ...(leftChars > 0 ? { isEstimate: true } : {}),
      },
    );
  };

  return {
    async embed(texts, { dimensions, normalize, signal }) {
      if (dimensions !== null && (dimensions < 1 || dimensions > model.embeddingVectorSize))
        throw new AppError(
          'invalid_input',
          `This model gives vectors of ${formatInteger(model.embeddingVectorSize)} numbers.`,
          { field: 'dimensions' },
        );
      const vectors: number[][] = [];
      let count = 0;
      for (const [index, text] of texts.entries()) {
        // Two tokens of the vocabulary's own may stand around a text.
        const facts = { field: 'texts', index };
        const tokens = await tokenize(text, { limit: most - 2, what: `Text ${index + 1}`, facts, signal });
        await embedding.use(tokens.length + 3, signal, async (context) => {
          count += context.calculateInputLength([...tokens]);
          const { vector } = await context.getEmbeddingFor(tokens);
          const cut = dimensions === null ? [...vector] : vector.slice(0, dimensions);
          vectors.push(normalize ? toUnitLength(cut) : cut);
        });
      }
      return { vectors, tokens: count };
    },

    async rerank(query, documents, signal) {
      if (!model.fileInsights.supportsRanking)
        throw new AppError('unsupported', 'This model was not trained to rank documents.');
      const facts = { field: 'query' };
      const queryTokens = await tokenize(query, { limit: most - RANK_MARKS, what: 'The query', facts, signal });
      const scores: number[] = [];
      for (const [index, document] of documents.entries()) {
        const { tokens, leftChars } = await tokenizer.tokenize(document, {
          ...{ special: false, continues: true, limitTokens: most * DOCUMENT_CONTEXTS, signal },
        });
        if (leftChars > 0)
          throw new AppError('engine.context_full', `Document ${index + 1} is far too long to be ranked.`, {
            ...{ reason: 'message_too_long', field: 'documents', index, isEstimate: true },
            ...{ neededTokens: estimateTokens({ tokens, leftChars }, document), contextSize: most * DOCUMENT_CONTEXTS },
          });
        // A long document is scored by its best chunk, and each chunk is evaluated with the query.
        await ranking.use(queryTokens.length + tokens.length + RANK_MARKS, signal, async (context) => {
          scores.push(await context.rank([...queryTokens], tokens, { onOverflow: 'maxChunk' }));
        });
      }
      return scores;
    },
    vramBytes: () => embedding.vramBytes() + ranking.vramBytes(),
  };
}

type Facts = Readonly<Record<string, string | number>>;

interface Growing<C> {
  /** Runs `act` with a context of at least `tokens`, or of the most that is allowed. One act at a time. */
  use(tokens: number, signal: AbortSignal, act: (context: C) => Promise<void>): Promise<void>;
  vramBytes(): number;
}

/** A context that is made at its first use, and made again when a text needs a larger one. */
function createGrowing<C extends LlamaEmbeddingContext | LlamaRankingContext>(
  most: number,
  create: (size: number) => Promise<C>,
): Growing<C> {
  let made: { readonly context: C; readonly size: number } | null = null;
  let last: Promise<void> = Promise.resolve();
  return {
    use(tokens, signal, act) {
      const work = last.then(async () => {
        if (signal.aborted) throw new AppError('cancelled', 'Stopped.');
        const size = Math.min(most, Math.max(LEAST_TOKENS, 2 ** Math.ceil(Math.log2(tokens))));
        if (made && made.size < size) {
          const { context } = made;
          made = null;
          await context.dispose();
        }
        made ??= { context: await create(size), size };
        await act(made.context);
      });
      last = work.catch(() => {});
      return work;
    },
    vramBytes() {
      // The library tells it of its other contexts alone; this one is made of such a one.
      const inner = made && (Reflect.get(made.context, '_llamaContext') as LlamaContext | undefined);
      return inner?.memoryUsage.vram ?? 0;
    },
  };
}

const refuse =
  (what: string) =>
  (error: unknown): never => {
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, 300);
    if (error instanceof InsufficientMemoryError)
      throw new AppError('engine.out_of_memory', `There was not enough memory to ${what}: ${reason}`, { reason });
    throw new AppError('unsupported', `This model cannot ${what}: ${reason}`);
  };

function toUnitLength(vector: readonly number[]): number[] {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}
