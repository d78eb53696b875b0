/** The answers of `/completion` and `/infill`, in llama-server's form. */
import type { TokenLogprob } from '../../../preload/contract/chat.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { GenerateResult } from '../../engine/engine.ts';
import { sideBySide } from '../generation/choices.ts';
import { generate, samplingOf, type GenerationOrder } from '../generation/generation.ts';
import { isGiven } from '../generation/given.ts';
import type { Exchange } from '../http/exchange.ts';
import { timingsOf } from '../openai/usage.ts';
import type { Services } from '../services.ts';
import type { CompletionFields, CompletionOrder } from './completion-fields.ts';

/** A list of prompts is answered by a list, in which each has its place. */
export async function answerCompletions(
  exchange: Exchange,
  services: Services,
  orders: readonly CompletionOrder[],
  fields: CompletionFields,
  isList: boolean,
): Promise<void> {
  const answers = await sideBySide(exchange, orders, orders.length, async (own, { order, prompt }, index) => {
    const logprobs: TokenLogprob[] = [];
    let content = '';
    for await (const event of eventsOf(own, services, order, fields))
      if (event.type === 'text') {
        content += event.text;
        logprobs.push(...event.logprobs);
      } else {
        if (own.signal.aborted) throw new AppError('cancelled', 'The caller is gone.');
        return {
          ...endOf({ ...{ index, order, prompt, fields, services }, result: event.result, isTimeUp: event.isTimeUp }),
          ...{ content, tokens: fields.return_tokens === true ? logprobs.map(({ id }) => id) : [] },
          ...probabilities(logprobs, fields),
        };
      }
    throw new AppError('internal', 'The reply had no end.');
  });
  const chosen = answers.map((answer) => choose(answer, fields.response_fields));
  exchange.json(200, isList ? chosen : chosen[0]);
}

export async function streamCompletions(
  exchange: Exchange,
  services: Services,
  orders: readonly CompletionOrder[],
  fields: CompletionFields,
): Promise<void> {
  let stream: ReturnType<Exchange['events']> | undefined;
  await sideBySide(exchange, orders, orders.length, async (own, { order, prompt }, index) => {
    let predicted = 0;
    for await (const event of eventsOf(own, services, order, fields)) {
      if (own.signal.aborted && event.type === 'end') throw new AppError('cancelled', 'The reply was stopped.');
      stream ??= exchange.events();
      if (event.type === 'end') {
        const end = endOf({
          ...{ index, order, prompt, fields, services },
          ...{ result: event.result, isTimeUp: event.isTimeUp },
        });
        await stream.send({ ...end, content: '', tokens: [] });
        break;
      }
      predicted += Math.max(1, event.logprobs.length);
      await stream.send({
        ...{ index, content: event.text, tokens: event.logprobs.map(({ id }) => id), stop: false, id_slot: -1 },
        ...{ tokens_predicted: predicted, tokens_evaluated: event.promptTokens },
        ...probabilities(event.logprobs, fields),
      });
    }
  });
  stream?.end();
}

type CompletionEvent =
  | {
      readonly type: 'text';
      readonly text: string;
      readonly logprobs: readonly TokenLogprob[];
      readonly promptTokens: number;
    }
  | { readonly type: 'end'; readonly result: GenerateResult; readonly isTimeUp: boolean };

/** The text of a reply, which ends early where its time is up and a line has ended. */
async function* eventsOf(
  exchange: Exchange,
  services: Services,
  order: GenerationOrder,
  { t_max_predict_ms: most }: CompletionFields,
): AsyncGenerator<CompletionEvent> {
  const timeUp = new AbortController();
  const signal = AbortSignal.any([exchange.signal, timeUp.signal]);
  let firstMs: number | null = null;
  let hasLine = false;
  let promptTokens = 0;
  for await (const event of generate({ ...exchange, signal }, services, order))
    switch (event.type) {
      case 'prompt':
        promptTokens = event.promptTokens;
        break;
      case 'text': {
        const text = event.content;
        yield { type: 'text', text, logprobs: event.logprobs ?? [], promptTokens };
        firstMs ??= performance.now();
        hasLine ||= text.includes('\n');
        if (isGiven(most) && most >= 0 && hasLine && performance.now() - firstMs > most) timeUp.abort();
        break;
      }
      case 'end':
        yield { type: 'end', result: event.result, isTimeUp: timeUp.signal.aborted };
        break;
      case 'tool_call':
      case 'stopped_call':
      case 'malformed_tool_call':
      case 'prompt_tokens':
        break;
      default:
        event satisfies never;
    }
}

