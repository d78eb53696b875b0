/** llama-server's own `/completion`: https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md. */
import { z } from 'zod';
import { AppError } from '../../../preload/wire/errors.ts';
import { openOrder } from '../generation/generation.ts';
import type { Exchange } from '../http/exchange.ts';
import { namedOrLoaded } from '../names/loaded-models.ts';
import type { ListedModel } from '../names/models.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { answerCompletions, streamCompletions } from './completion-answer.ts';
import {
  completionFields,
  samplingOfFields,
  textSchema,
  tokenSchema,
  type CompletionOrder,
} from './completion-fields.ts';

const MOST_TOKENS = 1_000_000;
const MOST_PROMPTS = 16;
/** Texts and tokens, of which one prompt is made. */
const mixedSchema = z.array(z.union([textSchema, tokenSchema])).max(MOST_TOKENS);
const promptSchema = z.union([textSchema, mixedSchema, z.array(z.union([textSchema, mixedSchema])).max(MOST_PROMPTS)]);

const completionSchema = z.object({ ...completionFields, prompt: promptSchema });
type CompletionBody = z.infer<typeof completionSchema>;
type OnePrompt = string | readonly (string | number)[];

/** Several prompts are texts alone, or lists among them; texts among tokens are one. */
function promptsOf(prompt: CompletionBody['prompt']): readonly OnePrompt[] {
  if (typeof prompt === 'string') return [prompt];
  const isOne = prompt.some((part) => typeof part === 'number');
  if (isOne || prompt.length === 0) return [prompt as readonly (string | number)[]];
  if (prompt.length > MOST_PROMPTS)
    throw new AppError('invalid_input', `"prompt" may be ${MOST_PROMPTS} prompts at most.`, { field: 'prompt' });
  return prompt as readonly OnePrompt[];
}

/**
 * A prompt as the engine takes it: a text, or the tokens of all its parts. As in llama-server a first text gets what the vocabulary puts
 * before texts, and tokens get nothing.
 */
async function inputOf(
  prompt: OnePrompt,
  tokenize: (text: string, isFirst: boolean) => Promise<readonly number[]>,
): Promise<{ readonly rawPrompt: string | readonly number[] }> {
  if (typeof prompt === 'string') return { rawPrompt: prompt };
  const rawPrompt: number[] = [];
  for (const [at, part] of prompt.entries())
    for (const token of typeof part === 'string' ? await tokenize(part, at === 0) : [part]) rawPrompt.push(token);
  return { rawPrompt };
}

async function ordersOf(exchange: Exchange<CompletionBody>, services: Services, model: ListedModel) {
  const { body } = exchange;
  const opening = openOrder(exchange, services);
  const sampling = samplingOfFields(body);
  const orders: CompletionOrder[] = [];
  const textOf = async ({ rawPrompt }: Awaited<ReturnType<typeof inputOf>>): Promise<string> =>
    typeof rawPrompt === 'string'
      ? rawPrompt
      : await services.inference.detokenize(model.modelId, rawPrompt, { ...opening, asPieces: true });
  for (const prompt of promptsOf(body.prompt)) {
    const input = await inputOf(prompt, async (part, isFirst) => {
      const options = { special: true, withEnds: isFirst, order: opening };
      return (await services.inference.tokenize(model.modelId, part, options)).tokens.map(({ id }) => id);
    });
    orders.push({ prompt: await textOf(input), order: { model, input, sampling } });
  }
  return orders;
}

const definition = {
  method: 'POST' as const,
  dialect: 'llama-server' as const,
  group: 'generate' as const,
  summary: 'Continues a text, in the form of llama-server.',
  body: completionSchema,
  example: { model: 'ember', prompt: 'Once upon a time', n_predict: 32 },
  async handle(exchange: Exchange<CompletionBody>, services: Services) {
    const { body } = exchange;
    const model = await namedOrLoaded(body.model, exchange, services);
    const orders = await ordersOf(exchange, services, model);
    const isList = Array.isArray(body.prompt) && orders.length > 1;
    if (body.stream === true) await streamCompletions(exchange, services, orders, body);
    else await answerCompletions(exchange, services, orders, body, isList);
  },
};
export const completionRoutes = [
  route({ ...definition, path: '/completion' }),
  // In llama-server it is not OpenAI's, which has `/v1` before it.
  route({ ...definition, path: '/completions' }),
];
