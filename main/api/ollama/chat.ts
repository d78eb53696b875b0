/** `/api/chat`: https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-chat-completion. */
import { z } from 'zod';
import { AppError } from '../../../preload/wire/errors.ts';
import type { ToolChoice } from '../../chat-format/messages.ts';
import { formBesideTools } from '../generation/form-beside-tools.ts';
import type { GenerationOrder } from '../generation/generation.ts';
import { isGiven } from '../generation/given.ts';
import { toolNameSchema } from '../generation/fields.ts';
import {
  formatSchema,
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
  thinkSchema,
  type Think,
} from './fields.ts';
import type { Exchange } from '../http/exchange.ts';
import { abilitiesOf } from '../names/abilities.ts';
import type { ListedModel } from '../names/models.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { messageSchema, readConversation, readTools, toolSchema } from './chat-messages.ts';
import { findModel } from './find-model.ts';
import { answerReply, type ReplyPiece } from './reply.ts';
import { loadOrUnload } from './stay.ts';

const chatSchema = z.object({
  ...modelFields,
  messages: z.array(messageSchema).max(10_000).nullish(),
  stream: z.boolean().nullish(),
  format: formatSchema.nullish(),
  options: optionsSchema.nullish(),
  keep_alive: keepAliveSchema.nullish(),
  think: thinkSchema.nullish(),
  tools: z.array(toolSchema).max(256).nullish(),
  /** Not of Ollama: as in OpenAI's interface. */
  tool_choice: z
    .union([
      z.enum(['auto', 'none', 'required']),
      z.object({ type: z.literal('function'), function: z.object({ name: toolNameSchema }) }),
    ])
    .nullish(),
  /** Whether the oldest messages are left out where the conversation does not fit. Ollama's default is yes. */
  truncate: z.boolean().nullish(),
  ...logprobFields,
});
type ChatBody = z.infer<typeof chatSchema>;

/** @throws AppError `unsupported` where thinking is asked of a model that does not know it, as Ollama does. */
export async function refuseThinking(services: Services, model: ListedModel, think: Think | null | undefined) {
  if (!isGiven(think) || think === false) return;
  if ((await abilitiesOf(services, model))?.reasoning === false)
    throw new AppError('unsupported', `"${model.name}" does not support thinking`, { field: 'think' });
}

function readToolChoice(choice: ChatBody['tool_choice'], names: readonly string[]): ToolChoice {
  if (typeof choice !== 'object' || choice === null) return choice ?? 'auto';
  const { name } = choice.function;
  if (!names.includes(name))
    throw new AppError('invalid_input', `There is no tool "${name}" among the tools.`, { field: 'tool_choice' });
  return { name };
}

function orderOf(body: ChatBody, model: ListedModel): GenerationOrder {
  const tools = readTools(body.tools ?? []);
  const toolChoice = readToolChoice(
    body.tool_choice,
    tools.map(({ name }) => name),
  );
  const chosen = tools.length > 0 ? { tools, toolChoice } : {};
  return {
    model,
    input: { ...readConversation(body.messages ?? []), ...chosen },
    sampling: {
      ...readOptions(body.options),
      grammar: formBesideTools(readFormat(body.format), chosen),
      ...readLogprobs(body),
    },
    policy: body.truncate === false ? 'stop' : 'roll',
    keepMs: readKeepAlive(body.keep_alive),
    templateOptions: readThink(body.think),
  };
}

/** The message of a line. Like Ollama, fields without content are left out, but for `content`. */
const messageOf = ({ content, reasoning, calls }: ReplyPiece) => ({
  message: {
    ...{ role: 'assistant', content },
    ...(reasoning !== '' && { thinking: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
  },
});

export const chatRoute = route({
  method: 'POST',
  path: '/api/chat',
  dialect: 'ollama',
  group: 'generate',
  summary:
    'Continues a conversation, as a stream of JSON lines unless "stream" is false. Without messages it loads the model.',
  body: chatSchema,
  example: { model: 'ember', messages: [{ role: 'user', content: 'Who are you?' }], stream: false },
  async handle(exchange: Exchange<ChatBody>, services: Services) {
    const { body } = exchange;
    const name = modelNameOf(body);
    const model = await findModel(services, exchange, name);
    await refuseThinking(services, model, body.think);
    const order = orderOf(body, model);
    if ((body.messages ?? []).length === 0) {
      const done_reason = await loadOrUnload(exchange, services, model, order.keepMs);
      exchange.json(200, {
        ...{ model: name, created_at: new Date(services.now()).toISOString() },
        ...{ message: { role: 'assistant', content: '' }, done: true, done_reason },
      });
      return;
    }
    await answerReply(exchange, services, {
      ...{ generation: order, name, isStream: body.stream !== false, fieldsOf: messageOf },
      wantedContext: body.options?.num_ctx ?? null,
    });
  },
});
