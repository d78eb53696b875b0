/** What filled the context of a reply, by where it came from, and what was left out of it. */
import type { ContextPolicy, Message, Timing } from '../../../../preload/contract/chat.ts';
import { words } from '../../../words/words.ts';

export type ContextOrigin = 'system' | 'history' | 'message' | 'template' | 'prompt' | 'reply' | 'free';

export interface ContextPart {
  readonly key: ContextOrigin;
  readonly label: string;
  readonly tokens: number;
  /** Of the context size, 0 to 1. */
  readonly share: number;
}

export interface ContextUse {
  readonly parts: readonly ContextPart[];
  readonly usedTokens: number;
  readonly contextSize: number;
}

/** The make-up of the context after a reply, in the order in which it lies there; `free` last. Null when nothing was reported. */
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

/** What of the conversation the model did not see, and why, in words; null when it saw all of it. */
export function omittedWords(timing: Timing | null): string | null {
  if (!timing) return null;
  const { overflow, omittedMessages, contextSize } = timing;
  if (omittedMessages === 0 && !overflow) return null;
  const tokens = overflow && overflow.omittedTokens > 0 ? words.contextMeter.tokensLeftOut(overflow.omittedTokens) : '';
  if (overflow?.policy === 'cut_middle') return words.contextMeter.middleLeftOut(tokens, contextSize);
  // A message may also be shortened at its start, where leaving out all of it would waste space.
  if (omittedMessages === 0) return words.contextMeter.beginningLeftOut(tokens, contextSize);
  return words.contextMeter.firstLeftOut(omittedMessages, tokens, contextSize);
}

/** How many of the prompt's tokens the engine still had, in words; null when it had none. */
export function reusedWords(timing: Timing): string | null {
  if (timing.reusedTokens <= 0 || timing.promptTokens <= 0) return null;
  return words.contextMeter.reused(timing.reusedTokens, timing.promptTokens);
}

/** What can be done when a conversation no longer fits. */
export const policies: readonly { readonly value: ContextPolicy; readonly label: string; readonly detail: string }[] = (
  ['roll', 'cut_middle', 'stop'] as const
).map((value) => ({ value, ...words.contextMeter.policies[value] }));
