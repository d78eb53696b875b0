/** The contents of the context after a reply, by origin, and what was left out. */
import type { ContextPolicy, Message, Timing } from '../../../../preload/contract/chat.ts';
import { words } from '../../../words/words.ts';

export type ContextOrigin = 'system' | 'history' | 'message' | 'template' | 'prompt' | 'reply' | 'free';

export interface ContextPart {
  readonly key: ContextOrigin;
  readonly label: string;
  readonly tokens: number;
  /** Share of the context size, 0 to 1. */
  readonly share: number;
}

export interface ContextUse {
  readonly parts: readonly ContextPart[];
  readonly usedTokens: number;
  readonly contextSize: number;
}

/** The parts of the context after a reply, in their order in the context; `free` last. Null when none were reported. */
export function contextUse(message: Message | undefined): ContextUse | null {
  const timing = message?.timing;
  if (!timing || timing.contextSize <= 0) return null;
  const { makeUp, contextSize } = timing;
  const usedTokens = Math.min(contextSize, timing.promptTokens + timing.generatedTokens);
  const amounts: readonly (readonly [ContextOrigin, number])[] = [
    ...(makeUp
      ? ([
          ['system', makeUp.systemTokens],
          ['history', makeUp.historyTokens],
          ['message', makeUp.messageTokens],
          ['template', makeUp.templateTokens],
        ] as const)
      : ([['prompt', timing.promptTokens]] as const)),
    ['reply', timing.generatedTokens],
    ['free', contextSize - usedTokens],
  ];
  return {
    usedTokens,
    contextSize,
    parts: amounts
      .filter(([key, tokens]) => tokens > 0 || key === 'free')
      .map(([key, tokens]) => ({
        key,
        label: words.contextMeter.origins[key],
        tokens,
        share: Math.min(1, tokens / contextSize),
      })),
  };
}

/** The part of the conversation that the model did not see, and the reason, in words; null when it saw all of it. */
export function omittedWords(timing: Timing | null): string | null {
  if (!timing) return null;
  const { overflow, omittedMessages, contextSize } = timing;
  if (omittedMessages === 0 && !overflow) return null;
  const tokens = overflow && overflow.omittedTokens > 0 ? words.contextMeter.tokensLeftOut(overflow.omittedTokens) : '';
  if (overflow?.policy === 'cut_middle') return words.contextMeter.middleLeftOut(tokens, contextSize);
  // A message may also be shortened at its start, where leaving it out would waste context.
  if (omittedMessages === 0) return words.contextMeter.beginningLeftOut(tokens, contextSize);
  return words.contextMeter.firstLeftOut(omittedMessages, tokens, contextSize);
}

/** The number of the prompt's tokens that the engine had cached, in words; null without any. */
export function reusedWords(timing: Timing): string | null {
  if (timing.reusedTokens <= 0 || timing.promptTokens <= 0) return null;
  return words.contextMeter.reused(timing.reusedTokens, timing.promptTokens);
}

/** The actions for a conversation that no longer fits. */
export const policies: readonly { readonly value: ContextPolicy; readonly label: string; readonly detail: string }[] = (
  ['roll', 'cut_middle', 'stop'] as const
).map((value) => ({ value, ...words.contextMeter.policies[value] }));
