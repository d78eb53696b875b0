/** The figures of a reply, and the reason for its end. */
import type { Message, Timing } from '../../../../preload/contract/chat.ts';
import { endsInEdit } from '../../../../preload/contract/continuing.ts';
import { isBlank } from '../../../../preload/contract/message-parts.ts';
import { formatDuration, formatList, formatPercent, formatTokenRate } from '../../../words/format.ts';
import { words } from '../../../words/words.ts';

/** Tokens of the whole reply, with those from before it was continued. */
export const tokensOf = ({ generatedTokens, continuedTokens = 0 }: Timing): number => generatedTokens + continuedTokens;

/** The figures of a reply, in display order. Speed and time to the first token are those of its last part. */
export function replyFigures(message: Message): readonly { readonly label: string; readonly value: string }[] {
  const { timing } = message;
  if (!timing) return [];
  // One token has no speed: no time passes between it and another.
  const rate = timing.generatedTokens > 1 ? formatTokenRate(timing.generatedTokens, timing.generateMs) : '';
  return [
    ...(rate === '' ? [] : [{ label: words.replyFacts.speed, value: rate }]),
    ...(timing.generatedTokens > 0 || timing.uncounted
      ? [
          {
            label: words.replyFacts.firstToken,
            value: words.replyFacts.firstTokenValue(formatDuration(firstTokenAfterLoadMs(timing))),
          },
        ]
      : []),
    ...(timing.loadMs === undefined
      ? []
      : [{ label: words.replyFacts.load, value: words.replyFacts.loadValue(formatDuration(timing.loadMs)) }]),
    { label: words.replyFacts.length, value: lengthWords(timing) },
    ...(timing.samplersNotTaken === undefined
      ? []
      : [{ label: words.elsewhere.notTaken, value: formatList(timing.samplersNotTaken.map(words.elsewhere.sampler)) }]),
    ...draftFigure(timing),
    ...(timing.toolsRefused === undefined
      ? []
      : [{ label: words.replyFacts.toolsInWords(timing.toolsRefused), value: words.replyFacts.toolsInWordsValue }]),
    ...(timing.endReason === 'stop_text'
      ? [{ label: words.replyFacts.stopString, value: words.replyFacts.stopStringValue }]
      : []),
  ];
}

/** The wait for the model to begin, without the wait for it to be loaded. */
export const firstTokenAfterLoadMs = ({ firstTokenMs, loadMs = 0 }: Timing): number => firstTokenMs - loadMs;

function lengthWords(timing: Timing): string {
  if (timing.uncounted) return words.elsewhere.uncounted;
  const all = tokensOf(timing);
  return all === timing.generatedTokens
    ? words.replyFacts.tokens(all)
    : words.replyFacts.continuedTokens(all, timing.generatedTokens);
}

function draftFigure(timing: Timing): readonly { readonly label: string; readonly value: string }[] {
  const { speculation } = timing;
  if (!speculation || speculation.draftedTokens <= 0) return [];
  const { kind, acceptedTokens, draftedTokens } = speculation;
  return [
    {
      label: words.replyFacts.drafted(kind === 'draft', draftedTokens, acceptedTokens),
      value: words.replyFacts.acceptedShare(formatPercent(acceptedTokens / draftedTokens)),
    },
  ];
}

/** The reason for the end of a reply, in words; null for an ordinary end. Failures have a card of their own. */
export function endWords(message: Message): string | null {
  switch (message.status) {
    case 'pending':
    case 'streaming':
    case 'failed':
      return null;
    case 'interrupted':
      return isBlank(message) ? words.replyFacts.interruptedEmpty : words.replyFacts.interrupted;
    case 'stopped':
      return isBlank(message) ? words.replyFacts.stoppedEmpty : words.replyFacts.stopped;
    case 'complete':
      if (endsInEdit(message)) return words.versions.endsInEdit;
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
      return words.replyFacts.toolCalls;
    case 'stopped':
      return words.replyFacts.stopped;
    case 'max_tokens':
      return words.replyFacts.maxTokens(maxTokens);
    case 'context_full':
      return timing.contextSize > 0 ? words.replyFacts.contextFull(timing.contextSize) : words.elsewhere.contextFull;
    default:
      return timing.endReason satisfies never;
  }
}
