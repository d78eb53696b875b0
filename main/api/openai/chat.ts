/** `/v1/chat/completions`: https://platform.openai.com/docs/api-reference/chat. */
import { randomUUID } from 'node:crypto';
import { formBesideTools } from '../generation/form-beside-tools.ts';
import type { GenerationOrder } from '../generation/generation.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ListedModel } from '../names/models.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { chatSchema, type ChatBody } from './chat-body.ts';
import { answerChat, streamChat } from './chat-answer.ts';
import { readMessages } from './chat-messages.ts';
import {
  effortOptions,
  readForm,
  readKeepAlive,
  readMaxTokens,
  readSampling,
  readTemplateVariables,
} from './sampling.ts';
import { chooseTools, definitionOf, readToolChoice } from './tools.ts';

/** The order for one choice of a request. @throws AppError `invalid_input`, `unsupported`. */
export function orderOf(body: ChatBody, model: ListedModel): GenerationOrder {
  const options = { ...effortOptions(body.reasoning_effort), ...readTemplateVariables(body.chat_template_kwargs) };
  const continues = body.continue_final_message ?? body.add_generation_prompt !== true;
  const tools = chooseTools(
    (body.tools ?? []).map((tool) => definitionOf(tool.function)),
    readToolChoice(body.tool_choice),
  );
  return {
    model,
    input: { ...readMessages(body.messages, continues), ...tools },
    sampling: {
      ...readSampling(body),
      ...readMaxTokens(body.max_completion_tokens ?? body.max_tokens),
      grammar: formBesideTools(readForm(body), tools),
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
