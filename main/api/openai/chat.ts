/** `/v1/chat/completions`: https://platform.openai.com/docs/api-reference/chat. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { GenerationOrder } from '../generation/generation.ts';
import { isGiven } from '../generation/given.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ListedModel } from '../names/models.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { answerChat, streamChat } from './chat-answer.ts';
import { messageSchema, readMessages } from './chat-messages.ts';
import {
  effortOptions,
  effortSchema,
  keepAliveSchema,
  maxTokensSchema,
  modelNameSchema,
  readKeepAlive,
  readMaxTokens,
  readResponseFormat,
  readSampling,
  responseFormatSchema,
  samplingFields,
} from './sampling.ts';
import { chooseTools, definitionOf, formBesideTools, readToolChoice, toolChoiceSchema, toolSchema } from './tools.ts';

const chatSchema = z.object({
  model: modelNameSchema,
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
  functions: z.never({ error: '"functions" are of the old API; send them as "tools"' }).nullish(),
  function_call: z.never({ error: '"function_call" is of the old API; send "tool_choice"' }).nullish(),
  reasoning_effort: effortSchema.nullish(),
  modalities: z.array(z.literal('text', { error: 'Hearth answers with text' })).nullish(),
  /** Of llama-server and vLLM: variables for the chat template. */
  chat_template_kwargs: z
    .record(z.string().max(64), z.union([z.string().max(10_000), z.number(), z.boolean()]))
    .nullish(),
  /** Of vLLM: whether the reply goes on from a last message of the assistant. Either false, or the second true, begins a new one. */
  continue_final_message: z.boolean().nullish(),
  add_generation_prompt: z.boolean().nullish(),
  /** A GBNF grammar, as in llama-server. */
  grammar: z.string().min(1).max(100_000).nullish(),
  keep_alive: keepAliveSchema,
});
export type ChatBody = z.infer<typeof chatSchema>;

/** The order for one choice of a request. @throws AppError `invalid_input`, `unsupported`. */
export function orderOf(body: ChatBody, model: ListedModel): GenerationOrder {
  const options = { ...effortOptions(body.reasoning_effort), ...body.chat_template_kwargs };
  const continues = body.continue_final_message ?? body.add_generation_prompt !== true;
  const tools = chooseTools(
    (body.tools ?? []).map((tool) => definitionOf(tool.function)),
    readToolChoice(body.tool_choice),
  );
  const form = isGiven(body.grammar)
    ? { kind: 'gbnf' as const, text: body.grammar }
    : readResponseFormat(body.response_format);
  return {
    model,
    input: { ...readMessages(body.messages, continues), ...tools },
    sampling: {
      ...readSampling(body),
      ...readMaxTokens(body.max_completion_tokens ?? body.max_tokens),
      grammar: formBesideTools(form, tools),
      ...(body.logprobs === true && { logprobs: body.top_logprobs ?? 0 }),
    },
    hasOneCall: body.parallel_tool_calls === false,
    ...(Object.keys(options).length > 0 && { templateOptions: options }),
    ...readKeepAlive(body.keep_alive),
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
    const facts = {
      id: `chatcmpl-${randomUUID()}`,
      created: Math.floor(services.now() / 1000),
      model: body.model,
    };
    await (body.stream === true ? streamChat : answerChat)(exchange, services, order, facts);
  },
});
