/** The times and the result of a generation, for its last event. */
import type { GenerateResult } from '../protocol.ts';
import type { PreparedReply } from './prepare-reply.ts';
import type { Reuse } from './prompt-evaluation.ts';
import type { EndReason } from './reply/reply-end.ts';
import { hashTokens } from './token-hash.ts';

export interface GenerationTimes {
  readonly promptMs: number;
  readonly queuedMs: number;
  readonly generateMs: number;
}

export interface GenerationClock {
  /** The generation has its slot. */
  started(wasQueued: boolean): void;
  /** The first token was generated. Until then `pausedMs` went to other replies. */
  firstToken(atMs: number, pausedMs: number): void;
  /** The last token was generated. Time after this does not count. */
  done(): void;
  /** `pausedMs` of the reply's time went to other replies and counts as queued. */
  times(pausedMs: number): GenerationTimes;
}

/** A clock that runs from now on. `now` in milliseconds. */
export function createGenerationClock(now = (): number => performance.now()): GenerationClock {
  const requestedAt = now();
  let startedAt: number | null = null;
  let queuedMs = 0;
  let firstTokenAt: number | null = null;
  let pausedBefore = 0;
  let doneAt: number | null = null;
  return {
    started(wasQueued) {
      startedAt = now();
      if (wasQueued) queuedMs = startedAt - requestedAt;
    },
    firstToken(atMs, pausedMs) {
      firstTokenAt = atMs;
      pausedBefore = pausedMs;
    },
    done() {
      doneAt = now();
    },
    times(pausedMs) {
      const end = doneAt ?? now();
      // Stopped in the queue.
      if (startedAt === null) return { promptMs: end - requestedAt, queuedMs: end - requestedAt, generateMs: 0 };
      const promptEnd = firstTokenAt ?? end;
      const pausedInPrompt = firstTokenAt === null ? pausedMs : pausedBefore;
      return {
        promptMs: promptEnd - startedAt - pausedInPrompt,
        queuedMs: queuedMs + pausedMs,
        generateMs: end - promptEnd - (pausedMs - pausedInPrompt),
      };
    },
  };
}

export interface GenerationOutcome {
  readonly times: GenerationTimes;
  readonly endReason: EndReason;
  /** Defaults: nothing was reused, nothing generated. */
  readonly reuse?: Reuse;
  readonly generatedTokens?: number;
  readonly speculation?: GenerateResult['speculation'] | null;
}

/** The result of a generation that was stopped before its prompt was known. */
export function resultWithoutPrompt(seed: number | null, contextSize: number, times: GenerationTimes): GenerateResult {
  return {
    ...{
      promptTokens: 0,
      omittedMessages: 0,
      reusedTokens: 0,
      restoredTokens: 0,
      generatedTokens: 0,
      reasoningTokens: 0,
    },
    makeUp: { systemTokens: 0, historyTokens: 0, messageTokens: 0, templateTokens: 0 },
    ...{ contextSize, seed: seed ?? 0, ...times, endReason: 'stopped' },
  };
}

/** The result of a generation. */
export function generationResult(
  reply: PreparedReply,
  contextSize: number,
  outcome: GenerationOutcome,
): GenerateResult {
  const { prompt, events, seed } = reply;
  const { times, endReason, reuse, generatedTokens = 0, speculation } = outcome;
  const hasCalls = events.calls.length > 0;
  const { stopText } = events;
  return {
    promptTokens: prompt.tokens.length,
    omittedMessages: prompt.omittedMessages,
    ...(prompt.overflow ? { overflow: prompt.overflow } : {}),
    ...(prompt.toolsRefused === undefined ? {} : { toolsRefused: prompt.toolsRefused }),
    makeUp: prompt.makeUp,
    promptHash: hashTokens(prompt.tokens),
    contextSize,
    seed,
    ...(reuse ?? { reusedTokens: 0, restoredTokens: 0 }),
    ...times,
    generatedTokens,
    reasoningTokens: events.reasoningTokens,
    endReason: hasCalls && endReason === 'end_of_turn' ? 'tool_calls' : endReason,
    ...(hasCalls ? { toolCalls: events.calls } : {}),
    ...(endReason === 'stop_text' && stopText !== null ? { stopText } : {}),
    ...(speculation ? { speculation } : {}),
  };
}
