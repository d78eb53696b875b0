/** Continues a text, or writes what stands between two, without a chat template. */
import type { Sampling, TokenAlternative } from '../../preload/contract/chat.ts';
import { TOLD_ALTERNATIVES, type CompletionStep } from '../../preload/contract/notebook.ts';
import { contextSizeOf, cuttable, type Inference, type ReplyEvent } from '../inference/inference.ts';
import { createTokenPlaces, type TokenPlaces } from './token-places.ts';

export interface CompletionOrder {
  readonly modelId: string;
  readonly before: string;
  /** Null: nothing stands behind. */
  readonly after: string | null;
  readonly sampling: Sampling;
}

/** Tokens that the marks of filling in take, and the one that begins a text. */
const MARK_TOKENS = 8;
/** The share of the context that stays free for what is generated, where the sampling does not ask for less. */
const FREE_SHARE = 1 / 4;
/** A token has fewer characters, but for long runs of spaces. What is farther away is not even divided into tokens. */
const TOKEN_CHARS = 16;

/** The texts as far as they fit, nearest to the place first: a quarter is for what stands behind, more where little stands before. */
async function fitted(
  inference: Inference,
  { modelId, before, after, sampling }: CompletionOrder,
  signal: AbortSignal,
): Promise<{ readonly before: string; readonly after: string }> {
  const model = { inference, modelId, opening: { signal, retry: true } };
  const contextSize = await contextSizeOf(model);
  const free = Math.min(sampling.maxTokens ?? Infinity, Math.floor(contextSize * FREE_SHARE));
  const room = Math.max(1, contextSize - free - MARK_TOKENS);
  const chars = Math.min(room * TOKEN_CHARS, Number.MAX_SAFE_INTEGER);
  const behind = await cuttable(model, (after ?? '').slice(0, chars), contextSize);
  const ahead = await cuttable(model, before.slice(-chars), contextSize);
  const behindTokens = Math.min(behind.count, Math.max(Math.floor(room / 4), room - ahead.count));
  return {
    before: ahead.last(Math.min(ahead.count, room - behindTokens)),
    after: behind.first(behindTokens),
  };
}

/** What is generated, step by step. Throws as `notebook.generate`. */
export async function* complete(
  inference: Inference,
  order: CompletionOrder,
  signal: AbortSignal,
): AsyncGenerator<CompletionStep> {
  const { modelId, sampling } = order;
  const isLoaded = inference.loaded().some((one) => one.modelId === modelId && one.status !== 'loading');
  if (!isLoaded) yield { type: 'loading', modelName: (await inference.find(modelId)).name };
  const { before, after } = await fitted(inference, order, signal);
  const request = {
    modelId,
    input: order.after === null ? { rawPrompt: before } : { prefix: before, suffix: after },
    sampling: { ...sampling, logprobs: sampling.logprobs ?? TOLD_ALTERNATIVES },
    retry: true,
  };
  const places = createTokenPlaces();
  const omittedCharacters = order.before.length - before.length;
  for await (const event of inference.generate(request, signal))
    for (const step of stepsOf(event, places, omittedCharacters)) yield step;
}

/** Without a temperature the likeliest token is taken, and all probabilities are those of the model. */
const unsampled: Sampling = {
  ...{ temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: 1, seed: null },
  logprobs: 10,
};

/** The likeliest tokens behind a text. Throws as `notebook.alternatives`. */
export async function alternativesBehind(
  inference: Inference,
  modelId: string,
  before: string,
  signal: AbortSignal,
): Promise<readonly TokenAlternative[]> {
  const order = { modelId, before, after: null, sampling: unsampled };
  for await (const step of complete(inference, order, signal))
    if (step.type === 'text' && step.tokens[0]) return step.tokens[0].alternatives;
  // The model ends the text here: such a token has no text.
  return [];
}

function stepsOf(event: ReplyEvent, places: TokenPlaces, omittedCharacters: number): readonly CompletionStep[] {
  switch (event.type) {
    case 'queued':
      return [{ type: 'queued', ahead: event.ahead }];
    case 'prompt':
      return [{ type: 'prompt', promptTokens: event.promptTokens, omittedCharacters }];
    case 'text': {
      // A server elsewhere may tell reasoning apart; here all of it is text.
      const text = event.reasoning + event.content;
      return [{ type: 'text', text, tokens: places.add(text, event.logprobs ?? []) }];
    }
    case 'end': {
      const { endReason, promptTokens, generatedTokens, generateMs, seed, samplersNotTaken = [] } = event.result;
      return [{ type: 'end', endReason, promptTokens, generatedTokens, generateMs, seed, samplersNotTaken }];
    }
    case 'found':
    case 'opened':
    case 'prompt_tokens':
    case 'tool_call':
    case 'malformed_tool_call':
      return [];
    default:
      return event satisfies never;
  }
}
