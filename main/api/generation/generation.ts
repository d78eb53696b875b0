/** A reply for a program: what all dialects do alike between a request that was read and the events of its reply. */
import type { ContextPolicy, Sampling, TokenLogprob } from '../../../preload/contract/chat.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import type { ToolCall } from '../../chat-format/messages.ts';
import type { GenerateInput, GenerateResult, PromptToken } from '../../engine/engine.ts';
import {
  samplingOver,
  withPreset,
  type Renderable,
  type ReplyEvent,
  type WantedSampling,
} from '../../inference/inference.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Caller } from '../keys/keys.ts';
import type { NamedModel } from '../names/names.ts';
import type { Services } from '../services.ts';
import { isGiven } from './given.ts';
import { withoutCutCalls } from './cut-calls.ts';
import { watchRepeatedCalls } from './repeated-calls.ts';

export type { WantedSampling };

export interface GenerationOrder {
  readonly model: NamedModel;
  readonly input: GenerateInput;
  /** What the request says of sampling. */
  readonly sampling: WantedSampling;
  /** What happens where the conversation does not fit. Default: it is refused. */
  readonly policy?: ContextPolicy;
  /** As `keepMs` of an order for a model. Absent: as the server's settings say. */
  readonly keepMs?: number | null | undefined;
  /** Variables for the chat template, such as `enable_thinking`. */
  readonly templateOptions?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** The reply ends behind its first call, for programs that take no further one beside it. */
  readonly hasOneCall?: boolean | undefined;
  /** Alternatives reported for each token of the prompt. */
  readonly promptLogprobs?: number | undefined;
}

/**
 * Events of a reply. A call that was made too often is in `stopped_call` and not among the reply's calls; its sentence goes on with the
 * reply's text.
 */
export type GenerationEvent =
  | Exclude<ReplyEvent, { readonly type: 'found' | 'opened' | 'queued' | 'end' }>
  | { readonly type: 'stopped_call'; readonly call: ToolCall; readonly sentence: string }
  | { readonly type: 'end'; readonly result: GenerateResult };

/** The sampling in force: the request's over the name's over the model's. */
export function samplingOf(services: Services, model: NamedModel, wanted: WantedSampling): Sampling {
  return samplingOver(services.defaultSampling(model.modelId), model.preset?.sampling, wanted);
}

/** How models are opened for a request. */
export function openOrder(
  { client, signal }: Pick<Exchange, 'client' | 'signal'>,
  services: Services,
  keepMs?: number | null,
) {
  const { keepAliveMinutes, slots } = services.settings();
  const keep = keepMs !== undefined ? keepMs : keepAliveMinutes === null ? undefined : keepAliveMinutes * 60_000;
  return { priority: 'api' as const, client, signal, sequences: slots, ...(keep !== undefined && { keepMs: keep }) };
}

/** The prompt of an order, with what goes with the model's name: for counts and for the text of the prompt. */
export function promptOf({
  model,
  input,
  policy,
  templateOptions,
}: Pick<GenerationOrder, 'model' | 'input' | 'policy' | 'templateOptions'>): Renderable {
  return {
    input: withPreset(model.preset, input),
    ...(policy && { policy }),
    ...(templateOptions && { templateOptions }),
    ...(isGiven(model.preset?.template) && { template: model.preset.template }),
  };
}

/** Tokens of a whole prompt, also of one that is too long for the context: programs ask to see that. Throws as `Inference.count`. */
export async function countPrompt(
  exchange: Pick<Exchange, 'client' | 'signal'>,
  services: Services,
  order: Parameters<typeof promptOf>[0],
): Promise<number> {
  try {
    const prompt = promptOf({ ...order, policy: 'stop' });
    return await services.inference.count(order.model.modelId, prompt, openOrder(exchange, services));
  } catch (error) {
    const needed = isAppError(error, 'engine.context_full') ? error.data['neededTokens'] : undefined;
    if (typeof needed === 'number') return needed;
    throw error;
  }
}

/**
 * A reply, whose last event is `end`. The log, the totals and the key's use are kept here. A call that is made for the third time with the
 * same arguments ends the reply. Throws model.*, engine.*, template.invalid, busy, cancelled.
 */
