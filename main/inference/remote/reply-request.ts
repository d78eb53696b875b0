/** A request for a reply, as the body that a server elsewhere takes. */
import type { Sampling } from '../../../preload/contract/chat.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { readExactJson } from '../../../preload/wire/json.ts';
import { toolsOf } from '../../chat-format/template/tool-prompt.ts';
import type { ConversationInput, PromptMessage } from '../../chat-format/messages.ts';
import type { GenerateRequest } from '../../engine/engine.ts';
import { wireMessages, wireTools } from './messages.ts';
import { chatPiece, completionPiece, infillPiece, type ReplyPiece } from './pieces.ts';
import { samplerFields, type SamplerFields } from './samplers.ts';
import { dialectOf, type ServerDialect, type Server, type ServerModel } from './server.ts';

export interface ReplyPlan extends Omit<SamplerFields, 'fields'> {
  readonly url: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly pieceOf: (value: unknown) => ReplyPiece;
  /** Reasoning and calls may be in the text. */
  readonly isChat: boolean;
}

export interface PlanContext {
  readonly server: Server;
  readonly model: ServerModel;
  /** Where a server's own methods are. */
  readonly root: string;
  readonly seed: number;
}

/** @throws AppError `unsupported` for what this server does not have, `invalid_input` for malformed tools and schemas. */
export async function planReply(request: GenerateRequest, context: PlanContext): Promise<ReplyPlan> {
  const { input, sampling } = request;
  const { server, model, root, seed } = context;
  const dialect = dialectOf(server.kind);
  refuseLocalOnly(request);
  const { fields, ...rest } = samplerFields(sampling, dialect, seed);
  const streamed = { model: model.name, stream: true, stream_options: { include_usage: true } };
  if ('messages' in input) {
    const { droppable } = rest;
    return {
      url: `${server.api}/chat/completions`,
      body: {
        ...streamed,
        ...fields,
        messages: await conversation(input, model, dialect),
        ...wireTools({ ...input, tools: toolsOf(input) }, dialect.forcesCalls),
        ...continuation(input, dialect),
        ...formOf(sampling, dialect, 'chat'),
        ...(sampling.logprobs !== undefined && {
          logprobs: true,
          ...(sampling.logprobs > 0 && { top_logprobs: sampling.logprobs }),
        }),
        ...templateFields(request.templateOptions, dialect),
      },
      ...rest,
      droppable,
      ...{ pieceOf: chatPiece, isChat: true },
    };
  }
  const form = formOf(sampling, dialect, 'text');
  const probabilities = sampling.logprobs === undefined ? {} : { logprobs: sampling.logprobs };
  if ('rawPrompt' in input)
    return {
      url: `${server.api}/completions`,
      body: { ...streamed, ...fields, prompt: input.rawPrompt, ...form, ...probabilities },
      ...rest,
      ...{ pieceOf: completionPiece, isChat: false },
    };
  const { prefix, suffix } = input;
  switch (dialect.infill) {
    case 'suffix':
      return {
        url: `${server.api}/completions`,
        body: { ...streamed, ...fields, prompt: prefix, suffix, ...form, ...probabilities },
        ...rest,
        ...{ pieceOf: completionPiece, isChat: false },
      };
    case 'infill': {
      const { max_tokens: limit, ...others } = fields;
      return {
        url: `${root}/infill`,
        body: {
          ...{ model: model.name, stream: true, cache_prompt: true },
          ...others,
          ...(limit !== undefined && { n_predict: limit }),
          ...{ input_prefix: prefix, input_suffix: suffix },
          ...form,
        },
        ...rest,
        ...{ pieceOf: infillPiece, isChat: false },
      };
    }
    case null:
      throw unsupported('remote_infill', 'This server cannot fill in text between two others.');
    default:
      return dialect.infill satisfies never;
  }
}

const unsupported = (reason: string, message: string): AppError => new AppError('unsupported', message, { reason });

/** What only an engine with the model's file can do. `plainTemplate` follows a failed template, which no server tells apart. */
function refuseLocalOnly({ template, promptLogprobs }: GenerateRequest): void {
  if (template !== undefined)
    throw unsupported('remote_template', 'A model elsewhere writes its prompt with its own chat template.');
  if (promptLogprobs !== undefined)
    throw unsupported(
      'remote_prompt_logprobs',
      'A model elsewhere does not tell the probabilities of a prompt’s tokens.',
    );
}

async function conversation(
  { messages, begun }: ConversationInput,
  { abilities }: ServerModel,
  dialect: ServerDialect,
): Promise<readonly unknown[]> {
  const wired = await wireMessages(messages, abilities);
  if (!begun) return wired;
  if (dialect.continuing === null)
    throw unsupported(
      'remote_continue',
      'This server cannot go on with a reply that was begun. Have it written again.',
    );
  // Templates write the reasoning of the last message before its text, where they know it; an unfinished one cannot be told.
  if (begun.text === '')
    throw unsupported(
      'remote_continue_reasoning',
      'A server cannot go on within reasoning. Have the reply written again.',
    );
  const { reasoning, text } = begun;
  return [...wired, { role: 'assistant', content: text, ...(reasoning !== '' && { reasoning_content: reasoning }) }];
}

