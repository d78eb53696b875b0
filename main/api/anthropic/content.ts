/** Anthropic's messages, and the conversation that they make: https://docs.anthropic.com/en/api/messages. */
import { z } from 'zod';
import { textSchema, toolNameSchema } from '../generation/fields.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { PromptMessage, PromptPart, ReplyBeginning } from '../../chat-format/messages.ts';
import { isGiven } from '../generation/given.ts';
import { callIdOf } from '../generation/call-ids.ts';

const text = textSchema;
const textBlock = z.object({ type: z.literal('text'), text });
/** What Hearth's models do not read, and blocks of tools that run on Anthropic's servers. Refused with their names. */
const refusedBlock = z.object({
  type: z.enum([
    'image',
    'container_upload',
    'server_tool_use',
    'mcp_tool_use',
    'mcp_tool_result',
    'browser_state',
    'web_search_tool_result',
    'web_fetch_tool_result',
    'code_execution_tool_result',
    'bash_code_execution_tool_result',
    'text_editor_code_execution_tool_result',
    'tool_search_tool_result',
    'compaction',
  ]),
});
const searchResultBlock = z.object({
  type: z.literal('search_result'),
  title: text,
  source: text,
  content: z.array(textBlock).max(1000),
});
const documentBlock = z.object({
  type: z.literal('document'),
  title: text.nullish(),
  context: text.nullish(),
  source: z.union([
    z.object({ type: z.literal('text'), data: text }),
    z.object({
      type: z.literal('content'),
      content: z.union([text, z.array(z.union([textBlock, refusedBlock])).max(1000)]),
    }),
    z.object({ type: z.enum(['base64', 'url', 'file']) }),
  ]),
});
const resultPart = z.discriminatedUnion('type', [
  textBlock,
  searchResultBlock,
  documentBlock,
  z.object({ type: z.literal('tool_reference'), tool_name: z.string().max(200) }),
  refusedBlock,
]);
const callId = z.string().min(1).max(200);

const blockSchema = z.discriminatedUnion('type', [
  textBlock,
  searchResultBlock,
  documentBlock,
  z.object({ type: z.literal('thinking'), thinking: text }),
  z.object({ type: z.literal('redacted_thinking') }),
  z.object({ type: z.literal('tool_use'), id: callId, name: toolNameSchema, input: z.record(z.string(), z.unknown()) }),
  z.object({
    type: z.literal('tool_result'),
    tool_use_id: callId,
    content: z.union([text, z.array(resultPart).max(1000)]).nullish(),
    is_error: z.boolean().nullish(),
  }),
  refusedBlock,
]);
type Block = z.infer<typeof blockSchema>;
type TextualBlock = Extract<Block, { type: 'text' | 'search_result' | 'document' }>;
type ResultBlock = Extract<Block, { type: 'tool_result' }>;

export const messageSchema = z.object({
  role: z.enum(['user', 'assistant', 'system']),
  content: z.union([text, z.array(blockSchema).max(10_000)]),
});
type Message = z.infer<typeof messageSchema>;

export const systemSchema = z.union([text, z.array(textBlock).max(1000)]);

/**
 * Claude Code puts a line for Anthropic's accounts before its system prompt. It differs with each request, so that nothing of the
 * conversation could be reused: https://github.com/ggml-org/llama.cpp/pull/20623.
 */
const isBillingLine = (line: string): boolean => line.startsWith('x-anthropic-billing-header:');

export function readSystem(system: z.infer<typeof systemSchema> | null | undefined): PromptMessage[] {
  const blocks = !isGiven(system) ? [] : typeof system === 'string' ? [system] : system.map((block) => block.text);
  const content = blocks.filter((block) => !isBillingLine(block)).join('\n\n');
  return content === '' ? [] : [{ role: 'system', content }];
}

export interface Conversation {
  readonly messages: PromptMessage[];
  /** What the reply goes on from: the last message where it is the assistant's. */
  readonly begun?: ReplyBeginning;
}

/**
 * The conversation as the engine takes it. Neighboring messages of one role are one turn, as at Anthropic. Earlier thinking is left out.
 * @throws AppError `unsupported` for a picture and what only Anthropic's servers know, `invalid_input` for a result without its call.
 */
