/** The answers of `/v1/completions`: whole, and as a stream of chunks. */
import { AppError } from '../../../preload/wire/errors.ts';
import type { PromptToken, GenerateResult } from '../../engine/engine.ts';
import { generate, generateWhole, type Generated, type GenerationOrder } from '../generation/generation.ts';
import { isGiven } from '../generation/given.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Services } from '../services.ts';
import { sideBySide } from '../generation/choices.ts';
import { createLegacyLogprobs } from './completion-logprobs.ts';
import type { CompletionsBody } from './completions-body.ts';
import { endOf, timingsOf, usageOfPrompts } from './usage.ts';

/** Replies to one prompt, of which the best are kept. Without `best_of` it is one reply. */
export interface WantedCompletion {
  /** The number of its prompt. */
  readonly prompt: number;
  readonly orders: readonly GenerationOrder[];
  readonly kept: number;
}

export interface CompletionFacts {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly created: number;
  readonly model: string;
  /** The texts of the prompts; null where they are not needed. */
  readonly texts: readonly string[] | null;
}

export async function answerCompletions(
  exchange: Exchange<CompletionsBody>,
  services: Services,
  wanted: readonly WantedCompletion[],
  facts: CompletionFacts,
): Promise<void> {
  const { body } = exchange;
  const orders = wanted.flatMap(({ orders: some, prompt }) => some.map((order) => ({ order, prompt })));
  const replies = await sideBySide(exchange, orders, services.settings().slots, async (own, { order }) => {
    if (own.signal.aborted) throw new AppError('cancelled', 'The caller is gone.');
    return await generateWhole(own, services, order);
  });
  let next = 0;
  const kept = wanted.flatMap(({ orders: some, prompt, kept: count }) => {
    const own = replies.slice(next, (next += some.length));
    return bestOf(own, count).map((reply) => ({ reply, prompt }));
  });
  exchange.json(200, {
    ...{ id: facts.id, object: 'text_completion', created: facts.created, model: facts.model },
    system_fingerprint: `hearth-${services.version}`,
    choices: kept.map(({ reply, prompt }, index) => {
      const text = facts.texts?.[prompt] ?? '';
      const logprobs = isGiven(body.logprobs) ? createLegacyLogprobs(text, body.echo === true) : null;
      return {
        ...{ index, text: (body.echo === true ? text : '') + reply.text },
        logprobs: logprobs && logprobs.take([...reply.promptLogprobs, ...reply.logprobs]),
        ...endOf(reply.result, false),
      };
    }),
    usage: usageOfPrompts(resultsByPrompt(orders.map(({ prompt }, index) => [prompt, replies[index]?.result]))),
    timings: timingsOf(replies[0]?.result),
  });
}

/** Those with the likeliest tokens, as OpenAI takes `best_of`. */
function bestOf(replies: readonly Generated[], count: number): readonly Generated[] {
  if (replies.length <= count) return replies;
  const mean = ({ logprobs }: Generated): number =>
    logprobs.reduce((sum, { logprob }) => sum + logprob, 0) / Math.max(1, logprobs.length);
  return replies.toSorted((a, b) => mean(b) - mean(a)).slice(0, count);
}

function resultsByPrompt(
  results: readonly (readonly [prompt: number, result: GenerateResult | undefined])[],
): readonly (readonly GenerateResult[])[] {
  const byPrompt: GenerateResult[][] = [];
  for (const [prompt, result] of results) if (result) (byPrompt[prompt] ??= []).push(result);
  return byPrompt;
}

export async function streamCompletions(
  exchange: Exchange<CompletionsBody>,
  services: Services,
  wanted: readonly WantedCompletion[],
  facts: CompletionFacts,
): Promise<void> {
  const { body } = exchange;
  let stream: ReturnType<Exchange['events']> | undefined;
  const results: [number, GenerateResult][] = [];
  const withUsage = body.stream_options?.include_usage === true;
  const head = {
    ...{ id: facts.id, object: 'text_completion', created: facts.created, model: facts.model },
    system_fingerprint: `hearth-${services.version}`,
  };
  const send = (index: number, text: string, logprobs: object | null, end: object = { finish_reason: null }) => {
    stream ??= exchange.events();
    return stream.send({
      ...head,
      choices: [{ index, text, logprobs, ...end }],
      ...(withUsage && { usage: null }),
    });
  };

  async function streamChoice(
    own: Exchange<CompletionsBody>,
    { orders: [order], prompt }: WantedCompletion,
    index: number,
  ): Promise<void> {
    if (!order) return;
    const text = facts.texts?.[prompt] ?? '';
    const logprobs = isGiven(body.logprobs) ? createLegacyLogprobs(text, body.echo === true) : null;
    /** The prompt's text goes before the first of the reply's, together with all of its tokens. */
    let echo = body.echo === true ? text : '';
    let promptTokens: PromptToken[] = [];
    for await (const event of generate(own, services, order))
      switch (event.type) {
        case 'prompt_tokens':
          promptTokens.push(...event.tokens);
          break;
        case 'text': {
          const said = echo + event.content;
          await send(index, said, logprobs && logprobs.take([...promptTokens, ...(event.logprobs ?? [])]));
          [echo, promptTokens] = ['', []];
          break;
        }
        case 'end':
          if (own.signal.aborted) throw new AppError('cancelled', 'The reply was stopped.');
          results.push([prompt, event.result]);
          await send(
            index,
            echo,
            logprobs && promptTokens.length > 0 ? logprobs.take(promptTokens) : null,
            endOf(event.result, false),
          );
          break;
        case 'prompt':
        case 'tool_call':
        case 'stopped_call':
        case 'malformed_tool_call':
          break;
        default:
          event satisfies never;
      }
  }

  await sideBySide(exchange, wanted, services.settings().slots, streamChoice);
  stream ??= exchange.events();
  if (withUsage) {
    const usage = usageOfPrompts(resultsByPrompt(results));
    await stream.send({ ...head, choices: [], usage, timings: timingsOf(results[0]?.[1]) });
  }
  await stream.raw('data: [DONE]\n\n');
  stream.end();
}
