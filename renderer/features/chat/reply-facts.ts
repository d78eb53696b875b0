/** What is said about a reply in words and figures. */
import type { Message, Timing } from '../../../preload/contract/chat.ts';
import { isBlank } from '../../../preload/contract/message-parts.ts';
import { formatDuration, formatInteger, formatPercent, formatTokenRate } from '../../words/format.ts';

/** The figures of a reply, in the order in which they are shown. */
export function replyFigures(message: Message): readonly { readonly label: string; readonly value: string }[] {
  const { timing } = message;
  if (!timing) return [];
  // One token has no speed: there is no time between it and another.
  const rate = timing.generatedTokens > 1 ? formatTokenRate(timing.generatedTokens, timing.generateMs) : '';
  return [
    ...(rate === '' ? [] : [{ label: 'Speed', value: rate }]),
    ...(timing.generatedTokens > 0
      ? [{ label: 'Time to first token', value: `${formatDuration(timing.firstTokenMs)} to first token` }]
      : []),
    {
      label: 'Length',
      value: timing.generatedTokens === 1 ? '1 token' : `${formatInteger(timing.generatedTokens)} tokens`,
    },
    ...guessFigure(timing),
    ...(timing.endReason === 'stop_text' ? [{ label: 'It ended before a stop text', value: 'stop text' }] : []),
  ];
}

function guessFigure(timing: Timing): readonly { readonly label: string; readonly value: string }[] {
  const { speculation } = timing;
  if (!speculation || speculation.guessedTokens <= 0) return [];
  const { kind, acceptedTokens, guessedTokens } = speculation;
  return [
    {
      label:
        `${kind === 'draft' ? 'The small model' : 'The text before'} guessed ${formatInteger(guessedTokens)} tokens ahead, ` +
        `${formatInteger(acceptedTokens)} of them right (speculation)`,
      value: `${formatPercent(acceptedTokens / guessedTokens)} of guesses right`,
    },
  ];
}

/**
 * Why a reply ended, in words, when that is not the ordinary end; else null. Failures have a card of their own and are not worded here.
 */
export function endWords(message: Message): string | null {
  switch (message.status) {
    case 'pending':
    case 'streaming':
    case 'failed':
      return null;
    case 'interrupted':
      return isBlank(message)
        ? 'Hearth closed before this reply was written.'
        : 'Hearth closed while this reply was being written. What was written is kept.';
    case 'stopped':
      return isBlank(message) ? 'Stopped before anything was written.' : 'Stopped. What was written is kept.';
    case 'complete':
      return message.timing === null ? null : endReasonWords(message.timing, message.sampling?.maxTokens ?? null);
    default:
      return message.status satisfies never;
  }
}

function endReasonWords(timing: Timing, maxTokens: number | null): string | null {
  switch (timing.endReason) {
    case 'end_of_turn':
    case 'stop_text':
    case 'failed':
      return null;
    case 'tool_calls':
      return 'Ended with the call of a tool.';
    case 'stopped':
      return 'Stopped. What was written is kept.';
    case 'max_tokens':
      return `Ended at the longest reply allowed${maxTokens === null ? '' : ` (${formatInteger(maxTokens)} tokens)`}.`;
    case 'context_full':
      return `Ended because the room for the conversation is full (context size ${formatInteger(timing.contextSize)} tokens).`;
    default:
      return timing.endReason satisfies never;
  }
}
