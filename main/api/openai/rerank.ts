/**
 * `/v1/rerank`. OpenAI has none; the form is that of Jina (https://jina.ai/reranker) and Cohere (https://docs.cohere.com/reference/rerank),
 * which vLLM and llama-server have too.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { rankDocuments } from '../generation/vectors.ts';
import type { Exchange } from '../http/exchange.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { textSchema } from './chat-messages.ts';
import { keepAliveSchema, modelNameSchema, readKeepAlive } from './sampling.ts';

const MOST_DOCUMENTS = 1000;

const rerankSchema = z.object({
  model: modelNameSchema,
  query: textSchema.min(1),
  documents: z
    .array(
      z.union([textSchema, z.object({ text: textSchema })], { error: 'expected a text, or an object with a "text"' }),
    )
    .min(1)
    .max(MOST_DOCUMENTS),
  /** Of the documents so many are answered, the most relevant ones. */
  top_n: z.int().min(1).max(1_000_000).nullish(),
  return_documents: z.boolean().nullish(),
  keep_alive: keepAliveSchema,
});
type RerankBody = z.infer<typeof rerankSchema>;

export const rerankRoute = route({
  method: 'POST',
  path: '/v1/rerank',
  dialect: 'openai',
  group: 'vectors',
  summary: 'Says how relevant documents are to a query.',
  body: rerankSchema,
  example: { model: 'ember', query: 'Who has a cat?', documents: ['The cat sleeps.', 'It rains.'] },
  async handle(exchange: Exchange<RerankBody>, services: Services) {
    const { body } = exchange;
    const model = await services.models.find(body.model, exchange.caller);
    const documents = body.documents.map((document) => (typeof document === 'string' ? document : document.text));
    const { scores, tokens } = await rankDocuments(exchange, services, {
      ...{ model, query: body.query, documents, ...readKeepAlive(body.keep_alive) },
    });
    const results = scores
      .map((score, index) => ({
        ...{ index, relevance_score: score },
        ...(body.return_documents === true && { document: { text: documents[index] ?? '' } }),
      }))
      .toSorted((a, b) => b.relevance_score - a.relevance_score)
      .slice(0, body.top_n ?? scores.length);
    exchange.json(200, {
      ...{ id: `rerank-${randomUUID()}`, object: 'list', model: body.model, results },
      usage: { prompt_tokens: tokens, total_tokens: tokens },
      meta: { tokens: { input_tokens: tokens } },
    });
  },
});
