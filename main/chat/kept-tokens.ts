/** The tokens of the last replies with their alternatives. In memory only, because they are large and seldom needed. */
import type { Message, TokenLogprob } from '../../preload/contract/chat.ts';

export interface KeptTokens {
  /** Keeps the tokens of a reply. Does nothing without tokens. */
  keep(message: Pick<Message, 'id' | 'chatId'>, tokens: readonly TokenLogprob[]): void;
  /** Null when they are not kept. */
  find(messageId: string): readonly TokenLogprob[] | null;
  forgetChat(chatId: string): void;
}

/** With five alternatives each, a long reply takes about a megabyte. */
const MAX_REPLIES = 50;

/** Keeps the tokens of at most `maxReplies` replies, the newest. */
export function createKeptTokens(maxReplies = MAX_REPLIES): KeptTokens {
  /** By message id, the oldest first. */
  const kept = new Map<string, { readonly chatId: string; readonly tokens: readonly TokenLogprob[] }>();
  return {
    keep({ id, chatId }, tokens) {
      if (tokens.length === 0) return;
      kept.set(id, { chatId, tokens });
      for (const oldest of kept.keys()) {
        if (kept.size <= maxReplies) break;
        kept.delete(oldest);
      }
    },
    find: (messageId) => kept.get(messageId)?.tokens ?? null,
    forgetChat(chatId) {
      for (const [messageId, entry] of kept) if (entry.chatId === chatId) kept.delete(messageId);
    },
  };
}
