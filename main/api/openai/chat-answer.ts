/** The answers of `/v1/chat/completions`: whole, and as a stream of chunks. */
import type { TokenLogprob } from '../../../preload/contract/chat.ts';
import type { ToolCall } from '../../chat-format/messages.ts';
import type { GenerateResult } from '../../engine/engine.ts';
import {
  generate,
  generateWhole,
  type Generated,
  type GenerationOrder,
  type WantedSampling,
} from '../generation/generation.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Services } from '../services.ts';
import type { ChatBody } from './chat.ts';

export interface AnswerFacts {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly created: number;
  /** The name that the request used. */
  readonly model: string;
}

/** Several choices differ by their seeds where one is given, so that the same request has the same answers. */
function ordersOf(order: GenerationOrder, count: number): readonly GenerationOrder[] {
  const { seed } = order.sampling;
  return Array.from({ length: count }, (_, index) => {
    const sampling: WantedSampling =
      seed == null ? order.sampling : { ...order.sampling, seed: (seed + index) % 2 ** 32 };
    return { ...order, sampling };
  });
}

export async function answerChat(
  exchange: Exchange<ChatBody>,
  services: Services,
  order: GenerationOrder,
  facts: AnswerFacts,
): Promise<void> {
  const orders = ordersOf(order, exchange.body.n ?? 1);
  const replies = await Promise.all(orders.map((one) => generateWhole(exchange, services, one)));
  exchange.json(200, {
    ...{ id: facts.id, object: 'chat.completion', created: facts.created, model: facts.model },
    choices: replies.map((reply, index) => ({
      index,
      message: messageOf(reply),
      logprobs:
        order.sampling.logprobs === undefined ? null : { content: reply.logprobs.map(logprobOf), refusal: null },
      finish_reason: finishReason(reply.result, reply.calls.length > 0),
    })),
    usage: usageOf(replies.map(({ result }) => result)),
    timings: timingsOf(replies[0]?.result),
  });
}

function messageOf({ text, reasoning, calls, stopped }: Generated) {
  const content = stopped === null ? text : joined(text, stopped);
  return {
    role: 'assistant',
    content: content === '' && calls.length > 0 ? null : content,
    refusal: null,
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls.map(callOf) }),
  };
}

const joined = (text: string, sentence: string): string => (text === '' ? sentence : `${text}\n\n${sentence}`);
const callOf = ({ id, name, arguments: text }: ToolCall) => ({
  id,
  type: 'function',
  function: { name, arguments: text },
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
  const head = { id: facts.id, object: 'chat.completion.chunk', created: facts.created, model: facts.model };
  const send = (index: number, delta: object, rest: object = {}): Promise<void> | void => {
    stream ??= exchange.events();
    return stream.send({
      ...head,
      choices: [{ index, delta, logprobs: null, finish_reason: null, ...rest }],
      ...(withUsage && { usage: null }),
    });
  };

  async function streamChoice(one: GenerationOrder, index: number): Promise<void> {
    let calls = 0;
    for await (const event of generate(exchange, services, one))
      switch (event.type) {
        case 'prompt':
          await send(index, { role: 'assistant', content: '' });
          break;
        case 'text':
          await send(
            index,
            {
              ...(event.content !== '' && { content: event.content }),
              ...(event.reasoning !== '' && { reasoning_content: event.reasoning }),
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
          results.push(event.result);
          await send(index, {}, { finish_reason: finishReason(event.result, calls > 0), ...(index === 0 && {}) });
          break;
        case 'prompt_tokens':
        case 'malformed_tool_call':
          break;
        default:
          event satisfies never;
      }
  }

  await Promise.all(ordersOf(order, body.n ?? 1).map(streamChoice));
  stream ??= exchange.events();
  if (withUsage) await stream.send({ ...head, choices: [], usage: usageOf(results), timings: timingsOf(results[0]) });
  await stream.raw('data: [DONE]\n\n');
  stream.end();
}

/** A token with the alternatives to it. Bytes are those of its text, which for a part of a character is not text. */
export function logprobOf({ text, logprob, alternatives }: TokenLogprob) {
  const one = (token: string, value: number) => ({ token, logprob: value, bytes: [...Buffer.from(token)] });
  return { ...one(text, logprob), top_logprobs: alternatives.map((other) => one(other.text, other.logprob)) };
}

export function finishReason({ endReason }: GenerateResult, hasCalls: boolean): string {
  switch (endReason) {
    case 'end_of_turn':
    case 'stop_text':
    case 'stopped':
    case 'tool_calls':
      return hasCalls ? 'tool_calls' : 'stop';
    case 'max_tokens':
    case 'context_full':
      return 'length';
    default:
      return endReason satisfies never;
  }
}

/** Tokens of all choices. The prompt counts once, as at OpenAI. */
export function usageOf(results: readonly GenerateResult[]) {
  const prompt = results[0]?.promptTokens ?? 0;
  const completion = results.reduce((sum, result) => sum + result.generatedTokens, 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: results[0]?.reusedTokens ?? 0 },
    completion_tokens_details: {
      reasoning_tokens: results.reduce((sum, result) => sum + (result.reasoningTokens ?? 0), 0),
    },
  };
}

/** As llama-server tells them, which benchmarks read. */
export function timingsOf(result: GenerateResult | undefined) {
  if (!result) return undefined;
  const { promptTokens, reusedTokens, promptMs, generatedTokens, generateMs } = result;
  const rate = (count: number, ms: number): number | null => (ms > 0 ? (count * 1000) / ms : null);
  return {
    ...{ cache_n: reusedTokens, prompt_n: promptTokens - reusedTokens, prompt_ms: promptMs },
    prompt_per_second: rate(promptTokens - reusedTokens, promptMs),
    ...{
      predicted_n: generatedTokens,
      predicted_ms: generateMs,
      predicted_per_second: rate(generatedTokens, generateMs),
    },
  };
}
