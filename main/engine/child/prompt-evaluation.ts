/** Brings a sequence to a prompt: first what is computed already (its own tokens, a file, a shared prefix), then the rest in steps. */
import type { EvaluationPriority, LlamaContextSequence, Token } from 'node-llama-cpp';
import type { StateFile } from '../protocol.ts';
import { priorityOf, tokensToKeep, type Batching, type BatchMember } from './batch/batching.ts';
import { commonPrefix } from './batch/scheduler.ts';
import type { Prompt } from './prompt/prompt.ts';
import type { SequenceSlot } from './sequence-slots.ts';
import { loadState, type PrefixStore } from './state.ts';

/** A shorter system prompt is evaluated faster than its state is read. */
const PREFIX_TOKENS = 64;

export interface EvaluationOptions {
  readonly batching: Pick<Batching, 'tuning'>;
  /** States of system prompts; null keeps none. */
  readonly prefixes: PrefixStore | null;
  readonly stateKey: string;
  /** Attention is computed on the processor in tiles of tokens, and the last tokens of a sequence can be taken away alone. */
  readonly usesAttentionTiles: boolean;
}

export interface EvaluatedPrompt {
  readonly prompt: Prompt;
  readonly slot: SequenceSlot;
  /** In the batches; another one after a pause. */
  readonly member: () => BatchMember;
  readonly priority: 'window' | 'api';
  /** Awaited between two steps, where a waiting window may take the slot. The sequence has all its tokens again after it. */
  readonly pause: () => Promise<void>;
  /** Nothing is left to the reply, which has no tokens. */
  readonly isWhole: boolean;
  /** The slot's sequence holds the chat's state already. */
  readonly isOwnState: boolean;
  /** Used where it has more of the prompt than the sequence. */
  readonly state: StateFile | undefined;
  readonly signal: AbortSignal;
}

/** Counts in tokens of the prompt. */
export interface Reuse {
  /** That were not evaluated again. */
  readonly reusedTokens: number;
  /** Of them, those that came from a file. */
  readonly restoredTokens: number;
}

/** Leaves in the sequence what it has of the prompt, or what a file has where that is more. The slot may have a new sequence after it. */
export async function restorePrompt(work: EvaluatedPrompt, options: EvaluationOptions): Promise<Reuse> {
  const { prompt, slot } = work;
  const wanted = wantedTokens(prompt);
  const common = (): number => commonPrefix(slot.sequence.contextTokens, wanted);
  let restored = 0;
  const loadIfLonger = async (state: StateFile | undefined): Promise<void> => {
    if (!state || restored > 0 || state.tokenCount <= common()) return;
    const outcome = await loadState(slot.sequence, state, options.stateKey);
    if (outcome === 'loaded') restored = common();
    if (outcome === 'broken') await slot.replaceSequence();
  };
  await work.member().withRepliesPaused(async () => {
    if (!work.isOwnState) {
      await loadIfLonger(work.state);
      await loadIfLonger(options.prefixes?.find(wanted, common()));
    }
    const keep = options.usesAttentionTiles ? tokensToKeep(common(), prompt.tokens.length) : wanted.length;
    await slot.sequence.adaptStateToTokens(wanted.slice(0, keep), false);
  });
  const reused = slot.sequence.nextTokenIndex;
  return { reusedTokens: Math.min(reused, wanted.length), restoredTokens: Math.min(restored, reused) };
}

/**
 * Evaluates what the sequence lacks of the prompt, and keeps the state of a long system prompt for other chats. The tokens of the last step
 * are left to the reply: they are evaluated by the first step that also samples. Ends early when `signal` fires.
 */
export async function evaluatePrompt(work: EvaluatedPrompt, options: EvaluationOptions): Promise<void> {
  const { prompt, slot, member, pause, signal } = work;
  const { sequence } = slot;
  const { prefixes } = options;
  const wanted = wantedTokens(prompt);
  const system = systemEnd(prompt);
  const evaluateTo = (end: number): Promise<void> =>
    evaluateInSteps(sequence, wanted, end, {
      priority: priorityOf(work.priority, slot.index),
      ...{ member, pause },
      stepTokens: () => options.batching.tuning().batchSize,
      signal,
    });
  if (
    prefixes &&
    system >= PREFIX_TOKENS &&
    sequence.nextTokenIndex < system &&
    !prefixes.has(wanted.slice(0, system))
  ) {
    await evaluateTo(system);
    if (!signal.aborted) await member().withRepliesPaused(() => prefixes.keep(sequence));
  }
  const left = work.isWhole ? 0 : options.batching.tuning().batchSize - 1;
  await evaluateTo(wanted.length - left);
}

export interface StepOptions {
  readonly priority: EvaluationPriority;
  readonly member: () => BatchMember;
  /** As of an `EvaluatedPrompt`. Absent: none. */
  readonly pause?: () => Promise<void>;
  /** Read before each step. */
  readonly stepTokens: () => number;
  readonly signal: AbortSignal;
}

/** Continues from the tokens in the sequence, a beginning of `tokens`, to `end` of them. Other replies have their turns between steps. */
export async function evaluateInSteps(
  sequence: LlamaContextSequence,
  tokens: readonly Token[],
  end: number,
  { priority, member, pause, stepTokens, signal }: StepOptions,
): Promise<void> {
  while (sequence.nextTokenIndex < end && !signal.aborted) {
    const from = sequence.nextTokenIndex;
    const step = tokens.slice(from, Math.min(end, from + stepTokens()));
    await sequence.evaluateWithoutGeneratingNewTokens(step, { evaluationPriority: priority });
    await member().betweenSteps();
    await pause?.();
  }
}

/** All but the last token, which is evaluated with the first token of the reply. */
const wantedTokens = (prompt: Prompt): Token[] => prompt.tokens.slice(0, -1);

/** How many tokens at the start belong to the system text and the marks around it. */
export function systemEnd({ origins }: Pick<Prompt, 'origins'>): number {
  const first = origins.findIndex((origin) => origin === 'history' || origin === 'message');
  return origins.slice(0, first < 0 ? undefined : first).lastIndexOf('system') + 1;
}
