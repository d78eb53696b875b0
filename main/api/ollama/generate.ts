/** `/api/generate`: https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-completion. */
import { z } from 'zod';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import type { PromptMessage } from '../../chat-format/messages.ts';
import type { GenerateInput } from '../../engine/engine.ts';
import { openOrder, promptOf, type GenerationOrder } from '../generation/generation.ts';
import { isGiven } from '../generation/given.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ListedModel } from '../names/models.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { refuseThinking } from './chat.ts';
import {
  formatSchema,
  imagesSchema,
  keepAliveSchema,
  logprobFields,
  modelFields,
  modelNameOf,
  optionsSchema,
  readFormat,
  readKeepAlive,
  readLogprobs,
  readOptions,
  readThink,
  refuseImages,
  textSchema,
  thinkSchema,
} from './fields.ts';
import { findModel } from './find-model.ts';
import { readTemplate } from './go-template/go-template.ts';
import { answerReply, type ReplyPiece } from './reply.ts';
import { loadOrUnload } from './stay.ts';

const generateSchema = z.object({
  ...modelFields,
  prompt: textSchema.nullish(),
  suffix: textSchema.nullish(),
  system: textSchema.nullish(),
  template: z.string().max(200_000).nullish(),
  /** Tokens of the conversation so far, as an earlier answer gave them. */
  context: z.array(z.int().min(0).max(4_294_967_295)).max(1_000_000).nullish(),
  raw: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  format: formatSchema.nullish(),
  options: optionsSchema.nullish(),
  keep_alive: keepAliveSchema.nullish(),
  think: thinkSchema.nullish(),
  images: imagesSchema.nullish(),
  truncate: z.boolean().nullish(),
  ...logprobFields,
});
type GenerateBody = z.infer<typeof generateSchema>;

/** An empty text counts as absent, as in Ollama. */
const given = (text: string | null | undefined): text is string => isGiven(text) && text !== '';

/** @throws AppError `invalid_input` for fields that exclude each other. */
function refuseContradictions({ raw, system, template, context, suffix }: GenerateBody): void {
  const refuse = (message: string, field: string): AppError => new AppError('invalid_input', message, { field });
  if (raw === true && (given(template) || given(system) || (context?.length ?? 0) > 0))
    throw refuse('raw mode does not support template, system, or context', 'raw');
  if (given(suffix) && given(template))
    throw refuse(
      'The gap before a "suffix" is marked by the tokens of the model, so a "template" has no place in it.',
      'suffix',
    );
}

/** The model with the template of the request in place of its own. @throws AppError `invalid_input`. */
function withTemplate(model: ListedModel, template: string | null | undefined): ListedModel {
  if (!given(template)) return model;
  const preset = model.preset ?? {
    ...{ name: model.name, modelId: model.modelId, systemPrompt: null, sampling: {}, messages: [] },
  };
  return { ...model, preset: { ...preset, template: readTemplate(template, 'template') } };
}

function inputOfBody({ prompt, suffix, system, raw }: GenerateBody): GenerateInput {
  const text = prompt ?? '';
  if (given(suffix)) return { prefix: text, suffix };
  if (raw === true) return { rawPrompt: text };
  const messages: PromptMessage[] = given(system) ? [{ role: 'system', content: system }] : [];
  return { messages: [...messages, { role: 'user', content: text }] };
}

/** A reply whose prompt and text are told as tokens, which a later request gives back in `context`. */
interface Remembered {
  readonly order: GenerationOrder;
  readonly lastFields: (content: string) => Promise<object>;
}

/**
 * The order with the tokens of `context` before its prompt, and what is remembered of it. Ollama calls that deprecated and still does it:
 * programs without a memory of their own live by it. Throws as `Inference.render`.
 */
async function remembering(
  exchange: Exchange<GenerateBody>,
  services: Services,
  order: GenerationOrder,
): Promise<Remembered> {
  const { model } = order;
  const opening = openOrder(exchange, services, order.keepMs);
  const tokensOf = async (text: string): Promise<number[]> => {
    const { tokens } = await services.inference.tokenize(model.modelId, text, { special: true, order: opening });
    return tokens.map(({ id }) => id);
  };
  const context = exchange.body.context ?? [];
  const { text } = await services.inference.render(
    model.modelId,
    // The messages of the name stand at the beginning of the conversation, which is in the context already.
    { ...promptOf(order), ...(context.length > 0 && { input: order.input }) },
    opening,
  );
  const prompt = [...context, ...(await tokensOf(text))];
  return {
    order: context.length > 0 ? { ...order, input: { rawPrompt: prompt } } : order,
    lastFields: async (content) => ({ context: [...prompt, ...(await tokensOf(content))] }),
  };
}

/** Null where nothing can be remembered: what fills a gap and a raw text are no conversation, and not every server elsewhere tells of tokens. */
async function rememberedOf(
  exchange: Exchange<GenerateBody>,
  services: Services,
  order: GenerationOrder,
): Promise<Remembered | null> {
  if (!('messages' in order.input)) return null;
  try {
    return await remembering(exchange, services, order);
  } catch (error) {
    // What the request gives back cannot be left out.
    if (!isAppError(error, 'unsupported') || (exchange.body.context ?? []).length > 0) throw error;
    return null;
  }
}

const responseOf = ({ content, reasoning }: ReplyPiece) => ({
  response: content,
  ...(reasoning !== '' && { thinking: reasoning }),
});

export const generateRoute = route({
  method: 'POST',
  path: '/api/generate',
  dialect: 'ollama',
  group: 'generate',
  summary: 'Answers a prompt, as a stream of JSON lines unless "stream" is false. Without a prompt it loads the model.',
  body: generateSchema,
  example: { model: 'ember', prompt: 'Who are you?', stream: false },
  async handle(exchange: Exchange<GenerateBody>, services: Services) {
    const { body } = exchange;
    const name = modelNameOf(body);
    const model = await findModel(services, exchange, name);
    refuseContradictions(body);
    refuseImages(body.images, 'images');
    await refuseThinking(services, model, body.think);
    const keepMs = readKeepAlive(body.keep_alive);
    if (!given(body.prompt) && !given(body.suffix)) {
      const done_reason = await loadOrUnload(exchange, services, model, keepMs);
      exchange.json(200, {
        ...{ model: name, created_at: new Date(services.now()).toISOString() },
        ...{ response: '', done: true, done_reason },
      });
      return;
    }
    const plain: GenerationOrder = {
      ...{ model: withTemplate(model, body.template), input: inputOfBody(body), keepMs },
      sampling: { ...readOptions(body.options), grammar: readFormat(body.format), ...readLogprobs(body) },
      policy: body.truncate === false ? 'stop' : 'roll',
      templateOptions: readThink(body.think),
    };
    const remembered = await rememberedOf(exchange, services, plain);
    await answerReply(exchange, services, {
      ...{ generation: remembered?.order ?? plain, name, isStream: body.stream !== false, fieldsOf: responseOf },
      wantedContext: body.options?.num_ctx ?? null,
      ...(remembered && { lastFields: remembered.lastFields }),
    });
  },
});
