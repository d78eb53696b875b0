/** `/v1/completions`, which continues texts: https://platform.openai.com/docs/api-reference/completions. */
import { randomUUID } from 'node:crypto';
import { AppError } from '../../../preload/wire/errors.ts';
import type { GenerationOrder } from '../generation/generation.ts';
import { isGiven } from '../generation/given.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ListedModel } from '../names/models.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { ordersOf } from '../generation/choices.ts';
import { completionsSchema, type CompletionsBody } from './completions-body.ts';
import { answerCompletions, streamCompletions, type WantedCompletion } from './completions-answer.ts';
import { readForm, readKeepAlive, readMaxTokens, readSampling } from './sampling.ts';
import { listOf, textsOf } from './texts.ts';

/** OpenAI's own: who wants more asks for it. */
const DEFAULT_MAX_TOKENS = 16;
const MOST_REPLIES = 2048;

const invalid = (message: string, field: string): AppError => new AppError('invalid_input', message, { field });

/** The completions of a request, in the order of their answer. @throws AppError `invalid_input`. */
function completionsOf(body: CompletionsBody, model: ListedModel): readonly WantedCompletion[] {
  const { suffix, logprobs } = body;
  const n = body.n ?? 1;
  const bestOf = Math.max(n, body.best_of ?? n);
  if (isGiven(body.best_of) && body.best_of < n) throw invalid('"best_of" must be at least "n".', 'best_of');
  if (body.stream === true && bestOf > n)
    throw invalid('Which reply is the best is known at the end, so "best_of" cannot be streamed.', 'best_of');
  const prompts = listOf(body.prompt);
  if (prompts.length * bestOf > MOST_REPLIES)
    throw invalid(`At most ${MOST_REPLIES} replies are given to one request.`, 'prompt');
  const sampling = {
    ...readSampling(body),
    ...readMaxTokens(body.max_tokens ?? DEFAULT_MAX_TOKENS),
    grammar: readForm(body),
    ...(isGiven(logprobs) ? { logprobs } : bestOf > n && { logprobs: 0 }),
  };
  return prompts.flatMap((prompt, at): WantedCompletion[] => {
    if (isGiven(suffix) && typeof prompt !== 'string')
      throw invalid('A suffix goes with a prompt of text, not of tokens.', 'suffix');
    const order: GenerationOrder = {
      model,
      input: isGiven(suffix) ? { prefix: prompt as string, suffix } : { rawPrompt: prompt },
      sampling,
      ...(body.echo === true && isGiven(logprobs) && { promptLogprobs: logprobs }),
      ...readKeepAlive(body.keep_alive),
    };
    const orders = ordersOf(order, bestOf);
    return bestOf > n
      ? [{ prompt: at, orders, kept: n }]
      : orders.map((one) => ({ prompt: at, orders: [one], kept: 1 }));
  });
}

export const completionsRoute = route({
  method: 'POST',
  path: '/v1/completions',
  dialect: 'openai',
  group: 'generate',
  summary: 'Continues a text as it is.',
  body: completionsSchema,
  example: { model: 'ember', prompt: 'Once upon a time', max_tokens: 32 },
  async handle(exchange: Exchange<CompletionsBody>, services: Services) {
    const { body } = exchange;
    const model = await services.models.find(body.model, exchange.caller);
    const wanted = completionsOf(body, model);
    const needsTexts = body.echo === true || isGiven(body.logprobs);
    const inputs = { field: 'prompt', inputs: listOf(body.prompt), keepMs: readKeepAlive(body.keep_alive).keepMs };
    const facts = {
      id: `cmpl-${randomUUID()}`,
      created: Math.floor(services.now() / 1000),
      model: body.model,
      texts: needsTexts ? await textsOf(exchange, services, model, inputs) : null,
    };
    await (body.stream === true ? streamCompletions : answerCompletions)(exchange, services, wanted, facts);
  },
});
