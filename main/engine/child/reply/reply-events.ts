/** From the tokens of a reply to the events that are sent: detokenized, split into reasoning and content, calls taken out. */
import type { Token } from 'node-llama-cpp';
import type { TokenLogprob } from '../../../../preload/contract/chat.ts';
import type { GenerateEvent } from '../../protocol.ts';
import type { ToolCall } from '../../../chat-format/messages.ts';
import type { CallBody } from '../../../chat-format/reply/tool-calls.ts';
import type { ReplyCalls } from './calls.ts';
import type { ReasoningSplit, ReasoningSplitter } from '../../../chat-format/reply/reasoning-split.ts';
import type { Detokenizer } from './reply-text.ts';
import type { StopText } from './stop-text.ts';

export interface ReplyEventsOptions {
  readonly detokenizer: Detokenizer;
  readonly splitter: ReasoningSplitter;
  readonly stop: StopText;
  /** Null where there are no tools to call. */
  readonly calls: ReplyCalls | null;
  /** Is told each token, its text, and the body of the call that is being written. */
  readonly onCallToken?: (token: Token, text: string, body: CallBody | null) => void;
  /** Text is sent once per this time, the first at once. Milliseconds. */
  readonly flushMs: number;
}

export interface ReplyEvents {
  push(token: Token): void;
  /** The log probability of the token that is pushed next. It is sent with the token's text, and not where a stop text cuts all of that. */
  pushLogprob(logprob: TokenLogprob): void;
  /** The stop text that was met. Nothing from it on is sent. */
  readonly stopText: string | null;
  /** The events that are due at this time; null for none. */
  due(nowMs: number): readonly GenerateEvent[] | null;
  /** The text so far, whatever the time; null when all was sent. */
  flush(): GenerateEvent | null;
  /** The last events: what was held back, too. */
  end(): readonly GenerateEvent[];
  readonly calls: readonly ToolCall[];
  /** Tokens so far that are reasoning, its marks included. */
  readonly reasoningTokens: number;
}

/** The events of one reply. */
export function createReplyEvents({
  detokenizer,
  splitter,
  stop,
  calls,
  onCallToken,
  flushMs,
}: ReplyEventsOptions): ReplyEvents {
  let content = '';
  let reasoning = '';
  /** Content that was sent already is reasoning, as the next event tells. */
  let wasReasoning = false;
  const logprobs: SizedLogprob[] = [];
  let stopText: string | null = null;
  let lastFlush = 0;
  let tokens = 0;
  let reasoningTokens = 0;

  const take = (text: string): void => {
    const split = splitter.push(text);
    moveContent(split);
    const shown = stop.push(split.content);
    stopText ??= shown.stopped;
    content += calls ? calls.push(shown.text) : shown.text;
    reasoning += split.reasoning;
  };
  /** All content so far becomes reasoning, sent or not, where the splitter finds that out only now. */
  const moveContent = (split: ReasoningSplit): void => {
    if (split.contentWasReasoning !== true) return;
    wasReasoning = true;
    reasoningTokens = tokens;
    reasoning += (content + (calls?.restart() ?? '') + stop.end()).trimEnd();
    content = '';
  };
  const hasText = (): boolean => content !== '' || reasoning !== '' || wasReasoning;
  /** The log probabilities of what is shown by now. Those behind it wait, or are dropped at a stop text. */
  const shownLogprobs = (): TokenLogprob[] => {
    const shown = countShown(logprobs, stop.hiddenChars);
    return logprobs.splice(0, shown).map(({ logprob }) => logprob);
  };
  const textEvent = (): GenerateEvent => {
    const shown = shownLogprobs();
    const event: GenerateEvent = {
      type: 'text',
      content,
      reasoning,
      ...(wasReasoning ? { contentWasReasoning: true } : {}),
      ...(shown.length > 0 ? { logprobs: shown } : {}),
    };
    wasReasoning = false;
    content = '';
    reasoning = '';
    return event;
  };

  return {
    push(token) {
      const wasInReasoning = splitter.inReasoning();
      tokens++;
      const text = detokenizer.push(token);
      const logprob = logprobs.at(-1);
      if (logprob) logprob.chars = text.length;
      take(text);
      if (calls) onCallToken?.(token, text, calls.body());
      // A mark belongs to the reasoning that it begins or ends.
      if (reasoningTokens < tokens && (wasInReasoning || splitter.inReasoning())) reasoningTokens++;
    },
    pushLogprob: (logprob) => void logprobs.push({ logprob, chars: 0 }),
    get stopText() {
      return stopText;
    },
    due(nowMs) {
      const isTime = nowMs - lastFlush >= flushMs && hasText();
      if (isTime) lastFlush = nowMs;
      if (!calls?.hasEvents()) return isTime ? [textEvent()] : null;
      // The text before a call is sent before it.
      return [...(isTime || content !== '' ? [textEvent()] : []), ...calls.events()];
    },
    flush: () => (hasText() ? textEvent() : null),
    end() {
      take(detokenizer.end());
      const rest = splitter.end();
      moveContent(rest);
      const last = stop.push(rest.content);
      const tail = last.text + (last.stopped === null ? stop.end() : '');
      content += calls ? calls.push(tail) + calls.end() : tail;
      reasoning += rest.reasoning;
      const hasMore = hasText() || countShown(logprobs, stop.hiddenChars) > 0;
      return [...(hasMore ? [textEvent()] : []), ...(calls?.events() ?? [])];
    },
    get calls() {
      return calls?.found ?? [];
    },
    get reasoningTokens() {
      return reasoningTokens;
    },
  };
}

interface SizedLogprob {
  readonly logprob: TokenLogprob;
  /** Letters of the text that came with the token; 0 for the first parts of a character. */
  chars: number;
}

/** How many of the tokens have some of their text before the last `hiddenChars` letters. */
function countShown(tokens: readonly SizedLogprob[], hiddenChars: number): number {
  let hidden = hiddenChars;
  let count = tokens.length;
  while (count > 0 && hidden > 0) {
    hidden -= tokens[count - 1]?.chars ?? 0;
    if (hidden < 0) break;
    count--;
  }
  // The first parts of a character that is hidden.
  while (count > 0 && count < tokens.length && tokens[count - 1]?.chars === 0) count--;
  return count;
}