export async function* generate(
  exchange: Pick<Exchange, 'entry' | 'caller' | 'client' | 'signal'>,
  services: Services,
  order: GenerationOrder,
): AsyncGenerator<GenerationEvent> {
  const { entry, caller } = exchange;
  const { model } = order;
  entry.note({ modelId: model.modelId });
  const prompt = promptOf({ ...order, policy: order.policy ?? 'stop' });
  const { input } = prompt;
  const stop = new AbortController();
  const signal = AbortSignal.any([exchange.signal, stop.signal]);
  const repeated = watchRepeatedCalls(input);
  const startedMs = performance.now();
  let counted = 0;
  let isFirst = true;
  let hasText = false;
  /** What comes after the call that ended the reply is dropped. */
  let isOver = false;
  const { keepMs, ...opening } = openOrder(exchange, services, order.keepMs);
  const events = services.inference.generate(
    {
      ...prompt,
      ...{ modelId: model.modelId, priority: opening.priority, client: opening.client },
      ...{ sequences: opening.sequences, sampling: samplingOf(services, model, order.sampling) },
      ...(keepMs !== undefined && { keepMs }),
      ...(order.promptLogprobs !== undefined && { promptLogprobs: order.promptLogprobs }),
    },
    signal,
  );
  const hasTools = 'messages' in input && (input.tools ?? []).length > 0;
  for await (const event of hasTools ? withoutCutCalls(events) : events) {
    switch (event.type) {
      case 'found':
        entry.note({ phase: 'loading' });
        break;
      case 'opened':
        entry.note({ phase: 'queued', ...(event.afterLoad === true && { loadMs: performance.now() - startedMs }) });
        break;
      case 'queued':
        entry.note({ phase: 'queued' });
        break;
      case 'prompt':
        entry.note({ phase: 'prompt', promptTokens: event.promptTokens });
        yield event;
        break;
      case 'text':
        if (isOver) break;
        if (isFirst) entry.note({ phase: 'generating', firstTokenMs: performance.now() - entry.startedMs });
        isFirst = false;
        counted++;
        entry.generated(1);
        entry.answered(event.reasoning + event.content);
        hasText = event.content !== '' || (hasText && event.contentWasReasoning !== true);
        yield event;
        break;
      case 'tool_call': {
        if (isOver) break;
        const sentence = repeated.sentenceFor(event.call);
        isOver = sentence !== null || order.hasOneCall === true;
        if (isOver) stop.abort();
        if (sentence === null) yield event;
        else yield { type: 'stopped_call', call: event.call, sentence: hasText ? `\n\n${sentence}` : sentence };
        break;
      }
      case 'malformed_tool_call':
      case 'prompt_tokens':
        yield event;
        break;
      case 'end':
        entry.generated(event.result.generatedTokens - counted);
        finish(services, entry, caller, event.result);
        yield { type: 'end', result: event.result };
        break;
      default:
        event satisfies never;
    }
  }
}

/** Puts the numbers of a reply into the log, the totals and the key's use. */
function finish(services: Services, entry: Exchange['entry'], caller: Caller | null, result: GenerateResult): void {
  const { promptTokens, reusedTokens, generatedTokens, generateMs, queuedMs, endReason } = result;
  entry.note({
    ...{ promptTokens, reusedTokens, queuedMs, endReason },
    tokensPerSecond: generateMs > 0 ? (generatedTokens * 1000) / generateMs : null,
  });
  services.activity.count(result);
  if (caller) services.keys.countTokens(caller, promptTokens + generatedTokens);
}

/** A whole reply, for answers that do not stream. */
export interface Generated {
  /** With the sentence of a call that was stopped. */
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly ToolCall[];
  readonly logprobs: readonly TokenLogprob[];
  readonly promptLogprobs: readonly PromptToken[];
  readonly result: GenerateResult;
}

/** Waits for a whole reply. Throws as `generate`, and cancelled where the caller is gone. */
export async function generateWhole(
  exchange: Pick<Exchange, 'entry' | 'caller' | 'client' | 'signal'>,
  services: Services,
  order: GenerationOrder,
): Promise<Generated> {
  let text = '';
  let reasoning = '';
  const calls: ToolCall[] = [];
  const logprobs: Generated['logprobs'][number][] = [];
  const promptLogprobs: Generated['promptLogprobs'][number][] = [];
  for await (const event of generate(exchange, services, order))
    switch (event.type) {
      case 'text':
        if (event.contentWasReasoning === true) [reasoning, text] = [reasoning + text, ''];
        text += event.content;
        reasoning += event.reasoning;
        if (event.logprobs) logprobs.push(...event.logprobs);
        break;
      case 'tool_call':
        calls.push(event.call);
        break;
      case 'stopped_call':
        text += event.sentence;
        break;
      case 'prompt_tokens':
        promptLogprobs.push(...event.tokens);
        break;
      case 'prompt':
      case 'malformed_tool_call':
        break;
      case 'end':
        if (exchange.signal.aborted) throw new AppError('cancelled', 'The caller is gone.');
        return { text, reasoning, calls, logprobs, promptLogprobs, result: event.result };
      default:
        event satisfies never;
    }
  throw new AppError('internal', 'The reply had no end.');
}
