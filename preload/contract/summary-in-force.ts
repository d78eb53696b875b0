/** Which summary of a conversation counts. Without zod, so that the page can import it without it. */
import type { Message } from './chat.ts';
import type { ConversationSummary } from './memory.ts';

export interface PathSummary<Summary> {
  readonly summary: Summary;
  /** Messages of the path that it stands for, from the first. */
  readonly messages: number;
}

/** The summaries of messages on a path, in the order of how far they reach; of two that reach as far, the newer is last. */
export function summariesOn<Summary extends Pick<ConversationSummary, 'untilMessageId'>>(
  path: readonly Pick<Message, 'id'>[],
  summaries: readonly Summary[],
): PathSummary<Summary>[] {
  const places = new Map(path.map(({ id }, index) => [id, index]));
  return summaries
    .flatMap((summary) => {
      const place = places.get(summary.untilMessageId);
      return place === undefined ? [] : [{ summary, messages: place + 1 }];
    })
    .sort((a, b) => a.messages - b.messages);
}

/** The summary that counts on a path: of those that are on, the one that reaches furthest. */
export function summaryInForce<Summary extends Pick<ConversationSummary, 'untilMessageId' | 'isOn'>>(
  path: readonly Pick<Message, 'id'>[],
  summaries: readonly Summary[],
): PathSummary<Summary> | null {
  return summariesOn(path, summaries).findLast(({ summary }) => summary.isOn) ?? null;
}
