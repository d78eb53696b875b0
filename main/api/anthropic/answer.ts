/** The answers of `/v1/messages`: whole, and as a stream of events (https://docs.anthropic.com/en/api/messages-streaming). */
import { createHash } from 'node:crypto';
import { AppError } from '../../../preload/wire/errors.ts';
import { readExactObject } from '../../../preload/wire/json.ts';
import type { GenerateResult } from '../../engine/engine.ts';
import { generate, generateWhole, type GenerationOrder } from '../generation/generation.ts';
import type { EventStream, Exchange } from '../http/exchange.ts';
import type { Services } from '../services.ts';
import { givenCallId } from './content.ts';

export interface MessageFacts {
  readonly id: string;
  /** The name that the request used. */
  readonly model: string;
  /** False: thinking is told of and not shown. */
  readonly showsThinking: boolean;
}

/** Programs give it back with the thinking; some drop thinking without one. Nothing here rests on it. */
const signatureOf = (thinking: string): string => createHash('sha256').update(thinking).digest('base64');

export async function answerMessage(
  exchange: Exchange,
  services: Services,
  order: GenerationOrder,
  facts: MessageFacts,
): Promise<void> {
  const { text, reasoning, calls, result } = await generateWhole(exchange, services, order);
  exchange.json(200, {
    ...messageOf(facts),
    content: [
      ...(reasoning === ''
        ? []
        : [
            {
              type: 'thinking',
              thinking: facts.showsThinking ? reasoning : '',
              signature: signatureOf(reasoning),
            },
          ]),
      ...(text === '' ? [] : [{ type: 'text', text, citations: null }]),
      ...calls.map(({ id, name, arguments: input }) => ({
        ...{ type: 'tool_use', id: givenCallId(id), name, caller: { type: 'direct' } },
        input: readExactObject(input) ?? {},
      })),
    ],
    ...endOf(result, calls.length > 0),
    usage: usageOf(result),
  });
}

const messageOf = ({ id, model }: MessageFacts) => ({
  ...{ id, type: 'message', role: 'assistant', model, content: [] as unknown[] },
  ...{ stop_reason: null, stop_sequence: null, stop_details: null, container: null },
});

function endOf(result: GenerateResult, hasCalls: boolean) {
  const reason = stopReason(result, hasCalls);
  return { stop_reason: reason, stop_sequence: reason === 'stop_sequence' ? (result.stopText ?? null) : null };
}

export function stopReason({ endReason }: Pick<GenerateResult, 'endReason'>, hasCalls: boolean): string {
  switch (endReason) {
    case 'end_of_turn':
    case 'tool_calls':
    case 'stopped':
      return hasCalls ? 'tool_use' : 'end_turn';
    case 'stop_text':
      return 'stop_sequence';
    case 'max_tokens':
      return 'max_tokens';
    case 'context_full':
      return 'model_context_window_exceeded';
    default:
      return endReason satisfies never;
  }
}

/** `input_tokens` are those that were not reused, as at Anthropic. */
function usageOf({ promptTokens, reusedTokens, generatedTokens, reasoningTokens }: GenerateResult) {
  return {
    input_tokens: promptTokens - reusedTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: reusedTokens,
    output_tokens: generatedTokens,
    output_tokens_details: reasoningTokens === undefined ? null : { thinking_tokens: reasoningTokens },
    server_tool_use: null,
    service_tier: 'standard',
  };
}

/** Sent in place of silence: a program may give a stream up that says nothing. */
const PING = 'event: ping\ndata: {"type":"ping"}\n\n';

export async function streamMessage(
  exchange: Exchange,
  services: Services,
  order: GenerationOrder,
  facts: MessageFacts,
): Promise<void> {
  let writer: BlockWriter | undefined;
  let calls = 0;
  for await (const event of generate(exchange, services, order))
    switch (event.type) {
      case 'prompt': {
        const stream = exchange.events(PING);
        writer = createBlockWriter(stream, facts.showsThinking);
        const usage = { promptTokens: event.promptTokens, reusedTokens: 0, generatedTokens: 0 } as GenerateResult;
        const message = { ...messageOf(facts), usage: usageOf(usage) };
        await stream.send({ type: 'message_start', message }, 'message_start');
        await stream.raw(PING);
        break;
      }
      case 'text':
        await writer?.thinking(event.reasoning);
        await writer?.text(event.content);
        break;
      case 'tool_call':
        calls++;
        await writer?.call(event.call);
        break;
      case 'stopped_call':
        await writer?.text(event.sentence);
        break;
      case 'end':
        if (exchange.signal.aborted) throw new AppError('cancelled', 'The reply was stopped.');
        await writer?.end(endOf(event.result, calls > 0), usageOf(event.result));
        break;
      case 'prompt_tokens':
      case 'malformed_tool_call':
        break;
      default:
        event satisfies never;
    }
}

interface BlockWriter {
  thinking(text: string): Promise<void>;
  text(text: string): Promise<void>;
  call(call: { readonly id: string; readonly name: string; readonly arguments: string }): Promise<void>;
  end(delta: object, usage: object): Promise<void>;
}

/** Writes the blocks of a message one after the other: each begins when its first text comes, and ends when another one begins. */
function createBlockWriter(stream: EventStream, showsThinking: boolean): BlockWriter {
  let index = -1;
  let open: 'thinking' | 'text' | null = null;
  let thought = '';

  const send = async (event: { readonly type: string }): Promise<void> => await stream.send(event, event.type);
  const delta = async (change: object): Promise<void> =>
    await send({ type: 'content_block_delta', ...{ index, delta: change } });

  async function close(): Promise<void> {
    if (open === null) return;
    if (open === 'thinking') await delta({ type: 'signature_delta', signature: signatureOf(thought) });
    open = null;
    await send({ type: 'content_block_stop', ...{ index } });
  }
  async function begin(block: object): Promise<void> {
    await close();
    index++;
    await send({ type: 'content_block_start', ...{ index, content_block: block } });
  }

  return {
    async thinking(text) {
      if (text === '') return;
      if (open !== 'thinking') {
        await begin({ type: 'thinking', thinking: '', signature: '' });
        open = 'thinking';
        thought = '';
      }
      thought += text;
      if (showsThinking) await delta({ type: 'thinking_delta', thinking: text });
    },
    async text(text) {
      if (text === '') return;
      if (open !== 'text') {
        await begin({ type: 'text', text: '', citations: null });
        open = 'text';
      }
      await delta({ type: 'text_delta', text });
    },
    async call({ id, name, arguments: input }) {
      await begin({ type: 'tool_use', id: givenCallId(id), name, input: {}, caller: { type: 'direct' } });
      await delta({ type: 'input_json_delta', partial_json: input });
      await send({ type: 'content_block_stop', ...{ index } });
    },
    async end(change, usage) {
      await close();
      await send({ type: 'message_delta', ...{ delta: { ...change, stop_details: null, container: null }, usage } });
      await send({ type: 'message_stop' });
      stream.end();
    },
  };
}
