/**
 * The generation of one reply, from its request to its end. It works on tokens instead of node-llama-cpp's chat session, which would hide
 * the exact prompt and its length, the reused tokens, and the reason of the end.
 */
import type { LlamaModel, Token } from 'node-llama-cpp';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { createStopRace, type StopRace } from '../../base/stop-race.ts';
import type { GenerateEvent, GenerateRequest } from '../protocol.ts';
import { priorityOf, type Batching } from './batch/batching.ts';
import { grammarHasNoToken, samplingError } from './batch/sampling-errors.ts';
import type { Scheduler } from './batch/scheduler.ts';
import type { PreparedReply, ReplyMaker } from './prepare-reply.ts';
import {
  evaluateInSteps,
  evaluatePrompt,
  restorePrompt,
  type EvaluatedPrompt,
  type EvaluationOptions,
  type Reuse,
} from './prompt-evaluation.ts';
import { evaluateWithLogprobs } from './prompt-logprobs.ts';
import { endReasonOf, type EndReason } from './reply/reply-end.ts';
import { logprobOf } from './reply/reply-text.ts';
import type { SequenceSlot } from './sequence-slots.ts';
import { holdSlot, type Restore, type SlotHold } from './slot-hold.ts';
import {
  createGenerationClock,
  generationResult,
  resultWithoutPrompt,
  type GenerationOutcome,
} from './generation-result.ts';

/**
 * - `rendering`: the template is rendered and the grammar is parsed
 * - `waiting`: the request waits for a slot
 * - `restoring`: the sequence gets what is computed of the prompt already
 * - `prompt`: the rest of the prompt is evaluated
 * - `decoding`: tokens are generated
 * - `yielding`: a window has the slot of this API reply
 * - `finished`: the slot is free again
 */
export type GenerationState = 'rendering' | 'waiting' | 'restoring' | 'prompt' | 'decoding' | 'yielding' | 'finished';

export interface Generation {
  readonly state: GenerationState;
  /** The reply, once; the last event is always `end`. Ends within a token when `signal` fires, whatever it waits for. */
  run(): AsyncGenerator<GenerateEvent>;
}

export interface GenerationContext {
  readonly model: LlamaModel;
  /** Tokens of one sequence. */
  readonly contextSize: number;
  readonly replies: ReplyMaker;
  readonly scheduler: Scheduler<SequenceSlot>;
  readonly batching: Pick<Batching, 'join' | 'tuning'>;
  readonly evaluation: EvaluationOptions;
}

/** What ends so soon after a stop is awaited: nothing of it is lost then. */
const GRACE_MS = 100;

