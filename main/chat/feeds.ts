/** The events of chats for windows: a snapshot first, then every change, numbered for each window. */
import type { ChatFolder } from '../../preload/contract/chat-order.ts';
import type {
  Chat,
  ChatEvent,
  ChatListEvent,
  ChatSummary,
  Message,
  QueuedMessage,
} from '../../preload/contract/chat.ts';
import { createFeed, type Feed } from '../base/feed.ts';

/** An event without its revision, which each window's stream numbers by itself. */
export type Unnumbered<T> = T extends unknown ? Omit<T, 'revision'> : never;

/** A chat as a window sees it at first. */
export interface ChatSnapshot {
  readonly chat: Chat;
  readonly messages: readonly Message[];
  readonly queued: readonly QueuedMessage[];
}

export interface ChatFeeds {
  /** Sends an event to the windows that show the chat. */
  publish(chatId: string, event: Unnumbered<ChatEvent>): void;
  /** Sends an event to the windows that show the list. */
  publishToList(event: Unnumbered<ChatListEvent>): void;
  /** Ends after `removed`. Throws what `read` throws. */
  watch(chatId: string, signal: AbortSignal, read: () => ChatSnapshot): AsyncGenerator<ChatEvent>;
  watchList(
    signal: AbortSignal,
    read: () => { readonly chats: readonly ChatSummary[]; readonly folders: readonly ChatFolder[] },
  ): AsyncGenerator<ChatListEvent>;
}

/** Feeds without watchers. A chat has a feed only while a window shows it. */
export function createChatFeeds(): ChatFeeds {
  const list: Feed<Unnumbered<ChatListEvent>> = createFeed();
  const chats = new Map<string, Feed<Unnumbered<ChatEvent>>>();

  return {
    publish: (chatId, event) => chats.get(chatId)?.publish(event),
    publishToList: (event) => list.publish(event),

    async *watch(chatId, signal, read) {
      let feed = chats.get(chatId);
      if (!feed) chats.set(chatId, (feed = createFeed(mergeAppends)));
      const events = feed.open(signal);
      try {
        // Nothing is awaited between opening the feed and reading the state: no event is lost or seen twice.
        yield { type: 'snapshot', revision: 0, ...read() };
        let revision = 0;
        for await (const event of events) {
          yield { ...event, revision: ++revision };
          if (event.type === 'removed') return;
        }
      } finally {
        events.close();
        if (feed.size() === 0 && chats.get(chatId) === feed) chats.delete(chatId);
      }
    },

    async *watchList(signal, read) {
      const events = list.open(signal);
      try {
        yield { type: 'snapshot', revision: 0, ...read() };
        let revision = 0;
        for await (const event of events) yield { ...event, revision: ++revision };
      } finally {
        events.close();
      }
    },
  };
}

/** Merges appended text that a slow window has not taken into one event. All other events stay as they are. */
function mergeAppends(waiting: Unnumbered<ChatEvent>, next: Unnumbered<ChatEvent>): Unnumbered<ChatEvent> | undefined {
  const sameText =
    waiting.type === 'append' &&
    next.type === 'append' &&
    waiting.messageId === next.messageId &&
    waiting.partIndex === next.partIndex &&
    waiting.partType === next.partType &&
    waiting.offset + waiting.text.length === next.offset;
  return sameText ? { ...waiting, text: waiting.text + next.text } : undefined;
}
