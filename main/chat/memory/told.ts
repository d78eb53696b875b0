/** What a model is told of a conversation: its messages, with a summary and with found messages in the place of those that do not fit. */
import type { MemoryUse, Message } from '../../../preload/contract/chat.ts';
import { textOf } from '../../../preload/contract/message-parts.ts';
import { summaryInForce } from '../../../preload/contract/summary-in-force.ts';
import { replyReserveTokens } from '../../../preload/contract/defaults.ts';
import { isAppError } from '../../../preload/wire/errors.ts';
import type { PromptMessage } from '../../chat-format/messages.ts';
import type { Inference } from '../../inference/inference.ts';
import type { ChatRow } from '../../store/chats.ts';
import type { SummaryRow } from '../../store/summaries.ts';
import { framedMessages } from '../framed-messages.ts';
import type { Framing } from '../personas/framing.ts';
import type { PathOfFile } from '../prompt-messages.ts';
import { findAgain, type FoundPiece } from './find-again.ts';

export interface Told {
  readonly messages: readonly PromptMessage[];
  /** Absent where the conversation is told as it is. */
  readonly memory?: MemoryUse;
}

export interface TellOptions {
  readonly chat: Pick<ChatRow, 'contextPolicy'>;
  /** The system prompt, and what a persona and lorebooks add. */
  readonly framing: Pick<Framing, 'systemPrompt' | 'lastInstructions'>;
  /** The messages down to the question, which have content. */
  readonly path: readonly Message[];
  /** Those of the chat, in the order in which they were made. */
  readonly summaries: readonly SummaryRow[];
  readonly findsAgain: boolean;
  readonly modelId: string;
  readonly pathOfFile: PathOfFile;
  readonly inference: Pick<Inference, 'render' | 'count'>;
}

/** The part of the context that quotes of left-out messages may take. */
const RECALLED_SHARE = 0.15;
/** An exchange that shares one common word with the question is no help. */
const MAX_PIECES = 6;
/** Below this share of the context nothing can have been left out of the next prompt but by a long message, which is rendered first. */
const FREE_SHARE = 0.5;
/** Characters of a conversation without any figure of its size from which it is measured. */
const UNMEASURED_CHARS = 2000;
/** Of a quote, until it is counted. */
const CHARS_PER_TOKEN = 3;

/**
 * The conversation for a model. Where messages fall out of its context, those that the question needs are quoted with it. Without the means
 * to find that out, as with some servers elsewhere, nothing is quoted. Loads the model where it must be asked. Throws what `inference` throws.
 */
export async function tell(options: TellOptions, signal?: AbortSignal): Promise<Told> {
  const { chat, framing, path, pathOfFile } = options;
  // The question itself is always told.
  const covered = summaryInForce(path.slice(0, -1), options.summaries);
  const rest = path.slice(covered?.messages ?? 0);
  const summary = covered?.summary.text ?? null;
  const say = (recalled: string | null): PromptMessage[] =>
    framedMessages(framing, rest, pathOfFile, { summary, recalled });
  const plain: Told = {
    messages: say(null),
    ...(covered ? { memory: { summarizedMessages: covered.messages, recalledIds: [] } } : {}),
  };
  const question = rest.at(-1);
  if (!options.findsAgain || chat.contextPolicy === 'stop' || question?.role !== 'user') return plain;
  if (!covered && (rest.length === 1 || !mayOverflow(path))) return plain;
  try {
    const quoted = await quote(options, say, rest, question, signal);
    if (quoted === null) return plain;
    return {
      messages: say(quoted.text),
      memory: { summarizedMessages: covered?.messages ?? 0, recalledIds: quoted.ids },
    };
  } catch (error) {
    // The reply itself meets the same error and tells it, waits, or does without.
    if (isAppError(error) && error.code !== 'cancelled') return plain;
    throw error;
  }
}

