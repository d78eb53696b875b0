/** Replies of `/api/chat` and `/api/generate`: lines of a stream, or the same in one answer. */
import type { TokenLogprob } from '../../../preload/contract/chat.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { readExactObject } from '../../../preload/wire/json.ts';
import type { ToolCall } from '../../chat-format/messages.ts';
import type { GenerateResult } from '../../engine/engine.ts';
import { generate, type GenerationOrder } from '../generation/generation.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Services } from '../services.ts';

export interface ReplyPiece {
  readonly content: string;
  readonly reasoning: string;
  /** In Ollama's form. */
  readonly calls: readonly object[];
}
export const nothing: ReplyPiece = { content: '', reasoning: '', calls: [] };

export interface ReplyOrder {
  readonly generation: GenerationOrder;
  /** The name that the request used. */
  readonly name: string;
  readonly isStream: boolean;
  /** The context that the request asked for, in tokens. */
  readonly wantedContext: number | null;
  /** The fields in which this endpoint has a piece of a reply. */
  readonly fieldsOf: (piece: ReplyPiece) => object;
  /** Further fields of the last line. It is asked for while the model is still leased. */
  readonly lastFields?: (content: string) => Promise<object>;
}

/** Writes the reply. Throws as `generate`, before the first line where the reply did not begin. */
export async function answerReply(exchange: Exchange, services: Services, order: ReplyOrder): Promise<void> {
  const { generation, name, isStream, fieldsOf } = order;
  const line = (piece: ReplyPiece, rest: object) => ({
    ...{ model: name, created_at: new Date(services.now()).toISOString(), ...fieldsOf(piece) },
    ...rest,
  });
  let stream: ReturnType<Exchange['lines']> | undefined;
  let whole = nothing;
  let callCount = 0;
  const logprobs: TokenLogprob[] = [];
  const add = (piece: ReplyPiece, now: readonly TokenLogprob[] = []): Promise<void> | void => {
    whole = joined(whole, piece);
    logprobs.push(...now);
    if (!isStream) return;
    stream ??= exchange.lines();
    return stream.send(line(piece, { done: false, ...logprobFields(now) }));
  };

  const startedMs = performance.now();
  for await (const event of generate(exchange, services, generation))
    switch (event.type) {
      case 'prompt':
        refuseShortened(services, order, event.omittedMessages);
        break;
      case 'text':
        // What was streamed cannot be taken back; a whole answer is put right.
        if (event.contentWasReasoning === true)
          whole = { ...whole, reasoning: whole.reasoning + whole.content, content: '' };
        await add({ content: event.content, reasoning: event.reasoning, calls: [] }, event.logprobs);
        break;
      case 'tool_call':
        await add({ ...nothing, calls: [callFields(event.call, callCount++)] });
        break;
      case 'stopped_call':
        await add({ ...nothing, content: event.sentence });
        break;
      case 'prompt_tokens':
      case 'malformed_tool_call':
        break;
      case 'end': {
        if (exchange.signal.aborted) throw new AppError('cancelled', 'The caller is gone.');
        const last = (await order.lastFields?.(whole.content)) ?? {};
        const rest = { done: true, done_reason: doneReason(event.result, callCount > 0), ...last };
        const metrics = metricsOf(event.result, performance.now() - startedMs);
        if (!isStream) {
          exchange.json(200, line(whole, { ...rest, ...logprobFields(logprobs), ...metrics }));
          break;
        }
        stream ??= exchange.lines();
        await stream.send(line(nothing, { ...rest, ...metrics }));
        stream.end();
        break;
      }
      default:
        event satisfies never;
    }
}

const joined = (a: ReplyPiece, b: ReplyPiece): ReplyPiece => ({
  content: a.content + b.content,
  reasoning: a.reasoning + b.reasoning,
  calls: [...a.calls, ...b.calls],
});

/**
 * Ollama loads a model with the context that a request asks for. Here a model keeps the context of its load settings, so a conversation
 * that is shortened although the request asked for more is refused in words, and not shortened in silence.
 * @throws AppError `engine.context_full`.
 */
function refuseShortened(services: Services, { generation, wantedContext }: ReplyOrder, omitted: number): void {
  if (omitted === 0 || wantedContext === null) return;
  const { modelId } = generation.model;
  const contextSize = services.engine.loaded().find((one) => one.modelId === modelId)?.contextSize ?? 0;
  if (contextSize === 0 || wantedContext <= contextSize) return;
  throw new AppError(
    'engine.context_full',
    `The conversation does not fit. "num_ctx" asks for ${wantedContext} tokens, and the model is loaded with ${contextSize}: set its context size in Hearth's load settings, or leave num_ctx out to have the oldest messages left out.`,
    { contextSize, wantedContext, field: 'options.num_ctx' },
  );
}

function doneReason({ endReason }: GenerateResult, hasCalls: boolean): string {
  switch (endReason) {
    case 'end_of_turn':
    case 'stop_text':
    case 'stopped':
    case 'tool_calls':
      return 'stop';
    case 'max_tokens':
    case 'context_full':
      return hasCalls ? 'stop' : 'length';
    default:
      return endReason satisfies never;
  }
}

const nanoseconds = (ms: number): number => Math.max(0, Math.round(ms * 1e6));

/** Ollama counts in nanoseconds. What is neither waiting nor computing is the load. */
function metricsOf(result: GenerateResult, totalMs: number) {
  const { promptTokens, promptMs, generatedTokens, generateMs, queuedMs } = result;
  return {
    total_duration: nanoseconds(totalMs),
    load_duration: nanoseconds(totalMs - promptMs - generateMs - queuedMs),
    prompt_eval_count: promptTokens,
    prompt_eval_duration: nanoseconds(promptMs),
    eval_count: generatedTokens,
    eval_duration: nanoseconds(generateMs),
  };
}

/** Bytes are those of the token's text, which for a part of a character is not text. */
function logprobFields(logprobs: readonly TokenLogprob[]): object {
  if (logprobs.length === 0) return {};
  const one = ({ text, logprob }: { readonly text: string; readonly logprob: number }) => ({
    ...{ token: text, logprob, bytes: [...Buffer.from(text)] },
  });
  return {
    logprobs: logprobs.map((token) => ({
      ...one(token),
      ...(token.alternatives.length > 0 && { top_logprobs: token.alternatives.map(one) }),
    })),
  };
}

/** A call as Ollama gives it: its arguments are an object. Numbers stay as the model wrote them. */
function callFields({ id, name, arguments: text }: ToolCall, index: number) {
  return { id, function: { index, name, arguments: readExactObject(text) ?? {} } };
}
