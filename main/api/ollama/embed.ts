/** `/api/embed`, and `/api/embeddings`, which came before it: https://github.com/ollama/ollama/blob/main/docs/api.md#generate-embeddings. */
import { z } from 'zod';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { openOrder } from '../generation/generation.ts';
import { cuttable, type Cuttable, type Embedding } from '../../inference/inference.ts';
import { embedTexts, type VectorOrder } from '../generation/vectors.ts';
import type { Exchange } from '../http/exchange.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { keepAliveSchema, modelFields, modelNameOf, optionsSchema, readKeepAlive, textSchema } from './fields.ts';
import { findModel } from './find-model.ts';
import { loadOrUnload } from './stay.ts';

const common = { ...modelFields, options: optionsSchema.nullish(), keep_alive: keepAliveSchema.nullish() };

const embedSchema = z.object({
  ...common,
  input: z.union([textSchema, z.array(textSchema).max(2048)]).nullish(),
  /** Whether the end of a text that is too long is left out. Default: yes. */
  truncate: z.boolean().nullish(),
  dimensions: z.int().min(0).max(1_000_000).nullish(),
});
type EmbedBody = z.infer<typeof embedSchema>;

interface EmbedOrder extends VectorOrder {
  readonly texts: readonly string[];
  readonly truncates: boolean;
  readonly dimensions?: number;
  readonly normalize: boolean;
}

/** Tokens that a vocabulary may put around a text, and one that is never filled. */
const MARKS = 3;
/** A cut may go through a word, whose halves are more tokens than it was: then it is cut shorter. */
const MOST_CUTS = 8;
/** Hardly a token is longer, and what comes behind is left out anyway: the beginning of a text of any length is tokenized at once. */
const TOKEN_CHARS = 32;

/** The vectors of the texts. Each text that is too long is cut to what the model takes. Throws as `embedTexts`. */
async function embed(exchange: Exchange, services: Services, order: EmbedOrder): Promise<Embedding> {
  const { truncates, ...plain } = order;
  const { modelId } = order.model;
  const texts = [...order.texts];
  const cuts = new Map<number, { readonly text: Cuttable; readonly most: number; readonly count: number }>();
  for (;;) {
    try {
      return await embedTexts(exchange, services, { ...plain, texts });
    } catch (error) {
      const { index, contextSize, neededTokens } = isAppError(error, 'engine.context_full') ? error.data : {};
      if (!truncates || typeof index !== 'number' || typeof contextSize !== 'number') throw error;
      const before = cuts.get(index);
      if (before && (before.count === MOST_CUTS || before.most === 1)) throw error;
      const opening = openOrder(exchange, services, order.keepMs);
      const head = (): string => (texts[index] ?? '').slice(0, contextSize * TOKEN_CHARS);
      const text =
        before?.text ?? (await cuttable({ inference: services.inference, modelId, opening }, head(), contextSize));
      const excess = before && typeof neededTokens === 'number' ? neededTokens - (contextSize - MARKS) : 0;
      const most = Math.max(1, (before?.most ?? contextSize - MARKS) - Math.max(before ? 1 : 0, excess));
      cuts.set(index, { text, most, count: (before?.count ?? 0) + 1 });
      texts[index] = text.first(most);
    }
  }
}

const nanoseconds = (ms: number): number => Math.round(ms * 1e6);

export const embedRoute = route({
  method: 'POST',
  path: '/api/embed',
  dialect: 'ollama',
  group: 'vectors',
  summary: 'Makes vectors of one text or several, each of length 1.',
  body: embedSchema,
  example: { model: 'ember', input: ['The fire is warm.', 'The hearth glows.'] },
  async handle(exchange: Exchange<EmbedBody>, services: Services) {
    const { body } = exchange;
    const name = modelNameOf(body);
    const model = await findModel(services, exchange, name);
    const keepMs = readKeepAlive(body.keep_alive);
    const texts = typeof body.input === 'string' ? (body.input === '' ? [] : [body.input]) : (body.input ?? []);
    const startedMs = performance.now();
    if (texts.length === 0) {
      await loadOrUnload(exchange, services, model, keepMs);
      exchange.json(200, { model: name, embeddings: [] });
      return;
    }
    const { vectors, tokens } = await embed(exchange, services, {
      ...{ model, texts, truncates: body.truncate !== false, normalize: true, keepMs },
      ...(body.dimensions && { dimensions: body.dimensions }),
    });
    const total_duration = nanoseconds(performance.now() - startedMs);
    exchange.json(200, {
      model: name,
      embeddings: vectors,
      total_duration,
      load_duration: 0,
      prompt_eval_count: tokens,
    });
  },
});

const embeddingsSchema = z.object({ ...common, prompt: textSchema.nullish() });

export const embeddingsRoute = route({
  method: 'POST',
  path: '/api/embeddings',
  dialect: 'ollama',
  group: 'vectors',
  summary: 'Makes a vector of one text, as the model gives it. /api/embed came in its place.',
  body: embeddingsSchema,
  example: { model: 'ember', prompt: 'The fire is warm.' },
  async handle(exchange: Exchange<z.infer<typeof embeddingsSchema>>, services: Services) {
    const { body } = exchange;
    const model = await findModel(services, exchange, modelNameOf(body));
    const keepMs = readKeepAlive(body.keep_alive);
    if (!body.prompt) {
      await loadOrUnload(exchange, services, model, keepMs);
      exchange.json(200, { embedding: [] });
      return;
    }
    const order = { model, texts: [body.prompt], truncates: true, normalize: false, keepMs };
    const { vectors } = await embed(exchange, services, order);
    const [embedding] = vectors;
    if (!embedding) throw new AppError('internal', 'The text has no vector.');
    exchange.json(200, { embedding });
  },
});
