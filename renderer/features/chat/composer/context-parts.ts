/** The contents of the context after a reply, by origin, and what was left out. */
import type { ContextPolicy, Message, Timing } from '../../../../preload/contract/chat.ts';
import { words } from '../../../words/words.ts';

export type ContextOrigin =
  | 'system'
  | 'summary'
  | 'recalled'
  | 'files'
  | 'history'
  | 'message'
  | 'template'
  | 'prompt'
  | 'reply'
  | 'draft'
  | 'free';

export interface ContextPart {
  readonly key: ContextOrigin;
  readonly label: string;
  readonly tokens: number;
  /** Share of the context size in whole percents; together they are 100. */
  readonly percent: number;
}

export interface ContextUse {
  readonly parts: readonly ContextPart[];
  readonly usedTokens: number;
  readonly contextSize: number;
}

/** The parts of the context after a reply, in their order in the context; `free` last. Null when none were reported. */
export function contextUse(message: Message | undefined): ContextUse | null {
  const timing = message?.timing;
  if (!timing || timing.contextSize <= 0 || timing.uncounted) return null;
  const { makeUp, contextSize } = timing;
  const usedTokens = Math.min(contextSize, timing.promptTokens + timing.generatedTokens);
  const amounts: readonly (readonly [ContextOrigin, number])[] = [
    ...(makeUp
      ? ([
          ['system', makeUp.systemTokens],
          ['summary', makeUp.summaryTokens ?? 0],
          ['history', makeUp.historyTokens],
          ['recalled', makeUp.recalledTokens ?? 0],
          ['files', makeUp.filesTokens ?? 0],
          ['message', makeUp.messageTokens],
          ['template', makeUp.templateTokens],
        ] as const)
      : ([['prompt', timing.promptTokens]] as const)),
    ['reply', timing.generatedTokens],
    ['free', contextSize - usedTokens],
  ];
  const shown = amounts.filter(([key, tokens]) => tokens > 0 || key === 'free');
  const percents = wholePercents(shown.map(([, tokens]) => tokens));
  return {
    usedTokens,
    contextSize,
    parts: shown.map(([key, tokens], index) => ({
      ...{ key, tokens, label: words.contextMeter.origins[key], percent: percents[index] ?? 0 },
    })),
  };
}

/** Shares in whole percents that add up to 100: what rounding down leaves goes to the largest remainders. */
export function wholePercents(amounts: readonly number[]): number[] {
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  if (total <= 0) return amounts.map(() => 0);
  const exact = amounts.map((amount) => (amount / total) * 100);
  const percents = exact.map(Math.floor);
  const left = 100 - percents.reduce((sum, percent) => sum + percent, 0);
  const byRemainder = exact
    .map((share, index) => [share - Math.floor(share), index] as const)
    .sort((a, b) => b[0] - a[0]);
  for (const [, index] of byRemainder.slice(0, left)) percents[index] = (percents[index] ?? 0) + 1;
  return percents;
}

/** The part of the conversation that the model did not see, and the reason, in words; null when it saw all of it. */
export function omittedWords(timing: Timing | null): string | null {
  if (!timing) return null;
  const { overflow, omittedMessages, contextSize } = timing;
  if (omittedMessages === 0 && !overflow) return null;
  const tokens = overflow && overflow.omittedTokens > 0 ? words.contextMeter.tokensLeftOut(overflow.omittedTokens) : '';
  const reserve = overflow?.reserveTokens ?? null;
  if (overflow?.policy === 'cut_middle') return words.contextMeter.middleLeftOut(tokens, contextSize, reserve);
  // A message may also be shortened at its start, where leaving it out would waste context.
  if (omittedMessages === 0) return words.contextMeter.beginningLeftOut(tokens, contextSize, reserve);
  return words.contextMeter.firstLeftOut(omittedMessages, tokens, contextSize, reserve);
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
