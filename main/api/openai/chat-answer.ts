/** The answers of `/v1/chat/completions`: whole, and as a stream of chunks. */
import type { TokenAlternative, TokenLogprob } from '../../../preload/contract/chat.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { ToolCall } from '../../chat-format/messages.ts';
import type { GenerateResult } from '../../engine/engine.ts';
import { generate, generateWhole, type Generated, type GenerationOrder } from '../generation/generation.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Services } from '../services.ts';
import type { ChatBody } from './chat-body.ts';
import { ordersOf, sideBySide } from '../generation/choices.ts';
import { endOf, timingsOf, usageOf } from './usage.ts';

export interface AnswerFacts {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly created: number;
  /** The name that the request used. */
  readonly model: string;
}

export async function answerChat(
  exchange: Exchange<ChatBody>,
  services: Services,
  order: GenerationOrder,
  facts: AnswerFacts,
): Promise<void> {
  const orders = ordersOf(order, exchange.body.n ?? 1);
  const replies = await sideBySide(exchange, orders, orders.length, (own, one) => generateWhole(own, services, one));
  exchange.json(200, {
    ...{ id: facts.id, object: 'chat.completion', created: facts.created, model: facts.model },
    system_fingerprint: `hearth-${services.version}`,
    choices: replies.map((reply, index) => ({
      index,
      message: messageOf(reply),
      logprobs:
        order.sampling.logprobs === undefined ? null : { content: reply.logprobs.map(logprobOf), refusal: null },
      ...endOf(reply.result, reply.calls.length > 0),
    })),
    usage: usageOf(replies.map(({ result }) => result)),
    timings: timingsOf(replies[0]?.result),
  });
}

function messageOf({ text: content, reasoning, calls }: Generated) {
  return {
    role: 'assistant',
    content: content === '' && calls.length > 0 ? null : content,
    refusal: null,
    ...(reasoning !== '' && reasoningFields(reasoning)),
    ...(calls.length > 0 && { tool_calls: calls.map(callOf) }),
  };
}

/** Reasoning has two names: `reasoning_content` at DeepSeek, llama-server and SGLang, `reasoning` at OpenRouter, Ollama and today's vLLM. */
const reasoningFields = (text: string) => ({ reasoning_content: text, reasoning: text });
const callOf = ({ id, name, arguments: text }: ToolCall) => ({
  ...{ id, type: 'function', function: { name, arguments: text } },
});

/** Chunks of all choices in one stream, each choice as its tokens come. */
export async function streamChat(
  exchange: Exchange<ChatBody>,
  services: Services,
  order: GenerationOrder,
  facts: AnswerFacts,
): Promise<void> {
  const { body } = exchange;
  let stream: ReturnType<Exchange['events']> | undefined;
  const results: GenerateResult[] = [];
  const withUsage = body.stream_options?.include_usage === true;
  const head = {
    ...{ id: facts.id, object: 'chat.completion.chunk', created: facts.created, model: facts.model },
    system_fingerprint: `hearth-${services.version}`,
  };
  const send = (index: number, delta: object, rest: object = {}): Promise<void> | void => {
    stream ??= exchange.events();
    return stream.send({
      ...head,
      choices: [{ index, delta, logprobs: null, finish_reason: null, ...rest }],
      ...(withUsage && { usage: null }),
    });
  };

  async function streamChoice(own: Exchange<ChatBody>, one: GenerationOrder, index: number): Promise<void> {
    let calls = 0;
    for await (const event of generate(own, services, one))
      switch (event.type) {
        case 'prompt':
          await send(index, { role: 'assistant', content: '' });
          break;
        case 'text':
          await send(
            index,
            {
              ...(event.content !== '' && { content: event.content }),
              ...(event.reasoning !== '' && reasoningFields(event.reasoning)),
            },
            event.logprobs ? { logprobs: { content: event.logprobs.map(logprobOf), refusal: null } } : {},
          );
          break;
        case 'tool_call':
          await send(index, { tool_calls: [{ index: calls++, ...callOf(event.call) }] });
          break;
        case 'stopped_call':
          await send(index, { content: event.sentence });
          break;
        case 'end':
          if (own.signal.aborted) throw new AppError('cancelled', 'The reply was stopped.');
          results[index] = event.result;
          await send(index, {}, endOf(event.result, calls > 0));
          break;
        case 'prompt_tokens':
        case 'malformed_tool_call':
          break;
        default:
          event satisfies never;
      }
  }

  const orders = ordersOf(order, body.n ?? 1);
  await sideBySide(exchange, orders, orders.length, streamChoice);
  stream ??= exchange.events();
  if (withUsage) await stream.send({ ...head, choices: [], usage: usageOf(results), timings: timingsOf(results[0]) });
  await stream.raw('data: [DONE]\n\n');
  stream.end();
}

/** A token with the alternatives to it. Where the bytes of a part of a character are not known they are null, as OpenAI allows. */
export function logprobOf({ alternatives, ...token }: TokenLogprob) {
  const one = ({ text, bytes, logprob }: TokenAlternative) => ({
    ...{ token: text, logprob },
    bytes: bytes ?? (text.includes('\uFFFD') ? null : [...Buffer.from(text)]),
  });
  return { ...one(token), top_logprobs: alternatives.map(one) };
}
