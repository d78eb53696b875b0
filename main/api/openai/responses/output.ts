/** The items of a response's output as they grow, and the events that tell of it, in the order that OpenAI gives them. */
import { randomUUID } from 'node:crypto';
import type { TokenLogprob } from '../../../../preload/contract/chat.ts';
import type { ToolCall } from '../../../chat-format/messages.ts';
import { logprobOf } from '../chat-answer.ts';
import { inputOfText, type OfferedTool } from './tools.ts';

type Status = 'in_progress' | 'completed' | 'incomplete';
type Logprob = ReturnType<typeof logprobOf>;

interface Message {
  readonly type: 'message';
  readonly id: string;
  status: Status;
  readonly role: 'assistant';
  content: { type: 'output_text'; annotations: never[]; logprobs: Logprob[]; text: string }[];
}
interface Reasoning {
  readonly type: 'reasoning';
  readonly id: string;
  status: Status;
  summary: { type: 'summary_text'; text: string }[];
  content?: { type: 'reasoning_text'; text: string }[];
}
interface CallFields {
  readonly id: string;
  status: Status;
  readonly call_id: string;
  readonly name: string;
  readonly namespace?: string;
}
interface FunctionCall extends CallFields {
  readonly type: 'function_call';
  arguments: string;
}
interface CustomCall extends CallFields {
  readonly type: 'custom_tool_call';
  input: string;
}
export type OutputItem = Message | Reasoning | FunctionCall | CustomCall;

/** An event, without its number. */
export interface ResponseEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface OutputOptions {
  readonly responseId: string;
  readonly offered: readonly OfferedTool[];
  /** Reasoning is told as a summary of itself: programs that ask for one show that alone. */
  readonly summarizes: boolean;
  /** Resolves when the reader keeps up. */
  readonly send: (event: ResponseEvent) => Promise<void> | void;
}

export const itemId = (beginning: string): string => `${beginning}_${randomUUID().replaceAll('-', '')}`;

/** Ids of a response's items have that of the response and a number, so that an item is found by its id alone. */
const ownItemId = (beginning: string, responseId: string, at: number): string =>
  `${beginning}_${responseId.slice(responseId.indexOf('_') + 1)}_${at}`;
/** The id of the response that has the item; undefined for an id that is not one of these. */
export function responseOfItem(id: string): string | undefined {
  const found = /^[a-z]+_([0-9a-f]{32})_\d+$/.exec(id);
  return found ? `resp_${found[1]}` : undefined;
}