/** Whether the next prompt may be too long: by the size of the last reply's, or by its characters where no reply was measured. */
function mayOverflow(path: readonly Message[]): boolean {
  const timing = path.findLast((message) => message.timing !== null)?.timing;
  const question = path.at(-1);
  if (!timing || timing.contextSize === 0)
    return path.reduce((sum, message) => sum + textOf(message).length, 0) > UNMEASURED_CHARS;
  if (timing.omittedMessages > 0 || timing.overflow) return true;
  const used =
    timing.promptTokens + timing.generatedTokens + (question ? textOf(question).length / CHARS_PER_TOKEN : 0);
  return used > timing.contextSize * FREE_SHARE;
}

/** Quotes of left-out messages for the question; null where nothing is left out or nothing fits the question. */
async function quote(
  { chat, path, modelId, inference }: TellOptions,
  say: (recalled: string | null) => PromptMessage[],
  rest: readonly Message[],
  question: Message,
  signal: AbortSignal | undefined,
): Promise<{ readonly text: string; readonly ids: readonly string[] } | null> {
  const order = signal ? { signal } : {};
  const whole = say(null);
  const { contextSize, omittedMessages, omittedFrom } = await inference.render(
    modelId,
    { input: { messages: whole }, policy: chat.contextPolicy },
    order,
  );
  const summarized = path.slice(0, path.length - rest.length);
  const leftOut = [...summarized, ...rest.slice(omittedFrom, omittedFrom + omittedMessages)];
  if (contextSize === null || leftOut.length === 0) return null;
  const budgetChars = Math.floor(contextSize * RECALLED_SHARE) * CHARS_PER_TOKEN;
  let pieces = withinBudget(findAgain(textOf(question), leftOut), budgetChars);
  const system = whole.filter(({ role }) => role === 'system');
  const limit = contextSize - replyReserveTokens(contextSize);
  while (pieces.length > 0) {
    const text = quotesOf(pieces, leftOut);
    const last = say(text).at(-1);
    const least = { input: { messages: last ? [...system, last] : system }, policy: 'stop' as const };
    if ((await countOrFull(inference, modelId, least, order)) <= limit) {
      const kept = new Set(pieces.map(({ message }) => message.id));
      return { text, ids: leftOut.flatMap(({ id }) => (kept.has(id) ? [id] : [])) };
    }
    pieces = pieces.slice(0, -1);
  }
  return null;
}

async function countOrFull(
  inference: TellOptions['inference'],
  modelId: string,
  what: Parameters<Inference['count']>[1],
  order: { signal?: AbortSignal },
): Promise<number> {
  try {
    return await inference.count(modelId, what, order);
  } catch (error) {
    if (isAppError(error, 'engine.context_full')) return Infinity;
    throw error;
  }
}

/** The best pieces that fit together, best first. */
function withinBudget(found: readonly FoundPiece[], budgetChars: number): readonly FoundPiece[] {
  const best = found[0]?.score ?? 0;
  let left = budgetChars;
  const taken: FoundPiece[] = [];
  for (const piece of found) {
    if (taken.length === MAX_PIECES || piece.score < best / 3) break;
    if (piece.text.length > left) continue;
    left -= piece.text.length;
    taken.push(piece);
  }
  return taken;
}

/** The pieces in the order of the conversation, each with who wrote it. */
function quotesOf(pieces: readonly FoundPiece[], leftOut: readonly Message[]): string {
  const places = new Map(leftOut.map(({ id }, index) => [id, index]));
  const ordered = pieces.toSorted(
    (a, b) => (places.get(a.message.id) ?? 0) - (places.get(b.message.id) ?? 0) || a.start - b.start,
  );
  const quotes = ordered.map(({ message, text }) => `${message.role === 'user' ? 'User' : 'Assistant'}: ${text}`);
  return `Quoted from earlier in this conversation:\n\n${quotes.join('\n\n')}\n\nNow:`;
}
