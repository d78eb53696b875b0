/** `/v1/embeddings`: https://platform.openai.com/docs/api-reference/embeddings. */
import { z } from 'zod';
import { isGiven } from '../generation/given.ts';
import { embedTexts } from '../generation/vectors.ts';
import type { Exchange } from '../http/exchange.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { textSchema } from './chat-messages.ts';
import { keepAliveSchema, modelNameSchema, readKeepAlive } from './sampling.ts';
import { listOf, textsOf, tokenIdsSchema } from './texts.ts';

/** OpenAI's own limit. */
const MOST_INPUTS = 2048;
const oneText = textSchema.min(1);

const embeddingsSchema = z.object({
  model: modelNameSchema,
  input: z.union(
    [
      oneText,
      z.array(oneText).min(1).max(MOST_INPUTS),
      tokenIdsSchema,
      z.array(tokenIdsSchema).min(1).max(MOST_INPUTS),
    ],
    { error: `expected a text or the ids of its tokens, or a list of 1 to ${MOST_INPUTS} of either; no text is empty` },
  ),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.int().min(1).max(1_000_000).nullish(),
  keep_alive: keepAliveSchema,
});
type EmbeddingsBody = z.infer<typeof embeddingsSchema>;

/** The numbers as 32-bit floats, lowest byte first, as OpenAI's clients read them. */
function inBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}

export const embeddingsRoute = route({
  method: 'POST',
  path: '/v1/embeddings',
  dialect: 'openai',
  group: 'vectors',
  summary: 'Makes a vector of each text.',
  body: embeddingsSchema,
  example: { model: 'ember', input: 'A text' },
  async handle(exchange: Exchange<EmbeddingsBody>, services: Services) {
    const { body } = exchange;
    const model = await services.models.find(body.model, exchange.caller);
    const { keepMs } = readKeepAlive(body.keep_alive);
    const inputs = listOf(body.input);
    const texts = await textsOf(exchange, services, model, { field: 'input', inputs, keepMs });
    const { vectors, tokens } = await embedTexts(exchange, services, {
      ...{ model, keepMs, texts },
      ...(isGiven(body.dimensions) && { dimensions: body.dimensions }),
    });
    exchange.json(200, {
      object: 'list',
      data: vectors.map((vector, index) => ({
        ...{ object: 'embedding', index },
        embedding: body.encoding_format === 'base64' ? inBase64(vector) : vector,
      })),
      model: body.model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    });
  },
});
