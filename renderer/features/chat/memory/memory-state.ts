/** What of the shown path the model still sees, and what is offered about it. */
import type { Message } from '../../../../preload/contract/chat.ts';
import { NEARLY_FULL, type ChatMemory, type ConversationSummary } from '../../../../preload/contract/memory.ts';

export interface PathSummary {
  readonly summary: ConversationSummary;
  /** Messages of the path that it stands for, from the first. */
  readonly messages: number;
}

/** The summaries of messages on the path, in the order of what they reach. */
export function summariesOn(
  path: readonly Pick<Message, 'id'>[],
  memory: Pick<ChatMemory, 'summaries'>,
): PathSummary[] {
  const places = new Map(path.map(({ id }, index) => [id, index]));
  return memory.summaries
    .flatMap((summary) => {
      const place = places.get(summary.untilMessageId);
      return place === undefined ? [] : [{ summary, messages: place + 1 }];
    })
    .sort((a, b) => a.messages - b.messages);
}

/** The summary that the next reply reads: of those that are on, the one that reaches furthest. */
export function summaryInForce(
  path: readonly Pick<Message, 'id'>[],
  memory: Pick<ChatMemory, 'summaries'>,
): PathSummary | null {
  return summariesOn(path, memory).findLast(({ summary }) => summary.isOn) ?? null;
}

const hasContent = ({ parts }: Pick<Message, 'parts'>): boolean =>
  parts.some(
    (part) => part.type !== 'reasoning' && part.type !== 'citation' && (part.type !== 'text' || part.text !== ''),
  );

export interface Boundaries {
  /** Messages that a summary stands for. */
  readonly summarized: number;
  /** Messages from the first that the model is not told, summarized ones included. */
  readonly untold: number;
}

/** Where what the model is told begins: of the last reply's prompt, and of the next one's where a summary was made since. */
export function boundaries(path: readonly Message[], memory: Pick<ChatMemory, 'summaries'>): Boundaries {
  const inForce = summaryInForce(path, memory)?.messages ?? 0;
  const timing = path.findLast(({ timing }) => timing !== null)?.timing;
  // In a conversation whose middle is cut, what is left out is not above a line.
  const isFromStart = timing?.overflow?.policy !== 'cut_middle';
  const omitted = isFromStart ? (timing?.omittedMessages ?? 0) : 0;
  let left = omitted;
  let untold = left > 0 ? (timing?.memory?.summarizedMessages ?? 0) : 0;
  // Replies without content are told to no model, and are none of those that were left out.
  while (left > 0 && untold < path.length) {
    const message = path[untold];
    if (message && hasContent(message)) left--;
    untold++;
  }
  return { summarized: inForce, untold: Math.max(untold, inForce) };
}

export type Offer =
  | { readonly kind: 'nearly_full'; readonly share: number }
  | { readonly kind: 'left_out'; readonly messages: number }
  /** A summary was made since the last reply. */
  | { readonly kind: 'ready'; readonly made: PathSummary };

/** What is said above the composer; null: nothing. */
export function offerOf(path: readonly Message[], memory: ChatMemory): Offer | null {
  const reply = path.findLast(({ timing }) => timing !== null);
  const inForce = summaryInForce(path, memory);
  const timing = reply?.timing;
  if (inForce && inForce.messages > (timing?.memory?.summarizedMessages ?? 0)) return { kind: 'ready', made: inForce };
  if (!timing || timing.contextSize === 0 || timing.uncounted || path.length < 3) return null;
  const { summarized, untold } = boundaries(path, memory);
  if (untold > summarized) return { kind: 'left_out', messages: untold };
  const share = (timing.promptTokens + timing.generatedTokens) / timing.contextSize;
  return share >= NEARLY_FULL ? { kind: 'nearly_full', share: Math.min(1, share) } : null;
}