/** The generation for one request. */
export function createGeneration(
  context: GenerationContext,
  request: GenerateRequest,
  signal: AbortSignal,
): Generation {
  const { scheduler, batching } = context;
  const { chatKey, sampling, priority = 'window', client = chatKey ?? '' } = request;
  const clock = createGenerationClock();
  const stops = createStopRace(signal, GRACE_MS);
  let state: GenerationState = 'rendering';
  const work: GenerationWork = { context, request, signal, stops, enter: (next) => void (state = next) };

  function endOf(reply: PreparedReply, pausedMs: number, outcome: Omit<GenerationOutcome, 'times'>): GenerateEvent {
    return {
      type: 'end',
      result: generationResult(reply, context.contextSize, { ...outcome, times: clock.times(pausedMs) }),
    };
  }

  async function* run(): AsyncGenerator<GenerateEvent> {
    let release = (): void => {};
    let [closeSteps, endSampling] = [(): void => {}, (): void => {}];
    /** What is left to be said of a reply that fails while it is written. */
    let lastWords = (): readonly GenerateEvent[] => [];
    let hasGrammar = false;
    /** The slot is another's before the last events are taken: their reader may take any time for them. */
    const freeSlot = (): void =>
      stops.afterwards(() => {
        endSampling();
        closeSteps();
        release();
      });
    try {
      const reply = await unlessCancelled(stops.unlessStopped(context.replies.prepare(request, signal)));
      if (!reply) {
        yield { type: 'end', result: resultWithoutPrompt(sampling.seed, context.contextSize, clock.times(0)) };
        return;
      }
      const { prompt, events, limits, sampler } = reply;
      endSampling = sampler.end;
      hasGrammar = sampler.hasGrammar;
      state = 'waiting';
      const { ahead, granted } = scheduler.request(
        { chatKey: chatKey ?? null, tokens: prompt.tokens, priority, client },
        signal,
      );
      release = () => void granted.then(scheduler.release, () => {});
      if (ahead > 0) yield { type: 'queued', ahead };
      const slot = await unlessCancelled(granted);
      if (!slot) {
        yield endOf(reply, 0, { endReason: 'stopped' });
        return;
      }
      const hold = holdSlot(slot, scheduler, batching, signal);
      release = hold.release;
      clock.started(ahead > 0);

      // Nothing of this prompt is in the sequence yet.
      hold.awaitReader(async () => {});
      yield { type: 'prompt', promptTokens: prompt.tokens.length, omittedMessages: prompt.omittedMessages };
      await hasSlotAgain(work, hold);
      const evaluated = evaluatedPromptOf(work, hold, reply);
      const tellsPrompt = request.promptLogprobs !== undefined;
      if (tellsPrompt) yield* promptTokens(work, hold, evaluated);
      const reuse = tellsPrompt ? noReuse : await stops.unlessStopped(bringToPrompt(work, evaluated));
      if (signal.aborted || !reuse) {
        yield endOf(reply, hold.pausedMs, { endReason: 'stopped', ...(reuse && { reuse }) });
        return;
      }

      state = 'decoding';
      lastWords = () => events.end();
      const restore = restoreOf(context, hold);
      let generatedTokens = 0;
      let endReason: EndReason | null = limits.maxTokens === 0 ? 'max_tokens' : null;
      // The loop is in this function because an event that passes through a nested generator costs three more promises.
      const steps = decode(slot, reply, request)[Symbol.asyncIterator]();
      closeSteps = () => void steps.return?.(undefined).catch(() => {});
      while (!endReason) {
        const next = await stops.unlessStopped(steps.next());
        if (!next) endReason = 'stopped';
        if (next?.done === true && sampler.forbidsEnd()) throw grammarHasNoToken();
        if (next?.done !== false) break;
        const step = next.value;
        const now = performance.now();
        if (generatedTokens === 0) clock.firstToken(now, hold.pausedMs);
        generatedTokens++;
        slot.drafter?.wrote(now);
        sampler.accept(step.token);
        if (sampling.logprobs !== undefined) {
          const before = slot.sequence.contextTokens.slice(-4);
          events.pushLogprob(logprobOf(context.model, step.token, step.probabilities, sampling.logprobs, before));
        }
        events.push(step.token);
        const due = events.due(now);
        if (due)
          for (const event of due) {
            hold.awaitReader(restore);
            yield event;
            await hasSlotAgain(work, hold);
          }
        endReason = endReasonOf(limits, signal.aborted, events.stopText, generatedTokens);
        if (endReason) break;
        const pause = hold.member.betweenSteps();
        if (pause) await stops.unlessStopped(pause);
        if (!hold.shouldYield()) continue;
        const text = events.flush();
        if (text) {
          hold.awaitReader(restore);
          yield text;
          await hasSlotAgain(work, hold);
        }
        await yieldToWindows(work, hold, 'decoding');
        if (signal.aborted) endReason = 'stopped';
        if (endReason) break;
      }
      clock.done();
      lastWords = () => [];
      const counts = hold.draftCounts();
      stops.afterwards(() => {
        if (hold.isHeld) slot.stateOf = chatKey ?? null;
      });
      freeSlot();
      yield* events.end();
      yield endOf(reply, hold.pausedMs, {
        endReason: endReason ?? 'end_of_turn',
        ...{ reuse, generatedTokens },
        speculation: slot.drafter && counts && { kind: slot.drafter.kind, ...counts },
      });
    } catch (error) {
      freeSlot();
      yield* lastWords();
      throw samplingError(error, hasGrammar);
    } finally {
      state = 'finished';
      freeSlot();
    }
  }

  return {
    get state() {
      return state;
    },
    run,
  };
}

const noReuse: Reuse = { reusedTokens: 0, restoredTokens: 0 };

/** What the steps of one generation share. */
interface GenerationWork {
  readonly context: GenerationContext;
  readonly request: GenerateRequest;
  readonly signal: AbortSignal;
  readonly stops: StopRace;
  enter(state: GenerationState): void;
}

