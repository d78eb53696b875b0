/** llama-server's `/tokenize`, `/detokenize` and `/apply-template`. */
import { z } from 'zod';
import { textSchema } from '../generation/fields.ts';
import type { TextToken } from '../../inference/inference.ts';
import { openOrder, promptOf } from '../generation/generation.ts';
import { isGiven } from '../generation/given.ts';
import type { Exchange } from '../http/exchange.ts';
import { namedOrLoaded } from '../names/loaded-models.ts';
import { messageSchema, readMessages } from '../openai/chat-messages.ts';
import { readTemplateVariables, templateVariablesSchema } from '../openai/sampling.ts';
import { chooseTools, definitionOf, readToolChoice, toolChoiceSchema, toolSchema } from '../openai/tools.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { optionalModel, tokenSchema } from './completion-fields.ts';

const text = textSchema;
const model = optionalModel;
/** Texts of one request, each of which is a call of the engine. */
const MOST_TEXTS = 1000;

const tokenizeSchema = z.object({
  model,
  content: z.union([text, z.array(z.union([text, tokenSchema])).max(MOST_TEXTS)]).nullish(),
  /** Adds the tokens that the vocabulary puts around a text. */
  add_special: z.boolean().nullish(),
  /** Texts of special tokens are those tokens. Default: true. */
  parse_special: z.boolean().nullish(),
  with_pieces: z.boolean().nullish(),
});

const tokenizeRoute = route({
  method: 'POST',
  path: '/tokenize',
  dialect: 'llama-server',
  group: 'inspect',
  summary: 'The tokens of a text.',
  body: tokenizeSchema,
  example: { model: 'ember', content: 'Hello, world', with_pieces: true },
  async handle(exchange: Exchange<z.infer<typeof tokenizeSchema>>, services: Services) {
    const { body } = exchange;
    const { modelId } = await namedOrLoaded(body.model, exchange, services);
    exchange.entry.note({ modelId });
    const order = openOrder(exchange, services);
    const parts = isGiven(body.content) ? [body.content].flat() : [];
    const tokens: TextToken[] = [];
    for (const [at, part] of parts.entries())
      if (typeof part === 'number')
        tokens.push({
          id: part,
          text:
            body.with_pieces === true
              ? await services.inference.detokenize(modelId, [part], { ...order, asPieces: true })
              : '',
        });
      else {
        const special = body.parse_special !== false;
        const withEnds = body.add_special === true && at === 0;
        const made = await services.inference.tokenize(modelId, part, { special, withEnds, asPieces: true, order });
        for (const token of made.tokens) tokens.push(token);
      }
    exchange.json(200, {
      tokens: tokens.map((token) =>
        // What is no text is told by its bytes.
        body.with_pieces === true ? { id: token.id, piece: token.bytes ?? token.text } : token.id,
      ),
    });
  },
});

const detokenizeSchema = z.object({ model, tokens: z.array(tokenSchema).max(1_000_000).nullish() });

const detokenizeRoute = route({
  method: 'POST',
  path: '/detokenize',
  dialect: 'llama-server',
  group: 'inspect',
  summary: 'The text of tokens.',
  body: detokenizeSchema,
  example: { model: 'ember', tokens: [1462, 14, 1337] },
  async handle(exchange: Exchange<z.infer<typeof detokenizeSchema>>, services: Services) {
    const { body } = exchange;
    const { modelId } = await namedOrLoaded(body.model, exchange, services);
    exchange.entry.note({ modelId });
    const opening = openOrder(exchange, services);
    const content = await services.inference.detokenize(modelId, body.tokens ?? [], { ...opening, asPieces: true });
    exchange.json(200, { content });
  },
});

const templateSchema = z.object({
  model,
  messages: z.array(messageSchema).min(1).max(10_000),
  tools: z.array(toolSchema).max(256).nullish(),
  tool_choice: toolChoiceSchema.nullish(),
  chat_template_kwargs: templateVariablesSchema.nullish(),
});

const templateRoute = route({
  method: 'POST',
  path: '/apply-template',
  dialect: 'llama-server',
  group: 'inspect',
  summary: "A conversation as the text that the model's chat template makes of it.",
  body: templateSchema,
  example: { model: 'ember', messages: [{ role: 'user', content: 'Hello' }] },
  async handle(exchange: Exchange<z.infer<typeof templateSchema>>, services: Services) {
    const { body } = exchange;
    const found = await namedOrLoaded(body.model, exchange, services);
    exchange.entry.note({ modelId: found.modelId });
    const tools = chooseTools(
      (body.tools ?? []).map((tool) => definitionOf(tool.function)),
      readToolChoice(body.tool_choice),
    );
    const what = promptOf({
      ...{ model: found, input: { ...readMessages(body.messages, true), ...tools }, policy: 'stop' },
      templateOptions: readTemplateVariables(body.chat_template_kwargs),
    });
    const rendered = await services.inference.render(found.modelId, what, openOrder(exchange, services));
    exchange.json(200, { prompt: rendered.text });
  },
});

export const textRoutes = [tokenizeRoute, detokenizeRoute, templateRoute];