/** The output of one response. Its methods resolve when the reader keeps up. */
export function createOutput({ responseId, offered, summarizes, send }: OutputOptions) {
  const items: OutputItem[] = [];
  const nextId = (beginning: string): string => ownItemId(beginning, responseId, items.length);
  let open: Message | Reasoning | null = null;
  const at = (item: OutputItem) => ({ item_id: item.id, output_index: items.indexOf(item) });

  /** A copy, as the item is now. */
  const added = (item: OutputItem): Promise<void> | void => {
    items.push(item);
    const shown = structuredClone(item);
    if (shown.type === 'message') shown.content = [];
    if (shown.type === 'reasoning') shown.summary = [];
    if (shown.type === 'function_call') shown.arguments = '';
    if (shown.type === 'custom_tool_call') shown.input = '';
    if (shown.type === 'reasoning' && shown.content) shown.content = [];
    return send({ type: 'response.output_item.added', output_index: items.length - 1, item: shown });
  };
  const done = (item: OutputItem, status: Status): Promise<void> | void => {
    item.status = status;
    const output_index = items.indexOf(item);
    return send({ type: 'response.output_item.done', output_index, item: structuredClone(item) });
  };

  /** The events of a text have names of their own in each kind of item. */
  const namesOf = (item: Message | Reasoning) => {
    if (item.type === 'message') return { part: 'content_part', text: 'output_text', index: { content_index: 0 } };
    return item.content
      ? { part: 'content_part', text: 'reasoning_text', index: { content_index: 0 } }
      : { part: 'reasoning_summary_part', text: 'reasoning_summary_text', index: { summary_index: 0 } };
  };
  const partOf = (item: Message | Reasoning) =>
    item.type === 'message' ? item.content[0] : (item.content ?? item.summary)[0];

  async function begin(item: Message | Reasoning): Promise<void> {
    open = item;
    await added(item);
    const { part, index } = namesOf(item);
    await send({ type: `response.${part}.added`, ...at(item), ...index, part: structuredClone(partOf(item)) });
  }

  async function close(status: Status): Promise<void> {
    if (!open) return;
    const item = open;
    open = null;
    const { part, text, index } = namesOf(item);
    const whole = partOf(item);
    await send({
      ...{ type: `response.${text}.done`, ...at(item), ...index, text: whole?.text ?? '' },
      ...(item.type === 'message' && { logprobs: item.content[0]?.logprobs ?? [] }),
    });
    await send({ type: `response.${part}.done`, ...at(item), ...index, part: structuredClone(whole) });
    await done(item, status);
  }

  async function write(type: 'message' | 'reasoning', delta: string, logprobs: readonly Logprob[]): Promise<void> {
    if (open?.type !== type) {
      await close('completed');
      await begin(type === 'message' ? newMessage(nextId('msg')) : newReasoning(nextId('rs'), summarizes));
    }
    if (!open) return;
    const item: Message | Reasoning = open;
    const part = partOf(item);
    if (part) part.text += delta;
    if (item.type === 'message') item.content[0]?.logprobs.push(...logprobs);
    const { text, index } = namesOf(item);
    await send({
      ...{ type: `response.${text}.delta`, ...at(item), ...index, delta },
      ...(item.type === 'message' && { logprobs }),
    });
  }

  return {
    items: items as readonly OutputItem[],
    async text(content: string, reasoning: string, logprobs: readonly TokenLogprob[] = []): Promise<void> {
      if (reasoning !== '') await write('reasoning', reasoning, []);
      if (content !== '') await write('message', content, logprobs.map(logprobOf));
    },
    async call({ id, name, arguments: text }: ToolCall): Promise<void> {
      await close('completed');
      const tool = offered.find(({ definition }) => definition.name === name);
      const fields = {
        ...{ status: 'in_progress' as const, call_id: id, name: tool?.name ?? name },
        ...(typeof tool?.namespace === 'string' && { namespace: tool.namespace }),
      };
      if (tool?.kind === 'custom') {
        const input = inputOfText(text);
        const item: CustomCall = { type: 'custom_tool_call', id: nextId('ctc'), ...fields, input };
        await added(item);
        await send({ type: 'response.custom_tool_call_input.delta', ...at(item), delta: input });
        await send({ type: 'response.custom_tool_call_input.done', ...at(item), input });
        await done(item, 'completed');
        return;
      }
      const item: FunctionCall = { type: 'function_call', id: nextId('fc'), ...fields, arguments: text };
      await added(item);
      await send({ type: 'response.function_call_arguments.delta', ...at(item), delta: text });
      await send({
        ...{ type: 'response.function_call_arguments.done', ...at(item), name: item.name, arguments: text },
      });
      await done(item, 'completed');
    },
    /** The reply is over. One without any text or call has an empty message. */
    async end(isCut: boolean): Promise<void> {
      if (items.length === 0) await begin(newMessage(nextId('msg')));
      await close(isCut ? 'incomplete' : 'completed');
    },
  };
}

const newMessage = (id: string): Message => ({
  ...{ type: 'message', id, status: 'in_progress', role: 'assistant' },
  content: [{ type: 'output_text', annotations: [], logprobs: [], text: '' }],
});
const newReasoning = (id: string, summarizes: boolean): Reasoning => ({
  ...{ type: 'reasoning', id, status: 'in_progress' },
  ...(summarizes
    ? { summary: [{ type: 'summary_text', text: '' }] }
    : { summary: [], content: [{ type: 'reasoning_text', text: '' }] }),
});