interface End {
  readonly index: number;
  readonly order: GenerationOrder;
  readonly prompt: string;
  readonly fields: CompletionFields;
  readonly services: Services;
  readonly result: GenerateResult;
  readonly isTimeUp: boolean;
}

function endOf({ index, order, prompt, fields, services, result, isTimeUp }: End) {
  const { promptTokens, generatedTokens, endReason, stopText } = result;
  return {
    ...{ index, id_slot: -1, stop: true, model: order.model.name },
    ...{ tokens_predicted: generatedTokens, tokens_evaluated: promptTokens },
    generation_settings: settingsOf(order, fields, services, result),
    ...{ prompt, truncated: endReason === 'context_full', stop_type: stopType(result, isTimeUp) },
    ...{ stopping_word: stopText ?? '', tokens_cached: promptTokens + Math.max(0, generatedTokens - 1) },
    timings: timingsOf(result),
  };
}

function stopType({ endReason }: GenerateResult, isTimeUp: boolean): string {
  switch (endReason) {
    case 'end_of_turn':
    case 'tool_calls':
      return 'eos';
    case 'stop_text':
      return 'word';
    case 'max_tokens':
    case 'context_full':
      return 'limit';
    case 'stopped':
      return isTimeUp ? 'limit' : 'none';
    default:
      return endReason satisfies never;
  }
}

/** The sampling that was in force, under llama-server's names. */
function settingsOf(order: GenerationOrder, fields: CompletionFields, services: Services, { seed }: GenerateResult) {
  const sampling = samplingOf(services, order.model, order.sampling);
  const most = sampling.maxTokens ?? -1;
  return {
    ...{ seed, temperature: sampling.temperature, top_k: sampling.topK, top_p: sampling.topP, min_p: sampling.minP },
    ...{ repeat_penalty: sampling.repeatPenalty, presence_penalty: sampling.presencePenalty ?? 0 },
    ...{ frequency_penalty: sampling.frequencyPenalty ?? 0, stop: sampling.stop ?? [] },
    ...{ xtc_probability: sampling.xtc?.probability ?? 0, xtc_threshold: sampling.xtc?.threshold ?? 0.1 },
    dry_multiplier: sampling.dry?.strength ?? 0,
    ...{ max_tokens: most, n_predict: most, stream: fields.stream === true, n_probs: fields.n_probs ?? 0 },
    grammar: sampling.grammar?.kind === 'gbnf' ? sampling.grammar.text : '',
  };
}

function probabilities(logprobs: readonly TokenLogprob[], { n_probs: count }: CompletionFields) {
  if (!isGiven(count) || count === 0) return {};
  const one = ({ id, text, logprob }: Omit<TokenLogprob, 'alternatives'>) => ({
    ...{ id, token: text, bytes: [...Buffer.from(text)], logprob },
  });
  return {
    completion_probabilities: logprobs.map((token) => ({
      ...one(token),
      top_logprobs: token.alternatives.slice(0, count).map(one),
    })),
  };
}

/** The wanted fields of an answer, by their own names: a field inside another stands under its whole path. */
export function choose(answer: object, wanted: readonly string[] | null | undefined): object {
  if (!isGiven(wanted)) return answer;
  return Object.fromEntries(
    wanted.flatMap((path) => {
      const value = path
        .split('/')
        .reduce<unknown>(
          (inside, key) =>
            typeof inside === 'object' && inside !== null && Object.hasOwn(inside, key)
              ? (inside as Record<string, unknown>)[key]
              : undefined,
          answer,
        );
      return value === undefined ? [] : [[path, value] as const];
    }),
  );
}
