/** What of the shown path the model still sees, and what is offered about it. */
import type { Message } from '../../../../preload/contract/chat.ts';
import { NEARLY_FULL } from '../../../../preload/contract/chat-limits.ts';
import type { ChatMemory, ConversationSummary } from '../../../../preload/contract/memory.ts';
import { hasContent } from '../../../../preload/contract/message-parts.ts';
import { summaryInForce, type PathSummary } from '../../../../preload/contract/summary-in-force.ts';

export interface Boundaries {
  /** Messages that a summary stands for. */
  readonly summarized: number;
  /** Messages from the first that the model is not told, summarized ones included. */
  readonly untold: number;
}

/** Where what the model is told begins: of the last reply's prompt, and of the next one's where a summary was made since. */
export function boundaries(path: readonly Message[], memory: Pick<ChatMemory, 'summaries'>): Boundaries {
  const inForce = summaryInForce(path, memory.summaries)?.messages ?? 0;
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
  | { readonly kind: 'ready'; readonly made: PathSummary<ConversationSummary> };

/** What is said above the composer; null: nothing. */
export function offerOf(path: readonly Message[], memory: ChatMemory): Offer | null {
  const reply = path.findLast(({ timing }) => timing !== null);
  const inForce = summaryInForce(path, memory.summaries);
  const timing = reply?.timing;
  if (inForce && inForce.messages > (timing?.memory?.summarizedMessages ?? 0)) return { kind: 'ready', made: inForce };
  if (!timing || timing.contextSize === 0 || timing.uncounted || path.length < 3) return null;
  const { summarized, untold } = boundaries(path, memory);
  if (untold > summarized) return { kind: 'left_out', messages: untold };
  const share = (timing.promptTokens + timing.generatedTokens) / timing.contextSize;
  return share >= NEARLY_FULL ? { kind: 'nearly_full', share: Math.min(1, share) } : null;
}
