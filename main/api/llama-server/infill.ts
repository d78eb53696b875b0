/** llama-server's `/infill`, which editors ask for the text at the cursor. */
import { z } from 'zod';
import { textSchema } from '../generation/fields.ts';
import { openOrder } from '../generation/generation.ts';
import { contextSizeOf, cuttable } from '../../inference/inference.ts';
import type { Exchange } from '../http/exchange.ts';
import { namedOrLoaded } from '../names/loaded-models.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { answerCompletions, streamCompletions } from './completion-answer.ts';
import { completionFields, samplingOfFields } from './completion-fields.ts';

const text = textSchema;
const infillSchema = z.object({
  ...completionFields,
  input_prefix: text.nullish(),
  input_suffix: text.nullish(),
  /** Parts of other files, which stand before the prefix. */
  input_extra: z
    .array(z.object({ filename: z.string().max(1000).nullish(), text }))
    .max(1000)
    .nullish(),
  /** The beginning of the line with the cursor, in editors that send it apart from the prefix. */
  prompt: text.nullish(),
});
type InfillBody = z.infer<typeof infillSchema>;

/** Tokens that the marks of the model take. */
const MARKS = 8;
const USUAL_REPLY = 256;

export const infillRoute = route({
  method: 'POST',
  path: '/infill',
  dialect: 'llama-server',
  group: 'generate',
  summary: 'Writes the text between a prefix and a suffix.',
  body: infillSchema,
  example: { model: 'ember', input_prefix: 'def add(a, b):\n    ', input_suffix: '\n', n_predict: 16 },
  async handle(exchange: Exchange<InfillBody>, services: Services) {
    const { body } = exchange;
    const model = await namedOrLoaded(body.model, exchange, services);
    const opening = openOrder(exchange, services);
    const input = await fitted(body, { inference: services.inference, modelId: model.modelId, opening });
    const order = { model, input, sampling: samplingOfFields(body) };
    const orders = [{ order, prompt: input.prefix }];
    if (body.stream === true) await streamCompletions(exchange, services, orders, body);
    else await answerCompletions(exchange, services, orders, body, false);
  },
});

/**
 * The texts as far as they fit, nearest to the cursor first: a quarter for the suffix, as in llama-server, more where the prefix is short,
 * and the other files in what is left.
 */
async function fitted(
  body: InfillBody,
  model: Parameters<typeof cuttable>[0],
): Promise<{ readonly prefix: string; readonly suffix: string }> {
  const contextSize = await contextSizeOf(model);
  const wanted = body.n_predict ?? USUAL_REPLY;
  const reply = Math.min(wanted < 0 ? USUAL_REPLY : wanted, Math.floor(contextSize / 4));
  const room = contextSize - reply - MARKS;
  const prefix = await cuttable(model, (body.input_prefix ?? '') + (body.prompt ?? ''), contextSize);
  const suffix = await cuttable(model, body.input_suffix ?? '', contextSize);
  const others = (body.input_extra ?? []).map((extra) => `\n\n--- ${extra.filename ?? 'snippet'} ---\n\n${extra.text}`);
  const extra = await cuttable(model, others.length === 0 ? '' : `${others.join('')}\n\n`, contextSize);
  const suffixTokens = Math.min(suffix.count, Math.max(Math.floor(room / 4), room - prefix.count));
  const prefixTokens = Math.min(prefix.count, room - suffixTokens);
  return {
    prefix: extra.last(room - suffixTokens - prefixTokens) + prefix.last(prefixTokens),
    suffix: suffix.first(suffixTokens),
  };
}