export function readMessages(messages: readonly Message[]): Conversation {
  const names = new Map<string, string>();
  const made: PromptMessage[] = [];
  const last = messages.length - 1;
  for (const [at, { role, content }] of messages.entries()) {
    const blocks: readonly Block[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    if (at === last && role === 'assistant') {
      const begun = beginningOf(blocks, at);
      return { messages: made, ...(begun.text + begun.reasoning !== '' && { begun }) };
    }
    // Templates refuse a system text behind the beginning, which Claude Code sends: it is told as a part of the user's turn.
    const as = role === 'system' && made.length > 0 ? 'user' : role;
    for (const message of turnOf(as, blocks, at, names)) join(made, message);
  }
  return { messages: made };
}

function turnOf(role: Message['role'], blocks: readonly Block[], at: number, names: Map<string, string>) {
  const turn: PromptMessage[] = [];
  for (const [index, block] of blocks.entries()) {
    const place = `messages.${at}.content.${index}`;
    switch (block.type) {
      case 'text':
      case 'search_result':
      case 'document':
        join(turn, { role, content: textOf(block, place) });
        break;
      case 'thinking':
      case 'redacted_thinking':
        break;
      case 'tool_use': {
        if (role !== 'assistant') throw misplaced(block.type, 'an assistant', place);
        names.set(block.id, block.name);
        const call = { id: engineCallId(block.id), name: block.name, arguments: JSON.stringify(block.input) };
        join(turn, { role, content: [{ type: 'tool_call', call }] });
        break;
      }
      case 'tool_result':
        if (role !== 'user') throw misplaced(block.type, 'a user', place);
        turn.push(resultOf(block, names.get(block.tool_use_id), place));
        break;
      default:
        throw refused(block.type, place);
    }
  }
  return turn;
}

/** Adds a message, to the one before it where both are of one role. */
function join(made: PromptMessage[], message: PromptMessage): void {
  const before = made.at(-1);
  const isSame = before?.role === message.role && message.role !== 'tool';
  if (!before || !isSame) made.push(message);
  else if (typeof before.content === 'string' && typeof message.content === 'string')
    made[made.length - 1] = { ...before, content: `${before.content}\n${message.content}` };
  else made[made.length - 1] = { ...before, content: [...partsOf(before), ...partsOf(message)] };
}

function partsOf({ content }: PromptMessage): readonly PromptPart[] {
  if (typeof content !== 'string') return content;
  return content === '' ? [] : [{ type: 'text', text: content }];
}

function resultOf(block: ResultBlock, name: string | undefined, place: string): PromptMessage {
  if (name === undefined)
    throw new AppError(
      'invalid_input',
      `${place}: no message before it has a tool_use block with the id of this tool_result, "${block.tool_use_id}".`,
      { field: `${place}.tool_use_id` },
    );
  const { content } = block;
  const parts =
    typeof content === 'string'
      ? [content]
      : (content ?? []).map((part, index) => {
          const at = `${place}.content.${index}`;
          switch (part.type) {
            case 'text':
            case 'search_result':
            case 'document':
              return textOf(part, at);
            case 'tool_reference':
              return part.tool_name;
            default:
              throw refused(part.type, at);
          }
        });
  const said = parts.join('\n');
  // Templates have no field for it. Most tools say so themselves.
  const result = block.is_error === true && !/^\W*(?:\w+_)?error/i.test(said) ? `Error: ${said}` : said;
  return {
    role: 'tool',
    content: [
      { type: 'tool_result', callId: engineCallId(block.tool_use_id), name, parts: [{ type: 'text', text: result }] },
    ],
  };
}

function beginningOf(blocks: readonly Block[], at: number): ReplyBeginning {
  let reasoning = '';
  let said = '';
  for (const [index, block] of blocks.entries()) {
    const place = `messages.${at}.content.${index}`;
    if (block.type === 'thinking') reasoning += block.thinking;
    else if (block.type === 'text') said += block.text;
    else if (block.type === 'tool_use')
      throw new AppError('invalid_input', `${place}: a tool_result block for this tool_use must follow it.`, {
        field: place,
      });
    else if (block.type !== 'redacted_thinking') throw misplaced(block.type, 'a user', place);
  }
  return { reasoning, text: said };
}

function textOf(block: TextualBlock, place: string): string {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'search_result':
      return [block.title, block.source, ...block.content.map((one) => one.text)].join('\n');
    case 'document': {
      const { source } = block;
      const head = [block.title, block.context].filter((line) => isGiven(line) && line !== '');
      switch (source.type) {
        case 'text':
          return [...head, source.data].join('\n');
        case 'content': {
          const { content } = source;
          if (typeof content === 'string') return [...head, content].join('\n');
          const lines = content.map((part) => {
            if (!('text' in part)) throw refused(part.type, `${place}.source`);
            return part.text;
          });
          return [...head, ...lines].join('\n');
        }
        default:
          throw refused(`document (source ${source.type})`, place);
      }
    }
    default:
      return block satisfies never;
  }
}

const refused = (type: string, place: string): AppError =>
  new AppError('unsupported', `${place}: Hearth's models take text, and this block is of the type "${type}".`, {
    ...{ reason: 'media', field: place },
  });
const misplaced = (type: string, whose: string, place: string): AppError =>
  new AppError('invalid_input', `${place}: a block of the type "${type}" belongs in ${whose} message.`, {
    field: place,
  });

const PREFIX = 'toolu_';
/** Ids as Anthropic's programs know them. */
export const givenCallId = (id: string): string => `${PREFIX}${id}`;
/** The id as the engine takes it: one that was given out here becomes what it was, so that the prompt is what the model wrote. */
const engineCallId = (id: string): string => callIdOf(id.startsWith(PREFIX) ? id.slice(PREFIX.length) : id);
