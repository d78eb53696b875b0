/** `/v1/responses`: https://platform.openai.com/docs/api-reference/responses. The entry of this folder. */
import { AppError } from '../../../../preload/wire/errors.ts';
import { countPrompt } from '../../generation/generation.ts';
import type { Exchange } from '../../http/exchange.ts';
import { route, type AnyRoute } from '../../route.ts';
import type { Services } from '../../services.ts';
import { answerResponse, streamResponse } from './answer.ts';
import { itemsOf, responsesSchema, wantedOf, type ResponsesBody, type WantedResponse } from './request.ts';
import { itemsUpTo, storedItem, storedResponse } from './stored.ts';

async function wanted(exchange: Exchange<ResponsesBody>, services: Services): Promise<WantedResponse> {
  const { body, caller } = exchange;
  const model = await services.models.find(body.model, caller);
  return wantedOf(body, model, {
    earlier: itemsUpTo(exchange, services, body.previous_response_id ?? null),
    asked: itemsOf(body).map((item, at) =>
      item.type === 'item_reference' ? storedItem(exchange, services, item.id, at) : item,
    ),
  });
}

const createRoute = route({
  method: 'POST',
  path: '/v1/responses',
  dialect: 'openai',
  group: 'generate',
  summary: 'Answers, with tools, and goes on from an earlier response.',
  body: responsesSchema,
  example: { model: 'ember', input: 'Who are you?' },
  async handle(exchange: Exchange<ResponsesBody>, services: Services) {
    await (exchange.body.stream === true ? streamResponse : answerResponse)(
      exchange,
      services,
      await wanted(exchange, services),
    );
  },
});

const countRoute = route({
  method: 'POST',
  path: '/v1/responses/input_tokens',
  dialect: 'openai',
  group: 'inspect',
  summary: 'Counts the tokens of a response’s prompt.',
  body: responsesSchema,
  example: { model: 'ember', input: 'Who are you?' },
  async handle(exchange: Exchange<ResponsesBody>, services: Services) {
    const { order } = await wanted(exchange, services);
    exchange.entry.note({ modelId: order.model.modelId });
    const count = await countPrompt(exchange, services, order);
    exchange.json(200, { object: 'response.input_tokens', input_tokens: count });
  },
});

const getRoute = route({
  method: 'GET',
  path: '/v1/responses/:id',
  dialect: 'openai',
  group: 'generate',
  summary: 'Gives a response that was stored.',
  body: null,
  handle(exchange: Exchange, services: Services) {
    if (exchange.query.get('stream') === 'true')
      throw new AppError('unsupported', 'A stored response is whole, so it is not streamed again.', {
        field: 'stream',
      });
    exchange.json(200, storedResponse(exchange, services, exchange.params['id'] ?? '').response);
  },
});

const deleteRoute = route({
  method: 'DELETE',
  path: '/v1/responses/:id',
  dialect: 'openai',
  group: 'generate',
  summary: 'Deletes a response that was stored.',
  body: null,
  handle(exchange: Exchange, services: Services) {
    const id = exchange.params['id'] ?? '';
    storedResponse(exchange, services, id);
    services.responses.remove(id, exchange.caller?.id ?? null);
    exchange.json(200, { id, object: 'response', deleted: true });
  },
});

const MOST_LISTED = 100;

const itemsRoute = route({
  method: 'GET',
  path: '/v1/responses/:id/input_items',
  dialect: 'openai',
  group: 'generate',
  summary: 'Lists what was asked for a stored response.',
  body: null,
  handle(exchange: Exchange, services: Services) {
    const { query, params } = exchange;
    const limit = Number(query.get('limit') ?? 20);
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_LISTED)
      throw new AppError('invalid_input', `"limit" must be a whole number from 1 to ${MOST_LISTED}.`, {
        field: 'limit',
      });
    const { input } = storedResponse(exchange, services, params['id'] ?? '');
    // The newest come first unless asked otherwise.
    const ordered = query.get('order') === 'asc' ? input : input.toReversed();
    const after = query.get('after');
    const from = after === null ? 0 : ordered.findIndex(({ id }) => id === after) + 1;
    if (after !== null && from === 0)
      throw new AppError('invalid_input', 'There is no such item in this response.', { field: 'after' });
    const data = ordered.slice(from, from + limit);
    exchange.json(200, {
      ...{ object: 'list', data, has_more: from + limit < ordered.length },
      ...{ first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null },
    });
  },
});

const compactRoute = route({
  method: 'POST',
  path: '/v1/responses/compact',
  dialect: 'openai',
  group: 'generate',
  summary: 'Refused: Hearth does not sum a conversation up.',
  body: null,
  handle() {
    throw new AppError(
      'unsupported',
      'Hearth does not sum a conversation up. Ask a model for a summary with /v1/responses, or send "truncation": "auto", which leaves the oldest messages out.',
      { reason: 'no_compaction' },
    );
  },
});

export const responsesRoutes: readonly AnyRoute[] = [
  ...[createRoute, countRoute, compactRoute],
  ...[getRoute, deleteRoute, itemsRoute],
];
