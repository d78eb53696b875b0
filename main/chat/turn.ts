/** A chat's turn: has the reply generated, journals it while it grows, and stores it with exactly one outcome. */
import type { ContextPolicy, MemoryUse, Message, Timing, TokenLogprob } from '../../preload/contract/chat.ts';
import { isBlank, reasoningOf, textOf, type Append } from '../../preload/contract/message-parts.ts';
import { AppError, encodeError, isAppError, type ErrorBody } from '../../preload/wire/errors.ts';
import type { Told } from './memory/told.ts';
import { asReasoning, endReasoning, grow } from './reply-parts.ts';
import type { ChatStates } from './states.ts';
import type { GenerateResult } from '../engine/engine.ts';
import type { Inference, ReplyRequest } from '../inference/inference.ts';

export interface TurnOptions {
  readonly reply: Message;
  /** What the model is told before the reply. It may load the model. Throws what the store and inference throw. */
  readonly tell: (modelId: string, signal: AbortSignal) => Promise<Told>;
  readonly isLoaded: (modelId: string) => boolean;
  readonly contextPolicy: ContextPolicy;
  /** Uses the plain form of a prompt, because the model's own template failed before. */
  readonly plainTemplate: boolean;
  readonly states: Pick<ChatStates, 'find' | 'beforeTurn'> | undefined;
  readonly inference: Pick<Inference, 'generate'>;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Stores the reply as it is now. @throws AppError `disk.full` and others. */
  readonly save: (message: Message) => void;
  readonly onMessage: (message: Message) => void;
  readonly onAppend: (message: Message, append: Append) => void;
}

/** Time between two journal entries. A killed process loses at most the text since the last one. */
const JOURNAL_MS = 700;
/** Replies that are written side by side. */
const COMPARED = 2;

export interface TurnOutcome {
  /** The reply as windows see it. */
  readonly message: Message;
  /** The reply that could not be stored; null when it is stored. */
  readonly unsaved: Message | null;
  /** Empty unless the sampling has `logprobs`. */
  readonly tokens: readonly TokenLogprob[];
}