/** The prompt in the slot that the reply has got. */
function evaluatedPromptOf(work: GenerationWork, hold: SlotHold, reply: PreparedReply): EvaluatedPrompt {
  const { request, signal } = work;
  const { chatKey, priority = 'window', state } = request;
  const { prompt, allowsSpeculation, limits } = reply;
  const { slot } = hold;
  slot.drafter?.begin(prompt.tokens, allowsSpeculation);
  const isOwnState = chatKey !== undefined && slot.stateOf === chatKey;
  slot.stateOf = null;
  return {
    ...{ prompt, slot, priority, isOwnState, state, signal },
    isWhole: limits.maxTokens === 0,
    member: () => hold.member,
    async pause() {
      if (hold.shouldYield() && !signal.aborted) await yieldToWindows(work, hold, 'prompt');
    },
  };
}

/** Evaluates the prompt, and tells its tokens with their probabilities. */
async function* promptTokens(
  work: GenerationWork,
  hold: SlotHold,
  evaluated: EvaluatedPrompt,
): AsyncGenerator<GenerateEvent> {
  const { context, request, stops } = work;
  const steps = evaluateWithLogprobs(context.model, evaluated, request.promptLogprobs ?? 0);
  work.enter('prompt');
  try {
    for (;;) {
      const next = await stops.unlessStopped(steps.next());
      if (next?.done !== false) return;
      hold.awaitReader(restoreOf(context, hold));
      yield { type: 'prompt_tokens', tokens: next.value };
      await hasSlotAgain(work, hold);
    }
  } finally {
    stops.afterwards(() => void steps.return(undefined).catch(() => {}));
  }
}

/** Evaluates all of the prompt except its last step in the slot's sequence. Returns what was reused. */
async function bringToPrompt(work: GenerationWork, evaluated: EvaluatedPrompt): Promise<Reuse> {
  const { context, enter } = work;
  enter('restoring');
  const reuse = await restorePrompt(evaluated, context.evaluation);
  enter('prompt');
  await evaluatePrompt(evaluated, context.evaluation);
  return reuse;
}

/**
 * Yields the slot to the waiting windows and restores the sequence afterwards, which is then in the state `after`. Returns early when the
 * generation is stopped.
 */
async function yieldToWindows(
  { context, stops, enter }: GenerationWork,
  hold: SlotHold,
  after: GenerationState,
): Promise<void> {
  enter('yielding');
  await unlessCancelled(stops.unlessStopped(hold.yieldSlot(restoreOf(context, hold))));
  enter(after);
}

/** Evaluates what a sequence had before windows had its slot. */
function restoreOf({ batching }: GenerationContext, hold: SlotHold): Restore {
  const { slot } = hold;
  const priority = priorityOf('api', slot.index);
  const stepTokens = (): number => batching.tuning().batchSize;
  return (tokens, signal) =>
    evaluateInSteps(slot.sequence, tokens, tokens.length, { priority, member: () => hold.member, stepTokens, signal });
}

/** After an event: its reader has it, and a window that got the slot meanwhile has ended. Returns early when the generation is stopped. */
async function hasSlotAgain({ stops }: GenerationWork, hold: SlotHold): Promise<void> {
  const pause = hold.resume();
  if (pause) await unlessCancelled(stops.unlessStopped(pause));
}

interface Step {
  readonly token: Token;
  readonly probabilities?: Map<Token, number>;
}

/** The tokens that the model writes after the prompt, until it ends its turn. */
function decode(
  { sequence, index }: SequenceSlot,
  { prompt, sampler }: PreparedReply,
  { sampling, priority = 'window' }: GenerateRequest,
): AsyncIterable<Step> {
  return sequence.evaluateWithMetadata(
    prompt.tokens.slice(sequence.nextTokenIndex),
    { probabilities: sampling.logprobs !== undefined },
    {
      ...sampler.options,
      evaluationPriority: priorityOf(priority, index),
      // Never reached, since the reply ends at the edge of the context. Shifting would forget silently.
      contextShift: { size: 1, strategy: refuseShift },
    },
  );
}

/** The result of `work`; undefined when it was cancelled. */
async function unlessCancelled<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isAppError(error, 'cancelled')) return undefined;
    throw error;
  }
}

function refuseShift(): never {
  throw new AppError('engine.context_full', 'The context is full.');
}