function continuation({ begun }: ConversationInput, { continuing }: ServerDialect): Readonly<Record<string, unknown>> {
  return begun && continuing === 'continue_final_message'
    ? { continue_final_message: true, add_generation_prompt: false }
    : {};
}

/** The form that the reply must have. */
function formOf(
  { grammar }: Sampling,
  dialect: ServerDialect,
  where: 'chat' | 'text',
): Readonly<Record<string, unknown>> {
  if (!grammar) return {};
  if (grammar.kind === 'json_schema') {
    const schema = schemaOf(grammar.text);
    const isLlama = dialect.grammar === 'grammar';
    if (where === 'text' && isLlama) return { json_schema: schema };
    if (where === 'text' && dialect.grammar === null)
      throw unsupported(
        'remote_grammar',
        'This server can hold a chat’s reply to a JSON schema, but not a plain text.',
      );
    return { response_format: { type: 'json_schema', json_schema: { name: 'reply', schema, strict: true } } };
  }
  switch (dialect.grammar) {
    case 'grammar':
      return { grammar: grammar.text };
    case 'structured_outputs':
      return { structured_outputs: { grammar: grammar.text } };
    case 'ebnf':
      return { ebnf: grammar.text };
    case null:
      throw unsupported('remote_grammar', 'This server cannot hold a reply to a grammar. It may take a JSON schema.');
    default:
      return dialect.grammar satisfies never;
  }
}

/** The schema as it was written: its numbers and the order of its keys stay. */
function schemaOf(text: string): unknown {
  try {
    const schema = readExactJson(text);
    if (typeof schema === 'object' && schema !== null) return schema;
  } catch {
    // Told below.
  }
  throw new AppError('invalid_input', 'The JSON schema is not a JSON object.', { field: 'grammar', reason: 'schema' });
}

function templateFields(
  options: GenerateRequest['templateOptions'],
  { templateOptions }: ServerDialect,
): Readonly<Record<string, unknown>> {
  if (options === undefined || Object.keys(options).length === 0) return {};
  if (templateOptions !== null) return { [templateOptions]: options };
  // The one of them that OpenAI's protocol has as well.
  const { reasoning_effort: effort, ...others } = options;
  if (Object.keys(others).length > 0)
    throw unsupported(
      'remote_template',
      `This server takes no variables for its chat template (${Object.keys(others).join(', ').slice(0, 100)}).`,
    );
  return { reasoning_effort: effort };
}

/**
 * The messages without their oldest exchanges, for a server that found them too long; null when nothing can be left out any more. System
 * messages and the last user's message stay. `cut_middle` keeps the first exchange and leaves out those behind it.
 */
export function shortened(
  messages: readonly PromptMessage[],
  policy: 'roll' | 'cut_middle',
  sizes: { readonly neededTokens: number | null; readonly contextSize: number | null },
): readonly PromptMessage[] | null {
  const head = messages.findIndex(({ role }) => role !== 'system');
  const last = messages.findLastIndex(({ role }) => role === 'user');
  if (head < 0 || last <= head) return null;
  // An exchange begins with a user's message and ends before the next.
  const starts = messages.flatMap(({ role }, index) =>
    index >= head && index <= last && (role === 'user' || index === head) ? index : [],
  );
  const from = policy === 'cut_middle' && starts.length > 2 ? (starts[1] ?? head) : head;
  const candidates = starts.filter((start) => start > from);
  const length = (some: readonly PromptMessage[]): number =>
    some.reduce((sum, { content }) => sum + lengthOf(content), 0);
  const { neededTokens, contextSize } = sizes;
  // An eighth of the context is left for the reply. Without numbers half of the exchanges are left out at a time.
  const share = neededTokens !== null && contextSize !== null ? (contextSize * 0.875) / neededTokens : 0.5;
  const target = length(messages) * Math.min(share, 0.95);
  const cutTo =
    candidates.find((start) => length(messages) - length(messages.slice(from, start)) <= target) ?? candidates.at(-1);
  return cutTo === undefined ? null : [...messages.slice(0, from), ...messages.slice(cutTo)];
}

/** Characters, with a picture as some hundred tokens. */
function lengthOf(content: PromptMessage['content']): number {
  if (typeof content === 'string') return content.length;
  return content.reduce((sum, part) => {
    if (part.type === 'text') return sum + part.text.length;
    if (part.type === 'tool_call') return sum + part.call.arguments.length + 50;
    if (part.type === 'tool_result') return sum + lengthOf(part.parts) + 50;
    return sum + 2000;
  }, 0);
}
