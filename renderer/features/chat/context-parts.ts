/** What filled the context of a reply, by where it came from, and what was left out of it. */
import type { ContextPolicy, Message, Timing } from '../../../preload/contract/chat.ts';
import { formatInteger } from '../../words/format.ts';

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

const labels: Record<ContextOrigin, string> = {
  system: 'Instructions',
  history: 'Earlier messages',
  message: 'Your message',
  template: 'Marks of the chat template',
  prompt: 'Conversation',
  reply: 'Reply',
  free: 'Free',
};

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
      .map(([key, tokens]) => ({ key, label: labels[key], tokens, share: Math.min(1, tokens / contextSize) })),
  };
}

/** What of the conversation the model did not see, and why, in words; null when it saw all of it. */
export function omittedWords(timing: Timing | null): string | null {
  if (!timing) return null;
  const { overflow, omittedMessages } = timing;
  if (omittedMessages === 0 && !overflow) return null;
  const tokens = overflow && overflow.omittedTokens > 0 ? ` (${count(overflow.omittedTokens, 'token')})` : '';
  const room = `the room for the conversation is full (context size ${formatInteger(timing.contextSize)} tokens)`;
  if (overflow?.policy === 'cut_middle') return `The middle of the conversation was left out${tokens}: ${room}.`;
  // A message may also be shortened at its start, where leaving out all of it would waste room.
  if (omittedMessages === 0) return `The beginning of the conversation was left out${tokens}: ${room}.`;
  const which =
    omittedMessages === 1 ? 'The first message was' : `The first ${formatInteger(omittedMessages)} messages were`;
  return `${which} left out of this reply${tokens}: ${room}.`;
}

/** How many of the prompt's tokens the engine still had, in words; null when it had none. */
export function reusedWords(timing: Timing): string | null {
  if (timing.reusedTokens <= 0 || timing.promptTokens <= 0) return null;
  return `${formatInteger(timing.reusedTokens)} of ${count(timing.promptTokens, 'token')} were still known from before and cost no time.`;
}

function count(number: number, thing: string): string {
  return `${formatInteger(number)} ${thing}${number === 1 ? '' : 's'}`;
}

/** What can be done when a conversation no longer fits, in plain words. */
export const policies: readonly { readonly value: ContextPolicy; readonly label: string; readonly detail: string }[] = [
  {
    value: 'roll',
    label: 'Leave out the oldest',
    detail: 'The first messages go, about a quarter of the room at a time. Each reply says how many.',
  },
  {
    value: 'cut_middle',
    label: 'Cut the middle',
    detail: 'The beginning and the end stay, for tasks that were set at the start.',
  },
  { value: 'stop', label: 'Refuse', detail: 'Nothing is left out: you decide what goes.' },
];
