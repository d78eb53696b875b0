/** `/v1/messages` and its count of tokens: https://docs.anthropic.com/en/api/messages. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { MOST_STOP_TEXTS } from '../../../preload/contract/chat.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import type { ConversationInput } from '../../chat-format/messages.ts';
import { formBesideTools } from '../generation/form-beside-tools.ts';
import { countPrompt, type GenerationOrder } from '../generation/generation.ts';
import { isGiven } from '../generation/given.ts';
import { topKSchema } from '../generation/sampling-values.ts';
import { schemaGrammar, schemaSchema } from '../generation/json-schemas.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ListedModel } from '../names/models.ts';
import { route } from '../route.ts';
import type { Services } from '../services.ts';
import { answerMessage, streamMessage } from './answer.ts';
import { messageSchema, readMessages, readSystem, systemSchema } from './content.ts';
import { readToolChoice, readTools, toolChoiceSchema, toolSchema } from './tools.ts';

const formatSchema = z.object({ type: z.literal('json_schema'), schema: schemaSchema });
const display = z.string().max(40).nullish();

const countFields = {
  model: z.string().min(1).max(600),
  messages: z.array(messageSchema).min(1).max(100_000),
  system: systemSchema.nullish(),
  thinking: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('enabled'), budget_tokens: z.int().min(0).max(1_000_000), display }),
      z.object({ type: z.literal('adaptive'), display }),
      z.object({ type: z.literal('between_tools'), display }),
      z.object({ type: z.literal('disabled') }),
    ])
    .nullish(),
  output_config: z
    .object({
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      format: formatSchema.nullish(),
    })
    .nullish(),
  /** The name that `output_config.format` had while it was a beta. */
  output_format: formatSchema.nullish(),
  tools: z.array(toolSchema).max(256).nullish(),
  tool_choice: toolChoiceSchema.nullish(),
  /** Asks the server to hold the conversation, so that later requests bring only what is new. */
  thread: z.object({ type: z.enum(['create', 'continue']) }).nullish(),
  mcp_servers: z
    .array(z.unknown())
    .max(0, { error: 'Hearth reaches no MCP servers for a program; offer their tools in "tools"' })
    .nullish(),
};
const countSchema = z.object(countFields);
const bodySchema = z.object({
  ...countFields,
  /** With 0 only the prompt is read, so that a later request reuses it. */
  max_tokens: z.int().min(0).max(1_000_000),
  stream: z.boolean().nullish(),
  stop_sequences: z.array(z.string().min(1).max(500)).max(MOST_STOP_TEXTS).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: topKSchema.nullish(),
});
export type MessagesBody = z.infer<typeof bodySchema>;

const example = {
  model: 'ember',
  max_tokens: 256,
  messages: [{ role: 'user' as const, content: 'What is a token?' }],
};

interface Prompt {
  readonly input: ConversationInput;
  readonly isSingle: boolean;
  readonly templateOptions: Readonly<Record<string, string | number | boolean>>;
}

/** What a request says of the prompt. Throws as `readMessages` and `readTools`. */
export function promptOf(body: z.infer<typeof countSchema>): Prompt {
  // The official client then sends all of the conversation.
  if (isGiven(body.thread))
    throw new AppError('unsupported', 'Hearth holds no conversations. Send all of its messages, without "thread".', {
      ...{ field: 'thread', reason: 'thread' },
    });
  const tools = readTools(body.tools ?? []);
  const { toolChoice, isSingle } = readToolChoice(body.tool_choice, tools);
  const { messages, begun } = readMessages(body.messages);
  return {
    input: {
      messages: [...readSystem(body.system), ...messages],
      ...(begun && { begun }),
      ...(tools.length > 0 && { tools, toolChoice }),
    },
    ...{ isSingle, templateOptions: thinkingOptions(body) },
  };
}

/** The variables by which templates turn thinking on and off. Without the field the model does as its template says. */
function thinkingOptions({ thinking, output_config: output }: z.infer<typeof countSchema>): Prompt['templateOptions'] {
  const effort = output?.effort;
  return {
    // Templates know three degrees.
    ...(isGiven(effort) && { reasoning_effort: effort === 'low' || effort === 'medium' ? effort : 'high' }),
    ...(isGiven(thinking) && { enable_thinking: thinking.type !== 'disabled' }),
    ...(thinking?.type === 'enabled' && { thinking_budget: thinking.budget_tokens }),
  };
}

export function orderOf(body: MessagesBody, model: ListedModel): GenerationOrder {
  const { input, isSingle, templateOptions } = promptOf(body);
  const format = body.output_config?.format ?? body.output_format;
  const { temperature, top_p: topP, top_k: topK, stop_sequences: stop } = body;
  return {
    ...{ model, input, templateOptions },
    ...(isSingle && { hasOneCall: true }),
    sampling: {
      maxTokens: body.max_tokens,
      ...(isGiven(temperature) && { temperature }),
      ...(isGiven(topP) && { topP }),
      ...(isGiven(topK) && { topK }),
      ...(isGiven(stop) && stop.length > 0 && { stop }),
      grammar: formBesideTools(isGiven(format) ? schemaGrammar(format.schema) : undefined, input),
    },
  };
}

/** As `models.find`. Claude Code asks for Anthropic's models by itself, so the error says how to name others. */
async function findModel(exchange: Exchange, services: Services, name: string): Promise<ListedModel> {
  try {
    return await services.models.find(name, exchange.caller);
  } catch (error) {
    if (!isAppError(error) || error.code !== 'model.missing' || !name.startsWith('claude-')) throw error;
    throw new AppError(
      'model.missing',
      `${error.message} Claude Code takes other models from ANTHROPIC_MODEL and, for its background work, from ANTHROPIC_DEFAULT_HAIKU_MODEL (before version 2: ANTHROPIC_SMALL_FAST_MODEL). A model here can also be given the name "${name.slice(0, 100)}".`,
      error.data,
    );
  }
}

export const messagesRoute = route({
  method: 'POST',
  path: '/v1/messages',
  dialect: 'anthropic',
  group: 'generate',
  summary: 'Continues a conversation.',
  body: bodySchema,
  example,
  async handle(exchange: Exchange<MessagesBody>, services: Services) {
    const { body } = exchange;
    const order = orderOf(body, await findModel(exchange, services, body.model));
    const facts = {
      id: `msg_${randomUUID().replaceAll('-', '')}`,
      model: body.model,
      showsThinking: !(body.thinking && 'display' in body.thinking && body.thinking.display === 'omitted'),
    };
    await (body.stream === true ? streamMessage : answerMessage)(exchange, services, order, facts);
  },
});

export const countRoute = route({
  method: 'POST',
  path: '/v1/messages/count_tokens',
  dialect: 'anthropic',
  group: 'inspect',
  summary: "Counts the tokens of a conversation's prompt.",
  body: countSchema,
  example: { model: example.model, messages: example.messages },
  async handle(exchange: Exchange<z.infer<typeof countSchema>>, services: Services) {
    const { body, json } = exchange;
    const model = await findModel(exchange, services, body.model);
    exchange.entry.note({ modelId: model.modelId });
    const { input, templateOptions } = promptOf(body);
    json(200, { input_tokens: await countPrompt(exchange, services, { model, input, templateOptions }) });
  },
});
