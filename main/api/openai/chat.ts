/** `/v1/chat/completions`: https://platform.openai.com/docs/api-reference/chat. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { GenerationOrder } from '../generation/generation.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ListedModel } from '../names/models.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { answerChat, streamChat } from './chat-answer.ts';
import {
  messageSchema,
  readMessages,
  readToolChoice,
  readTools,
  toolChoiceSchema,
  toolSchema,
} from './chat-messages.ts';
import {
  maxTokensSchema,
  readMaxTokens,
  readResponseFormat,
  readSampling,
  responseFormatSchema,
  samplingFields,
} from './sampling.ts';

const chatSchema = z.object({
  model: z.string().min(1).max(600),
  messages: z.array(messageSchema).min(1).max(10_000),
  ...samplingFields,
  max_tokens: maxTokensSchema,
  max_completion_tokens: maxTokensSchema,
  n: z.int().min(1).max(16).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  response_format: responseFormatSchema.nullish(),
  tools: z.array(toolSchema).max(256).nullish(),
  tool_choice: toolChoiceSchema.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']).nullish(),
  /** Of llama-server and vLLM: variables for the chat template. */
  chat_template_kwargs: z
    .record(z.string().max(64), z.union([z.string().max(10_000), z.number(), z.boolean()]))
    .nullish(),
  /** A GBNF grammar, as in llama-server. */
  grammar: z.string().min(1).max(100_000).nullish(),
  /** Seconds that the model stays loaded after the reply; negative: until it is unloaded. */
  keep_alive: z.number().min(-1).max(10_000_000).nullish(),
});
export type ChatBody = z.infer<typeof chatSchema>;

/** The order for one choice of a request. */
export function orderOf(body: ChatBody, model: ListedModel): GenerationOrder {
  const tools = readTools(body.tools ?? []);
  const toolChoice = readToolChoice(body.tool_choice);
  if (typeof toolChoice === 'object' && !tools.some(({ name }) => name === toolChoice.name))
    throw new AppError('invalid_input', `There is no tool "${toolChoice.name}" among the tools.`, {
      field: 'tool_choice',
    });
  const effort = body.reasoning_effort;
  const options = {
    ...(effort != null && { reasoning_effort: effort, enable_thinking: effort !== 'none' }),
    ...body.chat_template_kwargs,
  };
  return {
    model,
    input: {
      messages: readMessages(body.messages),
      ...(tools.length > 0 && { tools, toolChoice }),
    },
    sampling: {
      ...readSampling(body),
      ...readMaxTokens(body.max_completion_tokens ?? body.max_tokens),
      ...readResponseFormat(body.response_format),
      ...(body.grammar != null && { grammar: { kind: 'gbnf' as const, text: body.grammar } }),
      ...(body.logprobs === true && { logprobs: body.top_logprobs ?? 0 }),
    } satisfies Partial<Sampling>,
    ...(Object.keys(options).length > 0 && { templateOptions: options }),
    ...(body.keep_alive != null && { keepMs: body.keep_alive < 0 ? null : body.keep_alive * 1000 }),
  };
}

export const chatRoute = route({
  method: 'POST',
  path: '/v1/chat/completions',
  dialect: 'openai',
  group: 'generate',
  summary: 'Continues a conversation.',
  body: chatSchema,
  example: { model: 'ember', messages: [{ role: 'user', content: 'Who are you?' }] },
  async handle(exchange: Exchange<ChatBody>, services: Services) {
    const { body } = exchange;
    const model = await services.models.find(body.model, exchange.caller);
    const order = orderOf(body, model);
    const id = `chatcmpl-${randomUUID()}`;
    const facts = { id, created: Math.floor(services.now() / 1000), model: body.model };
    await (body.stream === true ? streamChat : answerChat)(exchange, services, order, facts);
  },
});
