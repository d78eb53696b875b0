/** Vectors and scores for a program: what all dialects do alike. The log, the totals and the key's use are kept here. */
import { isAppError } from '../../../preload/wire/errors.ts';
import type { Embedding } from '../../inference/inference.ts';
import type { Exchange } from '../http/exchange.ts';
import type { NamedModel } from '../names/names.ts';
import type { Services } from '../services.ts';
import { openOrder } from './generation.ts';

type Asking = Pick<Exchange, 'entry' | 'caller' | 'client' | 'signal'>;

export interface VectorOrder {
  readonly model: NamedModel;
  /** As `keepMs` of an order for a model. */
  readonly keepMs?: number | null | undefined;
}

/** One vector per text, in order, of length 1 unless `normalize` is false. Throws model.*, engine.*, unsupported, invalid_input (more dimensions than there are), cancelled. */
export async function embedTexts(
  exchange: Asking,
  services: Services,
  {
    model,
    keepMs,
    texts,
    dimensions,
    normalize,
  }: VectorOrder & { readonly texts: readonly string[]; readonly dimensions?: number; readonly normalize?: boolean },
): Promise<Embedding> {
  return await counted(exchange, services, model, async () => {
    const order = openOrder(exchange, services, keepMs);
    const embedding = await services.inference.embed(model.modelId, texts, {
      ...order,
      ...(dimensions !== undefined && { dimensions }),
      ...(normalize !== undefined && { normalize }),
    });
    return { result: embedding, tokens: embedding.tokens };
  });
}

/** One score from 0 to 1 per document, in order, and the tokens that were read. Throws as `embedTexts`. */
export async function rankDocuments(
  exchange: Asking,
  services: Services,
  { model, keepMs, query, documents }: VectorOrder & { readonly query: string; readonly documents: readonly string[] },
): Promise<{ readonly scores: readonly number[]; readonly tokens: number }> {
  return await counted(exchange, services, model, async () => {
    const { inference } = services;
    const order = openOrder(exchange, services, keepMs);
    const scores = await inference.rerank(model.modelId, query, documents, order);
    const tokens = await tokensRead(query, documents, (text) => inference.count(model.modelId, { text }, order));
    return { result: { scores, tokens }, tokens };
  });
}

/** The query is read with each document. 0 where a server elsewhere does not tell of tokens: its scores are as good without. */
async function tokensRead(
  query: string,
  documents: readonly string[],
  count: (text: string) => Promise<number>,
): Promise<number> {
  try {
    let tokens = documents.length * (await count(query));
    for (const text of documents) tokens += await count(text);
    return tokens;
  } catch (error) {
    if (!isAppError(error, 'unsupported')) throw error;
    return 0;
  }
}

async function counted<T>(
  { entry, caller }: Asking,
  services: Services,
  model: NamedModel,
  work: () => Promise<{ readonly result: T; readonly tokens: number }>,
): Promise<T> {
  entry.note({ modelId: model.modelId, phase: 'prompt' });
  const startedMs = performance.now();
  const { result, tokens } = await work();
  entry.note({ promptTokens: tokens });
  services.activity.count({
    ...{ promptTokens: tokens, reusedTokens: 0, generatedTokens: 0, generateMs: 0 },
    promptMs: performance.now() - startedMs,
  });
  if (caller) services.keys.countTokens(caller, tokens);
  return result;
}