/** Runs a turn. Never throws: an error is stored in the message. */
export async function runTurn(options: TurnOptions): Promise<TurnOutcome> {
  const { signal, now } = options;
  const begun = now();
  let message = options.reply;
  let firstTokenMs: number | null = null;
  let loadMs: number | null = null;
  let lastJournal = begun;
  let result: GenerateResult | undefined;
  let memory: MemoryUse | undefined;
  const tokens: TokenLogprob[] = [];

  const set = (patch: Partial<Message>): void => {
    message = { ...message, ...patch };
    options.onMessage(message);
  };
  const append = (partType: Append['partType'], text: string): void => {
    if (text === '') return;
    const grown = grow(message.parts, partType, text);
    message = { ...message, parts: grown.parts };
    options.onAppend(message, grown.append);
  };

  let outcome: Pick<Message, 'status' | 'error'>;
  try {
    if (!message.modelId || !message.sampling)
      throw new AppError('model.missing', 'This chat has no model.', { reason: 'no_model' });
    let reasoningBegun: number | null = null;
    const wasLoaded = options.isLoaded(message.modelId);
    const told = await options.tell(message.modelId, signal);
    if (!wasLoaded && options.isLoaded(message.modelId)) loadMs = now() - begun;
    memory = told.memory;
    const request: ReplyRequest = {
      modelId: message.modelId,
      // The user asks for each reply, so a model is loaded again even after repeated failures.
      retry: true,
      priority: 'window',
      requestId: message.id,
      input: {
        messages: told.messages,
        ...(isBlank(message) ? {} : { begun: { reasoning: reasoningOf(message), text: textOf(message) } }),
      },
      sampling: message.sampling,
      // A chat's own sequence serves one reply at a time. Compared replies get sequences of their own.
      ...(message.comparison === undefined
        ? { chatKey: message.chatId, states: options.states }
        : { sequences: COMPARED }),
      policy: options.contextPolicy,
      ...(options.plainTemplate ? { plainTemplate: true } : {}),
    };
    for await (const event of options.inference.generate(request, signal)) {
      if (event.type === 'found') set({ modelName: event.name });
      if (event.type === 'opened') {
        if (event.afterLoad === true) loadMs = now() - begun;
        set({ status: 'streaming' });
      }
      if (event.type === 'end') result = event.result;
      if (event.type !== 'text') continue;
      firstTokenMs ??= now() - begun;
      tokens.push(...(event.logprobs ?? []));
      if (event.reasoning !== '') reasoningBegun ??= now();
      if (event.contentWasReasoning) set({ parts: asReasoning(message.parts) });
      append('reasoning', event.reasoning);
      if (event.content !== '' && reasoningBegun !== null) {
        const parts = endReasoning(message.parts, now() - reasoningBegun);
        if (parts !== message.parts) set({ parts });
        reasoningBegun = null;
      }
      append('text', event.content);
      if (now() - lastJournal >= JOURNAL_MS) {
        lastJournal = now();
        journal(options, message);
      }
    }
    if (!result) throw new AppError('engine.crashed', 'The engine ended the reply without a result.');
    outcome = { status: result.endReason === 'stopped' ? 'stopped' : 'complete', error: null };
  } catch (error) {
    outcome =
      // Another window may cancel the load that this reply waits for: that is no stop of the reply.
      signal.aborted && !isUnanswered(error)
        ? { status: 'stopped', error: null }
        : {
            status: isBlank(message) ? 'failed' : 'interrupted',
            error: withHint(encodeError(error)),
          };
  }

  const times = { firstTokenMs: firstTokenMs ?? now() - begun, ...(loadMs !== null && { loadMs }) };
  const timing = result
    ? timingOf(result, { ...times, ...(memory && { memory }) }, options.reply.timing)
    : options.reply.timing;
  const finished: Message = { ...message, ...outcome, timing };
  try {
    options.save(finished);
    message = finished;
    options.onMessage(message);
    return { message, unsaved: null, tokens };
  } catch (error) {
    message = { ...finished, error: finished.error ?? encodeError(error) };
    options.onMessage(message);
    return { message, unsaved: finished, tokens };
  }
}

/** Whether the model goes on, because it did not answer the stop: the user is told. */
const isUnanswered = (error: unknown): boolean =>
  isAppError(error, 'busy') && error.data['reason'] === 'stop_unanswered';

/** The error with a hint: a reply that is written again after a failed template uses the plain form. */
function withHint(error: ErrorBody): ErrorBody {
  if (error.code !== 'template.invalid') return error;
  return { ...error, message: `${error.message} Try again: Hearth then writes the conversation in a plain form.` };
}

/** The counts and times of a result that the contract has. `before`: those of a reply that was continued. */
function timingOf(
  result: GenerateResult,
  times: Pick<Timing, 'firstTokenMs' | 'loadMs' | 'memory'>,
  before: Timing | null,
): Timing {
  return {
    promptTokens: result.promptTokens,
    reusedTokens: result.reusedTokens,
    promptMs: result.promptMs,
    generatedTokens: result.generatedTokens,
    generateMs: result.generateMs,
    ...times,
    contextSize: result.contextSize,
    omittedMessages: result.omittedMessages,
    ...(before ? { continuedTokens: before.generatedTokens + (before.continuedTokens ?? 0) } : {}),
    ...(result.overflow ? { overflow: result.overflow } : {}),
    ...(result.toolsRefused === undefined ? {} : { toolsRefused: result.toolsRefused }),
    ...(result.makeUp ? { makeUp: result.makeUp } : {}),
    ...(result.promptHash === undefined ? {} : { promptHash: result.promptHash }),
    ...(result.uncounted ? { uncounted: true } : {}),
    ...(result.samplersNotTaken ? { samplersNotTaken: result.samplersNotTaken } : {}),
    ...(result.speculation ? { speculation: result.speculation } : {}),
    endReason: result.endReason,
    seed: result.seed,
  };
}

/** A full disk does not end the turn here: the text is in memory, and the end of the turn reports the error. */
function journal(options: TurnOptions, message: Message): void {
  try {
    options.save(message);
  } catch (error) {
    if (!isAppError(error)) throw error;
  }
}
